"""AudioSocket's packets over plain TCP, as the connection of a call."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import cast

from ivr.errors import RemoteGatewayError
from ivr.gateways.audiosocket.packets import LONGEST, Packets
from ivr.runtime.connection import BREACH_TIMEOUT, CLOSE_TIMEOUT, ENDED, Hearer, Message
from ivr.runtime.listeners.slices import Slices

SEND_BUFFER = 16 * 1024
"""Bytes that the system is asked to hold: sound that waits there is late over there, where nothing catches it up."""

WRITE_HIGH = 8 * 1024
"""Bytes that wait in our socket, beyond those, from which playout is held back: half a second at 8 kHz."""

WRITE_LOW = 2 * 1024
"""Bytes at which it goes on."""

ORDERLY_CODES = (1000, 1001)


class PacketLine(asyncio.Protocol):
    """One connection, from the first byte of its UUID packet on; a ``Connection``."""

    def __init__(self, hearer: Hearer, max_message: int) -> None:
        """``max_message``: bytes of the longest payload that is taken."""
        self._hearer = hearer
        self._packets = Packets(min(LONGEST, max_message))
        self._transport: asyncio.Transport | None = None
        self._slices = Slices(self._parse)
        self._closing = False
        self._told = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        self._transport.set_write_buffer_limits(WRITE_HIGH, WRITE_LOW)
        self._slices.begin(self._transport)
        self._hearer.opened(self)

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        if not self._closing:
            self._slices.receive(data)

    def eof_received(self) -> None:
        """See ``asyncio.Protocol``: the far side has nothing more to say, and the transport closes."""
        self._tell(ENDED)

    def connection_lost(self, exc: Exception | None) -> None:
        """See ``asyncio.Protocol``. A caller who hangs up may look like a reset: our sound was on its way to him."""
        if self._timer is not None:
            self._timer.cancel()
        self._slices.end()
        orderly = exc is None or isinstance(exc, ConnectionError)
        self._tell(ENDED if orderly else f"the socket closed: {exc}")
        self._transport = None

    def pause_writing(self) -> None:
        """See ``asyncio.BaseProtocol``."""
        self._hearer.blocked(True)

    def resume_writing(self) -> None:
        """See ``asyncio.BaseProtocol``."""
        self._hearer.blocked(False)

    def send(self, *messages: Message) -> None:
        """See ``Connection``. One write for a packet: what comes in parts is misread over there."""
        for message in messages:
            assert isinstance(message, bytes)
            if self._transport is not None and not self._closing:
                self._transport.write(message)

    def close(self, code: int) -> None:
        """See ``Connection``. The far side is read on, and not listened to, until it closes too.

        A socket that is closed with something unread resets the other, which may lose our last words by it.
        """
        if self._transport is None or self._closing:
            return
        self._closing = True
        self._slices.clear()
        with suppress(OSError):  # the far side has reset it, and we are about to be told
            self._transport.write_eof()
        patience = CLOSE_TIMEOUT if code in ORDERLY_CODES else BREACH_TIMEOUT
        self._timer = asyncio.get_running_loop().call_later(patience, self.abort)

    def abort(self) -> None:
        """See ``Connection``."""
        if self._transport is not None:
            self._transport.abort()

    def _parse(self, data: bytes) -> None:
        try:
            for packet in self._packets.cut(data):
                if self._closing or self._told:
                    return
                self._hearer.message(packet)
        except RemoteGatewayError as error:
            self._tell(f"the gateway sent {error}", breach=True)
            self.close(1002)

    def _tell(self, why: str, *, breach: bool = False) -> None:
        if not self._told:
            self._told = True
            self._hearer.closed(why, breach=breach)
