"""A scenario against its project and its gateway: what can never be, before the call is made."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ivr.catalog.mistakes import listing, meant
from ivr.catalog.source import Path as Place
from ivr.catalog.source import Source
from ivr.dialog.table import SubDialog
from ivr.dialog.ways import ways
from ivr.errors import Problem
from ivr.project.load import PROMPTS
from ivr.project.mentioned import mentioned
from ivr.project.project import Project
from ivr.simulator.emulated import DROPS, LOSES, NAMELESS
from ivr.simulator.scenario.model import Scenario
from ivr.simulator.scenario.patterns import pattern
from ivr.simulator.scenario.shapes import ScenarioShape
from ivr.trace.report import COVERS


def against(scenario: Scenario, shape: ScenarioShape, source: Source, project: Project) -> Iterator[Problem]:
    """Everything that cannot hold."""
    yield from _gateway(shape, source)
    yield from _states(scenario, source, project)
    for path, name in _named(source.at(("steps",)), ("steps",), "phrase", "sent"):
        yield from _phrase(name, path, source, project)
    for path, name in _named(source.at(("steps",)), ("steps",), "strategy"):
        yield from _cover(name, path, source, project)
    for index, name in enumerate(scenario.expect.strategies):
        yield from _cover(name.value, ("expect", "strategies", index), source, project)
    known = {*project.functions, *looked_up(project)}
    for name in scenario.lookups:
        if name not in known:
            remedy = meant(name, known, f"there are {listing(sorted(known)) or 'none'}")
            yield source.problem(("lookups", name), f"nothing looks up '{name}'", remedy, key=True, code="no-function")


def _gateway(shape: ScenarioShape, source: Source) -> Iterator[Problem]:
    network, name = shape.network, shape.gateway
    if network is not None and network.loss and name not in LOSES:
        what = f"over {name} no sound is lost: it comes by TCP"
        yield source.problem(("network", "loss"), what, f"remove it, or use {', '.join(sorted(LOSES))}")
    if network is not None and network.queue is not None and name not in DROPS:
        what = f"the queue of {name} is what it is"
        yield source.problem(("network", "queue"), what, f"remove it, or use {', '.join(sorted(DROPS))}")
    for key in ("from", "to", "parameters") if name in NAMELESS else ():
        if source.at((key,)) is not None:
            yield source.problem((key,), f"{name} brings no '{key}' to its calls", "remove it", key=True)


def _states(scenario: Scenario, source: Source, project: Project) -> Iterator[Problem]:
    known = {name for table in project.tables.values() for name in table.states}
    also = mentioned(project.root / PROMPTS).texts if scenario.expect.states or scenario.expect.never else set()
    for field in ("states", "never"):
        for index, name in enumerate(getattr(scenario.expect, field)):
            if name not in known and name not in also:
                remedy = meant(name, known, f"the states are {listing(sorted(known)) or 'those of your own code'}")
                yield source.problem(("expect", field, index), f"no state '{name}'", remedy)


def _phrase(name: str, path: Place, source: Source, project: Project) -> Iterator[Problem]:
    found = [each.phrases[name] for each in project.catalogues.values() if name in each.phrases]
    if not found:
        names: Collection[str] = {name for each in project.catalogues.values() for name in each.phrases}
        prompts = {name for each in project.catalogues.values() for name in each.prompts}
        otherwise = "name a phrase of it" if name in prompts else f"there are {listing(sorted(names))}"
        what = f"'{name}' is a prompt" if name in prompts else f"no phrase '{name}'"
        remedy = otherwise if name in prompts else meant(name, names, otherwise)
        yield source.problem(path, what, remedy, code="no-phrase")
    elif not any(pattern(phrase) for phrase in found):
        yield source.problem(path, f"the phrase '{name}' has no words", "expect a strategy, such as hold")


def _cover(name: str, path: Place, source: Source, project: Project) -> Iterator[Problem]:
    if name not in COVERS:
        return
    cover = project.settings.cover
    if not cover.enabled:
        yield source.problem(path, f"it can never hold: covers are switched off, also the {name}", "remove it")
    elif getattr(cover, name) is None and not _covered_elsewhere(name, project):
        yield source.problem(path, f"it can never hold: the project has no {name}", f"set cover.{name}, or remove it")


def _covered_elsewhere(name: str, project: Project) -> bool:
    """Whether a state has such a cover, or a dialog in Python might."""
    repertoire, run = project.repertoire, {project.settings.start}
    for table in project.tables.values():
        for state in table.states.values():
            if name in state.cover.phrases:
                return True
            if isinstance(state.exit, SubDialog):
                run.add(state.exit.dialog)
            run.update(way.target.dialog for way in ways(state, table, repertoire) if way.target.dialog is not None)
    return not run.isdisjoint(project.functions)


def looked_up(project: Project) -> set[str]:
    """What the tables look up, also over HTTP."""
    states = (state for table in project.tables.values() for state in table.states.values())
    return {state.lookup.run for state in states if state.lookup is not None}


def _named(steps: object, path: Place, *keys: str) -> Iterator[tuple[Place, str]]:
    """What steps name below one of ``keys``, however deep."""
    for part, value in (
        steps.items() if isinstance(steps, dict) else enumerate(steps) if isinstance(steps, list) else ()
    ):
        if part in keys and isinstance(value, str):
            yield (*path, part), value
        else:
            yield from _named(value, (*path, part), *keys)
