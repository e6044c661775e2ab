"""Which tickets were used: a memory for one process. ``burnt_files`` holds the one for several."""

from __future__ import annotations

import heapq
from typing import Protocol

from ivr.errors import LocalGatewayError

CAPACITY = 100_000
"""Tickets at a time; remembered for 60 s and the margin each, that is over 270 calls a second in one process."""

MARGIN = 300.0
"""Seconds for which an expired ticket is still remembered, should the wall clock be set back."""


class Burnt(Protocol):
    """Remembers what was used. Only ids of genuine tickets come here, so a stranger cannot fill it."""

    def burn(self, id: str, expires: float, now: float) -> bool:
        """Use ``id`` up; False if it was before. Times in seconds of wall time. Raises ``LocalGatewayError``."""
        ...


class BurntHere:
    """In the memory of this process."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._ids: set[str] = set()
        self._expiring: list[tuple[float, str]] = []

    def __len__(self) -> int:
        return len(self._ids)

    def burn(self, id: str, expires: float, now: float) -> bool:
        """See ``Burnt``. Raises ``LocalGatewayError`` when full: to forget one would let it in again."""
        while self._expiring and self._expiring[0][0] + MARGIN <= now:
            self._ids.discard(heapq.heappop(self._expiring)[1])
        if id in self._ids:
            return False
        if len(self._ids) >= self._capacity:
            raise LocalGatewayError(f"{self._capacity} tickets are remembered, and no more can be")
        self._ids.add(id)
        heapq.heappush(self._expiring, (expires, id))
        return True
