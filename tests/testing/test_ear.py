"""The judge of silence, judged: on sounds and traces made by hand, and against a playout that lies."""

from __future__ import annotations

import numpy as np
import pytest
from toy import drive, make_plan

from ivr.simulator.driver import Answer
from ivr.testing.ear import dead_air
from ivr.testing.heard import Heard
from ivr.trace.events import (
    BargedIn,
    CallEnded,
    CallStarted,
    FirstAudio,
    Listening,
    PromptSaid,
    TransferEnded,
    TransferStarted,
    TurnStarted,
)
from ivr.trace.sound import SeamJoined, SegmentEnded, SegmentStarted, Strategy, UtteranceStarted

START = [CallStarted("c", "MZ1", "", 0.0), TurnStarted("answer", 0.0)]


def heard(*pieces: tuple[float, float]) -> Heard:
    """Sound from each first to each second."""
    made = Heard()
    for start, stop in pieces:
        wave = 0.1 * np.sin(np.arange(round((stop - start) * 8000)) / 3)
        made.append(start, wave.astype(np.float32))
    return made


def said(*pauses: float, at: float = 0.0) -> PromptSaid:
    return PromptSaid("u1", "p", 1, pauses, at)


def words(text: str) -> SegmentStarted:
    return SegmentStarted("u1", "u1.1", Strategy.STREAM, text, False, 0, 0.0, 0.0)


def clip(*quiet: float, strategy: Strategy = Strategy.CLIP) -> SegmentStarted:
    """``quiet``: at its head, inside, at its tail."""
    return SegmentStarted("u1", "u1.1", strategy, "", False, 0, 0.0, 0.0, quiet)


def found(sound: Heard, *events, path: float = 0.0, opening: float = 0.0) -> list[tuple[float, float]]:
    dead = dead_air(sound, [*START, *events], path=path, opening=opening)
    return [(round(silence.start, 2), round(silence.stop, 2)) for silence in dead]


def test_words_without_a_pause_are_no_dead_air():
    assert found(heard((0.0, 3.0)), Listening(5.0, 3.0), CallEnded("x", 9.0)) == []


def test_the_first_words_may_be_200_ms_late():
    assert found(heard((0.2, 3.0)), Listening(5.0, 3.0)) == []
    assert found(heard((0.3, 3.0)), Listening(5.0, 3.0)) == [(0.0, 0.3)]


def test_the_wait_of_an_opening_is_no_dead_air_however_late_the_stream_began():
    for began in (0.0, 0.3):
        start = [CallStarted("c", "MZ1", "", began), TurnStarted("answer", began)]
        for first, silences in ((0.4, 0), (0.45, 1)):
            events = [*start, Listening(5.0, 3.0 + began)]
            assert len(dead_air(heard((began + first, 3.5)), events, opening=0.2)) == silences
    later = heard((0.1, 3.0), (3.8, 5.0))
    assert found(later, Listening(5.0, 3.0), TurnStarted("digit", 3.5), Listening(5.0, 5.0), opening=0.2) == [
        (3.5, 3.8)
    ]


def test_the_way_to_the_caller_is_not_lateness():
    assert found(heard((0.3, 3.0)), Listening(5.0, 3.1), path=0.1) == []
    assert found(heard((0.4, 3.0)), Listening(5.0, 3.1), path=0.1) == [(0.1, 0.4)]


def test_a_silence_between_words_is_dead_air():
    assert found(heard((0.0, 1.0), (1.5, 3.0)), said(), Listening(5.0, 3.0)) == [(1.0, 1.5)]


def test_a_silence_that_was_planned_is_not():
    assert found(heard((0.0, 1.0), (1.5, 3.0)), said(0.3), Listening(5.0, 3.0)) == []


def test_a_pause_explains_no_silence_much_longer_than_it():
    assert found(heard((0.0, 1.0), (1.6, 3.0)), said(0.3), Listening(5.0, 3.0)) == [(1.0, 1.6)]


def test_a_pause_explains_one_silence_only():
    sound = heard((0.0, 1.0), (1.4, 2.0), (2.4, 3.0))
    assert found(sound, said(0.3), Listening(5.0, 3.0)) == [(2.0, 2.4)]
    assert found(sound, said(0.3, 0.3), Listening(5.0, 3.0)) == []


def test_pauses_explain_in_their_order():
    sound = heard((0.0, 1.0), (1.3, 2.0), (3.0, 4.0))
    assert found(sound, said(0.12, 0.9), Listening(5.0, 4.0)) == []
    assert found(sound, said(0.9, 0.12), Listening(5.0, 4.0)) == [(2.0, 3.0)]


