"""Connections that belong to another worker of the port: the kernel gives each to any, and a call is with one.

Each worker listens at a socket of the file system too, in a directory of the workers alone. Whoever gets a connection
for another's call passes on there what it receives, and back what it is answered. The first line tells the peer's
address. TLS ends with whoever took the connection.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import cast

from ivr.errors import ConfigError

log = logging.getLogger("ivr.workers")

LONGEST_LINE = 256
"""Bytes of the first line."""

PATIENCE = 5.0
"""Seconds that a neighbour may take to accept; it is on this machine."""


class Neighbours:
    """The workers of one port, as one of them sees the others."""

    def __init__(self, directory: Path, worker: int) -> None:
        self._directory = directory
        self._worker = worker
        self._server: asyncio.AbstractServer | None = None
        self._pipes: set[_Pipe] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._quiet = asyncio.Event()
        self._quiet.set()

    async def listen(self, front: Callable[[str], asyncio.Protocol]) -> None:
        """Take what others pass on; ``front`` makes the protocol of a connection from that address.

        Raises ``ConfigError``.
        """
        path = self._path(self._worker)
        with suppress(FileNotFoundError):
            os.unlink(path)  # of a worker of this number that died
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_unix_server(lambda: _Handed(front), str(path))
        except OSError as error:  # a path of over 107 bytes is one
            why = error.strerror or error
            raise ConfigError(
                f"workers cannot listen to each other at {path} ({why}): choose another --run-dir"
            ) from None

    def pass_on(self, worker: int, transport: asyncio.Transport, address: str, received: bytes) -> None:
        """Have ``worker`` answer this connection, of which ``received`` came already."""
        near = _Pipe(self._ended)
        self._pipes.add(near)
        self._quiet.clear()
        transport.set_protocol(near)
        near.connection_made(transport)
        transport.pause_reading()
        task = asyncio.create_task(self._connect(near, worker, f"{address}\n".encode() + received))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self, within: float) -> int:
        """Wait until nothing is passed on any more, ``within`` seconds at most. Returns what is left."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._quiet.wait()
        return len(self._pipes)

    async def close(self) -> None:
        """Pass nothing on, and take nothing."""
        for pipe in list(self._pipes):
            pipe.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            self._server.close()
            self._server = None
            with suppress(OSError):
                os.unlink(self._path(self._worker))

    def _path(self, worker: int) -> Path:
        return self._directory / f"worker-{worker}.sock"

    async def _connect(self, near: _Pipe, worker: int, head: bytes) -> None:
        loop = asyncio.get_running_loop()
        far = _Pipe(lambda pipe: None)
        try:
            async with asyncio.timeout(PATIENCE):
                await loop.create_unix_connection(lambda: far, str(self._path(worker)))
        except OSError as error:  # TimeoutError is one
            log.warning("worker %d cannot be reached for its call: %s", worker, error.strerror or type(error).__name__)
            near.abort()
            return
        far.write(head)
        near.join(far)

    def _ended(self, pipe: _Pipe) -> None:
        self._pipes.discard(pipe)
        if not self._pipes:
            self._quiet.set()


class _Handed(asyncio.Protocol):
    """A connection that a neighbour passes on, until its first line is read."""

    def __init__(self, front: Callable[[str], asyncio.Protocol]) -> None:
        self._front = front
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._received += data
        line, found, rest = self._received.partition(b"\n")
        if found:
            front = self._front(line.decode("ascii", "replace"))
            self._transport.set_protocol(front)
            front.connection_made(self._transport)
            front.data_received(rest)
        elif len(line) > LONGEST_LINE:
            self._transport.abort()


class _Pipe(asyncio.Protocol):
    """One of two connections that pass on to each other what comes, no faster than the other takes it."""

    def __init__(self, ended: Callable[[_Pipe], None]) -> None:
        self._ended = ended
        self._other: _Pipe | None = None
        self._transport: asyncio.Transport | None = None
        self._lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def join(self, other: _Pipe) -> None:
        """Begin."""
        self._other, other._other = other, self
        if self._lost:
            other.abort()
        elif self._transport is not None:
            self._transport.resume_reading()

    def write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._other is not None:
            self._other.write(data)

    def pause_writing(self) -> None:
        if self._other is not None and self._other._transport is not None:
            self._other._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._other is not None and self._other._transport is not None and not self._other._lost:
            self._other._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        if self._other is not None and self._other._transport is not None:
            self._other._transport.close()  # behind what was written to it
        self._ended(self)
