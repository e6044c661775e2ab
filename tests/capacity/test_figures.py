from __future__ import annotations

import json

import pytest

from ivr.capacity.figures import FULL, LATE, figures
from ivr.capacity.run import Load, Run, Tally, Usage

IDLE = Usage(0.0, 1_000_000, 1)


def run(late: float = 0.0, driver: float = 0.1, **seen: object) -> Run:
    tally = Tally(**{"calls": 10, "connected": 120.0, "greeting": [0.001] * 9 + [0.004], **seen})  # type: ignore[arg-type]
    load = Load("ws://x", 20, 6.0)
    return Run(load, tally, 6.0, (late,) * 100, driver, Usage(1.0, 1_500_000, 2), Usage(1.6, 3_000_000, 3))


def test_processor_and_memory_are_shared_out():
    seen = figures(run(), IDLE)
    assert seen.processor == pytest.approx(0.1)
    assert seen.per_call_minute == pytest.approx(0.3)
    assert seen.memory_per_call == 100_000
    assert (seen.memory, seen.processes, seen.void) == (3_000_000, 3, None)


def test_the_worse_of_greeting_and_prompt_is_the_time_to_first_audio():
    assert figures(run(prompt=[0.002]), IDLE).ttfa == 0.004
    assert figures(run(prompt=[0.009]), IDLE).ttfa == 0.009
    assert figures(run(greeting=[]), IDLE).ttfa is None


def test_nothing_seen_is_nothing_divided_by():
    seen = figures(run(connected=0.0, greeting=[], calls=0), IDLE)
    assert (seen.per_call_minute, seen.worst_gap, dict(seen.greeting)) == (0.0, 0.0, {})


@pytest.mark.parametrize(
    ("made", "word"),
    [
        ({"late": LATE * 1.1}, "late itself"),
        ({"driver": FULL}, "own core"),
        ({"own": {"Too many open files": 3}}, "could not dial 3 calls (Too many open files"),
    ],
)
def test_a_driver_at_fault_voids_the_run(made, word):
    seen = figures(run(**made), IDLE)
    assert word in (seen.void or "")
    assert seen.only_late == ("late" in made)
    assert not figures(run(**{"late": 1.0, "driver": 1.0}), IDLE).only_late


def test_a_driver_that_was_late_without_working_was_held_up_by_others():
    assert "others" in (figures(run(late=1.0, driver=0.2), IDLE).void or "")
    assert "others" not in (figures(run(late=1.0, driver=0.8), IDLE).void or "")


def test_a_server_at_fault_does_not():
    assert figures(run(gaps=[1.0], refused={"503": 4}, broken={"x": 1}), IDLE).void is None


def test_a_tick_in_two_hundred_may_be_late():
    one = run()
    late = Run(one.load, one.tally, one.seconds, (0.0,) * 199 + (1.0,), one.driver, one.before, one.after)
    assert figures(late, IDLE).void is None


def test_it_is_json():
    plain = json.loads(json.dumps(figures(run(refused={"503": 1}), IDLE).as_dict()))
    assert plain["greeting"] == {"p50": 0.001, "p99": 0.004}
    assert plain["refused"] == {"503": 1}
