"""How late the event loop wakes: the measure of whether there is room for another call."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable

INTERVAL = 0.05
"""Seconds between two wakes."""

EARLY = 0.0015
"""Seconds by which a wake may be early: uvloop counts in whole milliseconds."""

WINDOW = 5.0
"""Seconds that are remembered."""


class Lateness:
    """Pure: ``now`` is seconds of any clock that does not go back.

    A loop that was blocked for a second missed twenty wakes, each late by less than the one before. They count, or a
    long block would look like a single bad wake among a hundred.
    """

    def __init__(self, now: float, interval: float = INTERVAL, window: float = WINDOW) -> None:
        self.due = now + interval
        """When the next wake should come."""
        self._interval = interval
        self._window = window
        self._seen: deque[tuple[float, float]] = deque(maxlen=math.ceil(window / interval) + 1)
        self._ordered: list[float] | None = None

    def woke(self, now: float) -> float:
        """A wake came. Seconds by which it was late; one that came too early is none, and ``due`` stays."""
        late = max(0.0, now - self.due)
        if late > self._window:
            self.due = now - self._window  # what was before has been forgotten
        while self.due <= now + EARLY:
            self._seen.append((self.due, max(0.0, now - self.due)))
            self.due += self._interval
        self._ordered = None
        return late

    def p99(self, now: float) -> float:
        """Seconds by which the latest wake but one in a hundred was late, and the one that is due now, if it is."""
        ordered = self._order(now)
        usual = ordered[-(-99 * len(ordered) // 100) - 1] if ordered else 0.0
        return max(usual, self._overdue(now))

    def worst(self, now: float) -> float:
        """Seconds by which the latest wake was late."""
        ordered = self._order(now)
        return max(ordered[-1] if ordered else 0.0, self._overdue(now))

    def _overdue(self, now: float) -> float:
        return max(0.0, now - self.due)

    def _order(self, now: float) -> list[float]:
        while self._seen and self._seen[0][0] < now - self._window:
            self._seen.popleft()
            self._ordered = None
        if self._ordered is None:
            self._ordered = sorted(late for _, late in self._seen)
        return self._ordered


class LoopWatch:
    """Wakes every 50 ms and keeps how late that was. ``with LoopWatch(metrics.late) as watch`` in a running loop."""

    def __init__(self, told: Callable[[float], None] | None = None) -> None:
        """``told`` every lateness, in seconds; it must not raise."""
        self._told = told
        self._loop = asyncio.get_running_loop()
        self._lateness = Lateness(time.monotonic())
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> LoopWatch:
        self._lateness = Lateness(time.monotonic())
        self._arm()
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def late_p99(self) -> float:
        """Seconds; over the last 5 s. 10 to 20 µs after a wake, 1 to 2 µs until the next one."""
        return self._lateness.p99(time.monotonic())

    def worst(self) -> float:
        """Seconds; over the last 5 s."""
        return self._lateness.worst(time.monotonic())

    def _arm(self) -> None:
        # The loop's own clock stands still while callbacks run; that is just the time that is to be measured.
        wait = math.ceil((self._lateness.due - time.monotonic()) * 1000) / 1000
        self._timer = self._loop.call_later(max(0.0, wait), self._wake)

    def _wake(self) -> None:
        due = self._lateness.due
        late = self._lateness.woke(time.monotonic())
        self._arm()
        if self._told is not None and self._lateness.due > due:
            self._told(late)
