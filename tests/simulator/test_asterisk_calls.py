"""Whole calls over Asterisk in virtual time: what surprised those who watched a real one, and the ledger's laws."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import numpy as np
import pytest
from asterisk_toy import FORMATS, NOTATIONS, call, plan
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import drive, make_plan, states, strategies

from ivr.call.effects import Play, Send
from ivr.call.flow import PROBE_EVERY
from ivr.gateways.asterisk.formats import OPENING
from ivr.media.pcm import decode
from ivr.playout.pacing import Schedule
from ivr.testing.asterisk_channel import Channel, Connection
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import BargedIn, CallStarted, DigitHeard, Listening
from ivr.trace.sound import MarkResolved, Outcome, UtteranceHeard

TALKING = Channel(sends_silence=True)
KEYS = [(2.5, "1"), (9.0, "2"), (13.0, "9")]


def channels(**changes):
    return [replace(TALKING, json=json, **changes) for json in NOTATIONS]


def sound(run) -> np.ndarray:
    """All that was heard, without the silence between runs."""
    pieces = run.heard._sound
    return np.concatenate([decode(p, run.far.format) if isinstance(p, bytes) else p for p in pieces])


def is_whole(run) -> None:
    """All that was sent arrived in whole frames, and every mark was resolved at most once."""
    queue = run.far.queue
    assert run.far.protocol_errors == queue.dropped == queue.cut_off == []
    names = [event.name for event in run.of(MarkResolved)]
    assert len(names) == len(set(names))


def prompts(seconds: float, clip: float = 2.0):
    """A dialog that says so many seconds without a pause between its clips."""

    async def dialog(line):
        for _ in range(round(seconds / clip)):
            await line.say("long")
        await line.ask(1.0)

    return dialog


def long_plan(lead: float, message: float = 0.1, seconds: float = 60.0):
    from toy import catalogue, make_tone

    from ivr.catalog.phrase import Catalogue, Literal, Phrase

    base = plan()
    phrase = Phrase("long", "en-US", "A long story.", (Literal("long", "A long story."),))
    words = Catalogue("en-US", {**catalogue().phrases, "long": phrase}, {})
    clips = {**base.clips, "long": make_tone(2.0, "long")}
    made = make_plan(prompts(seconds), schedule=Schedule(lead, message))
    return replace(made, capabilities=base.capabilities, catalogue=words, clips=clips)


# ---- the same call


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_call_over_twilio_and_over_asterisk_in_either_notation(name):
    if name == "g722" and importlib.util.find_spec("G722") is None:
        pytest.skip("the extra g722 is not installed")
    twilio = drive(keys=KEYS)
    runs = [call(channel, keys=KEYS) for channel in channels(format=name)]
    for run in runs:
        is_whole(run)
        assert run.ended == twilio.ended
        assert states(run) == states(twilio)
        assert run.said() == twilio.said()
        assert strategies(run) == strategies(twilio)
        assert [e.digit for e in run.of(DigitHeard)] == [e.digit for e in twilio.of(DigitHeard)]
        assert run.dead_air() == []
    assert np.array_equal(sound(runs[0]), sound(runs[1]))


@pytest.mark.parametrize(("name", "within"), [("ulaw", 0.0), ("alaw", 0.04), ("slin", 1e-4)])
def test_what_is_heard_is_twilios_sound_within_quantisation(name, within):
    async def dialog(line):
        for prompt in ("greeting", "main", "bye"):
            await line.say(prompt)
        await line.hang_up()

    twilio = drive(make_plan(dialog))
    reference = np.concatenate(
        [decode(piece, twilio.driver.plan.capabilities.out_format) for piece in twilio.heard._sound]
    )
    run = call(replace(TALKING, format=name), plan(name, make_plan(dialog)))
    heard = sound(run)
    assert len(heard) == len(reference)
    step = np.maximum(np.abs(reference) * within, within and 1e-3)
    assert np.all(np.abs(heard - reference) <= step)


# ---- what surprises


def test_frames_of_30_ms_change_nothing():
    usual, long = call(TALKING, keys=KEYS), call(replace(TALKING, caller_ptime=0.030), keys=KEYS)
    assert states(long) == states(usual)
    assert np.array_equal(sound(long), sound(usual))


def test_a_silent_caller_sends_nothing_and_is_served_all_the_same():
    run = call(Channel(), keys=KEYS)
    is_whole(run)
    assert states(run) == states(call(TALKING, keys=KEYS))
    assert run.heard.start == pytest.approx(OPENING, abs=0.021)  # the one thing that he waits for


def test_the_first_words_wait_for_the_bridge():
    whole = len(sound(call(TALKING)))
    for after in (0.0, 0.05, 0.15):
        run = call(replace(TALKING, bridged_after=after))
        assert len(sound(run)) == whole, after  # nothing was said to nobody
        assert run.heard.start == pytest.approx(after + 0.02, abs=0.045)
    assert len(sound(call(replace(TALKING, bridged_after=OPENING + 0.3)))) < whole


def test_a_held_digit_is_told_at_its_end():
    run = call(TALKING, keys=[(1.0, "9")], held=3.0)
    assert [event.at for event in run.of(DigitHeard)] == [pytest.approx(4.0)]
    assert run.said()[-1] == "bye"
    is_whole(run)


def test_marks_that_a_flush_ate_are_resolved_at_once_and_hold_nobody():
    for channel in channels():
        run = call(channel, keys=[(1.0, "9")])
        (barge,) = run.of(BargedIn)
        ((_, _, eaten),) = run.far.queue.flushed
        assert eaten
        resolved = {event.name: event for event in run.of(MarkResolved)}
        for name in eaten:
            assert resolved[name].outcome is Outcome.CLEARED
            assert resolved[name].at == barge.at
        assert run.ended == "the dialog ended"


def test_a_late_report_of_a_mark_from_before_the_flush_is_not_counted_twice():
    run = call(TALKING, keys=[(at / 10, "1") for at in range(5, 60, 3)], path_out=0.08, path_in=0.08)
    assert len(run.of(BargedIn)) > 5
    is_whole(run)


def test_parameters_of_the_query_give_way_to_the_channels_own():
    seen = {}

    async def dialog(line):
        seen.update(line.parameters, caller=line.caller, called=line.called)

    connection = Connection()
    assert connection.query({"from": "1009"}) == "?from=1009"
    assert connection.query() == "?from=1009"  # the defect: it is the previous call's
    call(TALKING, plan(base=make_plan(dialog)), query={"from": "1009", "to": "42"}, variables={"from": "+1555"})
    assert (seen["caller"], seen["called"]) == ("+1555", "42")


def test_no_command_is_longer_than_128_bytes_and_no_message_longer_than_65500():
    for channel in channels(format="slin24"):
        run = call(channel, plan("slin24", make_plan(schedule=Schedule(3.0, 2.0))), keys=KEYS)
        sends = [effect.message for _, effect in run.done if isinstance(effect, Send)]
        assert max(len(message) for message in sends) <= 128
        assert max(len(effect.span.payload) for _, effect in run.done if isinstance(effect, Play)) <= 8000
        is_whole(run)


def test_a_close_without_a_word_is_a_hangup():
    run = call(TALKING, hang_up_at=1.5)
    assert run.ended == "the gateway closed the socket"
    assert run.driver.now == pytest.approx(1.5)


def test_a_call_that_is_not_answered_is_answered_by_us_when_the_dialplan_says_so():
    run = call(replace(TALKING, auto_answer=False), variables={"answer": "server"})
    assert next(order.name for _, order in run.far.orders) == "ANSWER"
    assert run.far.answered_at == 0.0
    assert run.heard.start is not None and run.heard.start < 0.1


def test_the_call_is_hung_up_with_a_command():
    for channel in channels():
        assert [order.name for _, order in call(channel, keys=[(1.0, "9")]).far.orders][-1] == "HANGUP"


# ---- a full queue


def most_waiting(run) -> int:
    return run.far.queue.longest


@pytest.mark.parametrize("lead", [0.3, 3.0, 14.0])
def test_sixty_seconds_of_prompts_lose_nothing(lead):
    run = call(TALKING, long_plan(lead))
    is_whole(run)
    assert most_waiting(run) <= max(lead, 0.3) * 50 + 10
    assert run.heard.played_samples(run.driver.now) >= 60 * 8000
    assert len(run.of(UtteranceHeard)) == 30


def test_an_operator_cannot_ask_for_more_than_the_queue_holds():
    run = call(TALKING, long_plan(60.0))
    is_whole(run)
    assert most_waiting(run) <= 760


@pytest.mark.parametrize("json", NOTATIONS)
@pytest.mark.parametrize("path", [0.0, 0.1])
def test_xoff_is_obeyed_at_once_and_nothing_is_dropped(path, json):
    """The far side's timer stands still for 15 s, while ours goes on: what we send piles up over there."""
    told = []

    def setup(driver, far):
        driver.at(2.0, lambda now: far.queue.pause(True, now))
        driver.at(17.0, lambda now: far.queue.pause(False, now))
        receive = driver.codec.receive

        def listen(message):
            if isinstance(message, str) and ("XOFF" in message or "XON" in message):
                told.append((driver.now, "XOFF" in message))
            return receive(message)

        driver.codec.receive = listen

    run = call(replace(TALKING, json=json), long_plan(14.0), path_out=path, path_in=path, setup=setup, until=200.0)
    (off_at, off), (on_at, still_off) = told[:2]
    assert off and not still_off
    assert 900 <= most_waiting(run) <= 915
    sent = [at for at, effect in run.done if isinstance(effect, Play)]
    assert [at for at in sent if off_at < at < on_at] == []
    # It goes on as soon as the queue has room for the lead, and not with a burst that would overflow it.
    assert on_at <= min(at for at in sent if at >= on_at) <= on_at + 3.5
    is_whole(run)
    # So long a standstill outlasts the ledger's patience with marks, and the call ends up to four seconds too early.
    assert run.heard.played_samples(run.driver.now) >= 56 * 8000


