"""Runs a scenario: one call in virtual time, and the verdicts of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import numpy as np

from ivr.call.plan import CallPlan, plan_calls
from ivr.errors import ConfigError, IvrError
from ivr.gateways.codec import Capabilities
from ivr.project.project import Project
from ivr.project.settings.prices import Price
from ivr.simulator.conditions import Conditions
from ivr.simulator.driver import Answer
from ivr.simulator.emulated import EMULATED, Network
from ivr.simulator.paying import call_price, priceless
from ivr.simulator.scenario.caller import ScriptedCaller
from ivr.simulator.scenario.judge import judge
from ivr.simulator.scenario.model import Line, Scenario
from ivr.simulator.scenario.patterns import Sayable
from ivr.simulator.scenario.report import Report
from ivr.simulator.silence import LIMIT, unplanned
from ivr.simulator.simulation import LONGEST, Simulated, simulate
from ivr.simulator.store import StoredSpeaker
from ivr.testing.ear import DeadAir
from ivr.testing.line import exponential_jitter
from ivr.testing.voices import ScriptedVoice

PROVIDER = "scripted"
"""What the voice of a simulated call is named."""
FRAMES = 4 * 60 * 50
"""Of the caller's sound, 20 ms each, for which it is settled ahead which are lost."""


class Stage:
    """A project, ready for calls over any gateway that can be emulated. Plans are made once for each."""

    def __init__(
        self,
        project: Project,
        speaker: StoredSpeaker | None = None,
        *,
        record: bool = False,
        profile: str | None = None,
    ) -> None:
        """``project`` was loaded with its clips. ``speaker`` says live words; without one they are tones.

        ``record``: traces tell what `ivr replay` needs as well. ``profile`` has the price of the voice; see
        ``load_profile``. It is read where a price is asked for.
        """
        self.record = record
        self.profile = profile
        self.project = project
        self.speaker = speaker
        self._plans: dict[Capabilities, CallPlan] = {}
        self._sayable: dict[Capabilities, Sayable] = {}

    def plan(self, gateway: str) -> CallPlan:
        """Raises ``ConfigError`` for a gateway that cannot be emulated, ``ClipError`` for a missing clip."""
        if gateway not in EMULATED:
            raise ConfigError(f"there is no gateway '{gateway}' to emulate: name one of {', '.join(EMULATED)}")
        capabilities = EMULATED[gateway].capabilities
        if capabilities not in self._plans:
            self._plans[capabilities] = plan_calls(self.project, capabilities, provider=self._provider)
        return self._plans[capabilities]

    @property
    def price(self) -> Price:
        """What the voice costs. Raises ``ConfigError`` where nobody tells it, ``ProjectError`` for a wrong profile."""
        if isinstance(self._price, Price):
            return self._price
        raise self._price

    def price_for(self, scenario: Scenario) -> Price | None:
        """The price, if it is known. Raises as ``price``, but only where the scenario expects something of it."""
        known = self._price if isinstance(self._price, Price) else None
        return known if scenario.expect.cost is None else self.price

    @cached_property
    def _price(self) -> Price | IvrError:
        """Or why it is not known."""
        try:
            found = call_price(self.project, self.profile)
        except IvrError as error:
            return error
        why = f"no price of the voice is known: {priceless(self.project.settings, self.profile)}"
        return ConfigError(why) if found is None else found

    @property
    def _provider(self) -> str:
        return PROVIDER if self.speaker is None else self.speaker.provider

    def sayable(self, plan: CallPlan) -> Sayable:
        """What that plan can say."""
        return self._sayable.setdefault(plan.capabilities, Sayable(plan))

    def run(
        self, scenario: Scenario, seed: int = 0, *, conditions: Conditions | None = None, gateway: str | None = None
    ) -> Report:
        """See ``run``."""
        line = scenario.line or Line()
        name = gateway or line.gateway
        plan = self.plan(name)
        self.price_for(scenario)
        around = surroundings(scenario, seed, conditions or Conditions())
        if self.speaker is not None and isinstance(around.voice, ScriptedVoice):
            around = replace(around, voice=self.speaker.voice(around.voice))
        caller = ScriptedCaller(scenario.steps, plan, self.sayable(plan), around.network, hangs_up=scenario.hangs_up)
        made = simulate(plan, EMULATED[name], around, caller, parameters(scenario), LONGEST, record=self.record)
        made.phone.handle_timer(made.seconds + around.network.out)
        report = self.report(scenario, name, seed, caller, made)
        return replace(report, verdicts=(*report.verdicts, *judge(report)))

    def report(self, scenario: Scenario, gateway: str, seed: int, caller: ScriptedCaller, made: Simulated) -> Report:
        """Of a call that ``caller`` made, or is making; its steps alone are judged."""
        plan = self.plan(gateway)
        silence = self._silence(scenario, plan, made, caller.situation.way)
        opening, price = plan.capabilities.opening, self.price_for(scenario)
        return Report(scenario, gateway, seed, tuple(caller.verdicts), made, silence, opening, price)

    @staticmethod
    def _silence(scenario: Scenario, plan: CallPlan, made: Simulated, way: Network) -> tuple[DeadAir, ...]:
        """What nobody planned; the wait for the caller's line at the beginning is the gateway's."""
        expected = scenario.expect.dead_air
        threshold = LIMIT if expected is None else expected
        longest = max(way.out, way.back) + (10 * scenario.line.jitter if scenario.line is not None else 0.0)
        heard, opening = made.phone.heard, plan.capabilities.opening
        return unplanned(heard, made.trace, way, opening, longest=longest, threshold=threshold)


