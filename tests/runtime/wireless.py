"""A server without sockets: its own protocol factory behind transports that a test holds, and what went wrong in it."""

import asyncio
import logging
from contextlib import asynccontextmanager

from ivr.runtime.server import Server


class Transport(asyncio.Transport):
    """A connection whose far side is the test. What was written is in ``sent``."""

    def __init__(self, protocol, address="192.0.2.7"):
        super().__init__({"peername": (address, 40000)})
        self._protocol = protocol
        self._closing = self._lost = False
        self._paused = False
        self._held = []
        self.sent = bytearray()
        protocol.connection_made(self)

    def set_protocol(self, protocol):
        self._protocol = protocol

    def get_protocol(self):
        return self._protocol

    def set_write_buffer_limits(self, high=None, low=None):
        pass

    def can_write_eof(self):
        return True

    def write_eof(self):
        pass

    def is_closing(self):
        return self._closing

    def pause_reading(self):
        self._paused = True

    def resume_reading(self):
        self._paused = False
        while self._held and not self._paused:
            self.feed(self._held.pop(0))

    def write(self, data):
        assert isinstance(data, bytes | bytearray | memoryview)
        if not self._closing:
            self.sent += data

    def close(self):
        if not self._closing:
            self._closing = True
            asyncio.get_running_loop().call_soon(self.lose)

    abort = close

    def feed(self, data):
        """Bytes from the far side; dropped, as by the system, once this side has closed."""
        if self._paused:
            self._held.append(data)
        elif not self._closing and data:
            self._protocol.data_received(data)

    def end(self):
        """The far side sends no more."""
        if not self._closing and not self._protocol.eof_received():
            self.close()

    def lose(self, error=None):
        """The connection is gone."""
        self._closing = True
        if not self._lost:
            self._lost = True
            self._protocol.connection_lost(error)


class Wrongs(logging.Handler):
    """What must never be: lines at ERROR or with a traceback, and what the loop reports."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def emit(self, record):
        if record.levelno >= logging.ERROR or record.exc_info:
            self.seen.append(logging.Formatter().format(record))

    def report(self, loop, context):
        self.seen.append(repr(context))


class _Sockets:
    sockets = ()

    def close(self):
        pass


@asynccontextmanager
async def wireless(project, voice, **options):
    """A server, how to connect to which of its ports, and its wrongs."""
    loop, wrongs, made = asyncio.get_running_loop(), Wrongs(), []

    async def create_server(factory, *_, **__):
        made.append(factory)
        return _Sockets()

    loop.create_server = create_server
    loop.set_exception_handler(wrongs.report)
    logging.getLogger().addHandler(wrongs)
    try:
        async with Server(project, voice, **options) as server:
            yield server, lambda which=0: Transport(made[which]()), wrongs
    finally:
        logging.getLogger().removeHandler(wrongs)
        del loop.create_server
        loop.set_exception_handler(None)


async def settle(server, turns=2000):
    """Let the loop run until no call is left."""
    for _ in range(turns):
        await asyncio.sleep(0)
        if not server.calls:
            return
