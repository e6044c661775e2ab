"""Time of several calls at once: events in their order, those of one instant in the order in which they were made."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from math import inf


@dataclass(slots=True)
class Clock:
    """Seconds since the first of the calls could have begun."""

    now: float = 0.0
    _heap: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _order: count[int] = field(default_factory=count)

    def at(self, time: float, action: Callable[[], None]) -> None:
        """Do something at a time to come; one that has passed is now."""
        heapq.heappush(self._heap, (max(time, self.now), next(self._order), action))

    @property
    def due(self) -> float:
        """When the next is; infinite where there is none."""
        return self._heap[0][0] if self._heap else inf

    def step(self) -> None:
        """Do the next."""
        time, _, action = heapq.heappop(self._heap)
        self.now = max(self.now, time)
        action()
