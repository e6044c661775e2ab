from __future__ import annotations

import pytest
from toy import drive, make_plan

from ivr.simulator.driver import Answer
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import PromptSaid, SynthesisEnded, SynthesisFirstAudio, SynthesisStarted, TraceEvent
from ivr.trace.slack import Slack, slacks
from ivr.trace.sound import SeamJoined, SegmentStarted, Strategy
from ivr.trace.stretches import Bar, stretches


def bar(start: float, stop: float, strategy: Strategy, segment: str) -> Bar:
    return Bar(start, stop, strategy, "", False, segment)


LIVE: list[TraceEvent] = [
    PromptSaid("u1", "balance", 1, (), 1.0),
    SynthesisStarted("u1.2", "twelve", False, 1, 1.6),
    SynthesisFirstAudio("u1.2", 0.5, 2.5),
    SegmentStarted("u1", "u1.2", Strategy.STREAM, "twelve", False, 16000, 3.0, 2.9),
]


def test_slack_falls_from_the_prompt_on_to_what_was_left_when_the_audio_came() -> None:
    (found,) = slacks(LIVE, [bar(1.0, 3.0, Strategy.CLIP, "u1.1"), bar(3.0, 4.0, Strategy.STREAM, "u1.2")])
    assert found == Slack("u1.2", ((1.0, 3.0),), 2.5, True)
    assert found.left == 0.5
    assert found.lines() == ((1.0, 2.0, 2.5, 0.5),)


def test_a_cover_buys_time() -> None:
    bars = [
        bar(1.0, 1.8, Strategy.CLIP, "u1.1"),
        bar(1.8, 2.2, Strategy.FILLER, "u1.2"),
        bar(2.2, 3.0, Strategy.HOLD, "u1.2"),
        bar(3.0, 4.0, Strategy.STREAM, "u1.2"),
    ]
    (found,) = slacks(LIVE, bars)
    assert [(start, stop) for start, _, stop, _ in found.lines()] == [(1.0, 1.8), (1.8, 2.2), (2.2, 2.5)]
    assert [high for _, high, _, _ in found.lines()] == pytest.approx([0.8, 0.4, 0.8])
    assert [low for _, _, _, low in found.lines()] == pytest.approx([0.0, 0.0, 0.5])


def test_a_voice_that_failed_runs_to_its_failure_and_one_that_was_cancelled_is_left_out() -> None:
    failed = SynthesisEnded("u1.2", "failed", "broken", False, 2.0)
    fallback = [bar(1.0, 3.0, Strategy.CLIP, "u1.1"), bar(3.0, 3.5, Strategy.FALLBACK, "u1.2")]
    (found,) = slacks([*LIVE[:2], failed], fallback)
    assert (found.stop, found.left, found.arrived) == (2.0, 1.0, False)
    cancelled = SynthesisEnded("u1.2", "cancelled", "", False, 2.0)
    assert slacks([*LIVE[:2], cancelled], fallback) == ()
    assert slacks([], []) == ()


def test_the_slack_of_a_real_call_is_what_its_voice_was_told() -> None:
    run = drive(keys=[(2.5, "1")], lookups={"bank.balance": Answer(12.5, 2.5)})
    (found,) = slacks(run.trace, stretches(run.trace, 8000).bars)
    (first,) = run.of(SynthesisFirstAudio)
    assert (found.stop, found.left) == (first.at, pytest.approx(first.slack))
    assert len(found.pieces) == 3  # the filler and the hold buy time


def test_without_covers_slack_goes_on_falling_while_the_caller_hears_nothing() -> None:
    run = drive(make_plan(covers=None), keys=[(2.5, "1")], lookups={"bank.balance": Answer(12.5, 2.5)})
    (found,) = slacks(run.trace, stretches(run.trace, 8000).bars)
    (gap,) = [seam.gap for seam in run.of(SeamJoined) if seam.gap]
    assert len(found.pieces) == 1
    assert found.left == pytest.approx(-gap / 8000, abs=0.1)  # it sounds a little after its first chunk


def test_a_voice_that_is_asked_again_has_a_slack_for_each_time() -> None:
    run = drive(keys=[(2.5, "1")], voice=ScriptedVoice(dies_after=0.0, heals=2))
    failed, came = slacks(run.trace, stretches(run.trace, 8000).bars)
    assert (failed.arrived, came.arrived) == (False, True)
    assert failed.stop <= came.pieces[0][0] < came.stop
