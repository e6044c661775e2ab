"""Waiting for a digit: when silence becomes no input."""

from __future__ import annotations

from ivr.call.outbox import Outbox
from ivr.trace.events import Asked, Listening, NoInput


class Asking:
    """The no-input timer. It runs from the last word *heard*, and not while words are still to come."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._seconds: float | None = None
        self.until: float | None = None
        """When the silence is too long; None while nobody listens, or words are still heard."""

    def start(self, seconds: float, now: float, *, saying: bool) -> None:
        """The dialog asks."""
        self._seconds = seconds
        self.until = None
        self._outbox.note(Asked(now))
        if not saying:
            self.words_ended(now)

    def words_ended(self, at: float) -> None:
        """The caller has heard the last word."""
        if self._seconds is not None:
            self.until = at + self._seconds
            self._outbox.note(Listening(self._seconds, at))

    def silent(self, now: float) -> bool:
        """Whether the caller has been silent for too long; says so once."""
        if self.until is None or now < self.until:
            return False
        self.stop()
        self._outbox.note(NoInput(now))
        return True

    def stop(self) -> None:
        """An answer came, or the dialog no longer asks."""
        self._seconds = self.until = None
