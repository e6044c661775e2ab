"""The far side's clock: 8000 samples are a second, so every time here can be reckoned by hand."""

from __future__ import annotations

import pytest

from ivr.playout.far_clock import COARSE, DEFAULT_PATH, STOOD, FarClock


def clock(path: float = DEFAULT_PATH) -> FarClock:
    """One that has learned that one way takes ``path``, with nothing sent yet."""
    made = FarClock(8000)
    made.learn_path(2 * path)
    return made


def second(path: float = 0.1) -> FarClock:
    """A second of audio left at 1.0."""
    made = clock(path)
    made.send(0, 8000, 1.0)
    return made


def test_audio_sounds_one_path_after_it_was_sent():
    made = FarClock(8000)
    assert made.send(0, 800, 1.0)
    assert [made.heard(at) for at in (1.0, 1.06, 1.11, 1.16, 9.0)] == [0, 0, 400, 800, 800]


def test_audio_sent_before_the_queue_is_empty_follows_without_a_break():
    made = clock()
    assert made.send(0, 800, 0.0)
    assert not made.send(800, 800, 0.09)
    assert made.when(1600) == pytest.approx(0.26)
    assert made.heard(0.21) == 1200


def test_audio_sent_after_the_queue_was_empty_begins_anew():
    made = clock()
    made.send(0, 800, 0.0)
    assert made.send(800, 800, 1.0)
    assert made.heard(0.9) == 800
    assert made.heard(1.06 + 0.05) == 1200
    assert made.when(1600) == pytest.approx(1.16)


@pytest.mark.parametrize(("now", "idle"), [(0.0, False), (0.09, False), (0.1001, True), (5.0, True)])
def test_the_far_side_is_idle_when_all_that_was_sent_has_been_played(now, idle):
    made = clock()
    assert made.idle(0, now)
    made.send(0, 800, 0.0)
    assert made.idle(800, now) is idle


def test_a_message_must_leave_one_path_before_the_queue_is_dry():
    made = clock(0.1)
    assert made.runs_dry_at(0) is None
    made.send(0, 8000, 1.0)
    assert made.runs_dry_at(8000) == pytest.approx(2.0)
    made.hold(1.5)
    assert made.runs_dry_at(8000) is None


def test_the_shortest_round_trip_counts():
    made = clock(0.1)
    made.learn_path(0.4)
    assert made.path == pytest.approx(0.1)
    made.learn_path(0.1)
    assert made.path == pytest.approx(0.05)


def test_what_is_queued_moves_with_the_path():
    made = second(0.1)
    made.learn_path(0.1)
    assert made.when(0) == pytest.approx(1.05)


def test_an_echo_before_its_time_pulls_the_estimate_at_once():
    made = second()
    assert made.when(8000) == pytest.approx(2.1)
    made.echoed(8000, 2.16)  # played at 2.06, 40 ms before it was expected
    assert made.when(8000) == pytest.approx(2.06)
    assert made.when(0) == pytest.approx(1.06)


def test_an_echo_after_its_time_moves_the_estimate_by_half():
    made = second()
    made.echoed(8000, 2.30)  # played at 2.20 at the latest
    assert made.when(8000) == pytest.approx(2.15)


def test_an_echo_that_no_network_delays_for_so_long_counts_whole():
    made = second()
    made.echoed(8000, 2.2 + STOOD + 0.1)
    assert made.when(8000) == pytest.approx(2.1 + STOOD + 0.1)


def test_an_echo_for_what_was_cut_moves_nothing():
    made = second()
    made.cut(4000)
    made.echoed(8000, 9.0)
    assert made.when(8000) is None
    assert made.when(4000) == pytest.approx(1.6)


def test_while_it_is_held_nothing_more_is_heard_and_all_sounds_later():
    made = second()
    made.hold(1.5)
    assert made.held
    assert [made.heard(at) for at in (1.6, 3.0, 9.0)] == [4000, 4000, 4000]
    assert made.go_on(3.5) == pytest.approx(2.0)
    assert not made.held
    assert made.when(8000) == pytest.approx(4.1)
    assert made.go_on(4.0) == 0.0


def test_an_echo_under_a_hold_says_that_it_was_played_before():
    made = second()
    made.hold(1.3)  # there at 1.4
    made.echoed(3200, 5.0)  # expected at 1.5: it sounds 100 ms earlier than that
    assert made.when(3200) == pytest.approx(1.4)


def test_a_cut_ends_the_hold():
    made = second()
    made.hold(1.5)
    made.cut(4000)
    assert not made.held
    assert made.heard(9.0) == 4000


@pytest.mark.parametrize(
    ("at", "waiting", "ends_at"),
    [
        (2.2, True, 2.6),  # half a second still waits there
        (1.7 + COARSE / 2, True, 2.1),  # marks know it better
        (1.2, True, 1.6),  # it is ahead
    ],
)
def test_a_report_that_differs_much_is_the_truth(at, waiting, ends_at):
    made = second()
    made.reported(4000, at, waiting=waiting)
    assert made.when(8000) == pytest.approx(ends_at)


def test_an_empty_queue_may_have_been_empty_for_long():
    made = second()
    made.reported(8000, 9.0, waiting=False)
    assert made.when(8000) == pytest.approx(2.1)
