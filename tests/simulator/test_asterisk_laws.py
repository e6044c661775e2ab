"""The ledger's laws over Asterisk, where a flush eats marks: of any keys, at any moment, over any path."""

from __future__ import annotations

from dataclasses import replace

from asterisk_toy import TALKING, call, is_whole, plan
from hypothesis import example, given, settings
from hypothesis import strategies as st
from toy import make_plan

from ivr.call.effects import Play, Send
from ivr.playout.pacing import Schedule
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import BargedIn, CallStarted
from ivr.trace.sound import MarkResolved

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
@example([(8.75, "1"), (8.625, "1"), (0.25, "1")], 0.125, 0.0, 0.0, 0.0, False, 0.3, 0)
@settings(max_examples=120, deadline=None, derandomize=True)
def test_the_ledgers_laws(keys, out, back, jitter, phase, json, lead, seed):
    channel = replace(TALKING, json=json, phase=phase)
    voice = ScriptedVoice(first_audio=0.2, pace=3.0)
    errors = []

    def setup(driver, far):
        def look(now):
            playout = driver.call._streams.playout
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
    # A clear at any moment silences within one frame plus the path. One flush answers one barge-in, in their order.
    flushes = (at for at, _, _ in run.far.queue.flushed)
    for barge in run.of(BargedIn):
        flush = next((at for at in flushes if at >= barge.at + out - 1e-9), None)
        assert flush is not None
        assert flush <= barge.at + out + jitter + 1e-9
        # No frame begins to sound between the flush and the first one of the words that follow.
        follows = next((at + out for at, e in run.done if isinstance(e, Play) and at >= barge.at), float("inf"))
        assert [at for at in run.heard._at if flush + 1e-9 < at < follows] == []
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
            if not driver.call.ended and driver.call._streams.playout is not None:
                looks.append((now, driver.call._streams.playout.ledger.heard(now)))
                driver.at(now + 0.0137, look)

        driver.at(0.5, look)

    run = call(replace(TALKING, json=json, phase=phase), path_out=out, path_in=back, setup=setup)
    assert run.of(CallStarted)
    # Nothing was cleared, so positions are those of the far side.
    for at, heard in looks:
        truth = run.far.heard.played_samples(at)
        assert abs(heard - truth) <= 800, (at, heard, truth)
