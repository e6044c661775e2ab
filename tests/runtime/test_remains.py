"""A close that was not read before our own writing broke the socket is found all the same."""

import asyncio
import importlib.util
import os
import socket

import pytest
from websockets.frames import Close, Opcode

from ivr.runtime.connection import take_over
from ivr.runtime.listeners import listener
from ivr.runtime.listeners.remains import code_at_end

LISTENERS = ["websockets", *(["picows"] if importlib.util.find_spec("picows") else [])]
UPGRADE = (
    b"GET /asterisk HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


MASK = b"\x12\x34\x56\x78"


def frame(opcode, data):
    """A client's frame; always with the same mask, so that tests have the same names in every process."""
    size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
    return bytes([0x80 | opcode]) + size + MASK + bytes(byte ^ MASK[at % 4] for at, byte in enumerate(data))


CLOSE = frame(Opcode.CLOSE, Close(1000, "").serialize())


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", None),
        (CLOSE, 1000),
        (frame(Opcode.BINARY, bytes(160)) + CLOSE, 1000),
        (CLOSE[3:], None),
        (frame(Opcode.BINARY, bytes(160)), None),
        (frame(Opcode.CLOSE, b""), None),
        (frame(Opcode.CLOSE, Close(1011, "over and out").serialize()), 1011),
    ],
)
def test_the_code_at_the_end_of_what_was_not_read(data, code):
    assert code_at_end(data) == code


class Hearer:
    """Notes what it is told."""

    def __init__(self):
        self.connection = None
        self.open, self.over = asyncio.Event(), asyncio.Event()

    def opened(self, connection):
        self.connection = connection
        self.open.set()

    def message(self, message):
        pass

    def frame(self):
        pass

    def blocked(self, blocked):
        pass

    def closed(self, why, *, breach):
        self.why, self.breach = why, breach
        self.over.set()


class Front(asyncio.Protocol):
    """Hands the connection over with its request, as the server's does."""

    def __init__(self, protocol):
        self._protocol = protocol

    def connection_made(self, transport):
        self._transport = transport

    def data_received(self, data):
        take_over(self._transport, self._protocol, data)


async def broken(engine, last):
    """Why a connection is told to be closed whose peer sends ``last`` and is gone while we write."""
    hearer = Hearer()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Front(listener(engine)(hearer, 65_536)), "127.0.0.1", 0)
    peer = socket.create_connection(server.sockets[0].getsockname())
    peer.sendall(UPGRADE)
    async with asyncio.timeout(5):
        await hearer.open.wait()
        await loop.run_in_executor(None, peer.recv, 4096)
        # From here on the loop does not run: what the peer sent is not read before we write.
        peer.sendall(last)
        peer.close()
        for _ in range(3):
            hearer.connection.send(os.urandom(800))
        await hearer.over.wait()
    server.close()
    await server.wait_closed()
    return hearer.why, hearer.breach


@pytest.mark.parametrize("engine", LISTENERS)
async def test_a_close_that_our_own_writing_overtook_is_a_close(engine):
    assert await broken(engine, frame(Opcode.BINARY, bytes(160)) + CLOSE) == (
        "the gateway closed the socket with 1000",
        False,
    )


@pytest.mark.parametrize("engine", LISTENERS)
async def test_a_peer_that_is_gone_without_a_close_was_lost(engine):
    why, breach = await broken(engine, frame(Opcode.BINARY, bytes(160)))
    assert why.startswith("the socket closed")
    assert not breach
