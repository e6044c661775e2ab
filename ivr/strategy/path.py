"""Where a way through the dialogs has come to, and what is known of each turn that it came by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ivr.strategy.delays import Dice, Vector, Weighed
from ivr.strategy.timeline import Timeline, Told


@dataclass(frozen=True, slots=True)
class Running:
    """A lookup that the dialog has started and not waited for."""

    name: str
    done: Vector
    """When it returns."""


@dataclass
class Path:
    """From a trigger on. ``fork`` gives another one; nothing is shared that changes."""

    weight: float
    """How often a call goes this way."""
    locale: str
    timeline: Timeline = field(default_factory=Timeline)
    running: dict[str, Running] = field(default_factory=dict)
    """By the variable that takes the value."""
    stack: tuple[tuple[str, str], ...] = ()
    """Dialogs that wait for this one, and the state in which each goes on."""
    waited: tuple[str, ...] = ()
    """Lookups that were waited for."""
    spoke: bool = False
    """Something was said since the trigger."""
    dice: Dice = field(default_factory=Dice)
    depth: int = 0

    def fork(self, share: float) -> Path:
        """Another way from here, which so many of the calls take."""
        return replace(
            self,
            weight=self.weight * share,
            timeline=self.timeline.copy(),
            running=dict(self.running),
            dice=Dice(self.dice.used),
        )


@dataclass
class Figures:
    """Of one turn."""

    at_once: list[Weighed] = field(default_factory=list)
    """Seconds from the trigger to the first sound, where it is the first that is said; by how often that is."""
    behind: list[Weighed] = field(default_factory=list)
    """Seconds of silence before it, where it goes on behind other words."""
    values: list[tuple[float, list[Told]]] = field(default_factory=list)
    """Its values in their order, each time that none is lost."""
    often: float = 0.0
    """How often it was said."""
    asked: list[float] = field(default_factory=list)
    """How often the voice was asked for each value, in their order."""
    before: set[str] = field(default_factory=set)
    """Lookups that are waited for before it can be said."""
    beside: set[str] = field(default_factory=set)
    """Lookups that run while its words sound."""

    def asks(self, weight: float, told: Sequence[Told]) -> None:
        """It was said once more, so often, with these values as far as it came."""
        self.often += weight
        self.asked += [0.0] * (len(told) - len(self.asked))
        for place, each in enumerate(told):
            self.asked[place] += weight * float(each.said.asked.mean())
