from itertools import pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.media.format import L16_8K, MULAW_8K
from ivr.playout.filling import Filling


def test_where_it_is_off_there_is_none():
    filling = Filling(MULAW_8K, False)
    assert filling.due(0.0, 1.0) is None
    assert not filling.on


@pytest.mark.parametrize("format", [MULAW_8K, L16_8K])
def test_a_frame_is_20_ms_of_silence(format):
    span = Filling(format, True).due(-inf, 0.0)
    assert span.payload == format.silence(160)


def test_it_begins_where_the_words_end_and_goes_on_by_itself():
    filling = Filling(L16_8K, True)
    assert filling.due(1.0, 0.99) is None
    assert filling.after(1.0) == 1.0
    assert filling.due(1.0, 1.0) is not None
    assert filling.due(1.0, 1.01) is None
    assert filling.after(1.0) == pytest.approx(1.02)
    assert filling.after(5.0) == 5.0


def test_a_late_wake_shifts_nothing_and_a_very_late_one_begins_anew():
    filling = Filling(L16_8K, True)
    filling.due(-inf, 0.0)
    filling.due(-inf, 0.035)
    assert filling.until == pytest.approx(0.04)
    filling.due(-inf, 1.0)
    assert filling.until == pytest.approx(1.02)


def test_what_is_cut_is_not_waited_for():
    filling = Filling(L16_8K, True)
    filling.due(-inf, 0.0)
    filling.cut(0.005)
    assert filling.until == 0.005
    filling.cut(1.0)
    assert filling.until == 0.005


@given(st.lists(st.floats(0.0, 0.015), min_size=20, max_size=200))
def test_woken_when_it_asks_for_it_sends_fifty_a_second_however_late_the_wakes(lateness):
    filling = Filling(L16_8K, True)
    sent = []
    for late in lateness:
        due = max(0.0, filling.after(-inf))
        assert filling.due(-inf, due + late) is not None
        sent.append(due)
    assert all(b - a == pytest.approx(0.02) for a, b in pairwise(sent[1:]))
