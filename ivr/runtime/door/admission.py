"""How many calls may be in progress, counted before a call costs anything. Times are monotonic seconds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum, StrEnum

RESERVED = 5.0
"""Seconds for which a webhook's answer keeps a place: a platform dials within a second or two of it, or never."""


SPARE = 0.25
"""Part of the limit by which announced calls may pass it: another worker may have kept their places."""


class State(StrEnum):
    """What happens to a new call."""

    OPEN = "open"
    FULL = "full"
    LATE = "late"
    """The event loop is behind; another call would make it worse for those in progress."""
    DRAINING = "draining"


class Busy(Enum):
    """Why there is no place for a call now."""

    DRAINING = "the server is draining"
    CALLS = "too many calls"
    ADDRESS = "too many calls from one address"
    LATE = "the process wakes too late"

    @property
    def state(self) -> State:
        """What it means for every new call."""
        return {Busy.DRAINING: State.DRAINING, Busy.LATE: State.LATE}.get(self, State.FULL)

    @property
    def cause(self) -> str:
        """The label that it is counted by."""
        return {Busy.DRAINING: "draining", Busy.LATE: "late"}.get(self, "calls")


@dataclass(frozen=True, slots=True)
class Limits:
    """See ``ivr.project.settings.serving.ServeSettings``; here for one process."""

    calls: int | None = None
    calls_per_address: int | None = None
    late: float = 0.100


class Admission:
    """Counts calls and the places that are kept for calls which were announced."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.draining = False
        self._calls: Counter[str] = Counter()
        self._kept: dict[str, float] = {}
        self._tickets: dict[str, tuple[str, float]] = {}

    @property
    def calls(self) -> int:
        """Calls in progress."""
        return self._calls.total()

    def busy(self, address: str, late: float, now: float, *, announced: bool = False) -> Busy | None:
        """Why one more call from ``address`` is not taken; None where it is.

        ``late``: seconds by which the process wakes late. ``announced``: a webhook has promised this call, here or in
        another worker, so that it is taken although the process has become late meanwhile, or drains, and to some
        extent although it is full; its caller has heard it ring.
        """
        if self.draining and not announced:
            return Busy.DRAINING
        limits = self.limits
        self._forget(now)
        if limits.calls is not None:
            places = limits.calls * (1 + SPARE) if announced else limits.calls - len(self._kept)
            if self.calls >= places:
                return Busy.CALLS
        if limits.calls_per_address is not None and self._calls[address] >= limits.calls_per_address:
            return Busy.ADDRESS
        if not announced and late > limits.late:
            return Busy.LATE
        return None

    def keep(self, ticket: str, now: float, call: str = "") -> None:
        """A call was announced and will come with this ticket.

        ``call``: the platform's id of it. However often one call is announced, it has one place.
        """
        self._forget(now)
        call = call or ticket
        self._kept.pop(call, None)  # so that places stand in the order in which they end
        self._kept[call] = now + RESERVED
        self._tickets[ticket] = (call, now + RESERVED)

    def came(self, ticket: str) -> None:
        """The call of a ticket is here; its place is kept no longer."""
        call, _ = self._tickets.pop(ticket, ("", 0.0))
        self._kept.pop(call, None)

    def expected(self, now: float) -> float:
        """Seconds until every call that was announced is here or has lost its place; 0 where none is missing."""
        self._forget(now)
        return max(self._kept.values(), default=now) - now

    def begin(self, address: str) -> None:
        """A call from ``address`` begins."""
        self._calls[address] += 1

    def end(self, address: str) -> None:
        """It has ended."""
        self._calls[address] -= 1
        if self._calls[address] <= 0:
            del self._calls[address]

    def _forget(self, now: float) -> None:
        while self._kept and (place := next(iter(self._kept.items())))[1] <= now:
            del self._kept[place[0]]
        while self._tickets and (ticket := next(iter(self._tickets.items())))[1][1] <= now:
            del self._tickets[ticket[0]]
