"""Where the parts of a call leave what they want done and what happened."""

from __future__ import annotations

from ivr.call.effects import Effect, Origin
from ivr.trace.events import TraceEvent


class Outbox:
    """Filled by the call, drained by the shell; never drained inside the call."""

    def __init__(self, call: str) -> None:
        self.origin = Origin(call, "", 0)
        self._effects: list[Effect] = []
        self._trace: list[TraceEvent] = []

    def want(self, effect: Effect) -> None:
        """Something is to be done."""
        self._effects.append(effect)

    def note(self, event: TraceEvent) -> None:
        """Something happened."""
        self._trace.append(event)

    def effects(self) -> list[Effect]:
        """All effects since the last call, in order."""
        effects, self._effects = self._effects, []
        return effects

    def trace(self) -> list[TraceEvent]:
        """All events since the last call, in order."""
        trace, self._trace = self._trace, []
        return trace
