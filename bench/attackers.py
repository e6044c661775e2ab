"""Peers that mean no good: ``python -m bench.attackers PORT SECONDS SOCKETS OTHERS TLS`` prints how many were let go.

``TLS`` is 1 for a server that has it.
"""

import asyncio
import json
import logging
import os
import ssl
import sys
from collections import Counter
from collections.abc import Awaitable, Callable

from ivr.capacity.dialect import Wire, frame
from ivr.cli.loop import run
from ivr.openfiles import raise_file_limit

UPGRADE = (
    b"GET /twilio HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(55)
"""The first bytes of a TLS client."""
PING = bytes([0x89, 0x80, 0, 0, 0, 0])
EMPTY = bytes([0x01, 0x80, 0, 0, 0, 0]) + bytes([0x00, 0x80, 0, 0, 0, 0]) * 8000
"""A message in 8,001 parts with nothing in them."""
PAUSE = 1.0
"""Seconds until a peer that was let go comes again."""

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


async def silent(reader: Reader, writer: Writer) -> None:
    """Never says what it wants."""
    await _gone(reader)


async def half(reader: Reader, writer: Writer) -> None:
    """Half a request."""
    writer.write(UPGRADE[:60])
    await _gone(reader)


async def hello(reader: Reader, writer: Writer) -> None:
    """TLS that breaks off, or where none is spoken."""
    writer.write(HELLO)
    await _gone(reader)


async def mute(reader: Reader, writer: Writer) -> None:
    """A websocket on which no stream begins."""
    await _upgrade(reader, writer)
    await _gone(reader)


async def chunks(reader: Reader, writer: Writer) -> None:
    """A small body in chunks with much around them."""
    writer.write(b"POST /twilio/answer HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"1;" + b"a" * 8000 + b"\r\nx\r\n")
        await writer.drain()
        await asyncio.sleep(0)  # TLS under uvloop is not closing when it is lost, and drain waits for nothing then


async def slow_reader(reader: Reader, writer: Writer) -> None:
    """A call that sends its caller's sound and never reads."""
    await _upgrade(reader, writer)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    wire = Wire("MZslow")
    writer.write(wire.start("+15550100"))
    while not writer.is_closing():
        writer.write(wire.media() * 10)
        await asyncio.sleep(0.2)


async def slow_writer(reader: Reader, writer: Writer) -> None:
    """A call of which every byte comes a second after the one before."""
    await _upgrade(reader, writer)
    for byte in Wire("MZdrip").start("+15550100"):
        writer.write(bytes([byte]))
        await asyncio.sleep(1.0)
        if writer.is_closing() or reader.at_eof():
            break


async def oversized(reader: Reader, writer: Writer) -> None:
    """A message that is too long."""
    await _upgrade(reader, writer)
    writer.write(Wire("MZbig").start("+15550100") + frame("x" * 70_000))
    await _gone(reader)


async def flood(reader: Reader, writer: Writer) -> None:
    """The caller's sound as fast as it goes."""
    await _flood(reader, writer, Wire("MZflood").media() * 50)


async def pings(reader: Reader, writer: Writer) -> None:
    """Pings as fast as they go, and no look at the answers."""
    await _flood(reader, writer, PING * 5000)


async def parts(reader: Reader, writer: Writer) -> None:
    """Parts of messages as fast as they go."""
    await _flood(reader, writer, EMPTY)


async def _flood(reader: Reader, writer: Writer, what: bytes) -> None:
    await _upgrade(reader, writer)
    writer.write(Wire("MZflood").start("+15550100"))
    while not writer.is_closing():
        writer.write(what)
        await writer.drain()
        await asyncio.sleep(0)


async def _upgrade(reader: Reader, writer: Writer) -> None:
    writer.write(UPGRADE)
    if b" 101 " not in await reader.readuntil(b"\r\n\r\n"):
        raise ConnectionError("refused")


async def _gone(reader: Reader) -> None:
    while await reader.read(65536):
        pass


Peer = Callable[[Reader, Writer], Awaitable[None]]
HALF_OPEN: tuple[Peer, ...] = (silent, half, hello, mute)
OTHERS: tuple[Peer, ...] = (slow_reader, slow_writer, oversized, flood, pings, parts, chunks)


class Attack:
    """Peers, each of which comes again when it was let go; and how often that was."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        self.let_go: Counter[str] = Counter()
        self.open = self.most = 0
        self._port = port
        self._tls = tls

    async def keep(self, peer: Peer, begin: float) -> None:
        """One peer, from ``begin`` seconds on."""
        await asyncio.sleep(begin)
        while True:
            writer = None
            try:
                tls = None if peer in (silent, hello) else self._tls
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port, ssl=tls)
                self.open += 1
                self.most = max(self.most, self.open)
                await peer(reader, writer)
            except (OSError, EOFError):
                pass
            finally:
                if writer is not None:
                    self.open -= 1
                    writer.transport.abort()
            self.let_go[peer.__name__] += 1
            await asyncio.sleep(PAUSE)


def trusting() -> ssl.SSLContext:
    """For a server on this machine, whose certificate nobody knows."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def attack(port: int, seconds: float, sockets: int, others: int, tls: int) -> dict[str, object]:
    """``sockets`` that are half open, ``others`` of each other kind; all come within the first second."""
    it = Attack(port, trusting() if tls else None)
    peers = [HALF_OPEN[index % len(HALF_OPEN)] for index in range(sockets)] + list(OTHERS) * others
    tasks = [asyncio.create_task(it.keep(peer, index / len(peers))) for index, peer in enumerate(peers)]
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    return {"most open": it.most, "let go": dict(it.let_go)}


if __name__ == "__main__":
    raise_file_limit()
    os.nice(5)  # the far side of the live lines runs on the same processors, and its clock is the judge
    logging.getLogger("asyncio").disabled = True  # it tells of each connection that is cut
    numbers = [int(argument) for argument in sys.argv[1:]]

    async def report() -> None:
        print(json.dumps(await attack(numbers[0], *numbers[1:])), flush=True)
        os._exit(0)  # uvloop does not end every handshake of TLS that is cancelled

    run(report())
