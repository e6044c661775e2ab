"""Every listener keeps the same promises to the call, whatever a peer does. A raw peer over real sockets."""

import asyncio
import importlib.util
import struct
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from ivr.errors import ConfigError
from ivr.runtime.connection import WRITE_HIGH, take_over
from ivr.runtime.listeners import LISTENERS, listener
from ivr.runtime.listeners.slices import SLICE

HANDSHAKE = (
    b"GET /twilio HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
MAX = 4096


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, masked: bool = True) -> bytes:
    """RFC 6455 §5.2, by hand, so that it can be wrong on purpose."""
    head = bytes([opcode | (0x80 if fin else 0)])
    flag = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes([flag | len(payload)])
    elif len(payload) < 65536:
        head += bytes([flag | 126]) + struct.pack("!H", len(payload))
    else:
        head += bytes([flag | 127]) + struct.pack("!Q", len(payload))
    return head + (bytes(4) if masked else b"") + payload


class Told:
    """A hearer that writes down what it is told."""

    def __init__(self):
        self.messages = []
        self.frames = 0
        self.blocks = []
        self.ends = []
        self.connection = None
        self.ended = asyncio.Event()

    def opened(self, connection):
        self.connection = connection

    def message(self, message):
        self.messages.append(message)

    def frame(self):
        self.frames += 1

    def blocked(self, blocked):
        self.blocks.append(blocked)

    def closed(self, why, *, breach):
        self.ends.append((why, breach))
        self.ended.set()


class Peer:
    def __init__(self, reader, writer, told):
        self.reader, self.writer, self.told = reader, writer, told

    async def send(self, *frames):
        self.writer.write(b"".join(frames))
        await self.writer.drain()

    async def receive(self):
        """One frame: opcode and payload."""
        first, second = await asyncio.wait_for(self.reader.readexactly(2), 5)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", await self.reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
        return first & 0x0F, await asyncio.wait_for(self.reader.readexactly(size), 5)

    async def close_code(self):
        while True:
            opcode, payload = await self.receive()
            if opcode == 8:
                return struct.unpack("!H", payload[:2])[0] if payload else None

    async def until(self, condition):
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110 - what a raw peer sees has no event
                await asyncio.sleep(0.005)


class Early(asyncio.Protocol):
    """Reads the request, then hands over, as the front does."""

    def __init__(self, make):
        self.make, self.read = make, b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.read += data
        if b"\r\n\r\n" in self.read:
            take_over(self.transport, self.make(), self.read)


@pytest.fixture(params=LISTENERS)
def engine(request):
    if request.param == "picows" and importlib.util.find_spec("picows") is None:
        pytest.skip("the extra 'fast' is not installed")
    return listener(request.param)


@pytest.fixture
async def line(engine):
    async with opened(engine) as peer:
        yield peer


@asynccontextmanager
async def opened(engine, *after):
    told = Told()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Early(lambda: engine(told, MAX)), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
    try:
        writer.write(HANDSHAKE + b"".join(after))
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        assert head.startswith(b"HTTP/1.1 101") and b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head  # RFC 6455 §1.3
        peer = Peer(reader, writer, told)
        await peer.until(lambda: told.connection is not None)
        yield peer
    finally:
        writer.close()
        server.close()
        if told.connection is not None:
            told.connection.abort()
        await asyncio.sleep(0)


async def test_text_and_binary_are_told_apart_whatever_their_size(line):
    sizes = [0, 1, 125, 126, 127, 1000, MAX]
    await line.send(*(frame(1, b"a" * size) for size in sizes), *(frame(2, b"b" * size) for size in sizes))
    await line.until(lambda: len(line.told.messages) == 2 * len(sizes))
    assert line.told.messages == ["a" * size for size in sizes] + [b"b" * size for size in sizes]


async def test_messages_that_come_with_the_handshake_are_not_lost(engine):
    async with opened(engine, frame(1, b"early"), frame(1, b"bird")) as line:
        await line.until(lambda: line.told.messages == ["early", "bird"])


async def test_a_message_byte_by_byte(line):
    for byte in frame(1, "né".encode()):
        await line.send(bytes([byte]))
    await line.until(lambda: line.told.messages == ["né"])


async def test_fragments_become_one_message_also_with_a_ping_between(line):
    await line.send(
        frame(1, b"on", fin=False),
        frame(9, b"still there?"),
        frame(0, b"", fin=False),
        frame(0, b"e"),
        frame(2, b"two"),
    )
    assert await line.receive() == (10, b"still there?")
    await line.until(lambda: line.told.messages == ["one", b"two"])