def test_a_pause_explains_nothing_before_the_first_word_or_after_the_last():
    assert found(heard((0.4, 3.0)), said(0.3), Listening(5.0, 3.0)) == [(0.0, 0.4)]
    assert found(heard((0.0, 3.0)), said(0.3), Listening(5.0, 3.4)) == [(3.0, 3.4)]


def test_punctuation_within_words_is_planned_and_at_their_end_is_not():
    sound = heard((0.0, 1.0), (1.4, 3.0))
    assert found(sound, words("One. Two"), Listening(5.0, 3.0)) == []
    assert found(sound, words("One, two"), Listening(5.0, 3.0)) == [(1.0, 1.4)]
    assert found(sound, words("One two."), Listening(5.0, 3.0)) == [(1.0, 1.4)]


def test_quiet_inside_a_clip_leaves_the_pauses_between_clips_to_these():
    sound = heard((0.0, 1.0), (1.22, 2.0), (2.45, 3.0))
    events = said(0.3), clip(0.0, 0.22, 0.0)
    assert found(sound, *events, Listening(5.0, 3.0)) == []
    assert found(sound, said(0.3), clip(), Listening(5.0, 3.0)) == [(2.0, 2.45)]


def test_quiet_inside_a_clip_explains_one_silence_and_that_only_where_it_is_as_long():
    assert found(heard((0.0, 1.0), (1.45, 3.0)), clip(0.0, 0.45, 0.0), Listening(5.0, 3.0)) == []
    for sound in (heard((0.0, 1.0), (1.6, 3.0)), heard((0.0, 1.0), (1.3, 3.0))):
        assert found(sound, clip(0.0, 0.45, 0.0), Listening(5.0, 3.0))
    twice = heard((0.0, 1.0), (1.45, 2.0), (2.45, 3.0))
    assert found(twice, clip(0.0, 0.45, 0.0), Listening(5.0, 3.0)) == [(2.0, 2.45)]


def test_the_hold_loop_has_its_quiet_again_and_again():
    sound = heard((0.0, 1.0), (1.45, 2.0), (2.45, 3.0))
    assert found(sound, clip(0.0, 0.45, 0.0, strategy=Strategy.HOLD), Listening(5.0, 3.0)) == []
    assert found(sound, clip(0.2, 0.25, strategy=Strategy.HOLD), Listening(5.0, 3.0)) == []


def test_a_caller_may_end_quiet_inside_a_clip():
    cut = BargedIn(8000, "x", False, 1.3)
    assert found(heard((0.0, 1.0)), clip(0.0, 0.45, 0.0), cut, TurnStarted("digit", 1.3)) == []
    assert found(heard((0.0, 1.0)), clip(0.0, 0.25, 0.0), cut, TurnStarted("digit", 1.3)) == [(1.0, 1.3)]


def test_long_quiet_at_the_edges_of_clips_is_added_to_the_pause_between_them():
    sound = heard((0.0, 1.0), (1.9, 3.0))
    assert found(sound, clip(0.0, 0.3), clip(0.2, 0.0), said(0.3), Listening(5.0, 3.0)) == []
    assert found(sound, clip(0.0, 0.3), clip(0.2, 0.0), Listening(5.0, 3.0)) == [(1.0, 1.9)]
    assert found(heard((0.4, 1.0), (1.5, 3.0)), clip(0.4, 0.0), Listening(5.0, 3.0)) == [(1.0, 1.5)]


def test_a_clip_with_quiet_at_its_head_or_tail_may_begin_or_end_a_turn():
    assert found(heard((0.4, 2.6)), clip(0.4, 0.4), Listening(5.0, 3.0)) == []
    assert found(heard((0.7, 2.3)), clip(0.4, 0.4), Listening(5.0, 3.0)) == [(0.0, 0.7), (2.3, 3.0)]


def test_while_the_dialog_listens_the_caller_expects_nothing():
    sound = heard((0.0, 1.0), (6.0, 7.0))
    events = [Listening(5.0, 1.0), TurnStarted("no-input", 6.0), Listening(5.0, 7.0), CallEnded("x", 12.0)]
    assert found(sound, *events) == []


def test_after_a_digit_the_caller_expects_words():
    sound = heard((0.0, 1.0), (6.5, 7.0))
    events = [Listening(5.0, 1.0), TurnStarted("digit", 6.0), Listening(5.0, 7.0)]
    assert found(sound, *events) == [(6.0, 6.5)]


