from __future__ import annotations

import pytest

from ivr.trace.events import (
    BargedIn,
    CallEnded,
    CallStarted,
    DigitHeard,
    Listening,
    LookupEnded,
    LookupStarted,
    NoInput,
    SynthesisEnded,
    SynthesisFirstAudio,
    SynthesisStarted,
    TraceEvent,
)
from ivr.trace.sound import SeamJoined, SegmentEnded, SegmentStarted, Strategy
from ivr.trace.stretches import Work, stretches

RATE = 8000


def begun(segment: str, position: int, sounds_at: float, at: float, strategy: Strategy = Strategy.CLIP) -> TraceEvent:
    return SegmentStarted("u", segment, strategy, segment, False, position, sounds_at, at)


def spans(events: list[TraceEvent]) -> list[tuple[str, float, float]]:
    return [(bar.segment, bar.start, bar.stop) for bar in stretches(events, RATE).bars]


def test_a_segment_lasts_until_the_position_of_the_next() -> None:
    events = [begun("a", 0, 0.0, 0.0), begun("b", 8000, 1.0, 0.7), SegmentEnded("u", "b", Strategy.CLIP, 4000, 1.2)]
    assert spans([*events, CallEnded("done", 2.0)]) == [("a", 0.0, 1.0), ("b", 1.0, 1.5)]


def test_a_gap_between_segments_is_seen_although_no_seam_told_of_it() -> None:
    events = [begun("a", 0, 0.0, 0.0), begun("b", 8000, 1.5, 1.4), CallEnded("done", 2.0)]
    assert spans(events) == [("a", 0.0, 1.0), ("b", 1.5, 2.0)]


def test_quiet_at_the_head_of_a_segment_is_no_gap_but_a_gap_that_was_reported_is() -> None:
    events = [
        begun("a", 0, 0.0, 0.0),
        begun("b", 8000, 1.08, 0.7),
        SeamJoined("u", "a", "b", Strategy.CLIP, 0, 0.0, 0.0, None, 0.7),
    ]
    found = stretches([*events, CallEnded("done", 2.0)], RATE)
    assert [bar.start for bar in found.bars] == [0.0, 1.0]
    assert [joint.at for joint in found.joints] == [1.0]
    events[2] = SeamJoined("u", "a", "b", Strategy.CLIP, 640, 0.0, 0.0, None, 0.7)
    found = stretches([*events, CallEnded("done", 2.0)], RATE)
    assert [bar.start for bar in found.bars] == [0.0, 1.08]
    assert [joint.at for joint in found.joints] == [1.08]


def test_what_follows_an_interruption_begins_where_it_is_heard() -> None:
    events = [begun("a", 0, 0.0, 0.0), BargedIn(1, "", False, 0.5), begun("b", 6400, 0.55, 0.5), CallEnded("", 2.0)]
    assert spans(events) == [("a", 0.0, 0.5), ("b", 0.55, 2.0)]


def test_planned_silence_stands_between_what_is_before_and_behind_it() -> None:
    # Its own event tells when its first message is over, 100 ms late.
    events = [
        begun("a", 0, 0.0, 0.0),
        begun("pause", 8000, 1.1, 0.7, Strategy.SILENCE),
        begun("b", 10400, 1.3, 1.0),
        CallEnded("done", 2.0),
    ]
    assert spans(events) == [("a", 0.0, 1.0), ("pause", 1.0, pytest.approx(1.3)), ("b", 1.3, 2.0)]


def test_an_interruption_cuts_what_sounds_and_drops_what_was_still_queued() -> None:
    events = [
        begun("a", 0, 0.0, 0.0),
        begun("b", 8000, 1.0, 0.7),
        BargedIn(4000, "a", False, 0.8),
        begun("c", 8800, 0.8, 0.8),
        SegmentEnded("u", "c", Strategy.CLIP, 8000, 1.5),
        CallEnded("done", 3.0),
    ]
    assert spans(events) == [("a", 0.0, 0.8), ("c", 0.8, 1.8)]


def test_another_stream_counts_its_positions_from_zero_again() -> None:
    events = [CallStarted("c", "1", "", 0.0), begun("a", 0, 0.0, 0.0), begun("b", 8000, 1.0, 0.9)]
    events += [CallStarted("c", "2", "", 1.5), begun("d", 0, 1.6, 1.5), SegmentEnded("u", "d", Strategy.CLIP, 800, 1.6)]
    assert spans([*events, CallEnded("done", 3.0)]) == [
        ("a", 0.0, 1.0),
        ("b", 1.0, 1.5),
        ("d", 1.6, pytest.approx(1.7)),
    ]


def test_what_a_cut_trace_leaves_open_ends_with_it() -> None:
    events = [begun("a", 0, 0.0, 0.0), LookupStarted("l", "bank", 0.5), Listening(5.0, 1.0), NoInput(2.0)]
    events += [Listening(5.0, 2.5), DigitHeard("1", 2.5), Listening(5.0, 2.6), begun("b", 8000, 1.0, 3.0)]
    found = stretches(events, RATE)
    assert found.bars[-1].stop == 3.0
    assert found.work == (Work(0.5, 3.0, "lookup", "bank", False),)
    assert found.listening == ((1.0, 2.0), (2.5, 2.5), (2.6, 3.0))
    assert stretches([], RATE).bars == ()


def test_a_seam_stands_where_it_sounds_and_not_where_it_was_handed_over() -> None:
    seam = SeamJoined("u", "a", "b", Strategy.CLIP, 0, 0.1, 0.2, None, 0.7)
    events = [begun("a", 0, 0.0, 0.0), begun("b", 8000, 1.0, 0.7), seam]
    assert [joint.at for joint in stretches([*events, CallEnded("done", 2.0)], RATE).joints] == [1.0]
    unheard = stretches([*events, BargedIn(1, "", False, 0.9), CallEnded("done", 2.0)], RATE)
    assert unheard.joints == ()


def test_a_synthesis_that_is_tried_again_is_two_stretches() -> None:
    events = [
        SynthesisStarted("s", "words", True, 1, 1.0),
        SynthesisFirstAudio("s", 0.5, 1.2),
        SynthesisEnded("s", "failed", "broke", True, 1.5),
        SynthesisStarted("s", "words", True, 2, 1.7),
        SynthesisEnded("s", "done", "", False, 2.0),
        LookupStarted("l", "bank", 1.1),
        LookupEnded("l", "bank", "returned", "12", True, 1.6),
        LookupEnded("unknown", "x", "returned", "12", True, 1.6),
    ]
    assert stretches(events, RATE).work == (
        Work(1.0, 1.5, "synthesis", "words", True, 1, 1.2, "failed", "broke", True),
        Work(1.1, 1.6, "lookup", "bank", False, 1, None, "returned", "12", True),
        Work(1.7, 2.0, "synthesis", "words", True, 2, None, "done", "", False),
    )
