"""Whole calls over AudioSocket in virtual time: we are the clock, and the far side forgives little."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import asterisk_toy
import numpy as np
import pytest
from audiosocket_toy import TALKING, call, plan
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import drive, make_plan, states, strategies

from ivr.call.effects import Play, Send
from ivr.gateways.audiosocket.formats import KINDS, LEAD, OPENING
from ivr.media.format import PTIME
from ivr.media.pcm import decode
from ivr.playout.far_clock import DEFAULT_PATH
from ivr.simulator.driver import Answer
from ivr.testing.asterisk_channel import Channel as AsteriskChannel
from ivr.testing.audiosocket import GIVES_UP, AudioSocketFarEnd
from ivr.testing.audiosocket_channel import Channel, packet
from ivr.testing.heard import Heard
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import BargedIn, CallStarted, DigitHeard
from ivr.trace.sound import SegmentStarted, Underrun, UtteranceHeard

KEYS = [(2.5, "1"), (9.0, "2"), (13.0, "9")]


def is_whole(run) -> None:
    """The far side had nothing to complain of, and dropped nothing."""
    assert run.far.protocol_errors == run.far.queue.dropped == []


def played(run) -> list[tuple[float, Play]]:
    """What was sent of words, and when."""
    plays = [(at, effect) for at, effect in run.done if isinstance(effect, Play)]
    return [(at, effect) for at, effect in plays if effect.span.clip.name != "silence"]


def words(run) -> int:
    """Samples of words that were sent, by what the trace says of them."""
    return sum(event.samples for event in run.of(UtteranceHeard))


def spoken(heard: Heard, rate: int) -> np.ndarray:
    """All that was heard but digital silence, in frames: what is said, whatever stands between."""
    pieces = [decode(p, asterisk_toy.toy.MULAW_8K) if isinstance(p, bytes) else p for p in heard._sound]
    sound = np.concatenate(pieces)
    frame = round(rate * PTIME)
    frames = sound[: len(sound) // frame * frame].reshape(-1, frame)
    return frames[np.abs(frames).max(axis=1) > 2e-3].ravel()


# ---- the same call


def test_the_same_call_over_twilio_asterisk_and_audiosocket():
    twilio = drive(keys=KEYS)
    talking = AsteriskChannel(sends_silence=True)
    runs = {
        "asterisk, JSON": asterisk_toy.call(talking, keys=KEYS),
        "asterisk, plain text": asterisk_toy.call(replace(talking, json=False), keys=KEYS),
        "asterisk, slin": asterisk_toy.call(replace(talking, format="slin"), keys=KEYS),
        "audiosocket": call(keys=KEYS),
    }
    is_whole(runs["audiosocket"])
    for name, run in runs.items():
        assert run.ended == twilio.ended, name
        assert states(run) == states(twilio), name
        assert run.said() == twilio.said(), name
        assert strategies(run) == strategies(twilio), name
        assert [e.digit for e in run.of(DigitHeard)] == [e.digit for e in twilio.of(DigitHeard)], name
        assert run.dead_air() == [], name


def test_the_same_audio_over_twilio_asterisk_and_audiosocket_within_quantisation():
    async def dialog(line):
        for prompt in ("greeting", "main", "bye"):
            await line.say(prompt)
        await line.hang_up()

    base = make_plan(dialog)
    talking = AsteriskChannel(sends_silence=True)
    reference = spoken(drive(base).heard, 8000)
    runs = [
        asterisk_toy.call(talking, asterisk_toy.plan(base=base)),
        asterisk_toy.call(replace(talking, json=False), asterisk_toy.plan(base=base)),
        call(plan_=plan(base=base)),
    ]
    for run in runs:
        heard = spoken(run.heard, 8000)
        assert len(heard) == len(reference)
        assert np.max(np.abs(heard - reference)) <= 1e-3


@pytest.mark.parametrize("rate", KINDS)
def test_the_first_sound_decides_the_rate(rate):
    run = call(replace(TALKING, rate=rate), keys=[(1.0, "9")])
    is_whole(run)
    (started,) = run.of(CallStarted)
    assert started.at == pytest.approx(PTIME)
    assert run.ended == "the dialog ended"
    assert {samples for _, samples in run.far.frames} == {round(rate * PTIME)}


# ---- what surprises


def test_a_silent_caller_is_served_at_the_presumed_rate_after_the_opening():
    for rate in (8000, 16000):
        run = call(Channel(rate=rate), keys=KEYS, presumed=rate)
        is_whole(run)
        assert run.of(CallStarted)[0].at == pytest.approx(OPENING)
        assert states(run) == states(call(keys=KEYS))
        assert run.dead_air() == []


def test_a_wrong_presumption_is_mended_by_the_first_sound():
    def setup(driver, far):
        driver.at(3.0, lambda now: far.say(np.zeros(1600, np.float32), now))

    run = call(Channel(rate=16000), keys=[(4.0, "9")], setup=setup)
    assert [event.at for event in run.of(CallStarted)] == [pytest.approx(OPENING), pytest.approx(3.02)]
    assert all("0x10" in error for error in run.far.protocol_errors)  # and these were heard by nobody
    assert run.said()[-1] == "bye" and run.heard.start > 3.0
    assert run.ended == "the dialog ended"


@pytest.mark.parametrize("channel", [Channel(), TALKING])
def test_ten_seconds_of_nothing_to_say_are_filled(channel):
    """The dialog waits for a caller who does not press anything; and for a lookup without covers."""

    async def dialog(line):
        await line.ask(10.0)
        await line.say("bye")
        await line.hang_up()

    run = call(channel, plan(base=make_plan(dialog)))
    is_whole(run)
    assert run.ended == "the dialog ended"
    assert run.driver.now > 10.0 > GIVES_UP
    assert max(b - a for (a, _), (b, _) in pairwise(run.far.frames)) <= 0.041
    sent = sum(samples for _, samples in run.far.frames)
    assert sent == pytest.approx(8000 * (run.far.hung_up_at - run.far.frames[0][0]), abs=8000 * 0.1)
    assert words(run) < 8000 * 2  # silence is nobody's words
    assert [event.text for event in run.of(SegmentStarted)] == ["Good bye."]


def test_without_filling_the_application_gives_up():
    """The fake is right, and silence is needed."""

    async def dialog(line):
        await line.ask(10.0)

    made = plan(base=make_plan(dialog))
    mute = replace(made, capabilities=replace(made.capabilities, fills_silence=False), wires=None)
    run = call(Channel(), mute)
    assert run.ended == "the caller hung up"
    assert "2 s" in run.far.protocol_errors[0]
    assert run.far.closed_at == pytest.approx(GIVES_UP)


def test_covers_begin_as_late_as_over_other_gateways():
    """Silence that is on the wire is not taken for words: the grace of a wait counts from the end of those."""
    slow = {"bank.balance": Answer(12.5, 2.0)}
    twilio = drive(keys=KEYS[:1], lookups=slow)
    run = call(keys=KEYS[:1], lookups=slow)
    assert strategies(run) == strategies(twilio)
    starts = [[e.sounds_at for e in r.of(SegmentStarted)][:4] for r in (run, twilio)]
    assert starts[0] == pytest.approx(starts[1], abs=0.15)


def test_a_lookup_that_takes_long_without_covers_is_filled_and_dead_air_is_seen_all_the_same():
    slow = {"bank.balance": Answer(12.5, 5.0)}
    made = plan(base=make_plan(covers=None))
    run = call(Channel(), made, keys=[(2.5, "1"), (20.0, "9")], lookups=slow)
    is_whole(run)
    assert run.ended == "the dialog ended"
    assert run.dead_air() != []


def test_a_barge_in_stops_the_sending_and_what_was_sent_is_heard():
    run = call(keys=[(1.0, "9")])
    is_whole(run)
    (barge,) = run.of(BargedIn)
    assert barge.position == sum(effect.span.samples for at, effect in played(run) if at < 1.0)
    still = barge.position - 8000 * (1.0 - run.heard.start)
    assert 0 < still <= 8000 * LEAD
    assert run.said()[-1] == "bye"


def test_a_goodbye_is_heard_to_its_end_before_the_hang_up():
    for out in (0.0, 0.05):
        run = call(keys=[(1.0, "9")], path_out=out)
        last = run.of(UtteranceHeard)[-1]
        goodbye = next(event for event in run.of(SegmentStarted) if event.text == "Good bye.")
        end = goodbye.sounds_at + last.samples / 8000
        assert run.far.hung_up_at >= end + out
        assert run.driver.now == pytest.approx(end + DEFAULT_PATH, abs=0.05)
        audible = np.flatnonzero(np.abs(run.heard.timeline(0.0, run.far.hung_up_at + 0.2)) > 1e-3)
        assert end + out - 0.3 < audible[-1] / 8000 < run.far.hung_up_at
        assert [e.message for _, e in run.done if isinstance(e, Send)] == [b"\x00\x00\x00"]


@pytest.mark.parametrize("told", [True, False])
def test_a_caller_who_hangs_up(told):
    run = call(replace(TALKING, hangs_up=told), hang_up_at=1.5)
    assert run.ended == ("the caller hung up, or the dialplan went on" if told else "the caller hung up")
    assert run.driver.now == pytest.approx(1.5, abs=0.02)


def test_keys_before_the_stream_are_not_lost():
    run = call(Channel(), keys=[(0.05, "9")])
    assert [event.digit for event in run.of(DigitHeard)] == ["9"]
    assert run.said()[-1] == "bye"


def test_packets_of_30_ms_bursts_and_pieces_of_any_size_change_nothing():
    usual = call(keys=KEYS)

    def burst(driver, far):
        driver.at(3.0, far.hold)
        driver.at(6.0, far.release)

    for run in (
        call(replace(TALKING, caller_ptime=0.030), keys=KEYS),
        call(keys=KEYS, chunks=[1, 2, 3, 5, 7, 319] * 20000),
        call(keys=KEYS, setup=burst),
    ):
        is_whole(run)
        assert states(run) == states(usual)
        assert run.said() == usual.said()


BROKEN = {
    "sound before the UUID": (replace(TALKING, names_itself=False), None, "before the UUID"),
    "another rate": (TALKING, packet(0x12, bytes(640)), "16000 Hz"),
    "a second UUID": (TALKING, packet(0x01, bytes(16)), "second UUID"),
    "no digit": (TALKING, packet(0x03, b"q"), "digit"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_the_protocol_ends_the_call(name):
    channel, data, why = BROKEN[name]

    def setup(driver, far):
        if data is not None:
            driver.at(1.0, lambda now: far.post(data, now))

    run = call(channel, setup=setup)
    assert why in (run.ended or "")


def test_a_late_wake_is_heard_no_longer_than_it_lasts():
    """With 40 ms of lead there is little to forgive; what is late is told as a gap, and nothing piles up over there."""
    chance = np.random.default_rng(1)
    run = call(keys=KEYS, late=lambda: float(chance.choice([0.0, 0.001, 0.030], p=[0.6, 0.3, 0.1])))
    is_whole(run)
    assert run.ended == "the dialog ended"
    gaps = [event.samples for event in run.of(Underrun)]
    assert gaps and max(gaps) <= 8000 * 0.030
    assert run.far.queue.longest <= LEAD + 0.021


# ---- laws

PRESSED = st.lists(st.tuples(st.floats(0.0, 14.0), st.sampled_from("12349")), max_size=6)


@given(
    PRESSED,
    st.floats(0.0, 0.15),
    st.floats(0.0, 0.15),
    st.floats(0.0, 0.015),
    st.sampled_from([8000, 16000, 24000]),
    st.booleans(),
    st.lists(st.integers(1, 700), max_size=200),
    st.integers(0, 9),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_laws_of_a_call(keys, out, back, jitter, rate, silence, chunks, seed):
    looks = []

    def setup(driver, far):
        def look(now):
            playout = driver.call._streams.playout
            if playout is not None and not driver.call.ended:
                looks.append((now, playout.ledger.heard(now), playout.ledger.sent))
                driver.at(now + 0.0137, look)

        driver.at(0.4, look)

    channel = Channel(rate, sends_silence=silence, jitter_buffer=LEAD + PTIME + jitter)
    run = call(
        channel,
        keys=keys,
        path_out=out,
        path_in=back,
        jitter=jitter,
        chunks=chunks,
        presumed=rate,
        seed=seed,
        setup=setup,
    )
    is_whole(run)
    assert run.ended == "the dialog ended"
    # Fifty frames a second, from the first to the last, whatever is said.
    frames = run.far.frames
    lasted = run.far.hung_up_at - frames[0][0]
    assert sum(samples for _, samples in frames) / rate == pytest.approx(lasted, abs=0.15)
    assert max(b - a for (a, _), (b, _) in pairwise(frames)) <= 0.041 + jitter
    # The ledger counts words: never more than were sent, and all of them by the end.
    assert all(heard <= sent for _, heard, sent in looks)
    assert looks[-1][2] <= sum(effect.span.samples for _, effect in played(run))
    # The last words are heard before the hang-up, by the ear: it travels behind them.
    audible = np.flatnonzero(np.abs(run.heard.timeline(0.0, run.far.hung_up_at + 0.5)) > 1e-3)
    assert audible[-1] / rate < run.far.hung_up_at


@given(PRESSED, st.floats(0.05, 1.5), st.sampled_from([1.0, 1.5, 8.0]))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_live_words_are_said_as_over_twilio(keys, first, pace):
    voice = ScriptedVoice(first_audio=first, pace=pace)
    run, twilio = call(keys=keys, voice=voice), drive(keys=keys, voice=voice)
    is_whole(run)
    assert run.ended == twilio.ended == "the dialog ended"
    starts = [event.position for event in run.of(SegmentStarted)]
    assert starts == sorted(starts)


def test_the_far_end_is_no_friend_of_ours():
    """It gives a call up over what no Asterisk takes."""
    for bad in (packet(0x03, b"1"), packet(0xFF, b"\x01"), packet(0x10, b""), packet(0x01, bytes(16))):
        far = AudioSocketFarEnd()
        far.connect(0.0)
        far.receive(packet(0x10, bytes(320)) + bad, 0.1)
        assert far.closed_at == 0.1
        assert len(far.protocol_errors) == 1
