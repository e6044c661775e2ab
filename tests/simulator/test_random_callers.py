"""Callers who do anything at any time never hang, loop, hear silence that nobody planned, or end without a reason."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_callers import call, callers, judge, plan_of

from ivr.pregen.render import render
from ivr.project.load import load
from ivr.project.starter import starter_root
from ivr.speech.voices import open_voice

EXAMPLES = Path(__file__).parents[2] / "examples"
WHEN = "Tuesday, at nine thirty"
PROJECTS = {
    "bank": {"bank.balance": [0, 12.5, -3.0, 1234567.89]},
    "clinic": {"book.next_appointment": [WHEN, ""], "book.cancel": [True, False]},
    "parcel": {"parcel.place": ["in the depot"], "parcel.keep": ["x.wav"]},
}
TIMES = int(os.environ.get("IVR_CALLERS", "40"))
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


@pytest.fixture(scope="module")
def roots(tmp_path_factory) -> dict[str, Path]:
    """The starter as it stands, and the examples rendered into copies."""
    found = {"bank": starter_root()}
    for name in ("clinic", "parcel"):
        found[name] = tmp_path_factory.mktemp(name) / name
        shutil.copytree(EXAMPLES / name, found[name], ignore=shutil.ignore_patterns("__pycache__"))
        asyncio.run(_render(found[name]))
    return found


async def _render(root: Path) -> None:
    project = load(root, os.environ, clips=False)
    voice = open_voice(**project.settings.voice.options())
    try:
        report = await render(project, voice)
    finally:
        await voice.aclose()
    assert report.ok, report


@pytest.mark.parametrize("name", PROJECTS)
@given(data=st.data())
@settings(max_examples=TIMES, deadline=None, suppress_health_check=SLOW)
def test_any_caller(roots, name, data):
    judge(call(plan_of(roots[name]), data.draw(callers(PROJECTS[name]))))
