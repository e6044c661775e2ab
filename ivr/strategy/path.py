"""Where a way through the dialogs has come to, and what is known of each turn that it came by."""

from __future__ import annotations

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
    live: list[tuple[float, list[Told]]] = field(default_factory=list)
    """Its live segments in their order, each time."""
    before: set[str] = field(default_factory=set)
    """Lookups that are waited for before it can be said."""
    beside: set[str] = field(default_factory=set)
    """Lookups that run while its words sound."""
