"""What comes and what is sent, noted between the events of a recorded call, in their order."""

from __future__ import annotations

from ivr.call.effects import Effect, Play
from ivr.call.outbox import Outbox
from ivr.trace import doors
from ivr.trace.events import TraceEvent

TOGETHER = 1.0
"""Seconds of the caller's sound that are told by one event."""


class RecordedOutbox(Outbox):
    """Of one call."""

    def __init__(self, call: str) -> None:
        super().__init__(call)
        self.inside = False
        """A door was opened since the trace was drained."""
        self._now = 0.0
        self._messages = 0
        self._samples = 0
        self._media: doors.MediaCame | None = None

    def came(self, event: doors.InwardEvent) -> None:
        """A door was opened."""
        self.inside = True
        if self._media is not None and (event.at - self._media.since >= TOGETHER or isinstance(event, doors.EndCame)):
            self._flush_media()
        self._flush_played()
        self._now = event.at
        self.note(event)

    def media(self, octets: int, timestamp: int, now: float) -> None:
        """A piece of the caller's sound came."""
        self.inside = True
        self._flush_played()
        self._now = now
        before = self._media
        if before is not None and now - before.since >= TOGETHER:
            self._flush_media()
            before = None
        if before is None:
            self._media = doors.MediaCame(1, octets, timestamp, now, now)
        else:
            self._media = doors.MediaCame(before.messages + 1, before.octets + octets, timestamp, before.since, now)

    def sent(self, what: str, name: str) -> None:
        """The codec was asked for a message that carries no audio."""
        self.note(doors.Sent(what, name, self._now))

    def want(self, effect: Effect) -> None:
        """See ``Outbox``; audio is told as so many messages of so many samples."""
        if isinstance(effect, Play):
            self._messages += 1
            self._samples += effect.span.samples
        super().want(effect)

    def note(self, event: TraceEvent) -> None:
        """See ``Outbox``."""
        self._flush_played()
        super().note(event)

    def _flush_played(self) -> None:
        if self._messages:
            played = doors.Played(self._messages, self._samples, self._now)
            self._messages = self._samples = 0
            super().note(played)

    def _flush_media(self) -> None:
        if self._media is not None:
            media, self._media = self._media, None
            super().note(media)
