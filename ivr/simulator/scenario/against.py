"""A scenario against its project and its gateway: what can never be, before the call is made."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property

from ivr.catalog.mistakes import listing, meant
from ivr.catalog.source import Path as Place
from ivr.catalog.source import Source
from ivr.dialog.inspection.unsayable import CODE
from ivr.dialog.ladder_shapes import commands, handlers
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.table import SubDialog
from ivr.dialog.ways import ways
from ivr.errors import Problem, ProjectError
from ivr.project.checks.answers import Answers
from ivr.project.reading.readable import Readable
from ivr.simulator.emulated import DROPS, EMULATED, LOSES, NAMELESS, XOFFS
from ivr.simulator.paying import call_price, priceless
from ivr.simulator.scenario.model import Scenario
from ivr.simulator.scenario.patterns import pattern
from ivr.simulator.scenario.shapes import ScenarioShape
from ivr.trace.report import COVERS
from ivr.trace.sound import Strategy


class Against:
    """One project, for all of its scenarios and their rows."""

    def __init__(self, project: Readable, profile: str | None = None, *, thorough: bool = False) -> None:
        """``profile``: the one that has the price of the voice; see ``load_profile``.

        ``thorough``: values of lookups that no slot can say are told too, as warnings.
        """
        wanted = thorough and CODE not in project.settings.ignore
        self._answers = Answers(project.tables.values(), project.catalogues, project.functions) if wanted else None
        self.functions = project.functions
        self._project = project
        self._profile = profile
        self._states = {name for table in project.tables.values() for name in table.states}
        self._phrases = {name for each in project.catalogues.values() for name in each.phrases}
        self._lookups = project.lookups

    def problems(self, scenario: Scenario, shape: ScenarioShape, source: Source) -> Iterator[Problem]:
        """Everything that cannot hold. Of names that a file may have that could not be read, nothing is said."""
        yield from _gateway(shape, source)
        if scenario.expect.cost is not None and self._priceless:
            what = "no price of the voice is known, so that nothing tells what a call costs"
            remedy = priceless(self._project.settings, self._profile)
            yield source.problem(("expect", "cost"), what, remedy, key=True, code="no-price")
        if self._project.whole:
            yield from self._named(scenario, source)
            yield from self._unsayable(scenario, source)

    @cached_property
    def _priceless(self) -> bool:
        """Whether no price is known; a profile that is wrong may have one, and what is wrong with it is told."""
        try:
            return call_price(self._project, self._profile) is None
        except ProjectError:
            return False

    @cached_property
    def _elsewhere(self) -> Collection[str]:
        return _elsewhere(self._project)

    def _named(self, scenario: Scenario, source: Source) -> Iterator[Problem]:
        yield from self._visited(scenario, source)
        for path, name in _below(source.at(("steps",)), ("steps",), "phrase", "sent"):
            yield from self._phrase(name, path, source)
        for path, name in _below(source.at(("steps",)), ("steps",), "strategy"):
            yield from self._cover(name, path, source)
        for index, strategy in enumerate(scenario.expect.strategies):
            yield from self._cover(strategy.value, ("expect", "strategies", index), source)
        for name in scenario.lookups:
            if name not in self._lookups:
                remedy = meant(name, self._lookups, f"there is {listing(sorted(self._lookups)) or 'none'}")
                what = f"nothing looks up '{name}'"
                yield source.problem(("lookups", name), what, remedy, key=True, code="no-function")

    def _unsayable(self, scenario: Scenario, source: Source) -> Iterator[Problem]:
        """Values that no slot can say, where the scenario does not expect the fallback that stands in for them."""
        heard = {name for _, name in _below(source.at(("steps",)), ("steps",), "strategy", "phrase")}
        heard.update(strategy.value for strategy in scenario.expect.strategies)
        if self._answers is None or heard & {Strategy.FALLBACK.value, self._project.settings.cover.fallback}:
            return
        for name, answers in scenario.lookups.items():
            written = source.at(("lookups", name))
            for index, answer in enumerate(answers):
                path: Place = ("lookups", name, index) if isinstance(written, list) else ("lookups", name)
                key = "text" if source.at((*path, "text")) is not None else "value"
                if answer.error is None and answer.status is None:
                    found = self._answers.refused(name, answer.value, scenario.expect.states)
                    yield from (each.problem(source, (*path, key)) for each in found)

    def _visited(self, scenario: Scenario, source: Source) -> Iterator[Problem]:
        for field in ("states", "never"):
            for index, name in enumerate(getattr(scenario.expect, field)):
                if name not in self._states and name not in self._project.mentioned:
                    otherwise = f"the states are {listing(sorted(self._states)) or 'those of your own code'}"
                    remedy = meant(name, self._states, otherwise)
                    yield source.problem(("expect", field, index), f"no state '{name}'", remedy)

    def _phrase(self, name: str, path: Place, source: Source) -> Iterator[Problem]:
        catalogues = self._project.catalogues.values()
        found = [each.phrases[name] for each in catalogues if name in each.phrases]
        if not found and any(name in each.prompts for each in catalogues):
            yield source.problem(path, f"'{name}' is a prompt", "name a phrase of it", code="no-phrase")
        elif not found:
            remedy = meant(name, self._phrases, f"there is {listing(sorted(self._phrases))}")
            yield source.problem(path, f"no phrase '{name}'", remedy, code="no-phrase")
        elif not any(pattern(phrase) for phrase in found):
            yield source.problem(path, f"the phrase '{name}' has no words", "expect a strategy, such as hold")

    def _cover(self, name: str, path: Place, source: Source) -> Iterator[Problem]:
        if name not in COVERS:
            return
        cover = self._project.settings.cover
        if not cover.enabled and name != "fallback":
            yield source.problem(path, f"it can never hold: covers are switched off, also the {name}", "remove it")
        elif getattr(cover, name) is None and name not in self._elsewhere:
            what = f"it can never hold: the project has no {name}"
            yield source.problem(path, what, f"set cover.{name}, or remove it")


def _gateway(shape: ScenarioShape, source: Source) -> Iterator[Problem]:
    network, name = shape.network, shape.gateway
    if network is not None and network.loss and name not in LOSES:
        what = f"over {name} no sound is lost: it comes by TCP"
        yield source.problem(("network", "loss"), what, f"remove it, or use {', '.join(sorted(LOSES))}")
    if network is not None and network.queue is not None and name not in DROPS:
        what = f"the queue of {name} is what it is"
        yield source.problem(("network", "queue"), what, f"remove it, or use {', '.join(sorted(DROPS))}")
    if shape.transfers and not EMULATED[name].capabilities.transfers:
        yield source.problem(("transfers",), f"{name} transfers no call", "remove it, or use another gateway", key=True)
    for path, _ in _below(source.at(("steps",)), ("steps",), "xoff") if name not in XOFFS else ():
        yield source.problem(path, f"{name} knows no XOFF", "use asterisk/ulaw or another of Asterisk's", key=True)
    for key in ("from", "to", "parameters") if name in NAMELESS else ():
        if source.at((key,)) is not None:
            yield source.problem((key,), f"{name} brings no '{key}' to its calls", "remove it", key=True)


def _elsewhere(project: Readable) -> Collection[str]:
    """Covers that a state has; all of them where a dialog in Python is run, which might have any."""
    settings, found = project.settings, set[str]()
    repertoire = Repertoire(project.tables, project.functions, handlers(settings.on), commands(settings.commands))
    run = {settings.start}
    for table in project.tables.values():
        for state in table.states.values():
            found.update(state.cover.phrases)
            if isinstance(state.exit, SubDialog):
                run.add(state.exit.dialog)
            run.update(way.target.dialog for way in ways(state, table, repertoire) if way.target.dialog is not None)
    return found if run.isdisjoint(project.functions) else COVERS


def _below(steps: object, path: Place, *keys: str) -> Iterator[tuple[Place, str]]:
    """What steps name below one of ``keys``, however deep."""
    for part, value in (
        steps.items() if isinstance(steps, dict) else enumerate(steps) if isinstance(steps, list) else ()
    ):
        if part in keys and isinstance(value, str):
            yield (*path, part), value
        else:
            yield from _below(value, (*path, part), *keys)
