"""The rows S and R of docs/dialog.md, speech and recordings: each test begins with the number of its row."""

from __future__ import annotations

import numpy as np
import pytest
from manners import attempts, listened, seconds, silent, states, tables
from talker import heeding, kept, pause, speech, talk
from toy import clips, make_plan

from ivr.call import asking
from ivr.call.call import Call
from ivr.catalog.bargein import BargeIn, By
from ivr.errors import HungUp
from ivr.gateways.events import MediaReceived, StreamStarted
from ivr.gateways.twilio import TwilioCodec
from ivr.listening.timeline import LATE
from ivr.media.g711 import mulaw_decode, mulaw_encode
from ivr.media.samples import Samples
from ivr.media.tones import dtmf
from ivr.media.wave import read_wav
from ivr.simulator.driver import EPOCH, Driver
from ivr.testing.line import background
from ivr.testing.twilio import Faults, TwilioFarEnd
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import (
    BargedIn,
    CallerSilent,
    CallerSpeaks,
    DialogFailed,
    LookupStarted,
    PromptSkipped,
    RecordingEnded,
    RecordingStarted,
)
from ivr.trace.jsonl import line as traced
from ivr.trace.sound import SegmentStarted, UtteranceHeard

MENU = """\
  a: {say: [greeting, main], menu: {options: {1: b}}}
  b: {say: bye, hang_up: yes}
"""
RECORD = """\
  a: {{say: main, record: {{as: message, goto: b{more}}}}}
  b: {{lookup: {{run: bank.keep, as: y, with: {{x: message}}}}, say: bye, goto: c}}
  c: {{hang_up: yes}}
"""
START = seconds("main") + 0.4
"""When the beep of ``RECORD`` was surely heard."""
ANY_AFTER = BargeIn(frozenset(By), 1.0)


def menu(says=(), by: str | BargeIn = "any", **options):
    return talk(MENU, says, {"greeting": by, "main": by}, **options)


def record(more: str = "", says=(), **options):
    return talk(RECORD.format(more=f", {more}" if more else ""), says, {}, **options)


def began(run) -> float:
    (started,) = run.of(RecordingStarted)
    return started.at


def heard_again(recording) -> Samples:
    samples, rate = read_wav(recording.wav())
    assert rate == 8000
    return samples


def as_sent(*parts: Samples) -> Samples:
    return mulaw_decode(mulaw_encode(np.concatenate(parts)))


def stands_in(sound: Samples, message: Samples) -> int:
    """Where ``sound`` stands in ``message``, sample for sample."""
    (at,) = [at for at in range(len(message) - len(sound) + 1) if np.array_equal(message[at : at + len(sound)], sound)]
    return at


# ---- interrupting by speech


@pytest.mark.parametrize("by", ["speech", "any"])
@pytest.mark.parametrize("path", [0.0, 0.1])
def test_S1_speech_interrupts_words_that_allow_it_and_the_question_waits(by, path):
    run = menu([(0.5, speech(1.5))], by, path_out=path, path_in=path)
    (barge,) = run.of(BargedIn)
    speaks = run.of(CallerSpeaks)[0]
    assert barge.by == "speech"
    assert barge.at == speaks.at == run.sends('"clear"')[0]
    assert barge.at - speaks.since < 0.2  # what the gate takes to be sure
    text, whole = "Thank you for calling.", clips()["greeting"].samples / 8000
    reached = (barge.at - 2 * path) / whole
    assert barge.heard and text.startswith(barge.heard)
    assert abs(len(barge.heard) - reached * len(text)) <= len("calling.") + 1
    assert "Press one or two." not in [event.text for event in run.of(SegmentStarted) if event.at < silent(run)[0]]
    assert attempts(run, "main")[:2] == [1, 2]  # silence was no input, and the question is put again
    assert run.dead_air() == []


def test_S2_digits_do_not_interrupt_words_that_speech_alone_may_and_answer_behind_them():
    run = menu(by="speech", keys=[(0.3, "1")])
    assert run.of(BargedIn) == []
    assert states(run) == ["a", "b"]
    heard = [event.at for event in run.of(UtteranceHeard)]
    assert run.said() == ["greeting", "main", "bye"]
    bye = next(event for event in run.of(SegmentStarted) if event.text == "Good bye.")
    assert heard[1] <= bye.at  # the menu's words were heard before


def test_S3_any_is_interrupted_by_either():
    run = menu(keys=[(0.5, "1")])
    assert [barge.by for barge in run.of(BargedIn)] == ["digit"]
    assert [barge.by for barge in menu([(0.5, speech(1.0))]).of(BargedIn)] == ["speech"]


