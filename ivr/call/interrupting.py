"""Interruptions: what the caller does that ends the words that sound, and from when on it may.

Rules:

* A key interrupts for the question that waits for it, speech for the question behind the words.
* Speech interrupts words that allow it. Speech that began before such words interrupts none of them.
* What may not interrupt yet does so as soon as it may.
* Nothing interrupts the last words before the call ends or is transferred.
"""

from __future__ import annotations

from collections.abc import Callable

from ivr.call.parts import Parts
from ivr.catalog.bargein import By
from ivr.dialog.requests import Ask, Transfer


class Interrupting:
    """Of one call."""

    def __init__(self, parts: Parts, interrupt: Callable[[By, float], None]) -> None:
        """``interrupt`` clears all that is queued and sounding, here and at the gateway."""
        self._parts = parts
        self._interrupt = interrupt

    @property
    def last_words(self) -> bool:
        """What sounds are the last words before the call ends or is transferred."""
        parts = self._parts
        return parts.over is not None or isinstance(parts.running.waiting, Transfer)

    def may(self, by: By, now: float) -> bool:
        """Whether all that is queued or not yet heard may be interrupted; the last words never are."""
        return not self.last_words and self._parts.saying.may_interrupt(by, now)

    def typed_ahead(self, now: float) -> None:
        """A question is put for which there are keys already."""
        if self._parts.playout.saying and self.may(By.DIGIT, now):
            self._interrupt(By.DIGIT, now)

    def attempt(self, now: float) -> bool:
        """Interrupt, if something waits for that and may do it by now."""
        parts, by = self._parts, self._by
        if by is None or not parts.playout.saying or not self.may(by, now):
            return False
        parts.heed.talking_over = False
        self._interrupt(by, now)
        parts.cover.again(parts.speaking, parts.playout, now)
        return True

    def next_timer(self) -> float | None:
        """When ``attempt`` has something to do, if it has not by now."""
        parts = self._parts
        if not parts.ahead and not parts.heed.talking_over:  # as a rule, and this is asked after every event
            return None
        by = self._by
        return parts.saying.open_at(by) if by is not None and parts.playout.saying else None

    def end(self) -> None:
        """The call is over; whoever is interrupted is let go of, so that its memory is free at once."""
        self._interrupt = _nobody

    @property
    def _by(self) -> By | None:
        """What would interrupt the words that sound, if it may."""
        parts = self._parts
        by: By | None = None
        if parts.ahead and isinstance(parts.running.waiting, Ask):
            by = By.DIGIT
        elif parts.heed.talking_over:
            by = By.SPEECH
        return None if by is None or self.last_words else by


def _nobody(by: By, now: float) -> None:
    pass
