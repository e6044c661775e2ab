"""A server that misbehaves on a real socket, and figures in which nothing is wrong."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from websockets.asyncio.server import ServerConnection, serve

from ivr.capacity.figures import Figures

Answer = Callable[[ServerConnection], Awaitable[None]]

FIGURES = Figures(
    lines=20,
    seconds=10.0,
    calls=40,
    greeting={50: 0.001, 99: 0.002},
    clear={50: 0.001, 99: 0.002},
    prompt={50: 0.001, 99: 0.003},
    gaps=0,
    worst_gap=0.0,
    pressed=50,
    unanswered=0,
    refused={},
    broken={},
    processor=0.2,
    per_call_minute=0.15,
    memory_per_call=20_000.0,
    memory=50_000_000,
    processes=1,
    driver=0.1,
    driver_late=0.001,
    void=None,
)


def media(seconds: float) -> str:
    payload = base64.b64encode(b"\x7f" * round(seconds * 8000)).decode()
    return json.dumps({"event": "media", "streamSid": "x", "media": {"payload": payload}})


MARK = json.dumps({"event": "mark", "streamSid": "x", "mark": {"name": "end"}})
CLEAR = json.dumps({"event": "clear", "streamSid": "x"})


async def until(socket: ServerConnection, *events: str) -> str | None:
    """The next of ``events``; None where the caller hung up before."""
    async for message in socket:
        found = json.loads(message)["event"]
        if found in events:
            return str(found)
    return None


async def polite(socket: ServerConnection) -> None:
    """Greets for a minute, answers every key, and closes when the caller hangs up."""
    if await until(socket, "start") is None:
        return
    await socket.send(media(60))
    while (found := await until(socket, "dtmf", "stop")) == "dtmf":
        await socket.send(CLEAR)
        await socket.send(media(60))
    if found == "stop":
        await socket.close()


@asynccontextmanager
async def toy(answer: Answer, **options: object) -> AsyncIterator[str]:
    """Its address."""
    async with serve(answer, "127.0.0.1", 0, compression=None, **options) as server:  # type: ignore[arg-type]
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/twilio"


@asynccontextmanager
async def raw(answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[str]:
    """A server that need not speak HTTP."""

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(answered, "127.0.0.1", 0)
    async with server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/twilio"
