"""Input in excess waits its turn: of all connections together one piece is parsed in one turn of the event loop.

So that a crowd of peers that flood delays the sound of others by one piece at a time and not by one piece each.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import ClassVar
from weakref import WeakKeyDictionary

Work = Callable[[], bool]
"""Does one piece; whether there is more."""


class Turns:
    """One for an event loop."""

    _of: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, Turns]] = WeakKeyDictionary()

    def __init__(self) -> None:
        self._queue: deque[Work] = deque()

    @classmethod
    def here(cls) -> Turns:
        """Those of the running loop."""
        return cls._of.setdefault(asyncio.get_running_loop(), cls())

    def add(self, work: Work) -> None:
        """Do ``work`` from the next turn on; it must not raise."""
        self._queue.append(work)
        if len(self._queue) == 1:
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        work = self._queue[0]
        try:
            more = work()
        finally:
            self._queue.popleft()
            if self._queue:
                asyncio.get_running_loop().call_soon(self._turn)
        if more:
            self.add(work)
