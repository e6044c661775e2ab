"""picows: a websocket written in Cython, behind the extra ``fast``.

Its protocol class is taken directly and not through ``ws_create_server``, because the front has read the request by
then; the arguments are those that ``picows.api.ws_create_server`` of 2.3 gives it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

from picows import (
    WSAutoPingStrategy,
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
)
from picows.picows import WSProtocol  # type: ignore[attr-defined]  # not in its stub

from ivr.runtime.connection import (
    BREACH_TIMEOUT,
    CLOSE_TIMEOUT,
    SUBPROTOCOL,
    WRITE_HIGH,
    WRITE_LOW,
    Hearer,
    Message,
    feed,
)
from ivr.runtime.listeners.remains import closing_code
from ivr.runtime.listeners.slices import Slices

log = logging.getLogger("ivr.websocket.picows")
log.setLevel(logging.CRITICAL + 1)
"""Silent: picows has several lines for each connection, and what it says of a breach the hearer is told."""

HANDSHAKE_TIMEOUT = 5.0
"""Seconds; the whole request is there already, so it never passes."""

READ_BUFFER = 4096
"""Bytes of a line's buffer to begin with; it grows with the largest message."""


class Picows(asyncio.Protocol):
    """One websocket, from the first byte of its upgrade request on.

    Not picows' own protocol, because that takes whatever the system has: its buffer doubles for a peer that floods,
    and all of it is parsed at once.
    """

    def __init__(self, hearer: Hearer, max_message: int) -> None:
        self._socket = _Socket(hearer, max_message)
        self._core = _core(self._socket, max_message)
        self._slices = Slices(self._parse)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        self._slices.begin(cast(asyncio.Transport, transport))  # uvloop's is none by inheritance
        self._core.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        self._slices.receive(data)

    def eof_received(self) -> None:
        """See ``asyncio.Protocol``; the transport closes itself then."""
        self._slices.clear()

    def connection_lost(self, exc: Exception | None) -> None:
        """See ``asyncio.Protocol``."""
        self._slices.end()
        self._core.connection_lost(exc)

    def pause_writing(self) -> None:
        """See ``asyncio.BaseProtocol``."""
        self._core.pause_writing()

    def resume_writing(self) -> None:
        """See ``asyncio.BaseProtocol``."""
        self._core.resume_writing()

    def _parse(self, data: bytes) -> None:
        feed(self._core, data)
        if self._socket.settle():
            self._slices.let_go()


def _core(socket: _Socket, max_message: int) -> asyncio.BufferedProtocol:
    def listener(request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        offered = {name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",")}
        chosen = {"Sec-WebSocket-Protocol": SUBPROTOCOL} if SUBPROTOCOL in offered else None
        return WSUpgradeResponseWithListener(WSUpgradeResponse.create_101_response(extra_headers=chosen), socket)

    protocol: Any = WSProtocol(
        None,
        None,
        False,
        listener,
        log,
        True,
        HANDSHAKE_TIMEOUT,
        False,
        20,
        20,
        WSAutoPingStrategy.PING_WHEN_IDLE,
        False,  # it would answer pings without a word to us, as many as come
        max_message,
        None,
        READ_BUFFER,
    )
    core: asyncio.BufferedProtocol = protocol
    return core


