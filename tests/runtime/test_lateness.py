import asyncio
import time

import pytest

from ivr.runtime.lateness import Lateness, LoopWatch


def ticking(lateness: Lateness, until: float, late: float = 0.0) -> None:
    while lateness.due + late <= until + 1e-9:
        lateness.woke(lateness.due + late)


def test_wakes_in_time_are_not_late():
    lateness = Lateness(0.0)
    assert (lateness.p99(0.0), lateness.worst(0.0)) == (0.0, 0.0)
    ticking(lateness, 20.0)
    assert lateness.p99(20.0) == lateness.worst(20.0) == 0.0
    assert lateness.due == pytest.approx(20.05)


def test_a_usual_lateness_does_not_add_up():
    lateness = Lateness(0.0)
    ticking(lateness, 10.0, late=0.004)
    assert lateness.p99(10.0) == pytest.approx(0.004)
    assert lateness.worst(10.0) == pytest.approx(0.004)


def test_a_block_counts_for_all_the_wakes_that_it_swallowed():
    lateness = Lateness(0.0)
    ticking(lateness, 4.0)
    assert lateness.woke(lateness.due + 1.0) == pytest.approx(1.0)
    assert lateness.worst(5.05) == pytest.approx(1.0)
    assert lateness.p99(5.05) >= 0.9
    ticking(lateness, 9.0)
    assert lateness.worst(9.0) == pytest.approx(1.0)
    ticking(lateness, 9.9)
    assert lateness.worst(9.9) < 0.2
    ticking(lateness, 10.5)
    assert lateness.worst(10.5) == lateness.p99(10.5) == pytest.approx(0.0)


def test_a_wake_that_is_overdue_counts_before_it_comes():
    lateness = Lateness(0.0)
    ticking(lateness, 1.0)
    assert lateness.p99(1.75) == lateness.worst(1.75) == pytest.approx(0.7)


def test_an_early_wake_is_none():
    lateness = Lateness(0.0)
    assert lateness.woke(0.03) == 0.0
    assert lateness.due == 0.05


def test_a_machine_that_slept_for_hours_is_late_by_no_more_than_the_window_afterwards():
    lateness = Lateness(0.0)
    assert lateness.woke(7200.0) == pytest.approx(7199.95)
    assert lateness.worst(7200.0) == pytest.approx(5.0)
    assert len(lateness._seen) == 101
    assert lateness.due > 7200.0


async def test_a_blocked_loop_is_seen_at_once_and_is_told():
    told = []
    with LoopWatch(told.append) as watch:
        await asyncio.sleep(0.06)
        before = watch.worst()
        time.sleep(0.3)  # noqa: ASYNC251 - it is what is looked for
        assert watch.late_p99() >= 0.2
        await asyncio.sleep(0.06)
        assert watch.worst() >= 0.2 > before
        assert watch.late_p99() >= 0.15
    assert max(told) >= 0.2
    assert 2 <= len(told) <= 12
    seen = len(told)
    await asyncio.sleep(0.07)
    assert len(told) == seen


def test_to_ask_is_cheap():
    lateness = Lateness(0.0)
    ticking(lateness, 10.0, late=0.001)
    since = time.perf_counter()
    for _ in range(1000):
        lateness.p99(10.0)
    assert (time.perf_counter() - since) / 1000 < 50e-6
