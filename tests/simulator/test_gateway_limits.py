"""Laws of whole calls over gateways that can do less: small messages, no clear, no queue of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import Run, drive, make_plan

from ivr.call.effects import Play
from ivr.gateways.codec import Pacing
from ivr.gateways.twilio import TWILIO
from ivr.playout.pacing import REALTIME_LEAD, UNCLEARABLE_LEAD
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import BargedIn
from ivr.trace.sound import MarkResolved, SegmentStarted

KEYS = st.lists(st.tuples(st.floats(0.1, 12.0), st.sampled_from("12349")), max_size=5)
VOICES = st.builds(
    ScriptedVoice,
    first_audio=st.sampled_from([0.05, 0.3, 1.2]),
    pace=st.sampled_from([1.0, 1.5, 8.0]),
    dies_after=st.sampled_from([None, None, 0.4]),
)
PATHS = st.sampled_from([0.0, 0.08])


def over(**limits):
    return replace(make_plan(), capabilities=replace(TWILIO, **limits))


def sizes(run: Run) -> list[int]:
    return [len(effect.span.payload) for _, effect in run.done if isinstance(effect, Play)]


def sent_by(run: Run, now: float) -> int:
    return sum(effect.span.samples for at, effect in run.done if isinstance(effect, Play) and at <= now)


def is_whole(run: Run) -> None:
    """All that was sent arrived and, but for what was cleared, was heard; the call came to its end."""
    assert run.ended == "the dialog ended"
    assert run.far.protocol_errors == []
    cut = sum(samples for _, samples in run.far.cleared)
    assert run.far.queue.samples == len(run.sent)
    assert run.far.heard.played_samples(run.driver.now + 60) == len(run.sent) - cut
    names = [event.name for event in run.of(MarkResolved)]
    assert len(names) == len(set(names))


@given(KEYS, VOICES, PATHS, st.integers(40, 2000), st.booleans(), st.sampled_from(Pacing))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_no_message_is_larger_than_the_gateway_takes(keys, voice, path, largest, can_clear, pacing):
    plan = over(max_message=largest, can_clear=can_clear, pacing=pacing)
    run = drive(plan, keys=keys, voice=voice, path_out=path, path_in=path)
    assert max(sizes(run)) <= largest
    is_whole(run)


@given(KEYS, VOICES, st.floats(0.02, 0.5), st.booleans(), st.sampled_from(Pacing))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_no_more_waits_over_there_than_the_gateway_holds(keys, voice, most, can_clear, pacing):
    run = drive(over(max_lead=most, can_clear=can_clear, pacing=pacing), keys=keys, voice=voice)
    lead = max(most, 0.02)
    lead = lead if can_clear else min(lead, UNCLEARABLE_LEAD)
    lead = lead if pacing is Pacing.BUFFERED else min(lead, REALTIME_LEAD)
    assert run.far.queue.longest <= lead + 1e-6
    is_whole(run)


@given(KEYS, VOICES, PATHS, st.sampled_from(Pacing))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_where_nothing_can_be_cleared_all_that_was_sent_is_heard_and_counted(keys, voice, path, pacing):
    run = drive(over(can_clear=False, pacing=pacing), keys=keys, voice=voice, path_out=path, path_in=path)
    assert run.sends('"clear"') == []
    assert run.far.cleared == []
    for barge in run.of(BargedIn):
        still_sounds = barge.position - run.far.heard.played_samples(barge.at)
        assert barge.position <= sent_by(run, barge.at)
        assert still_sounds <= 8000 * (UNCLEARABLE_LEAD + path) + 1
    starts = [event.position for event in run.of(SegmentStarted)]
    assert starts == sorted(starts)
    is_whole(run)


def test_what_is_said_after_an_interruption_begins_behind_what_cannot_be_cleared():
    run = drive(over(can_clear=False), keys=[(1.0, "9")])
    (barge,) = run.of(BargedIn)
    goodbye = next(event for event in run.of(SegmentStarted) if event.text == "Good bye.")
    assert goodbye.position == barge.position == sent_by(run, 1.0 - 1e-6)
    rest = barge.position / 8000 - 1.0
    assert 0.03 < rest <= UNCLEARABLE_LEAD
    assert goodbye.sounds_at == pytest.approx(1.0 + rest, abs=0.02)


@pytest.mark.parametrize("limits", [{"can_clear": False}, {"pacing": Pacing.REALTIME}, {"max_message": 160}])
def test_small_leads_leave_no_silence_that_nobody_planned(limits):
    run = drive(over(**limits), keys=[(1.0, "1"), (6.0, "2"), (12.0, "9")], voice=ScriptedVoice(first_audio=0.6))
    assert run.dead_air() == []
    is_whole(run)
