from __future__ import annotations

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from ivr.capacity.script import scripts

seeds = st.integers(0, 2**31)


@given(seeds, st.floats(0.2, 600))
def test_keys_come_in_order_within_the_call(seed, seconds):
    for script in islice(scripts(seed, "123", seconds), 50):
        assert 0.79 * seconds < script.seconds < 1.21 * seconds
        times = [at for at, _ in script.keys]
        assert times == sorted(times) and times
        assert all(0 < at < script.seconds for at in times)
        assert {digit for _, digit in script.keys} <= set("123")


@given(seeds)
def test_a_seed_is_a_series_of_calls_and_calls_differ(seed):
    calls = list(islice(scripts(seed, "19", 5.0), 20))
    assert calls == list(islice(scripts(seed, "19", 5.0), 20))
    assert len(set(calls)) == len(calls)
    assert {digit for call in calls for _, digit in call.keys} == {"1", "9"}


def test_where_there_are_no_keys_nobody_presses_any():
    assert not any(script.keys for script in islice(scripts(1, (), 5.0), 20))
