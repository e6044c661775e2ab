"""The seam between a socket and the call on it: what either tells the other. Any listener can stand behind it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Protocol, cast

Message = str | bytes
"""One whole message: of a websocket, text or binary; of a plain socket, a packet with its header."""

ORDERLY = "the gateway closed the socket with 1000"
"""How a websocket's far side ends a call in order."""

ENDED = "the gateway closed the socket"
"""How a plain socket's does; whether it was in order cannot be told."""

SUBPROTOCOL = "media"
"""Named in the answer where it was offered: Asterisk does, and refuses an answer that names any other."""

CLOSE_TIMEOUT = 5.0
"""Seconds that the far side gets to answer our close before its socket is dropped."""

WRITE_HIGH = 32 * 1024
"""Bytes that wait in our socket from which playout is held back: two seconds of base64 mu-law."""

WRITE_LOW = 4 * 1024
"""Bytes at which it goes on."""

SEND_BUFFER = 64 * 1024
"""Bytes that the system is asked to hold for a call's socket. Of its own accord Linux takes up to 4 MiB, minutes of
sound, before a far side that has stopped reading is noticed."""

BREACH_TIMEOUT = 0.5
"""Seconds that the far side gets to answer our close where it broke the rules."""


class Connection(Protocol):
    """An open socket. No method waits, and none raises for what the peer does."""

    def send(self, *messages: Message) -> None:
        """Send them behind what was sent before, together where that costs less; dropped once the socket is closing."""
        ...

    def close(self, code: int) -> None:
        """Close it behind all that was sent; the far side gets ``CLOSE_TIMEOUT`` to take it and answer.

        ``code`` is a websocket's (RFC 6455 §7.4).
        """
        ...

    def abort(self) -> None:
        """Drop it at once, with all that waits."""
        ...


class Hearer(Protocol):
    """Who is told what the socket does. Nothing is told before ``opened`` or after ``closed``."""

    def opened(self, connection: Connection) -> None:
        """The handshake is done."""
        ...

    def message(self, message: Message) -> None:
        """A whole message came."""
        ...

    def frame(self) -> None:
        """A frame came that is no whole message: a ping, a pong, or a part."""
        ...

    def blocked(self, blocked: bool) -> None:
        """The far side takes no more for now, or takes more again. May be told from within ``send``."""
        ...

    def closed(self, why: str, *, breach: bool) -> None:
        """The far side is gone; ``breach`` where it broke the protocol of its socket. Told once."""
        ...


class Listener(Protocol):
    """Makes the protocol that takes a connection over once it is known to be for a call."""

    def __call__(self, hearer: Hearer, max_message: int) -> asyncio.BaseProtocol:
        """``max_message``: bytes of the largest message that is taken."""
        ...


Lost = Callable[[], None]


def take_over(
    transport: asyncio.Transport, protocol: asyncio.BaseProtocol, received: bytes, send_buffer: int = SEND_BUFFER
) -> None:
    """Hand a connection to ``protocol``, with the bytes that were read already."""
    plain = transport.get_extra_info("socket")
    if plain is not None:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    transport.set_protocol(protocol)
    protocol.connection_made(transport)
    feed(protocol, received)


def feed(protocol: asyncio.BaseProtocol, data: bytes) -> None:
    """Give ``protocol`` bytes that were read for it."""
    if isinstance(protocol, asyncio.Protocol):
        protocol.data_received(data)
        return
    buffered = cast(asyncio.BufferedProtocol, protocol)  # uvloop's is none by inheritance
    while data:
        room = memoryview(buffered.get_buffer(len(data)))
        size = min(len(room), len(data))
        room[:size] = data[:size]
        buffered.buffer_updated(size)
        data = data[size:]
