"""Kinds of callers by name: those by chance, and a project's scenarios."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from ivr.call.plan import CallPlan
from ivr.catalog.mistakes import listing, meant
from ivr.errors import ConfigError
from ivr.project.project import Project
from ivr.simulator.conditions import Conditions
from ivr.simulator.draws import Draws
from ivr.simulator.made import Made
from ivr.simulator.mix import Arranged, Kind, Mix, Visit
from ivr.simulator.paid import Paid
from ivr.simulator.scenario.caller import ScriptedCaller
from ivr.simulator.scenario.file import load_scenarios
from ivr.simulator.scenario.judge import judge
from ivr.simulator.scenario.model import Line, Scenario
from ivr.simulator.scenario.report import Report, Verdict
from ivr.simulator.scenario.run import Stage, parameters, surroundings
from ivr.simulator.silence import LIMIT
from ivr.simulator.simulation import Simulated
from ivr.simulator.wanderer import CHANCE, Wanderers

ALL = "scenarios"
"""Stands for each scenario of the project."""


def mixed(
    project: Project, weights: Iterable[tuple[str, float]], gateway: str | None = None, profile: str | None = None
) -> Mix:
    """``weights`` by the names of scenarios, ``chance`` and ``scenarios``; several of one name add up.

    ``gateway`` wins over the scenarios' own; ``profile`` has the price of the voice. Raises ``ProjectError`` for
    mistakes in the scenarios, ``ConfigError`` for a name that there is not.
    """
    asked = list(weights)
    stage = Stage(project, profile=profile)
    rows: dict[str, list[Scenario]] = {}
    if any(name != CHANCE for name, _ in asked):
        for scenario in load_scenarios(project, profile):
            rows.setdefault(scenario.name, []).append(scenario)
    summed: dict[str, float] = {}
    for name, weight in asked:
        for each in _meant(name, rows):
            summed[each] = summed.get(each, 0.0) + weight
    if not sum(summed.values()):
        raise ConfigError("nobody calls: all weights of the mix are 0")
    kinds: list[Kind] = [
        Wanderers(project, gateway or "twilio") if name == CHANCE else Scripted(name, tuple(rows[name]), stage, gateway)
        for name in summed
    ]
    return Mix(kinds, list(summed.values()))


def _meant(name: str, rows: dict[str, list[Scenario]]) -> Sequence[str]:
    if name == ALL and rows:
        return list(rows)
    known = [CHANCE, *([ALL] if rows else []), *rows]
    if name not in known:
        raise ConfigError(f"there is no scenario '{name}': {meant(name, known, f'there is {listing(known)}')}")
    return [name]


@dataclass(frozen=True)
class Scripted:
    """The callers of one scenario: of its rows one by chance."""

    name: str
    rows: Sequence[Scenario]
    stage: Stage
    gateway: str | None = None

    @property
    def gateways(self) -> Sequence[str]:
        """Of all rows."""
        return sorted({self._gateway(scenario) for scenario in self.rows})

    def visit(self, number: int, draws: Draws) -> Visit:
        """See ``Kind``."""
        scenario = draws.one_of(self.rows)
        gateway = self._gateway(scenario)

        def arrange(plan: CallPlan, around: Conditions) -> Arranged:
            conditions = surroundings(scenario, number, around)
            way = conditions.network
            sayable = self.stage.sayable(plan)
            caller = ScriptedCaller(scenario.steps, plan, sayable, way, hangs_up=scenario.hangs_up)
            own = scenario.voice is not None
            return Arranged(caller, conditions, own, partial(self._failures, scenario, caller))

        return Visit(parameters(scenario), gateway, arrange)

    def _failures(self, scenario: Scenario, caller: ScriptedCaller, made: Made) -> list[str]:
        threshold = scenario.expect.dead_air
        report = Report(
            scenario,
            self._gateway(scenario),
            made.number,
            tuple(caller.verdicts),
            Simulated(made.trace, made.phone, made.seconds),
            made.silences(LIMIT if threshold is None else threshold),
            made.opening,
            self.stage.price_for(scenario),
            Paid(made.requests, made.characters),
        )
        report = replace(report, verdicts=(*report.verdicts, *judge(report)))
        return [_told(verdict, scenario.file) for verdict in report.failures]

    def _gateway(self, scenario: Scenario) -> str:
        return self.gateway or (scenario.line or Line()).gateway


def _told(verdict: Verdict, file: str) -> str:
    where = f" ({file}:{verdict.line})" if verdict.line else ""
    return f"{verdict.what}: {verdict.detail}{where}"
