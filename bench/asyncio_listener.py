"""The asyncio server of ``websockets`` behind our seam, to compare with. ``python -m bench.asyncio_listener``"""

import asyncio
import os
from collections.abc import Coroutine
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.server import ServerProtocol

from ivr.project.load import load
from ivr.project.starter import starter_root
from ivr.runtime.connection import CLOSE_TIMEOUT, WRITE_HIGH, WRITE_LOW, Hearer, Message
from ivr.runtime.metrics import Metrics
from ivr.runtime.server import Server
from ivr.runtime.serving import Serving
from ivr.speech.voices import open_voice


class _House:
    """As much of ``websockets.asyncio.server.Server`` as a connection asks for."""

    def __init__(self, socket: "_Socket") -> None:
        self.socket = socket
        self.handler_tasks: set[asyncio.Task[None]] = set()

    def is_serving(self) -> bool:
        return True

    def handler(self, connection: ServerConnection) -> Coroutine[Any, Any, None]:
        return self.socket.run(connection)


class _Socket:
    """Tells a hearer what an asyncio connection does; a queue and a task take what the call sends."""

    def __init__(self, hearer: Hearer) -> None:
        self._hearer = hearer
        self._out: asyncio.Queue[Message | int] = asyncio.Queue()
        self._connection: ServerConnection | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, connection: ServerConnection) -> None:
        self._connection = connection
        await connection.handshake()
        connection.start_keepalive()
        sender = asyncio.create_task(self._send())
        self._hearer.opened(self)
        try:
            async for message in connection:
                self._hearer.message(message)
        except ConnectionClosed:
            pass
        finally:
            sender.cancel()
            self._hearer.closed(f"the gateway closed the socket with {connection.close_code}", breach=False)
            await connection.close()

    async def _send(self) -> None:
        assert self._connection is not None
        try:
            while True:
                message = await self._out.get()
                if isinstance(message, int):
                    await self._connection.close(message)
                    return
                await self._connection.send(message)
        except ConnectionClosed:
            pass

    def send(self, *messages: Message) -> None:
        for message in messages:
            self._out.put_nowait(message)

    def close(self, code: int) -> None:
        self._out.put_nowait(code)

    def abort(self) -> None:
        if self._connection is not None:
            self._connection.transport.abort()


def listener(hearer: Hearer, max_message: int) -> asyncio.BaseProtocol:
    """See ``ivr.runtime.connection.Listener``."""
    house: Any = _House(_Socket(hearer))
    return ServerConnection(
        ServerProtocol(max_size=max_message), house, close_timeout=CLOSE_TIMEOUT, write_limit=(WRITE_HIGH, WRITE_LOW)
    )


async def main() -> None:
    project = load(starter_root(), os.environ)
    voice = open_voice(**project.settings.voice.options())
    serving = Serving(listener=listener, metrics=Metrics())
    async with Server(project, voice, port=0, serving=serving) as server:
        print(f"ws://127.0.0.1:{server.port}/twilio", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
