from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.trace.events import BargedIn, CallEnded, CallStarted, FirstAudio, StateEntered, TraceEvent, TurnStarted
from ivr.trace.jsonl import unmasked
from ivr.trace.report import CUT_OFF, as_dict, percentiles, summary, turns
from ivr.trace.sound import Abandoned, Outcome, SeamJoined, SegmentStarted, Strategy, UtteranceHeard


def begun(segment: str, text: str, at: float, strategy: Strategy = Strategy.CLIP, private: bool = False) -> TraceEvent:
    return SegmentStarted(segment.split(".")[0], segment, strategy, text, private, 0, at, at)


def heard(utterance: str, at: float) -> TraceEvent:
    return UtteranceHeard(utterance, 1, Outcome.PLAYED, at)


def seam(
    at: float, strategy: Strategy, gap: int = 0, step: float | None = 0.0, slack: float | None = None
) -> TraceEvent:
    return SeamJoined("u", "a", "b", strategy, gap, step, 0.5, slack, at)


def test_a_turn_goes_from_its_trigger_to_the_next() -> None:
    first, second = turns(
        [
            CallStarted("c", "s", "", 0.0),
            TurnStarted("answer", 0.0),
            StateEntered("welcome", 0.0),
            StateEntered("menu", 0.0),
            begun("u1.1", "Hello.", 0.0),
            FirstAudio("answer", "clip", 0.02, 0.0),
            seam(1.0, Strategy.CLIP),
            heard("u1", 2.0),
            TurnStarted("digit", 3.0),
            StateEntered("balance", 3.0),
            begun("u2.1", "One moment.", 3.0, Strategy.FILLER),
            FirstAudio("digit", "filler", 0.7, 3.7),
            heard("u2", 5.0),
            CallEnded("done", 5.0),
        ]
    )
    assert (first.trigger, first.at, first.ttfa, first.strategy) == ("answer", 0.0, 0.02, "clip")
    assert first.states == ("welcome", "menu")
    assert first.heard == "Hello."
    assert [s.strategy for s in first.seams] == [Strategy.CLIP]
    assert first.covers == ()
    assert (second.trigger, second.ttfa, second.strategy, second.covers) == ("digit", 0.7, "filler", (Strategy.FILLER,))


def test_an_interrupted_utterance_counts_as_far_as_it_was_heard() -> None:
    events = [
        TurnStarted("answer", 0.0),
        begun("u1.1", "Thank you for calling.", 0.0),
        begun("u2.1", "Press one for your balance.", 1.0),
        heard("u1", 1.2),
        begun("u3.1", "Never heard at all.", 1.9),
        BargedIn(9000, "Press one for", False, 2.0),
        TurnStarted("digit", 2.0),
        Abandoned("u2", "u2.1", "the caller interrupted", 2.0),
        heard("u2", 2.1),
        begun("u4.1", "Your balance.", 2.0),
        heard("u4", 3.0),
    ]
    first, second = turns(events)
    assert first.heard == "Thank you for calling. Press one for"
    assert second.heard == "Your balance."


def test_private_words_stand_as_the_mask_made_them() -> None:
    events = [
        TurnStarted("digit", 0.0),
        begun("u1.1", "You have", 0.0),
        begun("u1.2", "12.50 euros.", 1.0, private=True),
    ]
    events += [heard("u1", 2.0), TurnStarted("digit", 3.0), begun("u2.1", "Bye.", 3.0), heard("u2", 4.0)]
    masked, open_ = turns(events)
    assert (masked.heard, masked.private) == ("You have 00.00 xxxxx.", True)
    assert (open_.heard, open_.private) == ("Bye.", False)
    assert turns(events, unmasked)[0].heard == "You have 12.50 euros."
    assert turns([TurnStarted("answer", 0.0), BargedIn(1, "You have 12", True, 1.0)])[0].heard == "xxx xxxx 00"


def test_a_segment_begun_again_is_heard_once_and_one_given_up_is_not_passed_off_as_heard() -> None:
    again = [
        TurnStarted("digit", 0.0),
        begun("u1.1", "a b c", 0.0, Strategy.STREAM, private=True),
        begun("u1.1", "One moment.", 1.0, Strategy.FILLER),
        begun("u1.1", "a b c", 2.0, Strategy.STREAM, private=True),
    ]
    assert turns([*again, heard("u1", 3.0)], unmasked)[0].heard == "One moment. a b c"
    failed = [
        *again[:3],
        begun("u1.1", "I am sorry.", 2.0, Strategy.FALLBACK),
        Abandoned("u1", "u1.1", "it failed", 2.0),
        heard("u1", 3.0),
    ]
    (turn,) = turns(failed, unmasked)
    assert (turn.heard, turn.private) == (f"{CUT_OFF} One moment. I am sorry.", False)
    assert turn.covers == (Strategy.FILLER, Strategy.FALLBACK)


