"""Where sound stands in time: gaps by timestamps, gaps by arrival, late sound."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ivr.listening.timeline import LATE, Timeline

RATE, FRAME = 8000, 160


def run(pieces, *, clocked, now=0.0):
    """Place (timestamp in ms, arrival) frames of 20 ms; the silence before each, and the timeline."""
    timeline = Timeline(RATE, now, clocked=clocked)
    return [timeline.place(FRAME, timestamp, at) for timestamp, at in pieces], timeline


def test_sound_without_a_gap():
    gaps, timeline = run([(20 * n, 0.02 * n + 0.02) for n in range(100)], clocked=True)
    assert set(gaps) == {0}
    assert timeline.position == 100 * FRAME


def test_a_gap_in_the_timestamps_is_silence_whenever_it_comes():
    gaps, timeline = run([(0, 0.02), (20, 0.04), (100, 0.12), (120, 0.14)], clocked=True)
    assert gaps == [0, 0, 3 * FRAME, 0]
    assert timeline.clock(0.08) == 0.08


def test_sound_that_is_late_is_no_gap_where_the_timestamps_go_on():
    gaps, _ = run([(0, 0.02), (20, 1.04), (40, 1.04), (60, 1.08)], clocked=True)
    assert gaps == [0, 0, 0, 0]


def test_without_a_clock_the_time_of_arrival_tells():
    gaps, timeline = run([(0, 0.02), (20, 0.04), (40, 2.04), (60, 2.06)], clocked=False)
    assert gaps == [0, 0, round(1.98 * RATE), 0]
    assert timeline.clock(timeline.position / RATE) == 2.06


def test_a_network_that_holds_sound_back_for_a_moment_makes_no_gap():
    gaps, _ = run([(0, 0.02), (20, 0.04 + LATE - 0.03), (40, 0.04 + LATE - 0.03)], clocked=False)
    assert gaps == [0, 0, 0]


def test_the_first_sound_long_after_the_beginning():
    for clocked in (True, False):
        gaps, _ = run([(9000, 5.02)], clocked=clocked)
        assert gaps == [5 * RATE]


def test_while_nothing_comes_silence_is_taken_for_it_and_what_comes_then_stands_behind():
    timeline = Timeline(RATE, 0.0, clocked=False)
    timeline.place(FRAME, 0, 0.02)
    assert timeline.idle(0.1) == 0
    assert timeline.idle(1.0) == round((1.0 - LATE) * RATE) - FRAME
    assert timeline.place(FRAME, 20, 1.1) == round((1.08 - (1.0 - LATE)) * RATE)
    assert timeline.position == round(1.1 * RATE)


def test_what_was_held_back_and_comes_after_all_stands_behind_the_silence():
    timeline = Timeline(RATE, 0.0, clocked=True)
    timeline.place(FRAME, 0, 0.02)
    silent = timeline.idle(1.0)
    before = timeline.position
    assert silent and timeline.place(FRAME, 20, 1.01) == 0
    assert timeline.place(FRAME, 40, 1.01) == 0
    assert timeline.position == before + 2 * FRAME


def test_no_gap_ends_in_the_future():
    gaps, timeline = run([(0, 0.02), (10**12, 0.04), (10**12 + 20, 0.06)], clocked=True)
    assert gaps[1] <= (LATE + 0.02) * RATE and gaps[2] == 0
    assert timeline.position < RATE


@given(
    steps=st.lists(st.tuples(st.integers(-5000, 5000), st.floats(0.0, 3.0), st.booleans()), min_size=1, max_size=40),
    clocked=st.booleans(),
)
def test_positions_never_go_backwards_nor_far_into_the_future(steps, clocked):
    timeline, now, timestamp = Timeline(RATE, 0.0, clocked=clocked), 0.0, 0
    placed = 0
    for moved, waited, idle in steps:
        now, timestamp, before = now + waited, timestamp + moved, timeline.position
        if idle:
            assert timeline.idle(now) == timeline.position - before
        else:
            placed += FRAME
            gap = timeline.place(FRAME, timestamp, now)
            assert gap >= 0 and timeline.position == before + gap + FRAME
        assert timeline.position >= before
        assert timeline.position <= (now + LATE) * RATE + placed + len(steps) * (LATE + 0.02) * RATE