@pytest.mark.parametrize("path", [0.0, 0.1])
def test_S4_nothing_interrupts_before_so_much_was_heard(path):
    heard = 2 * path + 1.0
    run = menu([(0.1, speech(3.0))], ANY_AFTER, path_in=path, path_out=path)
    (barge,) = run.of(BargedIn)
    assert run.of(CallerSpeaks)[0].at < 0.5
    assert barge.at == pytest.approx(heard, abs=0.1) and barge.by == "speech"
    assert barge.position / 8000 >= 0.99
    run = menu(by=ANY_AFTER, keys=[(0.1, "1")], path_in=path, path_out=path)
    (barge,) = run.of(BargedIn)
    assert barge.at == pytest.approx(heard, abs=0.1) and barge.by == "digit"
    assert states(run) == ["a", "b"]


def test_S4_speech_that_ends_before_interrupts_nothing():
    run = menu([(0.0, speech(0.25))], ANY_AFTER, inbound=background())
    assert len(run.of(CallerSpeaks)) == 1
    assert run.of(BargedIn) == []


def test_S4_it_counts_for_the_prompt_that_sounds():
    over_the_greeting = [(seconds("greeting") - 0.6, speech(3.0))]
    main_after = BargeIn(frozenset(By), 0.5)
    run = talk(MENU, over_the_greeting, {"greeting": "any", "main": main_after})
    assert run.of(BargedIn)[0].at < seconds("greeting")
    run = talk(MENU, over_the_greeting, {"greeting": "no", "main": main_after})
    main = next(event for event in run.of(SegmentStarted) if event.text == "Press one or two.")
    assert run.of(BargedIn)[0].at == pytest.approx(main.sounds_at + 0.5, abs=0.1)


def test_S5_no_silence_counts_while_the_caller_speaks():
    run = menu([(1.0, speech(7.0))])
    ended = run.of(CallerSilent)[0]
    assert ended.since == pytest.approx(8.0, abs=0.1)
    assert listened(run)[0] == (ended.since, 5.0)
    assert silent(run)[0] == pytest.approx(ended.since + 5.0)


def test_S5_so_it_is_where_the_caller_speaks_into_the_silence_behind_the_words():
    asked = seconds("greeting", "main") + 1.0
    run = menu([(asked + 2.0, speech(4.0))])
    assert run.of(BargedIn) == []
    ended = run.of(CallerSilent)[0]
    assert silent(run)[0] == pytest.approx(ended.since + 5.0)


def test_S6_what_does_not_end_is_noise():
    run = menu(inbound=background(level_db=-25.0), until=60.0)
    assert run.of(CallerSpeaks) and not [e for e in run.of(CallerSilent) if e.at < 30.0]
    (barge,) = run.of(BargedIn)
    assert silent(run)[0] == pytest.approx(barge.at + asking.LONGEST_SPEECH, abs=0.01)


def test_S7_speech_that_began_before_the_words_interrupts_none_of_them():
    async def dialog(line):
        await line.say("main")
        await line.ask(first=2.0)
        await line.say("greeting")
        await line.ask(first=2.0)
        await line.hang_up()

    run = talk(dialog, [(0.3, speech(4.0))], keys=[(2.0, "5")])
    assert [barge.by for barge in run.of(BargedIn)] == ["speech"]
    greeting = next(event for event in run.of(SegmentStarted) if event.text == "Thank you for calling.")
    assert greeting.at == 2.0
    assert "Thank you for calling." in [event.text for event in run.of(SegmentStarted)]
    assert run.far.queue.samples >= clips()["greeting"].samples


@pytest.mark.parametrize("by", ["yes", "no", "digit"])
def test_S8_other_words_are_not_interrupted_by_speech(by):
    run = menu([(0.3, speech(2.0))], by)
    assert run.of(BargedIn, CallerSpeaks) == []


def test_S8_all_that_is_queued_must_allow_it():
    run = talk(MENU, [(0.3, speech(2.5))], {"greeting": "any", "main": "no"})
    assert len(run.of(CallerSpeaks)) == 1
    assert run.of(BargedIn) == []


def test_S9_a_dialog_in_python_sees_that_the_caller_spoke():
    told = []

    async def dialog(line):
        for prompt in ("main", "greeting"):
            await line.say(prompt)
            await line.ask(first=2.0)
            told.append(await line.spoke())
        await line.hang_up()

    talk(dialog, [(0.5, speech(1.0))])
    assert told == [True, False]


