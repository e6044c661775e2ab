"""Who calls: kinds of callers, each as often as its weight says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from ivr.catalog.party import TransferOutcome
from ivr.simulator.draws import Draws
from ivr.simulator.driver import EPOCH
from ivr.simulator.simulation import LONGEST, Caller


@dataclass(frozen=True, slots=True)
class Visit:
    """One call to be made: its caller, and what of its surroundings the caller's script decides."""

    caller: Caller
    parameters: Mapping[str, str]
    gateway: str = "twilio"
    """A name of ``ivr.simulator.emulated.EMULATED``."""
    lookups: Mapping[str, Any] = field(default_factory=dict)
    """Answers that go before those of the profile; see ``Driver.lookups``."""
    transfers: Sequence[tuple[float, TransferOutcome | str]] = ()
    started_at: datetime = EPOCH
    longest: float = LONGEST


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
