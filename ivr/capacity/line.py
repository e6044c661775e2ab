"""One line of the driver: dials, speaks a script to the server, listens, hangs up and dials again."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import orjson
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import WebSocketURI

from ivr.capacity.dialect import Wire
from ivr.capacity.hearing import Hearing
from ivr.capacity.script import Script


@dataclass(slots=True)
class Tally:
    """What all lines saw. Lists of seconds; one entry for each event."""

    greeting: list[float] = field(default_factory=list)
    """``start`` sent to the first sound received."""
    clear: list[float] = field(default_factory=list)
    """Key sent, in the middle of words, to ``clear`` received."""
    prompt: list[float] = field(default_factory=list)
    """Key sent to the first sound of what follows it."""
    gaps: list[float] = field(default_factory=list)
    calls: int = 0
    """Calls that ended after they were answered."""
    connected: float = 0.0
    """Seconds of all calls."""
    refused: dict[str, int] = field(default_factory=dict)
    """Calls that were not answered, by what was said instead."""
    broken: dict[str, int] = field(default_factory=dict)
    """Calls that ended as neither side's script says, by what happened."""


class Line(asyncio.Protocol):
    """One call on one socket. The driver calls ``tick`` every 20 ms."""

    def __init__(self, uri: WebSocketURI, stream: str, script: Script, tally: Tally) -> None:
        self._protocol = ClientProtocol(uri, max_size=1 << 20)
        self._wire = Wire(stream)
        self._media = self._wire.media()
        self._script = script
        self._keys = deque(script.keys)
        self._tally = tally
        self._hearing = Hearing()
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._started_at: float | None = None
        self._dialled_at = self._loop.time()
        self._greeted = False
        self._pressed_at: float | None = None
        self._cleared = False
        self._hung_up = False
        self._aborted = False
        self._refused = False
        self.over = asyncio.Event()
        """The socket is closed."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        self._protocol.send_request(self._protocol.connect())
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Handle every message that is whole."""
        now = self._loop.time()
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Response):
                self._answered(event, now)
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self._message(event.data, now)
            elif isinstance(event, Frame) and event.opcode not in (Opcode.CLOSE, Opcode.PING, Opcode.PONG):
                _count(self._tally.broken, f"a frame of kind {event.opcode.name}")
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the call, and let the driver dial again."""
        now = self._loop.time()
        self._protocol.receive_eof()
        self.over.set()
        if self._aborted:
            return
        if self._started_at is not None:
            self._tally.calls += 1
            self._tally.connected += now - self._started_at
            self._tally.gaps += self._hearing.gaps
            if not self._greeted:
                _count(self._tally.broken, "answered, and never a sound")
            elif not self._hung_up and self._protocol.close_code != 1000:
                _count(self._tally.broken, f"the socket closed with {self._protocol.close_code}")
        elif not self._refused:
            _count(self._tally.broken, "the socket closed before an answer")

    def tick(self, now: float) -> None:
        """20 ms have passed: the caller's side of the sound, the marks and keys that are due, and perhaps the end."""
        if (
            self._started_at is None
            or self._hung_up
            or self._aborted
            or self._transport is None
            or self._transport.is_closing()
        ):
            return
        out = [self._media]
        out += [self._wire.echo(name) for name in self._hearing.due(now)]
        since = now - self._started_at
        if self._keys and self._keys[0][0] <= since and self._pressed_at is None:
            out.append(self._wire.key(self._keys.popleft()[1]))
            playing = self._hearing.ends_at is not None and self._hearing.ends_at > now + 0.02
            self._pressed_at, self._cleared = self._loop.time(), not playing
            self._hearing.acted(now)
        if since >= self._script.seconds:
            out.append(self._wire.stop())
            self._hung_up = True
        self._transport.write(b"".join(out))
        if self._hung_up:
            self._transport.close()

    def abort(self) -> None:
        """End at once, without a word; the call is not counted."""
        self._aborted = True
        if self._transport is not None:
            self._transport.abort()

    def _answered(self, response: Response, now: float) -> None:
        assert self._transport is not None
        if response.status_code != 101:
            self._refused = True
            _count(self._tally.refused, f"{response.status_code} {response.reason_phrase}")
            self._transport.close()
            return
        self._started_at = self._loop.time()
        self._transport.write(self._wire.start("+15550100"))

    def _message(self, data: bytes | bytearray | memoryview, now: float) -> None:
        message = orjson.loads(bytes(data))
        match message["event"]:
            case "media":
                payload = message["media"]["payload"]
                self._sound(len(payload) * 3 // 4 - payload.count("=", -2), now)
            case "mark":
                self._hearing.mark(message["mark"]["name"], now)
            case "clear":
                self._hearing.clear(now)
                if self._pressed_at is not None and not self._cleared:
                    self._cleared = True
                    self._tally.clear.append(now - self._pressed_at)
            case other:
                _count(self._tally.broken, f"an unknown event {other!r}")

    def _sound(self, samples: int, now: float) -> None:
        self._hearing.media(samples, now)
        if not self._greeted:
            self._greeted = True
            assert self._started_at is not None
            self._tally.greeting.append(now - self._started_at)
        elif self._pressed_at is not None and self._cleared:
            self._tally.prompt.append(now - self._pressed_at)
            self._pressed_at = None

    def _flush(self) -> None:
        assert self._transport is not None
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.write_eof()


def _count(counts: dict[str, int], what: str) -> None:
    counts[what] = counts.get(what, 0) + 1


Scripts = Iterator[Script]