def run(
    project: Project,
    scenario: Scenario,
    seed: int = 0,
    *,
    conditions: Conditions | None = None,
    gateway: str | None = None,
) -> Report:
    """One call of ``scenario``, in virtual time. The same arguments give the same report, byte for byte.

    What the scenario says of lookups, transfers, voice, date and line wins over ``conditions``; ``gateway`` wins over
    the scenario's own. For many calls make one ``Stage``, which keeps what is the same for all.
    Raises ``ConfigError`` and ``ClipError``.
    """
    return Stage(project).run(scenario, seed, conditions=conditions, gateway=gateway)


def parameters(scenario: Scenario) -> dict[str, str]:
    """What the stream begins with."""
    return {"from": scenario.caller, "to": scenario.called, **scenario.parameters}


def surroundings(scenario: Scenario, seed: int, conditions: Conditions) -> Conditions:
    """``conditions`` with what the scenario says itself."""
    lookups = {**conditions.lookups, **{name: in_turn(answers) for name, answers in scenario.lookups.items()}}
    return Conditions(
        voice=scenario.voice or conditions.voice,
        lookups=lookups,
        transfers=conditions.transfers if scenario.transfers is None else scenario.transfers,
        network=conditions.network if scenario.line is None else network(scenario.line, seed),
        started_at=scenario.started_at or conditions.started_at,
    )


def in_turn(answers: tuple[Answer, ...]) -> Callable[..., Answer]:
    """The answers of a lookup, one for each time that it is asked; the last one stays."""
    asked = 0

    def answer(*_: object, **__: object) -> Answer:
        nonlocal asked
        asked += 1
        return answers[min(asked, len(answers)) - 1]

    return answer


def network(line: Line, seed: int) -> Network:
    """The way of one call; its jitter and losses come from ``seed`` alone."""
    lost = np.random.default_rng((seed, 1)).random(FRAMES) < line.loss if line.loss else np.zeros(0, dtype=bool)
    return Network(
        out=line.out,
        back=line.back,
        jitter=(lambda: exponential_jitter(np.random.default_rng((seed, 0)), line.jitter)) if line.jitter else tuple,
        lost=frozenset(np.flatnonzero(lost).tolist()),
        queue=line.queue,
    )
