"""Time to first audio: from what the caller did to the first thing heard for it."""

from __future__ import annotations

from ivr.call.outbox import Outbox
from ivr.trace.events import FirstAudio, TraceEvent, TurnStarted
from ivr.trace.sound import SegmentStarted, Strategy


class Turns:
    """Pairs each trigger with the first segment that sounds after it."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._open: TurnStarted | None = None

    def begin(self, trigger: str, now: float) -> None:
        """The caller expects words from now on. A value does not begin a turn where one has yet to sound."""
        if trigger == "value" and self._open is not None:
            return
        self._open = TurnStarted(trigger, now)
        self._outbox.note(self._open)

    def see(self, event: TraceEvent) -> None:
        """Playout reported something."""
        if isinstance(event, SegmentStarted) and event.strategy is not Strategy.SILENCE and self._open is not None:
            ttfa = max(0.0, event.sounds_at - self._open.at)
            self._outbox.note(FirstAudio(self._open.trigger, event.strategy.value, ttfa, event.at))
            self._open = None
