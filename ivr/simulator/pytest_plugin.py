"""The pytest plugin: a call of the project as the fixture ``call``. docs/scenarios.md tells how to use it.

pytest imports this in every run of everybody who has the package, so whatever is heavy is imported by the fixtures.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from datetime import datetime

    from ivr.simulator.scenario.led import LedCall
    from ivr.simulator.scenario.run import Stage
    from ivr.simulator.scenario.setting import Setting

MARKER = "ivr(gateway=, project=, …): what `call` calls, how, and anything that can be set at the fixture `caller`"


class Clock:
    """Virtual time of the call."""

    def __init__(self, call: LedCall) -> None:
        self._call = call

    @property
    def now(self) -> float:
        """Seconds since the call began."""
        return self._call.now

    @property
    def date(self) -> datetime:
        """Date and time with their zone, as the dialog sees them. To be set before the call begins."""
        from datetime import timedelta

        return self._call.started_at + timedelta(seconds=self._call.now)

    @date.setter
    def date(self, when: datetime) -> None:
        self._call.setting.started_at = when

    def advance(self, seconds: float) -> None:
        """The caller does nothing for so long."""
        __tracebackhide__ = True
        self._call.wait(seconds)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one option, for the ini file."""
    parser.addini("ivr_project", "directory of the project that `call` calls, from the ini file; left out: that one")


def pytest_configure(config: pytest.Config) -> None:
    """Markers must be known where they are strict."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture(scope="session")
def ivr_stages() -> Callable[[Path], Stage]:
    """Projects by their directory, each loaded once."""
    from ivr.project.load import load
    from ivr.simulator.scenario.run import Stage

    stages: dict[Path, Stage] = {}

    def stage(root: Path) -> Stage:
        if root not in stages:
            stages[root] = Stage(load(root, os.environ))
        return stages[root]

    return stage


@pytest.fixture
def gateway(request: pytest.FixtureRequest) -> str:
    """By which gateway the call comes; override it, perhaps with ``params``, or mark the test."""
    return str(_marked(request).get("gateway", "twilio"))


@pytest.fixture
def caller(request: pytest.FixtureRequest) -> Setting:
    """Who telephones, and what answers: to be set before the first step."""
    from ivr.simulator.scenario.setting import Setting

    setting = Setting()
    for name, value in _marked(request).items():
        if name not in ("gateway", "project"):
            setattr(setting, name, value)
    return setting


@pytest.fixture
def call(
    request: pytest.FixtureRequest, ivr_stages: Callable[[Path], Stage], gateway: str, caller: Setting
) -> Iterator[LedCall]:
    """One call in virtual time. It begins with the first step, and is hung up behind the test."""
    from ivr.simulator.scenario.led import LedCall

    call = LedCall(ivr_stages(_root(request)), gateway, caller, name=request.node.name, file=str(request.node.path))
    yield call
    call.close()


@pytest.fixture
def clock(call: LedCall) -> Clock:
    """The clock of ``call``."""
    return Clock(call)


def _marked(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the markers say, the nearest last; lookups of all of them."""
    found: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("ivr"))):
        if marker.args:
            raise pytest.UsageError(f"{request.node.nodeid}: write names in @pytest.mark.ivr, such as gateway=…")
        lookups = {**found.get("lookups", {}), **marker.kwargs.get("lookups", {})}
        found.update(marker.kwargs)
        if lookups:
            found["lookups"] = lookups
    return found


def _root(request: pytest.FixtureRequest) -> Path:
    config = request.config
    named = _marked(request).get("project") or config.getini("ivr_project")
    root = (config.inipath.parent if config.inipath is not None else config.rootpath) / (named or ".")
    if not (root / "prompts").is_dir():
        how = "set ivr_project in pytest's ini file, or mark the test with @pytest.mark.ivr(project=…)"
        raise pytest.UsageError(f"{root} holds no project (there is no {root / 'prompts'}): {how}")
    return root.resolve()
