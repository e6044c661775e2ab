"""The ledger by its clock: 8000 samples are a second, so every time here can be reckoned by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.gateways.codec import MarkKind
from ivr.playout.far_clock import DEFAULT_PATH
from ivr.playout.ledger import JITTER, Ledger
from ivr.trace.sound import Outcome

ECHO, LOST = MarkKind.ECHO_ON_CLEAR, MarkKind.LOST_ON_CLEAR


def ledger(kind: MarkKind = ECHO) -> Ledger:
    return Ledger(8000, kind)


def measured(path: float, at: float = 0.0) -> Ledger:
    """A ledger that has learned that one way takes ``path``, with nothing sent yet."""
    made = ledger()
    name = made.place_mark(at - 2 * path)
    made.mark_reached(name, at)
    assert made.path == pytest.approx(path)
    return made


def test_the_first_mark_on_an_empty_queue_measures_the_path():
    made = ledger()
    assert made.path == DEFAULT_PATH
    name = made.place_mark(1.0)
    made.send(8000, 1.0)
    resolved = made.mark_reached(name, 1.2)
    assert resolved.outcome is Outcome.PLAYED
    assert made.path == pytest.approx(0.1)
    assert made.when(0) == pytest.approx(1.1)


def test_the_estimate_does_not_run_past_a_mark_that_is_out():
    made = measured(0.1)
    made.send(4000, 1.0)
    made.place_mark(1.0)
    made.send(8000, 1.0)
    most = 4000 + round((0.2 + JITTER) * 8000)
    assert made.heard(1.1 + 0.5) == 4000
    assert made.heard(2.5) == most
    assert made.heard(2.6) == most


def test_a_lost_mark_does_not_hold_the_estimate_behind_one_that_came_back():
    made = measured(0.1)
    made.send(4000, 1.0)
    made.place_mark(1.0)  # never comes
    made.send(8000, 1.0)
    second = made.place_mark(1.0)
    made.send(4000, 1.0)
    made.mark_reached(second, 2.7)
    assert made.heard(2.6) == 12000
    assert made.heard(3.1) == 16000


def test_a_clear_cuts_where_the_ear_is_when_it_arrives():
    made = measured(0.1)
    made.send(8000, 1.0)
    assert made.clear(1.5) == 4000  # at the far side at 1.6, half a second after the first sample
    assert made.heard(9.0) == 4000
    assert made.sent == 8000


@given(st.floats(0.0, 0.99), st.floats(0.0, 0.2))
def test_audio_after_a_clear_is_accounted_from_the_position_where_it_stands(at, path):
    made = measured(path, -1.0)
    made.send(8000, 0.0)
    cut = made.clear(at)
    made.send(8000, at)
    assert made.when(8000) == pytest.approx(at + path, abs=1 / 8000)
    assert made.heard(at + path + 0.5) == pytest.approx(12000, abs=1)
    assert cut <= 8000


def test_the_mark_behind_a_clear_measures_the_path_and_moves_nothing_else():
    for step in range(40):
        now = 1.0 + step * 0.00317
        made = measured(0.1)
        made.send(8000, 0.9)
        made.clear(now)
        sentinel = made.place_mark(now)
        made.send(8000, now + 0.15)
        made.mark_reached(sentinel, now + 0.2)
        assert made.when(8000) == pytest.approx(now + 0.25), now


def test_an_unknown_echo_is_nothing():
    assert ledger().mark_reached("9.9", 1.0) is None


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.integers(1, 8000)),
        st.tuples(st.just("mark"), st.just(0)),
        st.tuples(st.just("pass"), st.floats(0.0, 3.0)),
        st.tuples(st.just("echo"), st.integers(0, 3)),
        st.tuples(st.just("clear"), st.just(0)),
        st.tuples(st.just("timer"), st.just(0)),
    ),
    max_size=60,
)


@given(STEPS, st.sampled_from([ECHO, LOST]))
@settings(max_examples=300)
def test_laws_of_any_sequence(steps, kind):
    made = Ledger(8000, kind)
    now, placed, out, resolved = 0.0, [], [], []
    for step, value in steps:
        if step == "send":
            made.send(value, now)
        elif step == "mark":
            placed.append(made.place_mark(now))
            out.append(placed[-1])
        elif step == "pass":
            times = [now + value * part / 8 for part in range(9)]
            heard = [made.heard(time) for time in times]
            assert heard == sorted(heard)  # time alone never takes back what was heard
            now += value
        elif step == "echo" and value < len(out):
            name = out[value]
            del out[: value + 1]  # those before it are lost
            came = made.mark_reached(name, now)
            resolved += [came] if came else []
            assert made.mark_reached(name, now) is None
        elif step == "clear":
            before = made.heard(now)
            cut = made.clear(now)
            assert before <= cut <= made.sent
            assert made.heard(now + 100) == cut
        elif step == "timer":
            resolved += made.lost(now)
        assert 0 <= made.heard(now) <= made.sent
        assert made.heard(now + 1000) <= made.sent
    resolved += made.lost(now + 10_000)
    assert sorted(mark.name for mark in resolved) == sorted(placed)
    assert made.next_timer() is None
