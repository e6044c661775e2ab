"""The sans-I/O core of ``websockets`` under a thin protocol: no task, no queue, no coroutine per message."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import cast

from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import CONNECTING, OPEN, SEND_EOF
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from ivr.runtime.connection import BREACH_TIMEOUT, CLOSE_TIMEOUT, SUBPROTOCOL, WRITE_HIGH, WRITE_LOW, Hearer, Message
from ivr.runtime.listeners.remains import closing_code
from ivr.runtime.listeners.slices import Slices

log = logging.getLogger("ivr.websocket")
log.setLevel(logging.WARNING)

TEXT = Opcode.TEXT
WHOLE = (TEXT, Opcode.BINARY)
"""What carries messages. Named here, since looking a member up costs as much as all else that a frame does here."""


class SansIO(asyncio.Protocol):
    """One websocket, from the first byte of its upgrade request on."""

    def __init__(self, hearer: Hearer, max_message: int) -> None:
        self._hearer = hearer
        self._protocol = _Core(max_size=max_message, logger=log)
        self._transport: asyncio.Transport | None = None
        self._parts = bytearray()
        self._text = True
        self._told = False
        self._timer: asyncio.TimerHandle | None = None
        self._slices = Slices(self._parse)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        self._transport.set_write_buffer_limits(WRITE_HIGH, WRITE_LOW)
        self._slices.begin(self._transport)

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        if self._protocol.state is CONNECTING:
            # The core reads frames behind the request before it can be told that the request is accepted.
            head, end, data = data.partition(b"\r\n\r\n")
            self._parse(head + end)
        self._slices.receive(data)

    def _parse(self, data: bytes) -> None:
        protocol = self._protocol
        protocol.receive_data(data)
        for event in protocol.events_received():
            if isinstance(event, Frame):
                self._frame(event)
            elif isinstance(event, Request):
                response = protocol.accept(event)
                protocol.send_response(response)
                self._flush()
                if response.status_code == 101:
                    self._hearer.opened(self)
        self._settle()

    def eof_received(self) -> None:
        """See ``asyncio.Protocol``. While input waits its turn no end is read; one that comes all the same counts."""
        self._slices.clear()
        self._protocol.receive_eof()
        self._settle()

    def connection_lost(self, exc: Exception | None) -> None:
        """See ``asyncio.Protocol``."""
        self._slices.end()
        self._protocol.receive_eof()
        if self._timer is not None:
            self._timer.cancel()
        code = closing_code(self._transport) if isinstance(exc, OSError) and self._transport is not None else None
        if code is not None:
            self._tell(f"the gateway closed the socket with {code}")
        self._tell(f"the socket closed: {exc}" if exc is not None else "the socket closed")
        self._transport = None
        # The parser and its last error hold the core, which holds them: without this, only the collector frees them.
        self._protocol.parser.close()
        self._protocol.parser_exc = None

    def pause_writing(self) -> None:
        """See ``asyncio.BaseProtocol``."""
        self._hearer.blocked(True)

    def resume_writing(self) -> None:
        """See ``asyncio.BaseProtocol``."""
        self._hearer.blocked(False)

    def send(self, *messages: Message) -> None:
        """See ``Connection``."""
        protocol = self._protocol
        if protocol.state is not OPEN or self._transport is None:
            return
        for message in messages:
            if isinstance(message, str):
                protocol.send_text(message.encode())
            else:
                protocol.send_binary(message)
        self._flush()

    def close(self, code: int) -> None:
        """See ``Connection``."""
        if self._protocol.state is OPEN:
            self._protocol.send_close(code)
            self._settle()
            if code not in (CloseCode.NORMAL_CLOSURE, CloseCode.GOING_AWAY):
                self._let_go()

    def abort(self) -> None:
        """See ``Connection``."""
        if self._transport is not None:
            self._transport.abort()

    def _frame(self, frame: Frame) -> None:
        opcode = frame.opcode
        if opcode not in WHOLE:
            self._other(frame)
        elif frame.fin:
            self._message(bytes(frame.data), text=opcode is TEXT)
        else:
            self._parts, self._text = bytearray(frame.data), opcode is TEXT
            self._hearer.frame()

    def _other(self, frame: Frame) -> None:
        match frame.opcode:
            case Opcode.CONT:
                self._parts += frame.data
                if not frame.fin:
                    self._hearer.frame()
                else:
                    data, self._parts = bytes(self._parts), bytearray()
                    self._message(data, text=self._text)
            case Opcode.PING | Opcode.PONG:
                self._hearer.frame()
            case Opcode.CLOSE:
                received = self._protocol.close_rcvd  # ``close_code`` is None until the connection is gone
                self._tell(f"the gateway closed the socket with {received and received.code}")

    def _message(self, data: bytes, *, text: bool) -> None:
        if self._told:
            return
        if not text:
            self._hearer.message(data)
            return
        try:
            message = data.decode()
        except UnicodeDecodeError:
            self._protocol.fail(CloseCode.INVALID_DATA, "text that is not UTF-8")
            self._tell("1007: text that is not UTF-8", breach=True)
        else:
            self._hearer.message(message)

    def _settle(self) -> None:
        self._flush()
        if self._protocol.state is OPEN:
            return
        error = self._protocol.parser_exc
        if error is not None and not isinstance(error, EOFError):
            self._tell(f"{self._protocol.close_sent and self._protocol.close_sent.code}: {error}", breach=True)
            self._let_go()
        if self._timer is None and self._transport is not None and self._protocol.close_expected():
            self._timer = asyncio.get_running_loop().call_later(CLOSE_TIMEOUT, self.abort)

    def _let_go(self) -> None:
        if self._slices.let_go():
            if self._timer is not None:
                self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_later(BREACH_TIMEOUT, self.abort)

    def _flush(self) -> None:
        writes = self._protocol.data_to_send()
        if self._transport is None or not writes:
            return
        ends = writes[-1] == SEND_EOF
        self._transport.writelines(writes[:-1] if ends else writes)
        if ends and self._transport.can_write_eof():
            self._transport.write_eof()
        elif ends:  # TLS has no half-close
            self._transport.close()

    def _tell(self, why: str, *, breach: bool = False) -> None:
        if not self._told:
            self._told = True
            self._hearer.closed(why, breach=breach)


class _Core(ServerProtocol):
    def select_subprotocol(self, subprotocols: Sequence[Subprotocol]) -> Subprotocol | None:
        return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in subprotocols else None