def test_S10_nothing_is_decoded_where_nobody_wants_it():
    def listened_to(prompts) -> list[bool]:
        on: list[bool] = []
        codec = TwilioCodec()
        far = TwilioFarEnd(inbound=background())
        driver = Driver(heeding(MENU, prompts), codec, far, ScriptedVoice(), {})
        driver.watch = lambda event, now: on.append(codec.listening)
        driver.at(3.5, lambda now: far.press("1", now))
        driver.run(60.0)
        return on

    on = listened_to({"greeting": "any"})
    assert on[-1] is False and True in on
    assert not any(listened_to({}))


def test_S11_the_tone_of_a_key_is_no_speech():
    run = menu([(0.3, np.concatenate([dtmf("5", 0.4, 8000), pause(0.1), dtmf("0", 0.4, 8000)]))], "speech")
    assert run.of(BargedIn, CallerSpeaks) == []


# ---- recording


def test_R1_the_beep_is_heard_before_and_is_no_part_of_it():
    run = record(says=[(START, speech(2.0))])
    beep = next(event for event in run.of(UtteranceHeard) if event.at > seconds("main"))
    assert began(run) >= beep.at
    assert began(run) == pytest.approx(seconds("main") + 0.32, abs=0.1)
    (recording,) = kept(run)
    assert recording.seconds < 2.0 + (START - began(run)) + 1.0
    without = record("beep: no", [(START, speech(2.0))])
    assert began(without) == pytest.approx(seconds("main"), abs=0.1)


def test_R2_a_key_ends_it_whose_tone_is_cut_off():
    tone = dtmf("#", 0.2, 8000)
    run = record(says=[(START, np.concatenate([speech(2.0), pause(0.2), tone]))], keys=[(START + 2.35, "#")])
    (ended,) = run.of(RecordingEnded)
    assert ended.why == "key"
    (recording,) = kept(run)
    assert recording.ended == "key"
    message = heard_again(recording)
    assert stands_in(as_sent(speech(2.0)), message) < 0.2 * 8000
    assert 0 < START - began(run) < LATE  # so little that did not come before the first sound is no silence
    assert recording.seconds == pytest.approx(2.2, abs=0.06)
    assert run.of(LookupStarted)[0].at == pytest.approx(START + 2.35)


def test_R2_other_keys_do_not_end_it():
    run = record("end: no", [(START, speech(2.0))], keys=[(START + 1.0, "#"), (START + 1.2, "1")])
    assert run.of(RecordingEnded)[0].why == "silence"


def test_R3_silence_behind_speech_ends_it_and_is_cut_off():
    run = record("silence: 2s", [(START, speech(1.0)), (START + 2.5, speech(1.0))])
    (ended,) = run.of(RecordingEnded)
    assert ended.why == "silence"
    assert ended.at == pytest.approx(START + 3.5 + 2.0 + 0.2, abs=0.1)
    (recording,) = kept(run)
    assert recording.seconds == pytest.approx(START + 4.0 - began(run), abs=0.1)
    assert recording.spoken == pytest.approx(3.5, abs=0.1)


def test_R4_it_never_lasts_longer():
    run = record("longest: 3s", [(START, speech(20.0))], inbound=background())
    assert run.of(RecordingEnded)[0].why == "longest"
    (recording,) = kept(run)
    assert recording.seconds == 3.0
    assert run.of(RecordingEnded)[0].at == pytest.approx(began(run) + 3.0, abs=0.03)


@pytest.mark.parametrize("inbound", [None, background()])
def test_R5_nothing_said_is_no_input(inbound):
    run = record("first_speech: 4s", inbound=inbound)
    assert attempts(run, "main") == [1, 2, 3]
    assert silent(run)[0] == pytest.approx(run.of(RecordingStarted)[0].at + 4.0, abs=0.25)
    assert kept(run) == []


def test_R6_too_little_said_is_no_match():
    run = record("no_match: {say: not_known, limit: 1, goto: c}", [(START, speech(0.4))])
    assert "not_known" in run.said()
    assert attempts(run, "main")[:2] == [1, 2]
    assert run.said().count("not_known") == 1
    assert kept(run) == []


