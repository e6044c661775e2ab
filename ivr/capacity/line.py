"""One line of the driver: dials, speaks a script to the server, listens, and hangs up."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import cast

import orjson
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import WebSocketURI

from ivr.capacity.dialect import Wire
from ivr.capacity.hearing import Hearing
from ivr.capacity.run import Board, count
from ivr.capacity.script import Script

CALLER = "+15550100"
"""From the range that the North American plan keeps for fiction."""

PATIENCE = 5.0
"""Seconds that a server gets to answer a dial, and to close the socket of a caller who hung up."""

clock = time.perf_counter
"""An event loop's own clock stands still while it works, and uvloop's has steps of 1 ms."""


class Line(asyncio.Protocol):
    """One call on one socket. The driver calls ``tick`` every 20 ms."""

    def __init__(self, uri: WebSocketURI, stream: str, script: Script, board: Board) -> None:
        self._protocol = ClientProtocol(uri, max_size=1 << 20)
        self._wire = Wire(stream)
        self._media = self._wire.media()
        self._script = script
        self._keys = deque(script.keys)
        self._board = board
        self._hearing = Hearing()
        self._transport: asyncio.Transport | None = None
        self.answered_at: float | None = None
        """When ``start`` was sent."""
        self._dialled = clock()
        self._ask_by = self._dialled + PATIENCE
        self._greeted = False
        self._pressed_at: float | None = None
        self._cleared = False
        self._hung_up = False
        self._settled = False
        self.over = asyncio.Event()
        """The socket is closed."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        self._protocol.send_request(self._protocol.connect())
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Handle every message that is whole."""
        if self._settled:
            return
        now = clock()
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Response):
                self._response(event)
            elif isinstance(event, Frame):
                self._frame(event, now)
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the call, and let the driver dial again."""
        self._protocol.receive_eof()
        self.over.set()
        if self._settled:
            return
        if self.answered_at is None:
            self._break("the socket closed before an answer")
        elif not self._hung_up and self._protocol.close_code != 1000:
            self._break(f"the socket closed with {self._protocol.close_code}")
        else:
            self._settle()

    def tick(self, now: float) -> None:
        """20 ms have passed: the caller's side of the sound, the marks and keys that are due, and perhaps the end."""
        if self._settled or self._transport is None:
            return
        if self.answered_at is None or self._hung_up:
            if now >= self._ask_by:
                self._break("no answer in time" if self.answered_at is None else "the socket outlived the call")
            return
        if self._transport.is_closing():
            return
        out = [self._media]
        out += [self._wire.echo(name) for name in self._hearing.due(now)]
        since = now - self.answered_at
        if self._keys and self._keys[0][0] <= since and self._pressed_at is None:
            out.append(self._press(self._keys.popleft()[1], now))
        if since >= self._script.seconds:
            out.append(self._wire.stop())
            self._hung_up, self._ask_by = True, now + PATIENCE
        self._transport.write(b"".join(out))

    def abort(self) -> None:
        """End at once, without a word; the call is not counted."""
        self._settled = True
        if self._transport is not None:
            self._transport.abort()

    def _press(self, digit: str, now: float) -> bytes:
        self._board.tally.pressed += 1
        self._hearing.acted(now)
        self._cleared = not self._hearing.sounding(now)
        message = self._wire.key(digit)
        self._pressed_at = clock()
        return message

    def _response(self, response: Response) -> None:
        assert self._transport is not None
        if response.status_code != 101:
            self._settled = True
            count(self._board.tally.refused, f"{response.status_code} {response.reason_phrase}".strip())
            self._transport.close()
        elif self._protocol.handshake_exc is not None:
            self._break("an answer that is no websocket's")
        else:
            message = self._wire.start(CALLER)
            self.answered_at = clock()
            self._board.tally.dialled.append(self._dialled)
            self._transport.write(message)

    def _frame(self, frame: Frame, now: float) -> None:
        if self._settled or frame.opcode in (Opcode.CLOSE, Opcode.PING, Opcode.PONG):
            return
        if frame.opcode is not Opcode.TEXT or not frame.fin:
            self._break(f"a frame of kind {frame.opcode.name}")
            return
        try:
            self._message(orjson.loads(frame.data), now)
        except (ValueError, KeyError, TypeError, AttributeError):
            self._break("a message that is not of the dialect")

    def _message(self, message: dict[str, dict[str, str]], now: float) -> None:
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
                    self._board.tally.clear.append(now - self._pressed_at)
            case other:
                self._break(f"an unknown event {other!r}")

    def _sound(self, samples: int, now: float) -> None:
        if self._hung_up:
            return
        tally = self._board.tally
        if gap := self._hearing.media(samples, now):
            tally.gaps.append(gap)
        if not self._greeted:
            self._greeted = True
            assert self.answered_at is not None
            tally.greeting.append(now - self.answered_at)
        elif self._pressed_at is not None and self._cleared:
            tally.prompt.append(now - self._pressed_at)
            self._pressed_at = None

    def _settle(self) -> None:
        """The call is over; what it leaves is counted once."""
        self._settled = True
        if self.answered_at is None:
            return
        tally, now = self._board.tally, clock()
        tally.calls += 1
        tally.connected += now - self.answered_at
        tally.unanswered += self._pressed_at is not None
        if not self._greeted:
            count(tally.broken, "answered, and never a sound")
        if not self._hung_up and (gap := self._hearing.starved(now)):
            tally.gaps.append(gap)

    def _break(self, what: str) -> None:
        count(self._board.tally.broken, what)
        self._settle()
        if self._transport is not None:
            self._transport.abort()

    def _flush(self) -> None:
        assert self._transport is not None
        for data in self._protocol.data_to_send():
            if self._transport.is_closing():
                return
            if data:
                self._transport.write(data)
            elif self._transport.can_write_eof():
                self._transport.write_eof()
