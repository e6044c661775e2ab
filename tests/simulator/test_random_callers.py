"""Callers by chance never hang, loop, hear silence that nobody planned, or end without a reason; and they get around.

``IVR_CALLERS=5000`` has so many call each project, the same ones and more.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from directory import Voice
from random_callers import GATEWAYS, Chance, Made, call
from random_judge import came_to, to_come_to, unexplained, wrong

from ivr.call.plan import CallPlan, plan_calls
from ivr.playout.remembered import LiveMemory
from ivr.pregen.render import render
from ivr.project.load import load
from ivr.project.sources import read_sources
from ivr.project.starter import starter_root
from ivr.simulator.emulated import EMULATED
from ivr.simulator.explore_values import Tried
from ivr.trace.events import StateEntered

EXAMPLES = Path(__file__).parents[2] / "examples"
PYTHON = {"parcel": {"lookups": ("parcel.place", "parcel.keep"), "transfers": True, "records": True}}
"""What the dialogs in Python do."""
MORE = 4
CALLERS = int(os.environ.get("IVR_CALLERS", "0"))


@dataclass(frozen=True)
class Line:
    """A project that takes calls."""

    tried: Tried
    plans: dict[str, CallPlan]
    to_come_to: set[str]

    def call(self, seed: int) -> Made:
        return call(self.tried, self.plans, seed)

    def wrong(self, made: Made) -> list[str]:
        return wrong(self.tried.project, made)

    def missing(self, calls: list[Made]) -> set[str]:
        return self.to_come_to - {word for made in calls for word in came_to(made.call.trace)}


def line(name: str, root: Path, **environ: str) -> Line:
    """The starter as it stands, or an example rendered into a copy."""
    if name == "bank":
        root = starter_root()
    else:
        shutil.copytree(EXAMPLES / name, root, ignore=shutil.ignore_patterns("__pycache__"))
        assert asyncio.run(render(read_sources(root, {}), Voice())).ok
    project = load(root, environ)
    plan = plan_calls(project, EMULATED["twilio"].capabilities, provider="scripted", memory=LiveMemory())
    plans = {gateway: plan.over(EMULATED[gateway].capabilities) for gateway in GATEWAYS}
    return Line(Tried(project), plans, to_come_to(project, **PYTHON.get(name, {})))


@pytest.mark.parametrize(("name", "callers"), [("bank", 40), ("clinic", 160), ("parcel", 100)])
def test_any_caller(tmp_path, name, callers):
    """So many callers; and as many more, if something was not come to, as make it sure that it cannot be."""
    taken = line(name, tmp_path / name)
    found: dict[int, list[str]] = {}
    missing = taken.to_come_to
    for seed in range(max(callers * MORE, CALLERS)):
        if seed >= max(callers, CALLERS) and not missing:
            break
        made = taken.call(seed)
        missing = missing & taken.missing([made])
        if mistakes := taken.wrong(made):
            found[seed] = mistakes
    assert found == {}
    assert missing == set(), "no caller came to this: let more call, or teach them more"


# ---- and the judges are judged


def test_a_seed_is_a_call(tmp_path):
    taken = line("bank", tmp_path)
    first, again, other = (taken.call(seed).call.trace for seed in (7, 7, 8))
    assert first == again != other


def test_callers_who_press_nothing_are_told_what_they_did_not_come_to(tmp_path, monkeypatch):
    taken = line("bank", tmp_path)
    monkeypatch.setattr(Chance, "_keys", lambda self: "")
    missing = taken.missing([taken.call(seed) for seed in (1, 2)])
    assert {"state overdrawn", "lookup bank.balance returned", "lookup bank.balance failed", "prompt again"} <= missing
    assert "state main" not in missing


def test_what_is_to_be_come_to_has_all_that_an_example_does(tmp_path):
    parcel, clinic = (line(name, tmp_path / name).to_come_to for name in ("parcel", "clinic"))
    assert {"lookup parcel.keep failed", "transfer busy", "recording longest", "prompt right"} <= parcel
    assert {"state cancelled", "state closed", "transfer hung_up", "lookup book.cancel returned"} <= clinic


def test_without_covers_the_same_callers_hear_silence(tmp_path):
    bare = line("bank", tmp_path, IVR_COVER_ENABLED="no")
    assert any("dead air" in each for seed in range(20) for each in bare.wrong(bare.call(seed)))


@pytest.mark.parametrize("why", ["", "goto", "option 3", "start"])
def test_a_state_that_nothing_explains_is_wrong(tmp_path, why):
    taken = line("bank", tmp_path)
    trace = list(taken.call(5).call.trace)
    assert list(unexplained(taken.tried.project, trace)) == []
    place = next(n for n, event in enumerate(trace) if isinstance(event, StateEntered) and event.why == "option 1")
    trace[place] = replace(trace[place], why=why)
    assert len(list(unexplained(taken.tried.project, trace))) == 1
