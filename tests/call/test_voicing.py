"""Live words that are remembered for the next time they are said, and those that are not."""

from __future__ import annotations

from toy import covers, drive, make_plan, strategies

from ivr.simulator.driver import Answer
from ivr.trace.events import LookupEnded, SynthesisStarted
from ivr.trace.sound import SegmentStarted, Strategy


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


def test_words_in_memory_end_the_hold_that_waited_for_their_value():
    plan = make_plan(covers=covers(filler=None))
    drive(plan, keys=[(2.5, "3"), (8.0, "9")])
    run = drive(plan, keys=[(2.5, "3"), (9.0, "9")], lookups={"bank.news": Answer("Rates are up", 2.0)})
    assert strategies(run)[2:5] == ["clip", "hold", "cached"]
    known = run.of(LookupEnded)[0].at
    cached = next(event for event in run.of(SegmentStarted) if event.strategy is Strategy.CACHED)
    assert cached.at - known < 0.3  # what was sent of the hold, and its fade
