"""A web service on loopback: real HTTP/1.1 over real TCP, slow and broken in every way that can be scripted.

::

    async with FakeService() as service:
        service.answers["/accounts/0451"] = [Reply(500), Reply(body={"balance": 12.5})]

Each path has a list of answers, taken in order; the last one stays. It is written on ``h11``, from the protocol and
not from the client that it tests.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

import h11

Fault = Literal["stall", "reset", "cut", "nonsense"]
PIECE = 16384


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer."""

    status: int = 200
    body: Any = None
    """JSON, or bytes as they are; None: nothing."""
    kind: str = "application/json"
    headers: Sequence[tuple[str, str]] = ()
    delay: float = 0.0
    """Seconds before the first byte."""
    fault: Fault | None = None
    """What goes wrong:

    ``stall``
        half of the body, then nothing more; the connection stays open
    ``reset``
        the connection is dropped before any answer
    ``cut``
        half of the body, then the connection is closed
    ``nonsense``
        bytes that are no HTTP
    """


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    method: str
    target: str
    headers: dict[str, str]
    """Names in small letters."""
    body: bytes
    connection: int
    """Counts TCP connections from 1."""


@dataclass(slots=True)
class FakeService:
    """An async context manager."""

    answers: dict[str, list[Reply]] = field(default_factory=dict)
    """By path, without the query; any other path is a 404."""
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with the first request."""
    _server: asyncio.Server | None = None
    _port: int = 0
    _serving: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Its root, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        self.connections += 1
        number, http = self.connections, h11.Connection(h11.SERVER)
        try:
            while (asked := await _request(http, reader, number)) is not None:
                self.asked.append(asked)
                self.arrived.set()
                if not await self._answer(http, writer, asked):
                    return
                http.start_next_cycle()
        except (h11.ProtocolError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._serving.discard(task)
            writer.close()

    async def _answer(self, http: h11.Connection, writer: asyncio.StreamWriter, asked: Asked) -> bool:
        """Whether the connection may be used again."""
        left = self.answers.get(asked.target.partition("?")[0], [Reply(404)])
        reply = left.pop(0) if len(left) > 1 else left[0]
        await asyncio.sleep(reply.delay)
        if reply.fault == "reset":
            writer.transport.abort()
            return False
        if reply.fault == "nonsense":
            writer.write(b"what?\r\n\r\n")
            return False
        body = _bytes(reply.body)
        named = {name.lower() for name, _ in reply.headers}
        headers = [*reply.headers, ("Content-Type", reply.kind)]
        if "transfer-encoding" not in named:
            headers.append(("Content-Length", str(len(body))))
        writer.write(http.send(h11.Response(status_code=reply.status, headers=headers)) or b"")
        whole = body if reply.fault is None else body[: len(body) // 2]
        for start in range(0, len(whole), PIECE):
            writer.write(http.send(h11.Data(data=whole[start : start + PIECE])) or b"")
            await writer.drain()
        if reply.fault == "stall":
            await asyncio.Event().wait()
        if reply.fault == "cut":
            return False
        writer.write(http.send(h11.EndOfMessage()) or b"")
        await writer.drain()
        return True


def _bytes(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    return b"" if body is None else json.dumps(body).encode()


async def _request(http: h11.Connection, reader: asyncio.StreamReader, number: int) -> Asked | None:
    """The next request; None when the client closed between two."""
    head: h11.Request | None = None
    body = b""
    while True:
        match http.next_event():
            case h11.NEED_DATA:
                http.receive_data(await reader.read(65536))
            case h11.Request() as begun:
                head = begun
            case h11.Data(data=data):
                body += bytes(data)
            case h11.EndOfMessage():
                assert head is not None
                headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
                return Asked(head.method.decode(), head.target.decode(), headers, body, number)
            case _:
                return None
