"""What came on one connection: a slice of it is parsed in one turn of the loop, and no more is read meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ivr.runtime.listeners.turns import Turns

SLICE = 2048
"""Bytes that are parsed in one turn, where more came: of websocket frames without content 340, or 4 ms.

Six messages of a caller's sound as JSON, or 120 ms of it: a call that is read in time never waits its turn.
"""


class Intake:
    """Of one connection."""

    def __init__(
        self, transport: asyncio.Transport, parse: Callable[[bytes], None], most: Callable[[], int | None]
    ) -> None:
        """``most``: of how many bytes anything is still to be parsed; where more wait, all are thrown away.

        None: of any number.
        """
        self._transport = transport
        self._parse = parse
        self._most = most
        self._waiting = bytearray()

    def add(self, data: bytes) -> None:
        """It came just now."""
        if self._waiting or len(data) > SLICE:
            if not self._waiting:
                self._transport.pause_reading()
                Turns.here().add(self._next)
            self._waiting += data
        elif data:
            self._parse(data)

    def clear(self) -> None:
        """Nothing of what waits is wanted any more."""
        self._waiting.clear()

    def _next(self) -> bool:
        most = self._most()
        if most is not None and len(self._waiting) > most:
            self._waiting.clear()
        data = bytes(self._waiting[:SLICE])
        del self._waiting[:SLICE]
        if data:
            self._parse(data)
        if self._waiting:
            return True
        if not self._transport.is_closing():
            self._transport.resume_reading()
        return False
