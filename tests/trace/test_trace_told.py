"""What ``ivr timeline --json`` tells of a call is what its picture shows."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from recorded import made

from ivr.trace.events import BargedIn, DigitHeard, StateEntered, TraceEvent
from ivr.trace.html.entry import seen
from ivr.trace.sound import SeamJoined, Underrun
from ivr.trace.told import told
from ivr.trace.worst import call_figures


def tell(events: list[TraceEvent]) -> Any:
    plain = told("a.jsonl", events, call_figures({"call": "a"}, events))
    return json.loads(json.dumps(plain, allow_nan=False))


@pytest.mark.parametrize("number", range(5))
def test_it_is_what_the_picture_is_drawn_from(number: int) -> None:
    events = made(number).trace
    page = seen(events, call_figures({}, events))
    call = tell(events)
    bars = [(bar.segment, bar.strategy.value, round(bar.start, 6), round(bar.stop, 6)) for bar in page.found.bars]
    assert [(s["segment"], s["strategy"], s["start"], s["end"]) for s in call["segments"]] == bars
    assert len(call["seams"]) == len(page.found.joints)
    assert [slack["left"] for slack in call["slack"]] == [round(slack.left, 6) for slack in page.slacks]
    assert len(call["lookups"]) + len(call["syntheses"]) == len(page.found.work)
    assert [turn["at"] for turn in call["turns"]] == [round(turn.at, 6) for turn in page.turns]


def test_seams_have_their_gap_and_level_step() -> None:
    events = made(3).trace
    call = tell(events)
    joined = {(seam.before, seam.after, seam.gap) for seam in events if isinstance(seam, SeamJoined)}
    assert {(seam["before"], seam["after"], seam["gap"]) for seam in call["seams"]} <= joined
    assert any(seam["gap"] > 0 and seam["audible"] for seam in call["seams"])
    assert any(seam["level_step"] is not None for seam in call["seams"])


def test_digits_states_and_interruptions_are_those_of_the_trace() -> None:
    events = made(0).trace
    call = tell(events)
    digits = [event for event in events if isinstance(event, DigitHeard)]
    assert [digit["digit"] for digit in call["digits"]] == [event.digit for event in digits] != []
    assert all(digit["private"] for digit in call["digits"])
    entered = [event.state for event in events if isinstance(event, StateEntered)]
    assert [state["state"] for state in call["states"]] == entered
    assert all(one["end"] == next_["start"] for one, next_ in pairwise(call["states"]))
    assert len(call["barge_ins"]) == sum(isinstance(event, BargedIn) for event in events)


def test_slack_falls_by_a_second_a_second() -> None:
    call = tell(made(2).trace)
    lines = [line for slack in call["slack"] for line in slack["lines"]]
    assert lines
    for line in lines:
        assert line["from"] - line["to"] == pytest.approx(line["end"] - line["start"], abs=1e-5)


def test_gaps_within_words_are_told() -> None:
    events = [*made(0).trace, Underrun("u1", "u1.1", 160, 1.0)]
    assert tell(events)["underruns"] == [{"at": 1.0, "segment": "u1.1", "gap": 160}]


def test_a_trace_without_events_is_an_empty_call() -> None:
    call = tell([])
    assert (call["ended"], call["length"], call["ttfa"], call["segments"]) == ("unfinished", 0.0, None, [])
