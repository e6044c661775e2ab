"""What came of a scenario: one verdict for each step and each expectation, and the call itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.project.settings.prices import Price
from ivr.simulator.paid import Paid, asked_for
from ivr.simulator.scenario.model import Scenario
from ivr.simulator.simulation import Simulated
from ivr.testing.ear import DeadAir
from ivr.trace.events import DigitHeard, StateEntered
from ivr.trace.jsonl import unmasked
from ivr.trace.report import Turn
from ivr.trace.report import turns as turns_of
from ivr.trace.sound import SegmentStarted, Strategy


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one step or expectation."""

    what: str
    """In words, such as ``hear 'Goodbye.'``."""
    ok: bool | None
    """None: it was not reached, or not judged."""
    at: float
    """Seconds of the call when it was decided."""
    detail: str = ""
    """Why it failed, with what was heard instead and when; or what was seen."""
    line: int = 0
    """Of the scenario's file; 0 where it was written in Python."""


@dataclass(frozen=True)
class Report:
    """Of one call."""

    scenario: Scenario
    gateway: str
    seed: int
    verdicts: tuple[Verdict, ...]
    made: Simulated
    dead_air: tuple[DeadAir, ...] = ()
    """Judged at the ear, above the scenario's threshold."""
    opening: float = 0.0
    """Seconds that the first words wait for the caller's line, by the gateway."""
    price: Price | None = None
    """Of the voice; None where it is not known."""
    asked: Paid | None = None
    """Of a call that shares a voice with others, what was asked for it; None: what its own trace tells."""

    @property
    def ok(self) -> bool:
        """Nothing failed."""
        return not self.failures

    @property
    def failures(self) -> tuple[Verdict, ...]:
        """In the order in which they came."""
        return tuple(verdict for verdict in self.verdicts if verdict.ok is False)

    @property
    def states(self) -> tuple[str, ...]:
        """In the order in which they were entered."""
        return tuple(event.state for event in self.made.trace if isinstance(event, StateEntered))

    @property
    def digits(self) -> str:
        """All keys that reached the dialog."""
        return "".join(event.digit for event in self.made.trace if isinstance(event, DigitHeard))

    @property
    def turns(self) -> tuple[Turn, ...]:
        """With their TTFA, seams and words; personal ones as they were said."""
        return turns_of(self.made.trace, unmasked)

    @property
    def strategies(self) -> Mapping[Strategy, int]:
        """How often each was used."""
        used = [event.strategy for event in self.made.trace if isinstance(event, SegmentStarted)]
        return {strategy: used.count(strategy) for strategy in Strategy if strategy in used}

    @property
    def characters(self) -> int:
        """Those that are paid for."""
        return self.paid.characters

    @property
    def paid(self) -> Paid:
        """What was given to a voice: each attempt and, among very many calls, what each region was asked for."""
        return asked_for(self.made.trace) if self.asked is None else self.asked

    @property
    def cost(self) -> float | None:
        """Of what is paid for, in the money of the price; None where none is known."""
        return None if self.price is None else float(self.price.of(self.paid.characters))
