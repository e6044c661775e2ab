"""The front of the port: reads one HTTP request, and answers it or hands the connection over to a call.

``h11`` does the parsing, so that the webhook's POST and the websocket's upgrade can come in by the same port.
"""

from __future__ import annotations

import asyncio
import http
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

import h11

from ivr.runtime.connection import Hearer, Listener, take_over
from ivr.runtime.door.asks import Ask, Reply
from ivr.runtime.oplog import shown_fault

log = logging.getLogger("ivr.front")

MAX_HEAD = 16 * 1024
"""Bytes of a request's line and headers."""

MAX_BODY = 64 * 1024
"""Bytes of a request's body; a webhook's is a few kilobytes."""


@dataclass(frozen=True, slots=True)
class Accept:
    """The connection becomes a websocket, of which ``hearer`` is told."""

    hearer: Hearer
    listener: Listener
    max_message: int


@dataclass(frozen=True, slots=True)
class PassOn:
    """The connection is another worker's to answer."""

    to: Callable[[asyncio.Transport, str, bytes], None]
    """Told the connection, the peer's address, and all that was received."""


Answer = Reply | Accept | PassOn


class Waiter(Protocol):
    """Who may stand there."""

    address: str
    """Where it comes from."""

    def drop(self) -> None:
        """Let go of it without a word; it leaves."""
        ...


class WaitingRoom:
    """Connections that have not yet said what they want. Of more than ``most`` the one that waits longest is dropped:
    an honest one is gone again within milliseconds, so it is never that one.
    """

    def __init__(self, most: int, dropped: Callable[[str], None]) -> None:
        """``dropped`` is told the address of each that had to go."""
        self._most = most
        self._dropped = dropped
        self._waiting: dict[Waiter, None] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def enter(self, one: Waiter) -> None:
        """One more."""
        self._waiting[one] = None
        if len(self._waiting) > self._most:
            oldest = next(iter(self._waiting))
            self._dropped(oldest.address)
            oldest.drop()

    def leave(self, one: Waiter) -> None:
        """It has said what it wants, or is gone."""
        self._waiting.pop(one, None)

    def empty(self) -> None:
        """Drop all of them."""
        for one in list(self._waiting):
            one.drop()


@dataclass(frozen=True, slots=True)
class Reception:
    """What the front asks the server. No call waits or raises."""

    waiting: WaitingRoom
    """Where connections stand until it is known what they want."""
    ask: Callable[[Ask], Answer]
    spoiled: Callable[[str, str], None]
    """It sent no request that can be read, or none in time: the address, and what was wrong."""
    timeout: float
    """Seconds in which a request must be complete."""


class Front(asyncio.Protocol):
    """One connection until it is known what it wants."""

    def __init__(self, reception: Reception, address: str | None = None) -> None:
        """``address``: where it comes from, where a neighbour passed it on."""
        self._reception = reception
        self._handed = address is not None
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        self._received = bytearray()
        self._request: h11.Request | None = None
        self._body = bytearray()
        self.address = address or ""
        """Where it comes from."""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        peer = transport.get_extra_info("peername")
        if not self._handed:
            self.address = peer[0] if peer else ""
        self._timer = asyncio.get_running_loop().call_later(self._reception.timeout, self._late)
        self._reception.waiting.enter(self)

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        if self._timer is None:  # it was answered, or dropped
            return
        self._received += data
        try:
            self._http.receive_data(data)
            if not self._read() and len(self._received) > MAX_HEAD + MAX_BODY:
                # Chunks may be cut so fine that there is far more around a body than in it.
                raise h11.RemoteProtocolError("a request that is too long", error_status_hint=413)
        except h11.RemoteProtocolError as error:
            self._spoil(http.HTTPStatus(error.error_status_hint), str(error))

    def connection_lost(self, exc: Exception | None) -> None:
        """See ``asyncio.Protocol``."""
        self._leave()
        self._transport = None

    def drop(self) -> None:
        """Let go of it without a word."""
        self._leave()
        if self._transport is not None:
            self._transport.abort()

    def _read(self) -> bool:
        """Whether the request is whole and was answered."""
        while True:
            match self._http.next_event():
                case h11.Request() as request:
                    self._request = request
                    if request.method == b"CONNECT":  # h11 allows an answer to it no body
                        raise h11.RemoteProtocolError("this is no proxy", error_status_hint=405)
                case h11.Data(data=data):
                    self._body += data
                    if len(self._body) > MAX_BODY:
                        raise h11.RemoteProtocolError(f"a body of over {MAX_BODY} bytes", error_status_hint=413)
                case h11.EndOfMessage():
                    self._answer()
                    return True
                case _:
                    return False

    def _answer(self) -> None:
        assert self._request is not None and self._transport is not None
        ask = Ask(
            self._request.method.decode("ascii"),
            self._request.target.decode("latin-1"),
            {name.decode("ascii"): value.decode("latin-1") for name, value in self._request.headers},
            bytes(self._body),
            self.address,
            self._handed,
        )
        answer = self._reception.ask(ask)
        if isinstance(answer, Reply):
            self._reply(answer)
            return
        transport, self._transport = self._transport, None
        self._leave()
        if isinstance(answer, PassOn):
            answer.to(transport, self.address, bytes(self._received))
        else:
            take_over(transport, answer.listener(answer.hearer, answer.max_message), bytes(self._received))

    def _reply(self, reply: Reply) -> None:
        assert self._transport is not None
        body = reply.body.encode()
        headers = {"Content-Type": reply.type, "Content-Length": str(len(body)), "Connection": "close", **reply.headers}
        for event in (
            h11.Response(status_code=reply.status, reason=reply.status.phrase, headers=list(headers.items())),
            h11.Data(data=b"" if self._head_only() else body),
            h11.EndOfMessage(),
        ):
            self._transport.write(self._http.send(event) or b"")
        self._leave()
        self._transport.close()

    def _head_only(self) -> bool:
        return self._request is not None and self._request.method == b"HEAD"

    def _spoil(self, status: http.HTTPStatus, why: str) -> None:
        self._reception.spoiled(self.address, why)
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._reply(Reply(status, f"{shown_fault(why)}\n"))
        elif self._transport is not None:
            self._leave()
            self._transport.close()

    def _late(self) -> None:
        self._reception.spoiled(self.address, "no whole request in time")
        self.drop()

    def _leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._reception.waiting.leave(self)
