"""Waiting for keys: when an answer is complete, and when silence becomes no input.

Rules (docs/dialog.md has them as a table):

* The first silence counts from the last word *heard*, and not while words are still to come.
* Each key ends the silence before it and begins the next one, which may last ``between`` seconds.
* While the caller is known to speak no silence counts; it begins when the caller stops. What goes on for
  ``LONGEST_SPEECH`` is taken for noise.
* A terminator right behind an answer that was complete without it is swallowed: callers press # out of habit.
"""

from __future__ import annotations

from collections import deque

from ivr.call.outbox import Outbox
from ivr.dialog.listen import Collector, Ended, Listen, Typed
from ivr.trace.events import Asked, Listening, NoInput

LONGEST_SPEECH = 30.0
"""Seconds for which speech holds the silence off: more than anybody says to a menu."""


class Asking:
    """The question that a dialog waits on, if there is one."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._listen: Listen | None = None
        self._collector: Collector | None = None
        self._limit: float | None = None
        self._swallow = ""
        self._swallow_until = 0.0
        self._speaking = False
        self.until: float | None = None
        """When the silence is too long; None while nobody listens, or words are still heard."""

    def start(self, listen: Listen) -> None:
        """The dialog asks; keys that are at hand come before ``wait``."""
        self._listen, self._collector = listen, Collector(listen)
        self.until = self._limit = None

    def wait(self, now: float, *, saying: bool) -> None:
        """Nothing at hand completes the answer."""
        self._outbox.note(Asked(now))
        if not saying:
            self.silent_from(now)

    def silent_from(self, at: float) -> None:
        """The caller has heard the last word, or has pressed a key that more may follow."""
        if self._listen is None or self._collector is None:
            return
        if self._speaking:
            self.until = at + LONGEST_SPEECH
            return
        seconds = self._listen.between if self._collector.keys else self._listen.first
        self.until = at + seconds
        self._outbox.note(Listening(seconds, at))

    def speech(self, speaking: bool, at: float) -> None:
        """The caller has begun to speak, or has stopped; ``at`` is when."""
        self._speaking = speaking
        if self.until is not None:
            self.silent_from(at)

    def keys(self, ahead: deque[str], now: float) -> Typed | None:
        """Take keys off ``ahead`` until they complete the answer, if they do."""
        while ahead:
            typed = self._key(ahead.popleft(), now)
            if typed is not None:
                if ahead and ahead[0] in self._swallow:
                    self.swallows(ahead.popleft(), now)
                return typed
        return None

    def swallows(self, key: str, now: float) -> bool:
        """Whether a key closes an answer that was complete already; asked of every key, once."""
        swallowed = key in self._swallow and now < self._swallow_until
        self._swallow = ""
        return swallowed

    def _key(self, key: str, now: float) -> Typed | None:
        assert self._listen is not None and self._collector is not None
        typed = self._collector.key(key)
        if typed is not None:
            self._complete(typed, now)
            return typed
        if self._limit is None and self._listen.within is not None:
            self._limit = now + self._listen.within
        return None

    def next_timer(self) -> float | None:
        """When ``overdue`` has something to say."""
        if self.until is None or self._limit is None:
            return self.until
        return min(self.until, self._limit)

    def overdue(self, now: float) -> tuple[Typed | None] | None:
        """What the dialog is answered, in a tuple, if the silence was too long by now: no input is ``(None,)``."""
        if self._collector is None or self.until is None:
            return None
        over = self._limit is not None and now >= self._limit
        if not over and now < self.until:
            return None
        keys = self._collector.keys
        self.stop()
        if not keys:
            self._outbox.note(NoInput(now))
            return (None,)
        return (Typed(keys, Ended.LIMIT if over else Ended.PAUSE),)

    def stop(self) -> None:
        """An answer came, or the dialog no longer asks."""
        self._listen = self._collector = None
        self.until = self._limit = None

    def _complete(self, typed: Typed, now: float) -> None:
        assert self._listen is not None
        if typed.ended is Ended.LENGTH and self._listen.end:
            self._swallow, self._swallow_until = self._listen.end, now + self._listen.between
        self.stop()