def test_words_belong_to_the_turn_in_which_they_began_and_seams_to_the_one_in_which_they_sounded() -> None:
    first, second = turns(
        [
            TurnStarted("answer", 0.0),
            begun("u1.1", "Hello.", 0.5),
            TurnStarted("digit", 2.0),
            heard("u1", 2.1),
            seam(1.5, Strategy.STREAM),  # told only once what follows it was known
            seam(2.0, Strategy.CLIP),
        ]
    )
    assert (first.heard, second.heard) == ("Hello.", "")
    assert [s.strategy for s in first.seams] == [Strategy.STREAM]
    assert [s.strategy for s in second.seams] == [Strategy.CLIP]


def test_a_trace_that_ends_early_or_moves_to_another_stream_claims_nothing() -> None:
    assert turns([]) == ()
    assert turns([CallStarted("c", "s", "", 0.0), begun("u1.1", "Hello.", 0.0), StateEntered("a", 0.0)]) == ()
    (turn,) = turns([TurnStarted("answer", 0.0), begun("u1.1", "Hello.", 0.0)])
    assert (turn.ttfa, turn.strategy, turn.heard) == (None, None, "")
    moved = [TurnStarted("answer", 0.0), begun("u1.1", "Hello.", 0.0), CallStarted("c", "t", "", 1.0)]
    moved += [begun("u1.2", "Again.", 1.0), heard("u1", 2.0)]
    assert turns(moved)[0].heard == "Again."


def test_planned_silence_is_no_words_and_no_cover() -> None:
    (turn,) = turns([TurnStarted("answer", 0.0), begun("u1.1", "", 0.0, Strategy.SILENCE), heard("u1", 1.0)])
    assert (turn.heard, turn.covers) == ("", ())


def test_percentiles_are_the_nearest_rank() -> None:
    hundred = [float(n) for n in range(1, 101)]
    assert percentiles(reversed(hundred)) == {50: 50.0, 95: 95.0, 99: 99.0}
    assert percentiles(range(1, 21), (95, 100)) == {95: 19, 100: 20}
    assert percentiles([7.0]) == {50: 7.0, 95: 7.0, 99: 7.0}
    assert percentiles([3.0, 1.0], (50,)) == {50: 1.0}
    assert percentiles([]) == {}
    with pytest.raises(ValueError, match="between 1 and 100"):
        percentiles([1.0], (0,))


@given(st.lists(st.integers(-50, 50), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_least_value_that_enough_others_do_not_exceed(values: list[int], percent: int) -> None:
    found = percentiles(values, (percent,))[percent]
    needed = math.ceil(percent * len(values) / 100 - 1e-9)
    assert sum(value <= found for value in values) >= needed
    assert sum(value < found for value in values) < needed


def test_the_summary_takes_the_worst_with_its_sign_and_counts_by_strategy() -> None:
    events = [
        TurnStarted("answer", 0.0),
        FirstAudio("answer", "clip", 0.01, 0.0),
        seam(0.5, Strategy.STREAM, gap=0, step=-2.5, slack=0.4),
        seam(0.6, Strategy.STREAM, gap=80, step=None, slack=0.1),
        begun("u1.1", "Hm.", 0.7, Strategy.FILLER),
        begun("u1.1", "", 0.8, Strategy.HOLD),
        begun("u1.1", "", 0.9, Strategy.HOLD),
        TurnStarted("digit", 1.0),
        FirstAudio("digit", "cached", 0.03, 1.0),
        seam(1.5, Strategy.CLIP, step=1.0),
        TurnStarted("digit", 2.0),
    ]
    total = summary(turns(events))
    assert total.turns == 3
    assert total.ttfa == {50: 0.01, 95: 0.03, 99: 0.03}
    assert total.ttfa_by_strategy == {"clip": {50: 0.01, 95: 0.01, 99: 0.01}, "cached": {50: 0.03, 95: 0.03, 99: 0.03}}
    assert (total.worst_gap, total.worst_level_step, total.worst_jump) == (80, -2.5, 0.5)
    assert total.covers == {"filler": 1, "hold": 2, "still": 0, "fallback": 0}
    stream = total.seams["stream"]
    assert (stream.count, stream.gap[50], stream.gap[99], stream.level_step[50], stream.least_slack) == (
        2,
        0,
        80,
        2.5,
        0.1,
    )
    assert total.seams["clip"].least_slack is None
    assert set(total.seams) == {"stream", "clip"}


def test_a_summary_of_nothing_is_empty_and_says_so() -> None:
    total = summary(())
    assert (total.turns, total.ttfa, total.seams) == (0, {}, {})
    assert (total.worst_gap, total.worst_level_step, total.worst_jump) == (None, None, None)


def test_the_report_is_json() -> None:
    events = [TurnStarted("answer", 0.0), FirstAudio("answer", "clip", 0.0123456789, 0.0), seam(0.5, Strategy.STREAM)]
    found = json.loads(json.dumps(as_dict(turns(events))))
    (turn,) = found["turns"]
    assert turn["ttfa"] == 0.012346
    assert turn["seams"] == [{"strategy": "stream", "slack": None, "gap": 0, "level_step": 0.0, "jump": 0.5}]
    assert found["summary"]["ttfa"] == {"p50": 0.012346, "p95": 0.012346, "p99": 0.012346}
    assert found["summary"]["covers"] == {"filler": 0, "hold": 0, "still": 0, "fallback": 0}
