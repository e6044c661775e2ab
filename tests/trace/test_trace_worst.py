from __future__ import annotations

from dataclasses import replace

import pytest
from recorded import made
from toy import drive

from ivr.simulator.driver import Answer
from ivr.trace.doors import StreamCame
from ivr.trace.events import CallEnded, CallStarted, TraceEvent
from ivr.trace.rate import rate
from ivr.trace.sound import SeamJoined, SegmentStarted, Strategy, Underrun
from ivr.trace.worst import call_figures

HEADER = {"trace": "ivr", "version": 1, "call": "c1"}


def test_the_figures_of_a_call() -> None:
    run = drive(keys=[(2.5, "1"), (9.5, "9")], lookups={"bank.balance": Answer(12.5, 0.0)})
    found = call_figures(HEADER, run.trace)
    assert (found.call, found.keys, found.ended) == ("c1", "19", run.ended)
    assert found.states[:2] == ("welcome", "menu") and found.states.count("menu") == 1
    assert (found.gaps, found.dead_air, found.covers, found.audible) == ((), 0, {}, 0)
    assert found.ttfa == max(turn.ttfa for turn in found.turns if turn.ttfa is not None)
    assert found.seams == len(run.of(SeamJoined)) > 0


def test_a_call_that_stops_is_unfinished() -> None:
    assert call_figures({}, drive(keys=[(2.5, "9")]).trace[:-1]).ended == "unfinished"
    empty = call_figures({}, [])
    assert (empty.ended, empty.length, empty.ttfa, empty.dead_air, empty.badness) == (
        "unfinished",
        0,
        None,
        0,
        (0, 0, 0),
    )


def test_gaps_at_seams_and_within_words_are_dead_air_by_the_rate_of_the_call() -> None:
    events: list[TraceEvent] = [
        SegmentStarted("u1", "u1.1", Strategy.CLIP, "a", False, 0, 0.0, 0.0),
        SegmentStarted("u1", "u1.2", Strategy.STREAM, "b", False, 32000, 2.05, 2.0),
        SeamJoined("u1", "u1.1", "u1.2", Strategy.STREAM, 8000, None, 0.0, None, 2.0),
        SeamJoined("u1", "u1.2", "u1.3", Strategy.CLIP, 0, None, 0.0, None, 2.5),
        Underrun("u1", "u1.2", 1600, 2.6),
        CallEnded("", 3.0),
    ]
    found = call_figures(HEADER, events)
    assert found.gaps == (0.5, 0.1) and found.dead_air == pytest.approx(0.6)


def test_dead_air_is_worse_than_lateness_and_lateness_than_covers() -> None:
    good, bad = call_figures(HEADER, made(0).trace), call_figures(HEADER, made(3).trace)
    covered = call_figures(HEADER, made(2).trace)
    assert bad.dead_air > 0 and covered.covers and not covered.dead_air
    late = replace(good, ttfa=(covered.ttfa or 0.0) + 1)
    assert sorted([good, covered, late, bad], key=lambda call: call.badness) == [good, covered, late, bad]


PAUSED: list[TraceEvent] = [
    SegmentStarted("u1", "u1.1", Strategy.SILENCE, "", False, 0, 0.3, 0.0),
    SegmentStarted("u1", "u1.2", Strategy.CLIP, "", False, 2400, 0.313, 0.0),
]
"""As a prompt begins that was said behind another one."""


@pytest.mark.parametrize("wanted", [8000, 16000, 24000, 44100, 48000])
def test_the_rate_is_told_by_where_segments_stand_and_sound(wanted: int) -> None:
    events: list[TraceEvent] = [
        SegmentStarted("u1", f"u1.{n}", Strategy.CLIP, "", False, n * wanted, n + 0.03 * (n % 2), float(n))
        for n in range(4)
    ]
    assert rate(events) == wanted
    assert rate(events[:1]) == rate([]) == 8000
    assert rate(drive(keys=[(2.5, "1")]).trace) == 8000


def test_a_trace_tells_its_rate() -> None:
    made = drive(keys=[(2.5, "1")]).trace
    assert {event.rate for event in made if isinstance(event, CallStarted)} == {8000}
    assert rate([CallStarted("c", "1", "", 0.0, 24000), *PAUSED]) == 24000


@pytest.mark.parametrize(
    ("capabilities", "told"),
    [
        ('{"out_format": "slin/16000"}', 16000),
        ("{}", 8000),
        ("what", 8000),
        ("[]", 8000),
        ('{"out_format": "x"}', 8000),
    ],
)
def test_without_that_it_is_told_by_the_format_of_its_stream(capabilities: str, told: int) -> None:
    assert rate([StreamCame("MZ1", capabilities, "v", (), (), 0.0), *PAUSED]) == told


def test_silence_between_words_tells_no_rate_because_it_is_never_audible() -> None:
    assert rate(PAUSED) == 8000
