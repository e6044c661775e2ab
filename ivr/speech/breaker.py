"""A circuit breaker: what failed again and again is left alone for a while, then tried once. Pure.

Whoever wants to try asks ``enter`` for a ticket and reports on it exactly once, with ``succeeded``, ``failed`` or
``left``; ``heard`` may come before. A ticket from before the breaker last opened says nothing new and is ignored.
"""

from __future__ import annotations

from typing import Literal

from ivr.errors import ConfigError

FAILURES = 5
"""Failures in a row that open it. A call asks twice for words that fail, so it takes three calls in trouble: one
sentence that the voice cannot say keeps nobody else from speech, and an outage costs few callers a time-out."""
COOL_DOWN = 1.0
"""Seconds that it stays open at first: a restart behind a load balancer is over by then, and callers who are refused in
so short a time are few."""
LONGEST = 10.0
"""Seconds that it stays open at the most. It doubles up to that: a provider that came back is used again so soon, and
one request in that time burdens neither side."""

State = Literal["closed", "open", "half-open"]


class Breaker:
    """One for each region, shared by all calls. All times are seconds of one clock."""

    def __init__(self, failures: int = FAILURES, cool_down: float = COOL_DOWN, longest: float = LONGEST) -> None:
        if failures < 1 or not 0 < cool_down <= longest:
            raise ConfigError("a breaker needs at least 1 failure and a cool-down of more than 0 s, up to the longest")
        self._most = failures
        self._first, self._longest = cool_down, longest
        self._failures = 0
        self._cool_down = cool_down
        self._until: float | None = None
        self._probing = False
        self._opened = 0
        self._shaken_until = float("-inf")

    def state(self, now: float) -> State:
        """closed: all pass. open: none. half-open: one at a time, as a probe."""
        if self._until is None:
            return "closed"
        return "open" if now < self._until else "half-open"

    def shaken(self, now: float) -> bool:
        """It failed a moment ago (a first cool-down, or what the provider asked for), or is open: better elsewhere."""
        return now < self._shaken_until

    def enter(self, now: float) -> int | None:
        """A ticket to try, or None where that is not allowed now."""
        match self.state(now):
            case "closed":
                return self._opened
            case "half-open" if not self._probing:
                self._probing = True
                return self._opened
            case _:
                return None

    def heard(self, ticket: int) -> bool:
        """The first audio came: others may pass, but one more failure opens it again. True when this closed it."""
        if ticket != self._opened or self._until is None:
            return False
        self._until, self._probing = None, False
        self._failures = self._most - 1
        return True

    def succeeded(self, ticket: int) -> bool:
        """All audio came. True when this closed it."""
        if ticket != self._opened:
            return False
        closed = self.heard(ticket)
        self._failures = 0
        self._cool_down = self._first
        return closed

    def failed(self, ticket: int, now: float, retry_after: float | None = None) -> bool:
        """``retry_after``: seconds that the provider asked for; heeded up to the longest. True when this opened it."""
        if ticket != self._opened:
            return False
        asked = min(retry_after or 0.0, self._longest)
        self._shaken_until = now + max(self._first, asked)
        self._failures += 1
        closed = self._until is None
        if closed and self._failures < self._most:
            return False
        self._until, self._probing = now + max(self._cool_down, asked), False
        self._shaken_until = max(self._shaken_until, self._until)
        self._cool_down = min(self._cool_down * 2, self._longest)
        self._opened += 1
        return closed

    def left(self, ticket: int) -> None:
        """Given up before it could tell anything: as if it had not been tried."""
        if ticket == self._opened and self._until is not None:
            self._probing = False
