"""What comes in excess is parsed by slices, in turns with all other connections, and is not read before its turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ivr.runtime.listeners.turns import Turns

SLICE = 2048
"""Bytes that are parsed in one turn of the loop, where more came: of frames without content 340, or 4 ms.

Six messages of a caller's sound, or 120 ms of it: a call that is read in time never waits its turn.
"""

PATIENCE = 4096
"""Bytes that are parsed of what comes behind a breach of the rules; the rest is thrown away."""


class Slices:
    """The input of one connection, on its way to ``parse``."""

    def __init__(self, parse: Callable[[bytes], None]) -> None:
        self._parse = parse
        self._transport: asyncio.Transport | None = None
        self._waiting = bytearray()
        self._patience: int | None = None

    def begin(self, transport: asyncio.Transport) -> None:
        """Where the input comes from."""
        self._transport = transport

    def receive(self, data: bytes) -> None:
        """Parse it now, or what is more than a slice later."""
        if self._patience is not None:
            self._patience -= len(data)
            if self._patience < 0:
                return
        if self._waiting or len(data) > SLICE:
            if not self._waiting and self._transport is not None:
                self._transport.pause_reading()
                Turns.here().add(self._next)
            self._waiting += data
        elif data:
            self._parse(data)

    def let_go(self) -> bool:
        """Whoever sends has broken the rules: only so much is parsed yet as its own close may stand behind.

        Whether this is news.
        """
        if self._patience is not None:
            return False
        self._patience = PATIENCE
        return True

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting.clear()

    def end(self) -> None:
        """The connection is gone."""
        self._waiting.clear()
        self._transport = None
        self._parse = _drop

    def _next(self) -> bool:
        if self._transport is None or (self._patience is not None and len(self._waiting) > self._patience):
            self._waiting.clear()
        data = bytes(self._waiting[:SLICE])
        del self._waiting[:SLICE]
        if data:
            self._parse(data)
        if self._waiting:
            return True
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
        return False


def _drop(_: bytes) -> None:
    pass
