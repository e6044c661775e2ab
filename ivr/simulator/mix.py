"""Who calls: kinds of callers, each as often as its weight says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ivr.call.plan import CallPlan
from ivr.simulator.conditions import Conditions
from ivr.simulator.draws import Draws
from ivr.simulator.made import Made
from ivr.simulator.simulation import Caller


def nothing(made: Made) -> Sequence[str]:
    """Of a caller who expects nothing."""
    return ()


@dataclass(frozen=True, slots=True)
class Arranged:
    """A caller, and the surroundings of the call as the caller's script wants them."""

    caller: Caller
    conditions: Conditions
    own_voice: bool = False
    """The voice of ``conditions`` answers, and not that of the cell."""
    failures: Callable[[Made], Sequence[str]] = nothing
    """What did not go as was expected, in words."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One call to be made."""

    parameters: Mapping[str, str]
    gateway: str
    """A name of ``ivr.simulator.emulated.EMULATED``."""
    arrange: Callable[[CallPlan, Conditions], Arranged]
    """By the plan of the gateway, and the surroundings that the profile gives the call."""


class Kind(Protocol):
    """One kind of caller."""

    @property
    def name(self) -> str:
        """What reports call it."""
        ...

    @property
    def gateways(self) -> Sequence[str]:
        """Those that its visits come by: plans are made for them before the first call."""
        ...

    def visit(self, number: int, draws: Draws) -> Visit:
        """The call of that number; what is by chance in it comes from ``draws``."""
        ...


@dataclass(frozen=True, slots=True)
class Mix:
    """Kinds and their weights."""

    kinds: Sequence[Kind]
    weights: Sequence[float]

    def pick(self, draws: Draws) -> Kind:
        """One of them."""
        return self.kinds[draws.weighed(self.weights)]