def test_R7_where_the_caller_hangs_up_the_ladder_for_that_has_what_had_come():
    text = """\
dialog: main
start: a
on: {hang_up: {goto: keep}}
states:
  a: {say: main, record: {as: message, goto: b}}
  b: {say: bye, hang_up: yes}
  keep: {branch: [{if: message == null, goto: b}, {goto: kept}]}
  kept: {lookup: {run: bank.keep, as: y, with: {x: message}}, goto: b}
"""
    run = talk(tables(text), [(START, speech(5.0))], {}, hang_up_at=START + 2.0)
    (recording,) = kept(run)
    assert recording.ended == "hang_up"
    assert stands_in(as_sent(speech(5.0))[: round(1.9 * 8000)], heard_again(recording)) < 0.2 * 8000
    assert kept(talk(tables(text), [], {}, hang_up_at=START + 2.0)) == []
    for before in (text, text.replace("  a: {say", "  a: {say: greeting, goto: d}\n  d: {say")):
        run = talk(tables(before), [], {}, hang_up_at=0.5)
        assert kept(run) == run.of(DialogFailed) == []


def test_R7_a_dialog_in_python_finds_it_in_the_error():
    gone = []

    async def dialog(line):
        try:
            await line.record()
        except HungUp as error:
            gone.append(error.recording)
            raise

    talk(dialog, [(0.5, speech(5.0))], {}, hang_up_at=2.5)
    assert gone[0].seconds == pytest.approx(2.1, abs=0.2)


def test_R8_keys_before_it_only_skip_the_words():
    run = record(says=[(2.0, speech(1.5))], keys=[(0.4, "#")])
    assert [barge.by for barge in run.of(BargedIn)] == ["digit"]
    assert began(run) == pytest.approx(0.4 + 0.32, abs=0.1)
    assert len(kept(run)) == 1
    ahead = MENU.replace("b: {say: bye, hang_up: yes}", "") + RECORD.format(more="").replace("  a:", "  b:").replace(
        "goto: b}", "goto: d}"
    ).replace("  b: {lookup", "  d: {lookup")
    run = talk(ahead, [(START + 1.0, speech(1.5))], {}, keys=[(0.2, "1"), (0.3, "7")])
    assert run.of(RecordingEnded)[0].why == "silence"
    assert [event.prompt for event in run.of(PromptSkipped)] == []


def test_R9_a_command_breaks_it_off():
    states_ = RECORD.format(more="").replace("say: main,", 'say: main, commands: {"*": {goto: c}},')
    run = talk(states_, [(START, speech(5.0))], {}, keys=[(START + 1.0, "*")])
    assert states(run) == ["a", "c"]
    assert run.of(RecordingEnded)[0].why == "command"
    assert kept(run) == []


def test_R10_what_did_not_come_is_silence_and_counted():
    start = round(START * 50)
    lost = range(start + 50, start + 75)
    run = record(
        "end: '#'", [(START, speech(3.0))], faults=Faults(lose_frames=lost), inbound=background(level_db=-70.0)
    )
    (recording,) = kept(run)
    assert recording.missing == pytest.approx(0.5, abs=0.001)
    assert run.of(RecordingEnded)[0].missing == recording.missing
    message, sent = heard_again(recording), as_sent(speech(3.0))
    at = stands_in(sent[: 8000 - 320], message)
    assert stands_in(sent[12000 + 320 :], message) == at + 12320
    assert np.count_nonzero(message[at + 8320 : at + 11680]) == 0


def test_R13_where_another_stream_carries_the_call_what_had_come_is_the_answer():
    recordings = []

    async def dialog(line):
        recordings.append(await line.record(beep=False))
        await line.ask()

    codec = TwilioCodec()
    call = Call("c", make_plan(dialog), codec, EPOCH)
    call.receive(StreamStarted("MZ1", "CA1"), 0.0)
    sound = mulaw_encode(speech(1.5))
    for n in range(75):
        call.receive(MediaReceived(sound[n * 160 : n * 160 + 160], 20 * n), 0.02 * n + 0.02)
    assert codec.listening
    codec.stream = "MZ1"
    call.receive(StreamStarted("MZ2", "CA1"), 1.6)
    (recording,) = recordings
    assert recording.ended == "stream"
    assert recording.payload == sound
    assert not codec.listening  # the question behind it wants keys alone


def test_R11_it_is_masked_wherever_it_might_be_seen():
    run = record(says=[(START, speech(2.0))])
    (recording,) = kept(run)
    assert "payload" not in repr(recording) and "2." in str(recording)
    assert b"recording of 0" not in b"".join(traced(event) for event in run.trace)
    assert all(len(traced(event)) < 1000 for event in run.trace)


def test_R12_in_conditions_it_is_its_length():
    text = RECORD.format(more="").replace(
        "lookup: {run: bank.keep, as: y, with: {x: message}}, say: bye, goto: c}",
        "branch: [{if: message.seconds > 1.0 && message.spoken < 3.0, goto: c}, {goto: a}]}",
    )
    run = talk(text, [(START, speech(2.0))], {})
    assert states(run) == ["a", "b", "c"]
