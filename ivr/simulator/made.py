"""One call of a cell, over."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.simulator.emulated import Phone
from ivr.testing.ear import DeadAir, dead_air
from ivr.trace.events import TraceEvent


@dataclass(frozen=True, slots=True)
class Made:
    """What came of it."""

    number: int
    """From 1, in the whole run."""
    kind: str
    trace: list[TraceEvent]
    phone: Phone
    seconds: float
    path: float
    """The longest way from the runtime to the caller that there was, seconds, jitter included."""
    opening: float
    """Seconds after the answer for which its gateway may want to be waited for; see ``Capabilities.opening``."""
    reason: str | None
    """Why it ended; None where it did not."""
    requests: int
    """That regions were asked; what another call asks for as well at that time is asked once."""
    characters: int
    """In them."""
    failures: tuple[str, ...] = ()
    """What did not go as its caller expected."""

    def silences(self, threshold: float) -> tuple[DeadAir, ...]:
        """Silence above ``threshold`` seconds that nobody planned, at the caller's ear.

        Some gateways play nothing before the caller's first sound came, and it is waited for: that is left out.
        """
        return tuple(dead_air(self.phone.heard, self.trace, threshold=threshold, path=self.path, opening=self.opening))
