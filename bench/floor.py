"""The floor: the leanest websocket server that plays clips from memory. ``python -m bench.floor``

One raw protocol on uvloop with frames made by hand, base64 ready in memory, and one pacer for all lines. It greets on
``start``, clears and plays another clip on a key, and puts a mark behind each clip. It looks into nothing else.
"""

import asyncio
import base64
import hashlib
import heapq
import os
import re
import time
from functools import cache

from ivr.media.format import MULAW_8K
from ivr.project.load import load
from ivr.project.starter import starter_root

MESSAGE, LEAD, RATE = 800, 0.300, 8000
"""Bytes of sound in a message, seconds sent ahead, bytes a second."""
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY = re.compile(rb"sec-websocket-key: *(\S+)", re.IGNORECASE)
_STREAM = re.compile(rb'"streamSid":"([^"]+)"')

due: list[tuple[float, int, "Floor"]] = []
"""When which line is sent its next message; a heap."""


@cache
def clips() -> tuple[list[str], list[str]]:
    """The starter's greeting and opening hours, as the ends of media messages."""
    sounds = load(starter_root(), os.environ).store.clips(MULAW_8K)
    greeting = sounds["greeting"].payload + sounds["main_menu"].payload
    return _messages(greeting), _messages(sounds["hours"].payload + sounds["again_menu"].payload)


def _messages(sound: bytes) -> list[str]:
    parts = (sound[at : at + MESSAGE] for at in range(0, len(sound), MESSAGE))
    return [f'"media":{{"payload":"{base64.b64encode(part).decode()}"}}}}' for part in parts]


def frame(text: str, opcode: int = 1) -> bytes:
    """A whole message of a server (RFC 6455 §5.2)."""
    data = text.encode("latin-1")
    size = len(data)
    head = bytes((0x80 | opcode, size)) if size < 126 else bytes((0x80 | opcode, 126)) + size.to_bytes(2, "big")
    return head + data


def unmasked(data: memoryview, mask: bytes) -> bytes:
    """What a client masked (§5.3)."""
    size = len(data)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return (int.from_bytes(data, "big") ^ key).to_bytes(size, "big")


class Floor(asyncio.Protocol):
    """One line."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.received = bytearray()
        self.upgraded = False
        self.head = ""
        self.run = 0
        self.clip: list[str] = []
        self.sent = 0
        self.origin = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        self.run += 1
        self.transport = None

    def data_received(self, data: bytes) -> None:
        self.received += data
        if not self.upgraded:
            end = self.received.find(b"\r\n\r\n")
            if end < 0 or (key := _KEY.search(self.received)) is None or self.transport is None:
                return
            accept = base64.b64encode(hashlib.sha1(key[1] + GUID).digest())
            self.transport.write(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
            )
            self.upgraded = True
            del self.received[: end + 4]
        self.frames()

    def frames(self) -> None:
        """Handle those that are whole; a client's are short, masked, and one message each."""
        while len(self.received) >= 6:
            size, at = self.received[1] & 0x7F, 2
            if size == 126:
                size, at = int.from_bytes(self.received[2:4], "big"), 4
            if len(self.received) < at + 4 + size:
                return
            opcode, mask = self.received[0] & 0x0F, bytes(self.received[at : at + 4])
            with memoryview(self.received) as view:
                message = unmasked(view[at + 4 : at + 4 + size], mask)
            del self.received[: at + 4 + size]
            self.message(opcode, message)

    def message(self, opcode: int, message: bytes) -> None:
        """What the far side says."""
        if self.transport is None:
            return
        if opcode == 8 or message.startswith(b'{"event":"stop"'):
            self.transport.write(frame("\x03\xe8", 8))
            self.transport.close()
        elif message.startswith(b'{"event":"start"'):
            found = _STREAM.search(message)
            assert found is not None
            self.head = f'{{"event":"media","streamSid":"{found[1].decode()}",'
            self.play(clips()[0])
        elif message.startswith(b'{"event":"dtmf"'):
            self.transport.write(frame(self.head.replace("media", "clear")[:-1] + "}"))
            self.play(clips()[1])

    def play(self, clip: list[str]) -> None:
        """From now on, in place of what was played."""
        self.run += 1
        self.clip, self.sent, self.origin = clip, 0, time.monotonic()
        self.send(self.run, self.origin)

    def send(self, run: int, now: float) -> None:
        """All that the lead has room for, in one write; the pacer comes back for the rest."""
        if run != self.run or self.transport is None:
            return
        out = []
        while self.sent < len(self.clip) and self.origin + self.sent * MESSAGE / RATE <= now + LEAD - MESSAGE / RATE:
            out.append(frame(self.head + self.clip[self.sent]))
            self.sent += 1
        if self.sent < len(self.clip):
            heapq.heappush(due, (self.origin + (self.sent + 1) * MESSAGE / RATE - LEAD, run, self))
        else:
            out.append(frame(self.head.replace("media", "mark") + '"mark":{"name":"end"}}'))
        self.transport.write(b"".join(out))

    def __lt__(self, other: "Floor") -> bool:
        return id(self) < id(other)


async def pace() -> None:
    """One timer for all lines, every 5 ms."""
    while True:
        await asyncio.sleep(0.005)
        now = time.monotonic()
        while due and due[0][0] <= now:
            _, run, line = heapq.heappop(due)
            line.send(run, now)


async def main() -> None:
    clips()
    server = await asyncio.get_running_loop().create_server(Floor, "127.0.0.1", 0)
    print(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/twilio", flush=True)
    await pace()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
