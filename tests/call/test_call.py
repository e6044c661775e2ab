"""The call as a whole, driven in virtual time: what a caller does, what goes wrong, and what is heard for it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import numpy as np
import pytest
from toy import BANK, clips, covers, drive, make_plan

from ivr.call.call import Call
from ivr.call.effects import CancelLookup, CancelSpeech, Close, Lookup, Play, Synthesize
from ivr.errors import HungUp, LookupFailed
from ivr.gateways.events import DigitReceived, StreamStarted, StreamStopped
from ivr.gateways.twilio import TwilioCodec
from ivr.simulator.driver import Answer
from ivr.speech.synthesizer import SpeechChunk
from ivr.testing.twilio import Faults
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import (
    BargedIn,
    CallEnded,
    DialogFailed,
    DigitHeard,
    Listening,
    LookupEnded,
    LookupStarted,
    NoInput,
    PromptSkipped,
    StaleDropped,
    StateEntered,
    SynthesisEnded,
    SynthesisStarted,
    TurnStarted,
)
from ivr.trace.sound import SegmentStarted, Strategy, UtteranceHeard

SLOW = {"bank.balance": Answer(12.5, 2.5), "bank.score": Answer(7, 2.5), "bank.news": Answer("Rates are up", 2.5)}


def states(run) -> list[str]:
    return [event.state for event in run.of(StateEntered)]


def strategies(run) -> list[str]:
    return [event.strategy.value for event in run.of(SegmentStarted) if event.strategy is not Strategy.SILENCE]


# ---- digits


def test_digits_typed_ahead_are_taken_in_order_and_skip_what_would_be_said():
    run = drive(keys=[(0.5, "2"), (0.6, "1"), (0.7, "9")])
    assert states(run) == ["welcome", "menu", "score", "rich", "menu", "balance", "menu", "bye"]
    assert [event.prompt for event in run.of(PromptSkipped)] == ["rich", "main", "balance", "else", "main"]
    assert run.said()[-1] == "bye"
    assert run.ended == "the dialog ended"


def test_a_digit_interrupts_and_the_answer_begins_at_the_same_time():
    run = drive(keys=[(1.0, "9")])
    (barge,) = run.of(BargedIn)
    begun = next(event for event in run.of(SegmentStarted) if event.text == "Good bye.")
    assert barge.at == begun.at == run.sends('"clear"')[0] == 1.0


def test_a_prompt_that_may_not_be_interrupted_holds_digits_until_it_was_heard():
    async def dialog(line):
        await line.say("legal")
        assert await line.ask() == "7"
        await line.hang_up()

    run = drive(make_plan(dialog), keys=[(0.3, "7")])
    heard = run.of(UtteranceHeard)[0]
    assert run.sends('"clear"') == []
    assert run.far.cleared == []
    assert run.far.queue.samples == clips()["legal"].samples
    assert run.of(DigitHeard)[0].at < heard.at <= run.of(TurnStarted)[-1].at
    assert run.ended == "the dialog ended"


def test_a_prompt_that_may_not_be_interrupted_is_said_in_spite_of_digits_typed_ahead():
    run = drive(keys=[(0.2, "4"), (0.25, "9")])
    assert "legal" in run.said()
    assert "legal" not in [event.prompt for event in run.of(PromptSkipped)]
    texts = [event.text for event in run.of(SegmentStarted)]
    assert "Calls are recorded." in texts
    assert run.far.cleared[1:] == []


def test_a_say_may_forbid_what_its_prompt_allows():
    async def dialog(line):
        await line.say("greeting", bargein=False)
        await line.ask()

    run = drive(make_plan(dialog), keys=[(0.3, "7")])
    assert run.sends('"clear"') == []


def test_a_digit_during_a_wait_for_a_lookup_does_not_end_the_hold():
    run = drive(keys=[(2.5, "2"), (4.0, "9")], lookups={"bank.score": Answer(7, 4.0)})
    assert run.dead_air() == []
    assert run.sends('"clear"') == []
    (ended,) = run.of(LookupEnded)
    assert ended.at == pytest.approx(6.5)
    held = [event for event in run.of(SegmentStarted) if event.strategy is Strategy.HOLD]
    assert len(held) == 1
    assert states(run) == ["welcome", "menu", "score", "rich", "menu", "bye"]


def test_a_digit_that_cuts_words_before_a_wait_leaves_the_wait_covered():
    async def dialog(line):
        handle = await line.run("bank.score")
        await line.say("greeting")
        await handle
        await line.say("bye")
        await line.hang_up()

    run = drive(make_plan(dialog), keys=[(0.5, "5")], lookups={"bank.score": Answer(7, 4.0)})
    assert len(run.of(BargedIn)) == 1
    assert run.dead_air() == []
    assert strategies(run)[1:3] == ["filler", "hold"]


# ---- silence


def test_the_no_input_timer_starts_when_the_last_word_was_heard_not_sent():
    run = drive(path_out=0.1, path_in=0.1)
    listening, silent = run.of(Listening)[0], run.of(NoInput)[0]
    last_sample = run.far.heard.played_samples(silent.at)
    assert last_sample == run.far.heard.played_samples(listening.at + 0.03)  # all was played when it began
    truth = 0.2 + clips()["greeting"].samples / 8000 + 0.3 + clips()["main"].samples / 8000
    assert listening.at == pytest.approx(truth, abs=0.02)
    assert silent.at == pytest.approx(listening.at + 3.0, abs=1e-6)


def test_a_lost_mark_does_not_hold_the_dialog_for_ever():
    run = drive(faults=Faults(drop_marks=lambda name: True))
    assert run.ended == "the dialog ended"
    assert len(run.of(NoInput)) == 2


def test_the_ladder_of_silence_ends_in_goodbye():
    run = drive()
    assert run.said() == ["greeting", "main", "still_there", "main", "bye"]
    assert len(run.of(NoInput)) == 2
    assert run.ended == "the dialog ended"


def test_the_ladder_of_wrong_digits_ends_in_goodbye():
    run = drive(keys=[(2.0, "7"), (4.0, "8")])
    assert run.said() == ["greeting", "main", "not_known", "main", "bye"]
    assert run.of(NoInput) == []


def test_silence_and_wrong_digits_are_counted_apart():
    run = drive(keys=[(2.0, "7")])
    assert run.said() == ["greeting", "main", "not_known", "main", "still_there", "main", "bye"]


# ---- the end


@pytest.mark.parametrize("path", [0.0, 0.12])
def test_the_call_ends_only_when_goodbye_was_heard(path):
    run = drive(keys=[(4.0, "9")], path_out=path, path_in=path)
    goodbye = clips()["bye"]
    assert run.far.closed_at is not None
    assert run.far.heard.played_samples(run.far.closed_at) == run.far.queue.samples
    tail = run.far.heard.timeline(run.far.heard.stop - goodbye.samples / 8000, run.far.heard.stop)
    assert np.max(np.abs(tail)) > 0.05
    assert run.far.cleared == []


@pytest.mark.parametrize("at", [0.0, 0.01, 0.5, 1.3, 2.45, 2.5, 2.51, 2.7, 3.5, 4.99, 5.1, 5.3, 6.0])
def test_a_hang_up_at_any_time_cancels_everything(at):
    voice = ScriptedVoice(first_audio=0.3, pace=1.0)
    run = drive(keys=[(2.4, "1")], voice=voice, lookups=SLOW, hang_up_at=at)
    assert isinstance(run.trace[-1], CallEnded)
    assert isinstance(run.done[-1][1], Close)
    begun = [effect.id for _, effect in run.done if isinstance(effect, Lookup)]
    ended = [event.lookup for event in run.of(LookupEnded)]
    assert begun == ended
    cancelled = [effect.id for _, effect in run.done if isinstance(effect, CancelLookup)]
    assert cancelled == [event.lookup for event in run.of(LookupEnded) if event.detail == "the call ended"]
    assert len(run.of(SynthesisStarted)) == len(run.of(SynthesisEnded))
    assert run.driver._live == set()
    assert run.driver._waiting == set()


def test_after_the_end_every_door_is_closed():
    run = drive(keys=[(2.5, "9")])
    call, now = run.driver.call, run.driver.now + 1
    call.receive(DigitReceived("1"), now)
    call.receive(StreamStarted("MZ2", "CA1"), now)
    call.speech("u1.1", 1, SpeechChunk(np.zeros(10, np.float32), 8000), now)
    call.speech_finished("u1.1", 1, now)
    call.returned("lookup1", 5, now)
    call.lookup_failed("lookup1", "x", now)
    call.block(True, now)
    call.handle_timer(now)
    call.end("again", now)
    assert call.effects() == []
    assert call.trace() == []
    assert call.next_timer(now) is None


def test_doors_before_any_stream_do_nothing():
    call = Call("c", make_plan(), TwilioCodec(), datetime(2026, 1, 1, tzinfo=UTC))
    call.handle_timer(0.0)
    call.block(True, 0.0)
    call.speech_finished("u1.1", 1, 0.0)
    assert call.next_timer(0.0) is None
    assert call.effects() == []
    call.end("no stream", 1.0)
    assert [type(event) for event in call.trace()] == [CallEnded]


def test_the_dialog_may_clean_up_after_a_hang_up_but_not_speak():
    seen = []

    async def dialog(line):
        try:
            await line.say("greeting")
            await line.ask()
        except HungUp:
            seen.append("told")
            await line.say("bye")
            seen.append("spoke")

    run = drive(make_plan(dialog), hang_up_at=0.5)
    assert seen == ["told"]
    assert run.said() == ["greeting"]
    assert isinstance(run.trace[-1], CallEnded)


# ---- dialogs that are wrong


async def _raises(line):
    await line.say("greeting")
    raise ValueError("my own mistake")


async def _never_waits(line):
    while True:
        await line.say("greeting")


async def _foreign(line):
    await line.say("greeting")
    await asyncio.sleep(1)


class _Foreign:
    def __await__(self):
        yield "something"


async def _unknown_request(line):
    await line.say("greeting")
    await _Foreign()


async def _stubborn(line):
    await line.say("greeting")
    for _ in range(2):  # as often as it is closed, and not when it is collected
        try:
            await _Foreign()
        except GeneratorExit:
            pass


async def _no_such_prompt(line):
    await line.say("nowhere")


async def _no_slot(line):
    await line.say("balance")


async def _bad_slot(line):
    await line.say("balance", amount=object())


BROKEN = [_raises, _never_waits, _foreign, _unknown_request, _stubborn, _no_such_prompt, _no_slot, _bad_slot]


@pytest.mark.parametrize("dialog", BROKEN)
def test_a_broken_dialog_says_the_fallback_and_ends(dialog):
    run = drive(make_plan(dialog), until=60)
    (failed,) = run.of(DialogFailed)
    assert failed.error and failed.detail
    assert strategies(run)[-1] == "fallback"
    assert run.ended == "the dialog failed"
    assert run.far.heard.played_samples(run.far.closed_at) == run.far.queue.samples


@pytest.mark.parametrize("dialog", [_raises, _foreign, _stubborn])
def test_a_broken_dialog_without_covers_ends(dialog):
    run = drive(make_plan(dialog, None), until=60)
    assert run.ended == "the dialog failed"


@pytest.mark.parametrize("at", [0.2, 0.9, 1.2])
def test_the_fallback_of_a_broken_dialog_is_not_interrupted(at):
    run = drive(make_plan(_raises), keys=[(at, "1")], until=60)
    texts = [event.text for event in run.of(SegmentStarted)]
    assert texts[-1] == "I am sorry."
    assert run.ended == "the dialog failed"
    assert run.far.heard.played_samples(run.far.closed_at) >= clips()["sorry"].samples
    cut = sum(samples for _, samples in run.far.cleared)
    assert run.far.queue.samples - cut >= clips()["sorry"].samples


def test_a_dialog_that_swallows_the_hang_up_cannot_keep_the_call():
    async def dialog(line):
        await line.say("greeting")
        for _ in range(2):
            try:
                await line.ask()
            except BaseException:
                pass

    run = drive(make_plan(dialog), hang_up_at=0.5)
    assert isinstance(run.trace[-1], CallEnded)
    assert isinstance(run.done[-1][1], Close)


def test_a_dialog_that_fails_while_a_lookup_runs_ends_the_lookup():
    async def dialog(line):
        await line.run("bank.score")
        raise ValueError("too bad")

    run = drive(make_plan(dialog), lookups={"bank.score": Answer(7, 60.0)})
    assert [event.outcome for event in run.of(LookupEnded)] == ["failed"]
    assert len([1 for _, effect in run.done if isinstance(effect, CancelLookup)]) == 1


def test_a_dialog_that_just_returns_ends_the_call_when_its_words_were_heard():
    async def dialog(line):
        await line.say("bye")

    run = drive(make_plan(dialog))
    assert run.ended == "the dialog ended"
    assert run.far.heard.played_samples(run.far.closed_at) == clips()["bye"].samples


def test_a_dialog_that_says_nothing_ends_at_once():
    async def dialog(line):
        pass

    run = drive(make_plan(dialog))
    assert run.ended == "the dialog ended"
    assert run.driver.now == 0.0


# ---- lookups


def test_a_failed_lookup_takes_its_branch():
    run = drive(keys=[(2.5, "3")], lookups={"bank.news": Answer(error="no network", delay=0.5)})
    assert "no_news" in states(run)
    assert "no_news" in run.said()
    assert run.dead_air() == []


def test_a_failed_lookup_without_a_branch_is_said_as_the_fallback_and_the_call_goes_on():
    run = drive(keys=[(2.5, "1"), (9.0, "9")], lookups={"bank.balance": Answer(error="no network", delay=0.5)})
    assert strategies(run).count("fallback") == 1
    assert run.said()[-1] == "bye"
    assert run.dead_air() == []


def test_a_failed_lookup_that_the_dialog_awaits_is_raised_into_it():
    caught = []

    async def dialog(line):
        handle = await line.run("bank.score")
        try:
            await handle
        except LookupFailed as error:
            caught.append(str(error))
        with pytest.raises(LookupFailed):
            await handle
        await line.say("bye")

    run = drive(make_plan(dialog), lookups={"bank.score": Answer(error="it is gone", delay=0.5)})
    assert len(caught) == 1 and "it is gone" in caught[0]
    assert run.ended == "the dialog ended"


def test_a_lookup_that_takes_too_long_fails_once_and_its_late_value_is_not_used():
    run = drive(keys=[(2.5, "3")], lookups={"bank.news": Answer("late news", delay=6.0)})
    (ended,) = run.of(LookupEnded)
    assert (ended.outcome, ended.at) == ("timed out", pytest.approx(6.5))
    assert [effect.id for _, effect in run.done if isinstance(effect, CancelLookup)] == ["lookup1"]
    assert "no_news" in states(run)
    assert "late news" not in " ".join(event.text for event in run.of(SegmentStarted))


def test_a_late_value_that_comes_in_spite_of_its_cancel_is_dropped():
    run = drive(keys=[(2.5, "3")], lookups={"bank.news": Answer("late news", delay=30.0)}, until=8.0)
    assert not run.driver.call.ended
    run.driver.call.returned("lookup1", "late news", 8.0)
    assert [type(event) for event in run.driver.call.trace()][-1] is StaleDropped


def test_an_unknown_function_fails_at_once():
    run = drive(make_plan(functions=()), keys=[(2.5, "3"), (6.0, "2")])
    assert run.of(LookupEnded)[0].outcome == "failed"
    assert "bank.news" in run.of(LookupEnded)[0].detail
    assert [effect for _, effect in run.done if isinstance(effect, Lookup)] == []
    assert "no_news" in states(run)


def test_a_value_that_has_no_text_is_contained():
    class Silent:
        def __str__(self):
            raise RuntimeError("no words for it")

    run = drive(keys=[(2.5, "1"), (9.0, "9")], lookups={"bank.balance": Answer(Silent(), 0.2)})
    assert run.ended is not None


def test_a_value_that_cannot_be_said_becomes_the_fallback():
    run = drive(keys=[(2.5, "1"), (9.0, "9")], lookups={"bank.balance": Answer("no amount", 0.2)})
    assert "fallback" in strategies(run)
    assert run.said()[-1] == "bye"


def test_every_lookup_ends_exactly_once_however_it_ends():
    for delay, error in [(0.0, None), (0.3, "broken"), (5.0, None), (50.0, None)]:
        run = drive(keys=[(2.5, "3"), (8.0, "1"), (14.0, "2")], lookups={"bank.news": Answer("x", delay, error)})
        assert [e.lookup for e in run.of(LookupStarted)] == sorted({e.lookup for e in run.of(LookupEnded)})
        assert len(run.of(LookupStarted)) == len(run.of(LookupEnded))


# ---- waiting


@pytest.mark.parametrize("delay", [0.0, 0.1, 0.16, 0.3, 1.0, 4.0])
@pytest.mark.parametrize("first_audio", [0.14, 0.6])
def test_a_condition_that_waits_for_a_lookup_is_covered(delay, first_audio):
    voice = ScriptedVoice(first_audio=first_audio)
    run = drive(keys=[(2.5, "2"), (9.0, "9")], voice=voice, lookups={"bank.score": Answer(7, delay)})
    assert run.dead_air() == []
    assert "rich" in states(run)
    waited = delay + first_audio
    assert "filler" in strategies(run) or waited < 0.3
    assert "hold" in strategies(run) or waited < 1.2
    assert "filler" not in strategies(run) or waited > 0.1


def test_the_wait_of_a_dialog_that_said_something_before_is_covered():
    async def dialog(line):
        await line.say("greeting")
        await (await line.run("bank.score"))
        await line.say("bye")

    run = drive(make_plan(dialog), lookups={"bank.score": Answer(7, 4.0)})
    assert run.dead_air(0.22) == []  # two quiet edges stand beside the 150 ms of grace
    assert strategies(run) == ["clip", "filler", "hold", "clip"]


def test_waits_that_follow_each_other_are_covered_as_one():
    async def dialog(line):
        for _ in range(8):
            await (await line.run("bank.score"))
        await line.say("bye")

    run = drive(make_plan(dialog), lookups={"bank.score": Answer(7, 0.14)})
    assert run.dead_air() == []


def test_a_dialog_that_waits_until_its_words_were_heard():
    async def dialog(line):
        await line.say("greeting")
        await line.heard()
        await line.say("bye")

    run = drive(make_plan(dialog))
    first = run.of(UtteranceHeard)[0]
    assert first.at >= clips()["greeting"].samples / 8000 - 1e-6
    assert run.far.queue.samples == clips()["greeting"].samples + clips()["bye"].samples


# ---- live speech


def test_a_synthesis_that_fails_is_asked_for_again_and_then_given_up():
    voice = ScriptedVoice(dies_after=0.0)
    run = drive(make_plan(retries=2), keys=[(2.5, "1"), (10.0, "9")], voice=voice)
    begun, cancelled = run.syntheses()
    assert [attempt for _, attempt in begun] == [1, 2, 3]
    assert cancelled == []
    assert [event.outcome for event in run.of(SynthesisEnded)] == ["failed"] * 3
    assert "fallback" in strategies(run)
    assert run.dead_air() == []


def test_a_synthesis_that_heals_is_heard_without_the_fallback():
    voice = ScriptedVoice(dies_after=0.0, heals=2)
    run = drive(keys=[(2.5, "1"), (12.0, "9")], voice=voice)
    assert "fallback" not in strategies(run)
    assert "stream" in strategies(run)


@pytest.mark.parametrize("covered", [True, False])
def test_audio_that_is_all_silence_is_a_failure_not_a_wait(covered):
    voice = ScriptedVoice(speak=lambda text: (np.zeros(22050, np.float32), 22050))
    run = drive(make_plan(covers=covers() if covered else None), keys=[(2.5, "1"), (9.0, "9")], voice=voice)
    assert run.ended == "the dialog ended"
    assert run.driver.now < 15
    assert ("fallback" in strategies(run)) == covered


def test_words_that_belong_to_nobody_are_kept_and_said_from_memory():
    plan = make_plan()
    first = drive(plan, keys=[(2.5, "3"), (8.0, "9")])
    second = drive(plan, keys=[(2.5, "3"), (8.0, "9")])
    assert len(first.of(SynthesisStarted)) == 1
    assert second.of(SynthesisStarted) == []
    assert "cached" in strategies(second)


def test_words_of_the_caller_are_not_kept():
    plan = make_plan()
    for _ in range(2):
        run = drive(plan, keys=[(2.5, "1"), (8.0, "9")])
        assert len(run.of(SynthesisStarted)) == 1


# ---- streams


def _started(stream: str) -> StreamStarted:
    return StreamStarted(stream, "CA1", {})


def _until_speech(plan):
    """A call by hand that has asked for a synthesis, with the effects of that."""
    call = Call("c", plan, _Codec(), datetime(2026, 1, 1, tzinfo=UTC))
    call.receive(_started("MZ1"), 0.0)
    effects = call.effects()
    return call, [effect for effect in effects if isinstance(effect, Synthesize)]


class _Codec(TwilioCodec):
    def __init__(self) -> None:
        super().__init__()
        self.stream = "MZ1"


async def _live_twice(line):
    await line.say("news", headline="one two three")
    await line.ask()
    await line.say("bye")


def test_a_second_stream_moves_the_call_and_late_audio_of_the_first_is_dropped():
    call, (first,) = _until_speech(make_plan(_live_twice))
    audio = SpeechChunk(np.full(8000, 0.1, np.float32), 8000)
    call.speech(first.segment, first.attempt, audio, 0.1)
    call.receive(_started("MZ2"), 0.2)
    assert call.generation == 2
    assert CancelSpeech in [type(effect) for effect in call.effects()]
    call.trace()
    call.speech(first.segment, first.attempt, audio, 0.3)
    assert [type(event) for event in call.trace()] == [StaleDropped]
    assert [effect for effect in call.effects() if isinstance(effect, Play)] == []


def test_late_audio_of_the_first_stream_is_not_taken_for_words_of_the_second():
    async def dialog(line):
        await line.say("news", headline="one two three")
        await line.heard()
        await line.say("news", headline="four five six")
        await line.ask()

    call, (first,) = _until_speech(make_plan(dialog))
    call.receive(_started("MZ2"), 0.2)
    (second,) = [effect for effect in call.effects() if isinstance(effect, Synthesize)]
    assert second.origin.generation == 2
    call.trace()
    call.speech(first.segment, first.attempt, SpeechChunk(np.full(8000, 0.1, np.float32), 8000), 0.3)
    assert StaleDropped in [type(event) for event in call.trace()]
    assert second.segment != first.segment


def test_a_second_stream_while_the_dialog_listens_listens_on():
    call = Call("c", make_plan(_live_twice), _Codec(), datetime(2026, 1, 1, tzinfo=UTC))
    call.receive(_started("MZ1"), 0.0)
    call.receive(_started("MZ2"), 5.0)
    call.receive(DigitReceived("1"), 6.0)
    texts = [event.text for event in call.trace() if isinstance(event, SegmentStarted)]
    assert texts[-1] == "Good bye."


def test_a_digit_that_was_held_is_not_lost_with_the_stream():
    async def dialog(line):
        await line.say("legal")
        await line.ask()
        await line.say("bye")
        await line.ask()

    call = Call("c", make_plan(dialog), _Codec(), datetime(2026, 1, 1, tzinfo=UTC))
    call.receive(_started("MZ1"), 0.0)
    call.receive(DigitReceived("1"), 0.2)
    call.receive(_started("MZ2"), 0.3)
    assert "Good bye." in [event.text for event in call.trace() if isinstance(event, SegmentStarted)]


def test_the_first_stream_ends_the_call_only_once():
    call = Call("c", make_plan(), _Codec(), datetime(2026, 1, 1, tzinfo=UTC))
    call.receive(_started("MZ1"), 0.0)
    call.receive(StreamStopped("gone"), 1.0)
    call.receive(StreamStopped("gone"), 1.0)
    assert [type(event) for event in call.trace()].count(CallEnded) == 1


def test_a_blocked_socket_holds_audio_back_and_loses_none():
    call = Call("c", make_plan(), _Codec(), datetime(2026, 1, 1, tzinfo=UTC))
    call.receive(_started("MZ1"), 0.0)
    call.block(True, 0.01)
    call.effects()
    call.handle_timer(1.0)
    assert [effect for effect in call.effects() if isinstance(effect, Play)] == []
    call.block(False, 1.5)
    assert [effect for effect in call.effects() if isinstance(effect, Play)] != []


def test_the_table_of_the_toy_is_what_these_tests_think():
    assert set(BANK.states) == {
        "welcome", "menu", "balance", "score", "rich", "poor", "news", "no_news", "legal", "bye",
    }  # fmt: skip
