"""Marks that are out, come back or do not; 8000 samples are a second, and one way takes 100 ms."""

from __future__ import annotations

import pytest

from ivr.gateways.codec import MarkKind
from ivr.playout.far_clock import FarClock
from ivr.playout.marks import LATE, OVERDUE, STANDSTILL, Marks
from ivr.trace.sound import Outcome

ECHO, LOST, NONE = MarkKind.ECHO_ON_CLEAR, MarkKind.LOST_ON_CLEAR, MarkKind.NONE
PATH = 0.1


class Rig:
    """Marks and the clock that they set right, for so many seconds of audio that left at 1.0."""

    def __init__(self, kind: MarkKind = ECHO, seconds: float = 1.0) -> None:
        self.clock = FarClock(8000)
        self.clock.learn_path(2 * PATH)
        self.clock.send(0, round(8000 * seconds), 1.0)
        self.marks = Marks(kind, self.clock)

    def place(self, position: int, now: float = 1.0) -> str:
        return self.marks.place(position, now, idle=False)

    def lost(self, now: float) -> list[tuple[str, Outcome]]:
        return [(resolved.name, resolved.outcome) for resolved in self.marks.lost(now)]


def test_without_marks_there_are_none():
    rig = Rig(NONE)
    assert rig.place(8000) is None
    assert rig.marks.next_timer() is None


def test_a_mark_that_comes_back_is_resolved_once():
    rig = Rig()
    name = rig.place(8000)
    resolved = rig.marks.reached(name, 2.2)
    assert (resolved.name, resolved.outcome, resolved.at) == (name, Outcome.PLAYED, 2.2)
    assert rig.marks.reached(name, 2.3) is None
    assert (rig.marks.echoed, rig.marks.answers) == (8000, True)
    assert rig.marks.next_timer() is None


def test_an_unknown_echo_is_nothing():
    rig = Rig()
    assert rig.marks.reached("9.9", 1.0) is None
    assert not rig.marks.answers


def test_a_mark_in_an_empty_queue_measures_the_path():
    rig = Rig()
    rig.marks.reached(rig.marks.place(8000, 5.0, idle=True), 5.1)
    assert rig.clock.path == pytest.approx(0.05)


def test_but_not_where_the_sound_was_held_while_it_was_out():
    rig = Rig()
    name = rig.marks.place(8000, 5.0, idle=True)
    rig.clock.hold(5.0)
    rig.marks.hold()
    rig.marks.go_on(rig.clock.go_on(5.0), 5.0)
    rig.marks.reached(name, 5.1)
    assert rig.clock.path == pytest.approx(PATH)


def test_names_of_marks_are_never_used_twice():
    rig = Rig()
    names = []
    for step in range(20):
        names.append(rig.place(8000, step))
        if step % 3 == 0:
            rig.marks.clear(step)
    assert len(set(names)) == 20


def test_the_first_that_is_out_behind_all_that_came_back_is_waited_for():
    rig = Rig()
    assert rig.marks.waited_for() is None
    _, second, _ = (rig.place(position) for position in (2000, 4000, 8000))
    assert rig.marks.waited_for() == 2000
    rig.marks.reached(second, 1.7)  # so the first was lost
    assert rig.marks.waited_for() == 8000
    rig.marks.reported(8000, 2.3)
    assert rig.marks.waited_for() is None


def test_after_a_clear_an_echo_means_played_only_where_it_was_due():
    rig = Rig()
    early, late = rig.place(800), rig.place(8000)
    rig.marks.clear(1.5)
    assert rig.marks.reached(early, 1.6).outcome is Outcome.PLAYED
    assert rig.marks.reached(late, 1.6).outcome is Outcome.CLEARED
    assert rig.marks.reached(early, 1.7) is None
    assert rig.lost(99.0) == []


def test_marks_that_a_clear_loses_are_resolved_at_once():
    rig = Rig(LOST)
    name = rig.place(8000)
    rig.marks.clear(1.2)
    assert rig.lost(1.2) == [(name, Outcome.CLEARED)]
    assert rig.lost(99.0) == []


def test_cleared_marks_whose_echo_is_lost_are_given_up():
    rig = Rig()
    name = rig.place(8000)
    rig.marks.clear(1.2)
    assert rig.lost(1.2) == []
    assert rig.marks.next_timer() == pytest.approx(1.2 + OVERDUE)
    assert rig.lost(1.2 + OVERDUE) == [(name, Outcome.CLEARED)]
    assert rig.marks.next_timer() is None
    assert rig.marks.reached(name, 3.3) is None


def test_an_overdue_mark_is_estimated_once():
    rig = Rig()
    name = rig.place(8000)
    due = 2.1 + 2 * PATH + OVERDUE
    assert rig.lost(due - 0.001) == []
    assert rig.marks.next_timer() <= due
    assert rig.lost(due) == [(name, Outcome.ESTIMATED)]
    assert rig.marks.reached(name, due) is None
    assert rig.lost(99.0) == []


def test_several_that_are_out_are_waited_for_where_the_far_side_has_answered():
    rig = Rig()
    rig.marks.reached(rig.place(800), 1.3)
    out = [rig.place(4000), rig.place(8000)]
    assert rig.lost(1.3 + STANDSTILL - 0.001) == []
    assert [name for name, _ in rig.lost(1.3 + STANDSTILL)] == out
    assert not rig.marks.answers


def test_marks_are_late_once_a_second_and_again():
    rig = Rig()
    rig.place(8000)
    expected = 2.1 + 2 * PATH
    assert rig.marks.late(expected + LATE - 0.001) is None
    told = rig.marks.late(expected + LATE)
    assert (told.waiting, told.late) == (1, pytest.approx(LATE))
    assert rig.marks.late(expected + 1.5 * LATE) is None
    assert rig.marks.late(expected + 2 * LATE) is not None


def test_while_the_sound_is_held_none_is_late_and_none_given_up():
    rig = Rig()
    rig.place(8000)
    rig.clock.hold(1.5)
    rig.marks.hold()
    assert rig.marks.next_timer() is None
    assert rig.lost(99.0) == [] and rig.marks.late(99.0) is None
    rig.marks.go_on(rig.clock.go_on(99.0), 99.0)
    assert rig.marks.next_timer() == pytest.approx(2.1 + 97.5 + 2 * PATH + LATE)