def test_an_xon_that_never_comes_is_asked_for():
    def setup(driver, far):
        driver.at(1.0, lambda now: far._post(far._notation.bare("MEDIA_XOFF"), now))

    run = call(TALKING, keys=[(8.0, "9")], setup=setup)
    asked = [at for at, order in run.far.orders if order.name == "GET_STATUS"]
    assert asked == [pytest.approx(1.0 + PROBE_EVERY, abs=0.03)]
    assert run.ended == "the dialog ended"
    assert run.of(Listening)


def test_a_clear_while_an_xon_is_waited_for_speaks_at_once():
    def setup(driver, far):
        driver.at(1.0, lambda now: far._post(far._notation.bare("MEDIA_XOFF"), now))

    run = call(TALKING, keys=[(1.2, "9")], setup=setup)
    assert run.sends("GET_STATUS") == []
    assert next(at for at, e in run.done if isinstance(e, Play) and at >= 1.2) == pytest.approx(1.2)


# ---- laws

CLEARS = st.lists(st.tuples(st.floats(0.05, 14.0), st.sampled_from("12349")), min_size=1, max_size=6)


@given(
    CLEARS,
    st.floats(0.0, 0.15),
    st.floats(0.0, 0.15),
    st.floats(0.0, 0.02),
    st.floats(0.0, 0.0199),
    st.booleans(),
    st.sampled_from([0.3, 1.0, 5.0]),
    st.integers(0, 9),
)
@settings(max_examples=120, deadline=None, derandomize=True)
def test_the_ledgers_laws(keys, out, back, jitter, phase, json, lead, seed):
    channel = replace(TALKING, json=json, phase=phase)
    voice = ScriptedVoice(first_audio=0.2, pace=3.0)
    errors = []

    def setup(driver, far):
        def look(now):
            playout = driver.call._playout
            if playout is None or driver.call.ended:
                return
            ledger = playout.ledger
            errors.append((now, ledger.heard(now), ledger.sent))
            far_now = max(now, far._clock)
            truths.append(far.heard.played_samples(far_now))
            driver.at(now + 0.0137, look)

        truths: list[int] = []
        far.truths = truths
        driver.at(0.3, look)

    made = plan(base=make_plan(schedule=Schedule(lead, 0.1)))
    run = call(channel, made, keys=keys, voice=voice, path_out=out, path_in=back, jitter=jitter, seed=seed, setup=setup)
    is_whole(run)
    # Every mark exactly once: what was placed and is not out at the end of the call was resolved.
    placed = [order.id for _, order in run.far.orders if order.name == "MARK_MEDIA"]
    assert len(placed) == len(set(placed))
    resolved = {event.name for event in run.of(MarkResolved)}
    assert resolved <= set(placed) or run.far.closed_at is not None
    ended = run.driver.now
    left = {at: o.id for at, o in run.far.orders if o.name == "MARK_MEDIA" and o.id not in resolved}
    assert all(at > ended - lead - 3.0 for at in left)
    # Heard is never more than sent.
    assert all(heard <= sent for _, heard, sent in errors)
    # A clear at any moment silences within one frame plus the path.
    for barge in run.of(BargedIn):
        flush = next((at for at, _, _ in run.far.queue.flushed if at >= barge.at - 1e-9), None)
        assert flush is not None
        assert flush <= barge.at + out + jitter + 1e-9
    # What the ledger says of the cut is within 100 ms of what was really played.
    sent, cuts, flushed = 0, [], iter(run.far.queue.flushed)
    for _, effect in run.done:
        if isinstance(effect, Play):
            sent += effect.span.samples
        elif isinstance(effect, Send) and "FLUSH" in str(effect.message):
            flush = next(flushed, None)
            if flush is not None:
                cuts.append(sent - flush[1] * 160)
    assert all(
        abs(barge.position - real) <= 800 for barge, real in zip(run.of(BargedIn), cuts, strict=False) if real > 0
    )


@given(st.floats(0.0, 0.15), st.floats(0.0, 0.15), st.floats(0.0, 0.0199), st.booleans())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_heard_neither_passes_the_truth_nor_lags_it_by_over_100_ms(out, back, phase, json):
    looks = []

    def setup(driver, far):
        def look(now):
            if not driver.call.ended and driver.call._playout is not None:
                looks.append((now, driver.call._playout.ledger.heard(now)))
                driver.at(now + 0.0137, look)

        driver.at(0.5, look)

    run = call(replace(TALKING, json=json, phase=phase), path_out=out, path_in=back, setup=setup)
    assert run.of(CallStarted)
    # Nothing was cleared, so positions are those of the far side.
    for at, heard in looks:
        truth = run.far.heard.played_samples(at)
        assert abs(heard - truth) <= 800, (at, heard, truth)
