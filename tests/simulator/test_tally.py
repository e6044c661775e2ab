"""Counted values give the percentiles of the values themselves."""

from hypothesis import given
from hypothesis import strategies as st

from ivr.simulator.tally import STEP, Tally
from ivr.trace.report import percentiles

VALUES = st.lists(st.integers(0, 100_000).map(lambda step: round(step * STEP, 4)), min_size=1, max_size=60)


def tally(values):
    made = Tally()
    for value in values:
        made.add(value)
    return made


@given(VALUES)
def test_percentiles_are_those_of_the_values(values):
    made = tally(values)
    for percent, value in percentiles(values, (1, 50, 95, 99)).items():
        assert made.percentile(percent) == value
    assert made.most == max(values)
    assert made.number == len(values)


@given(VALUES, VALUES)
def test_merged_in_either_order_it_is_as_if_counted_at_once(one, other):
    there, back = tally(one), tally(other)
    there.merge(tally(other))
    back.merge(tally(one))
    assert there.as_dict() == back.as_dict() == tally([*one, *other]).as_dict()


def test_of_nothing_all_is_nothing():
    assert Tally().as_dict() == {"count": 0, "mean": 0.0, "p50": 0.0, "p95": 0.0, "p99": 0.0, "max": 0.0}