class _Socket(WSListener):
    """One websocket, as picows tells of it and as a ``Connection``."""

    def __init__(self, hearer: Hearer, max_message: int) -> None:
        super().__init__()
        self._hearer = hearer
        self._max_message = max_message
        self._transport: WSTransport | None = None
        self._parts = bytearray()
        self._text: bool | None = None
        self._told = False
        self._timer: asyncio.TimerHandle | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        """See ``picows.WSListener``."""
        self._transport = transport
        transport.underlying_transport.set_write_buffer_limits(WRITE_HIGH, WRITE_LOW)
        self._hearer.opened(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """See ``picows.WSListener``."""
        kind = frame.msg_type
        if kind == WSMsgType.TEXT or kind == WSMsgType.BINARY:
            if self._text is not None:
                self._breach(1002, "a message began within another")
            elif frame.fin:
                self._message(frame.get_payload_as_bytes(), text=kind == WSMsgType.TEXT)
            else:
                self._parts, self._text = bytearray(frame.get_payload_as_bytes()), kind == WSMsgType.TEXT
                self._hearer.frame()
        elif kind == WSMsgType.CONTINUATION:
            self._continue(frame)
        elif kind == WSMsgType.PING:
            self._hearer.frame()  # it may end the call, and then there is no answer
            if not (transport.is_close_frame_sent or transport.is_disconnected):
                transport.send_pong(frame.get_payload_as_bytes())
        elif kind == WSMsgType.PONG:
            self._hearer.frame()
        elif kind == WSMsgType.CLOSE:
            code = frame.get_close_code()
            if not transport.is_close_frame_sent:
                transport.send_close(WSCloseCode.OK if code == WSCloseCode.NO_INFO else code)
            self._tell(f"the gateway closed the socket with {_number(code)}")
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """See ``picows.WSListener``."""
        if self._timer is not None:
            self._timer.cancel()
        handshake: Any = transport.close_handshake  # None where there was none, whatever its stub says
        sent = handshake.sent if handshake is not None else None
        code = _number(sent.code) if sent is not None else 0
        if sent is None and (closed := closing_code(transport.underlying_transport)) is not None:
            self._tell(f"the gateway closed the socket with {closed}")
        breach = code in (1002, 1003, 1007, 1009)
        self._tell(f"{code}: {sent.reason}" if breach and sent is not None else "the socket closed", breach=breach)
        self._transport = None

    def pause_writing(self) -> None:
        """See ``asyncio.BaseProtocol``."""
        self._hearer.blocked(True)

    def resume_writing(self) -> None:
        """See ``asyncio.BaseProtocol``."""
        self._hearer.blocked(False)

    def send(self, *messages: Message) -> None:
        """See ``Connection``."""
        for message in messages:
            if self._transport is None or self._transport.is_close_frame_sent or self._transport.is_disconnected:
                return
            if isinstance(message, str):
                self._transport.send(WSMsgType.TEXT, message.encode())
            else:
                self._transport.send(WSMsgType.BINARY, message)

    def close(self, code: int) -> None:
        """See ``Connection``."""
        if self._transport is None or self._transport.is_close_frame_sent or self._transport.is_disconnected:
            return
        self._transport.send_close(WSCloseCode(code))
        self.settle()

    def abort(self) -> None:
        """See ``Connection``."""
        if self._transport is not None:
            self._transport.disconnect(graceful=False)

    def settle(self) -> bool:
        """Once a close is sent, the socket is given up in time. Whether it is sent for a breach of the rules."""
        if self._transport is None or not self._transport.is_close_frame_sent:
            return False
        handshake: Any = self._transport.close_handshake  # as above
        sent = handshake.sent if handshake is not None else None
        breach = sent is not None and _number(sent.code) not in (1000, 1001)
        if self._timer is None:
            wait = BREACH_TIMEOUT if breach else CLOSE_TIMEOUT
            self._timer = asyncio.get_running_loop().call_later(wait, self.abort)
        return breach

    def _continue(self, frame: WSFrame) -> None:
        if self._text is None:
            self._breach(1002, "a continuation of nothing")
            return
        self._parts += frame.get_payload_as_bytes()
        if len(self._parts) > self._max_message:
            self._breach(1009, f"a message of over {self._max_message} bytes is too big")
        elif frame.fin:
            text, self._text = self._text, None
            data, self._parts = bytes(self._parts), bytearray()
            self._message(data, text=text)
        else:
            self._hearer.frame()

    def _message(self, data: bytes, *, text: bool) -> None:
        if self._told:
            return
        if len(data) > self._max_message:  # picows lets some pass that are a little longer than its own limit
            self._breach(1009, f"a message of over {self._max_message} bytes is too big")
            return
        if not text:
            self._hearer.message(data)
            return
        try:
            message = data.decode()
        except UnicodeDecodeError:
            self._breach(1007, "text that is not UTF-8")
        else:
            self._hearer.message(message)

    def _breach(self, code: int, why: str) -> None:
        self.close(code)
        self._tell(f"{code}: {why}", breach=True)

    def _tell(self, why: str, *, breach: bool = False) -> None:
        if not self._told:
            self._told = True
            self._hearer.closed(why, breach=breach)


def _number(code: object) -> int:
    """picows gives a member of its enumeration for a code that it knows, else the number."""
    return int(getattr(code, "value", code))  # type: ignore[call-overload,no-any-return]