async def test_a_ping_is_answered_and_told(line):
    await line.send(frame(9, b"a"), frame(9, b"b"))
    assert [await line.receive() for _ in range(2)] == [(10, b"a"), (10, b"b")]
    assert line.told.frames == 2


async def test_what_is_sent_arrives_in_order(line):
    for number in range(100):
        line.told.connection.send(f"{number}")
    line.told.connection.send(b"\x00\xff")
    assert [await line.receive() for _ in range(101)] == [(1, f"{n}".encode()) for n in range(100)] + [(2, b"\x00\xff")]


BREACHES = {
    "not UTF-8": (frame(1, b"\xff\xfe"), 1007),
    "not masked": (frame(1, b"hello", masked=False), 1002),
    "too long": (frame(1, b"a" * (MAX + 1)), 1009),
    "too long in parts": (frame(1, b"a" * MAX, fin=False) + frame(0, b"a"), 1009),
    "an unknown opcode": (frame(3, b"?"), 1002),
    "a continuation of nothing": (frame(0, b"x"), 1002),
    "a message within a message": (frame(1, b"x", fin=False) + frame(1, b"y"), 1002),
}


@pytest.mark.parametrize("breach", BREACHES)
async def test_a_breach_of_the_protocol_ends_the_line_and_says_so(line, breach):
    sent, code = BREACHES[breach]
    await line.send(sent, frame(1, b"after"))
    try:
        assert await line.close_code() == code
    except (asyncio.IncompleteReadError, ConnectionError):
        pytest.fail("the socket was dropped without a close frame")
    await asyncio.wait_for(line.told.ended.wait(), 5)
    ((why, breached),) = line.told.ends
    assert breached and str(code) in why
    assert line.told.messages == []


async def test_the_peers_close_is_answered_and_told_once(line):
    await line.send(frame(8, struct.pack("!H", 1001)))
    assert await line.close_code() in (1000, 1001)
    assert await line.reader.read() == b""
    await asyncio.wait_for(line.told.ended.wait(), 5)
    ((_, breached),) = line.told.ends
    assert not breached


async def test_our_close_stands_behind_what_was_sent(line):
    for number in range(20):
        line.told.connection.send(f"{number}")
    line.told.connection.close(1008)
    line.told.connection.send("too late")
    line.told.connection.close(1000)
    assert [await line.receive() for _ in range(20)] == [(1, f"{n}".encode()) for n in range(20)]
    assert await line.close_code() == 1008
    await line.send(frame(8, struct.pack("!H", 1008)))
    assert await line.reader.read() == b""
    await asyncio.wait_for(line.told.ended.wait(), 5)
    assert len(line.told.ends) == 1


async def test_a_peer_that_vanishes_is_told_once(line):
    line.writer.transport.abort()
    await asyncio.wait_for(line.told.ended.wait(), 5)
    ((_, breached),) = line.told.ends
    assert not breached


async def test_a_peer_that_does_not_read_blocks_and_unblocks(line):
    while not line.told.blocks:
        line.told.connection.send("x" * 1000)
        await asyncio.sleep(0)
    assert line.told.blocks == [True]
    received = 0
    while line.told.blocks == [True]:
        received += len((await line.receive())[1])
    assert line.told.blocks == [True, False]
    assert received > WRITE_HIGH / 2


async def test_what_comes_in_excess_is_parsed_by_slices_so_that_others_have_their_turn(line):
    seen = []

    async def turns():
        while True:
            seen.append(line.told.frames)
            await asyncio.sleep(0)

    watching = asyncio.create_task(turns())
    number = 200_000
    sending = asyncio.create_task(line.send(*[frame(10)] * number))
    await line.until(lambda: line.told.frames == number)
    await sending
    watching.cancel()
    most = max(after - before for before, after in pairwise(seen))
    assert most <= 2 * SLICE / len(frame(10)) + 2, most


async def test_who_breaks_the_rules_and_does_not_read_is_given_up(line):
    while not line.told.blocks:
        line.told.connection.send("x" * 1000)
        await asyncio.sleep(0)
    await line.send(frame(3, b"?"))
    await line.until(lambda: line.told.connection._transport is None)
    ((_, breached),) = line.told.ends
    assert breached


async def test_abort_ends_it_at_once(line):
    line.told.connection.abort()
    await asyncio.wait_for(line.told.ended.wait(), 5)
    line.told.connection.send("nothing happens")
    line.told.connection.close(1000)
    line.told.connection.abort()
    assert len(line.told.ends) == 1


def test_another_name_is_refused_with_those_there_are():
    with pytest.raises(ConfigError, match="websockets, picows"):
        listener("twisted")
