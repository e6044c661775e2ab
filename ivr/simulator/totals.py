"""The figures of many calls taken together, in bounded memory but for the calls that it names."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from ivr.project.settings.prices import Price
from ivr.simulator.fallbacks import Fallbacks
from ivr.simulator.silence import LIMIT
from ivr.simulator.tally import Tally


@dataclass(frozen=True, slots=True, order=True)
class Quiet:
    """Dead air in one call."""

    call: int
    """Its number: with the seed it makes the same call again."""
    kind: str
    at: float
    """Seconds since the call began, at the caller's ear."""
    seconds: float
    why: str


@dataclass(frozen=True, slots=True, order=True)
class Broken:
    """A call that did not go as calls go."""

    call: int
    kind: str
    why: str


@dataclass(slots=True)
class PromptFigures:
    """Of one prompt."""

    ttfa: Tally = field(default_factory=Tally)
    """Of turns that began with it."""
    late: Tally = field(default_factory=Tally)
    """Seconds by which its live words came after they were due; covered or not."""
    strategies: Counter[str] = field(default_factory=Counter)
    """Segments by how they were voiced."""
    preamble: float = 0.0
    """Seconds of clips before its first live words; the longest seen."""

    def merge(self, other: PromptFigures) -> None:
        """All of another."""
        self.ttfa.merge(other.ttfa)
        self.late.merge(other.late)
        self.strategies.update(other.strategies)
        self.preamble = max(self.preamble, other.preamble)


@dataclass(slots=True)
class Totals:
    """Of some calls; merged in any order they give the same. Times are seconds."""

    calls: int = 0
    lengths: Tally = field(default_factory=Tally)
    """Virtual seconds of each call."""
    ttfa: Tally = field(default_factory=Tally)
    by_strategy: dict[str, Tally] = field(default_factory=dict)
    prompts: dict[str, PromptFigures] = field(default_factory=dict)
    late: Tally = field(default_factory=Tally)
    dead_air: Tally = field(default_factory=Tally)
    """Seconds in each call, 0 for most."""
    quiet: list[Quiet] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    strategies: Counter[str] = field(default_factory=Counter)
    fallbacks: Fallbacks = field(default_factory=Fallbacks)
    """Why words were replaced."""
    kinds: Counter[str] = field(default_factory=Counter)
    lookups: dict[str, Tally] = field(default_factory=dict)
    first_audio: Tally = field(default_factory=Tally)
    """Of syntheses, as calls saw them: shared, hedged and asked again."""
    requests: int = 0
    characters: int = 0
    call_characters: Tally = field(default_factory=Tally)
    """Of each call. What it cost is their price, so that no amount is rounded."""

    def strategy(self, name: str) -> Tally:
        """TTFA of turns whose first audio was voiced so."""
        return self.by_strategy.setdefault(name, Tally())

    def prompt(self, name: str) -> PromptFigures:
        """Of one prompt."""
        return self.prompts.setdefault(name, PromptFigures())

    def lookup(self, name: str) -> Tally:
        """How long that lookup took."""
        return self.lookups.setdefault(name, Tally())

    def merge(self, other: Totals) -> None:
        """All of another."""
        for name in ("calls", "requests", "characters"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("lengths", "ttfa", "late", "dead_air", "first_audio", "call_characters"):
            getattr(self, name).merge(getattr(other, name))
        for name in ("outcomes", "strategies", "kinds"):
            getattr(self, name).update(getattr(other, name))
        self.quiet += other.quiet
        self.broken += other.broken
        self.fallbacks.merge(other.fallbacks)
        for name, tally in other.by_strategy.items():
            self.strategy(name).merge(tally)
        for name, tally in other.lookups.items():
            self.lookup(name).merge(tally)
        for name, figures in other.prompts.items():
            self.prompt(name).merge(figures)

    def as_dict(self, price: Price | None = None) -> dict[str, Any]:
        """All of it as plain values in one order; what it cost is None without a ``price``."""
        return {
            "calls": self.calls,
            "seconds": self.lengths.total,
            "callers": dict(sorted(self.kinds.items())),
            "outcomes": dict(sorted(self.outcomes.items())),
            "ttfa": self.ttfa.as_dict(),
            "ttfa_by_strategy": {name: tally.as_dict() for name, tally in sorted(self.by_strategy.items())},
            "prompts": {
                name: {
                    "ttfa": each.ttfa.as_dict(),
                    "late": each.late.as_dict(),
                    "strategies": dict(sorted(each.strategies.items())),
                    "preamble": each.preamble,
                }
                for name, each in sorted(self.prompts.items())
            },
            "late": self.late.as_dict(),
            "strategies": dict(sorted(self.strategies.items())),
            "fallbacks": self.fallbacks.as_list(),
            "lookups": {name: tally.as_dict() for name, tally in sorted(self.lookups.items())},
            "voice": {
                "first_audio": self.first_audio.as_dict(),
                "requests": self.requests,
                "characters": self.characters,
                "cost": None if price is None else float(price.of(self.characters)),
                "currency": None if price is None else price.currency,
            },
            "dead_air": {
                "limit": LIMIT,
                **self.dead_air.as_dict(),
                "calls": len({each.call for each in self.quiet}),
                "found": [asdict(each) for each in sorted(self.quiet)],
            },
            "broken": [asdict(each) for each in sorted(self.broken)],
        }