def test_a_caller_who_is_elsewhere_hears_others_and_expects_words_again_once_back():
    away = (
        TransferStarted("200", "extension", 30.0, False, 2.1),
        TransferEnded("busy", 9.0),
        TurnStarted("return", 9.0),
    )
    assert found(heard((0.0, 2.0), (9.1, 10.0)), *away, CallEnded("x", 10.0)) == []
    assert found(heard((0.0, 1.0), (9.5, 10.0)), *away, CallEnded("x", 10.0)) == [(1.0, 2.1), (9.0, 9.5)]


def test_a_value_in_between_begins_no_new_turn():
    sound = heard((0.0, 1.0), (1.3, 2.0))
    assert found(sound, TurnStarted("value", 1.15), Listening(5.0, 2.0)) == [(1.0, 1.3)]


def test_nothing_at_all_is_dead_air():
    assert found(heard(), CallEnded("x", 4.0)) == [(0.0, 4.0)]


def test_a_barge_in_makes_planned_pauses_void_and_may_cut_one():
    cut = BargedIn(8000, "x", False, 1.3)
    # The caller interrupts 300 ms into a pause; what follows may not use it once more.
    sound = heard((0.0, 1.0), (1.3, 2.0), (2.4, 3.0))
    assert found(sound, said(0.3, 0.3), cut, TurnStarted("digit", 1.3), Listening(5.0, 3.0)) == [(2.0, 2.4)]


def away(start: float, stop: float, outcome: str = "busy") -> list[TransferStarted | TransferEnded]:
    return [TransferStarted("200", "extension", 20.0, False, start), TransferEnded(outcome, stop)]


def back(at: float) -> TurnStarted:
    return TurnStarted("return", at)


def test_while_the_call_is_transferred_the_other_party_is_heard():
    sound = heard((0.0, 1.0), (13.0, 14.0))
    assert found(sound, *away(1.0, 13.0), back(13.0), CallEnded("x", 14.0)) == []
    assert found(sound, *away(1.0, 14.0, "hung_up"), CallEnded("x", 14.0)) == []


def test_words_before_a_transfer_end_with_it_and_words_behind_it_come_at_once():
    assert found(heard((0.0, 0.7), (13.0, 14.0)), *away(1.0, 13.0), back(13.0), Listening(5.0, 14.0)) == [(0.7, 1.0)]
    assert found(heard((0.0, 1.0), (13.3, 14.0)), *away(1.0, 13.0), back(13.0), Listening(5.0, 14.0)) == [(13.0, 13.3)]
    assert found(heard((0.0, 1.0)), *away(1.0, 13.0), back(13.0), CallEnded("x", 15.0)) == [(13.0, 15.0)]


def test_behind_a_transfer_pauses_that_were_planned_before_it_explain_nothing():
    sound = heard((0.0, 1.0), (13.0, 14.0), (14.4, 15.0))
    assert found(sound, said(0.3), *away(1.0, 13.0), back(13.0), Listening(5.0, 15.0)) == [(14.0, 14.4)]
    assert found(sound, *away(1.0, 13.0), back(13.0), said(0.3, at=13.0), Listening(5.0, 15.0)) == []


def test_a_transfer_that_is_refused_moves_nobody():
    sound = heard((0.0, 1.0), (4.0, 5.0))
    assert found(sound, *away(1.0, 4.0, "refused"), back(4.0), CallEnded("x", 5.0)) == [(1.0, 4.0)]
    assert found(heard((0.0, 5.0)), *away(1.0, 1.0, "refused"), back(1.0), CallEnded("x", 5.0)) == []


def test_where_another_stream_brings_the_call_back_words_are_expected_from_it_on():
    """What the dialog says before it waits for it, with its pauses."""
    sound = heard((0.0, 1.0), (20.0, 21.0), (21.4, 22.0))
    before = [*away(1.0, 13.0), said(0.3, at=13.0)]
    again = [CallStarted("c", "MZ2", "", 20.0), back(20.0), Listening(5.0, 22.0)]
    assert found(sound, *before, *again) == []
    assert found(heard((0.0, 1.0), (20.5, 21.0), (21.4, 22.0)), *before, *again) == [(20.0, 20.5)]


@pytest.mark.parametrize("late", [True, False])
def test_the_judge_never_asks_playout(late):
    answers = {"bank.balance": Answer(12.5, 4.0 if late else 0.1)}
    run = drive(make_plan(covers=None), keys=[(2.5, "1"), (12.0, "9")], lookups=answers)
    flags = (SeamJoined, FirstAudio, SegmentEnded, UtteranceStarted)
    bare = [event for event in run.trace if not isinstance(event, flags)]
    bare = [event for event in bare if getattr(event, "strategy", None) not in {Strategy.FILLER, Strategy.HOLD}]
    assert dead_air(run.heard, bare) == run.dead_air()
    assert bool(run.dead_air()) == late
