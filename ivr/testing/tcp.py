"""A plain TCP connection, as far as ``ivr.testing.dialer`` needs what ``websockets`` offers of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Protocol

from websockets.exceptions import ConnectionClosedError

SCHEME = "tcp://"

PIECE = 65536
"""Bytes that are read at once."""


class Line(Protocol):
    """What a dialer does with its socket."""

    @property
    def close_code(self) -> int | None:
        """Of a websocket, once it is closed."""
        ...

    def __aiter__(self) -> AsyncIterator[str | bytes]: ...

    async def send(self, message: str | bytes) -> None:
        """Send, and wait while the far side takes no more. Raises ``ConnectionClosed``."""
        ...

    async def close(self) -> None:
        """Close it."""
        ...


class TcpLine:
    """Messages are pieces of the stream, as they come."""

    close_code = None

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        """Until the far side closes, in order or by a reset."""
        with suppress(ConnectionError):
            while piece := await self._reader.read(PIECE):
                yield piece

    async def send(self, message: str | bytes) -> None:
        """See ``Line``."""
        assert isinstance(message, bytes)
        try:
            self._writer.write(message)
            await self._writer.drain()
        except ConnectionError:
            raise ConnectionClosedError(None, None) from None

    async def close(self) -> None:
        """See ``Line``."""
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


async def connect_tcp(url: str) -> TcpLine:
    """Dial ``tcp://host:port``. Raises ``OSError``."""
    host, _, port = url.removeprefix(SCHEME).rpartition(":")
    return TcpLine(*await asyncio.open_connection(host.strip("[]"), int(port)))
