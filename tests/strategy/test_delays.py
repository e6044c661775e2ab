"""Vectors of delays: nothing is drawn, and what has nothing to do with each other is put in different orders."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.project.profiles.distributions import Constant, Histogram, LogNormal, Normal
from ivr.strategy.delays import CASES, Dice, mean, percentiles, table
from ivr.trace.report import percentiles as by_rank


@pytest.mark.parametrize(
    "known", [Constant(0.3), Normal(0.5, 0.1), LogNormal(0.3, 0.5), Histogram((0.2, 1.0), (0.7, 1.0))]
)
def test_a_distribution_keeps_its_quantiles(known):
    values = Dice().of(known)
    assert sorted(values) == sorted(table(known))
    for percent, value in percentiles([(1.0, values)]).items():
        assert value == pytest.approx(known.at(percent / 100), rel=0.01)


@pytest.mark.parametrize("first", range(0, 24, 5))
def test_sums_of_two_delays_are_those_of_independent_ones(first):
    dice = Dice(first)
    found = percentiles([(1.0, dice.of(Normal(1.0, 0.3)) + dice.of(Normal(2.0, 0.4)))])
    expected = Normal(3.0, 0.5)
    assert found == pytest.approx({percent: expected.at(percent / 100) for percent in found}, rel=0.02)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30))
def test_percentiles_of_one_kind_are_those_of_reports(values):
    assert percentiles([(0.3, np.array(values))]) == by_rank(values)


def test_what_is_heavier_counts_for_more():
    light, heavy = np.zeros(CASES), np.ones(CASES)
    assert percentiles([(1.0, light), (1.2, heavy)], (40, 50)) == {40: 0.0, 50: 1.0}
    assert percentiles([(0.0, heavy)]) == percentiles([]) == {}
    assert mean([(1.0, light), (3.0, heavy)]) == pytest.approx(0.75)
    assert mean([]) == 0.0
