"""The one timer of a call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Alarm:
    """Of one session. Times are the call's, in seconds."""

    def __init__(self, origin: float) -> None:
        """``origin``: the loop's time at which the call's begins."""
        self._origin = origin
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._due: float | None = None

    def set(self, due: float | None, ring: Callable[[float], None]) -> None:
        """Ring at ``due`` and at no other time; None: not at all. ``ring`` is told the call's time."""
        if due == self._due:
            return
        self.cancel()
        self._due = due
        self._timer = None if due is None else self._loop.call_at(self._origin + due, self._rings, due, ring)

    def cancel(self) -> None:
        """Do not ring."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._due = None

    def _rings(self, due: float, ring: Callable[[float], None]) -> None:
        self._timer = self._due = None
        # A loop may wake up to its clock's resolution early; the call is told the time that it asked for.
        ring(max(self._loop.time() - self._origin, due))
