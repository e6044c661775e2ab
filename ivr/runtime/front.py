"""The front of the port: reads one HTTP request, and answers it or hands the connection over to a call.

``h11`` does the parsing, so that the webhook's POST and the websocket's upgrade can come in by the same port. With TLS
the handshake comes first, on a connection that stands in the waiting room already.
"""

from __future__ import annotations

import asyncio
import http
import logging
from collections.abc import Callable
from dataclasses import dataclass
from ssl import SSLContext

import h11

from ivr.runtime.connection import SUBPROTOCOL, Hearer, Listener, take_over
from ivr.runtime.door.asks import Ask, Reply
from ivr.runtime.handshake import Handshake
from ivr.runtime.oplog import shown_fault
from ivr.runtime.waiting import Waiter, WaitingRoom

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


@dataclass(frozen=True, slots=True)
class Reception:
    """What the front asks the server. No call waits or raises."""

    waiting: WaitingRoom
    """Where connections stand until it is known what they want."""
    ask: Callable[[Ask], Answer]
    spoiled: Callable[[str, str], None]
    """It sent no request that can be read, or none in time: the address, and what was wrong."""
    timeout: float
    """Seconds in which a request must be complete, with the handshake of TLS; and in which an answer must be taken."""
    tls: SSLContext | None = None


class Front(Waiter):
    """One connection until it is known what it wants."""

    lacking = "no whole request in time"

    def __init__(self, reception: Reception, address: str | None = None) -> None:
        """``address``: where it comes from, where a neighbour passed it on."""
        super().__init__(reception.waiting, reception.spoiled, reception.timeout, address)
        self._reception = reception
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        self._received = bytearray()
        self._request: h11.Request | None = None
        self._body = bytearray()
        self._handshake: Handshake | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        super().connection_made(transport)
        if self._reception.tls is not None and self._transport is not None:
            self._handshake = Handshake(self._transport, self, self._reception.tls, self._secured)

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        if self.answered:
            return
        if self._handshake is not None:
            self._handshake.received(data)
            return
        self._received += data
        try:
            self._http.receive_data(data)
            if not self._read() and len(self._received) > MAX_HEAD + MAX_BODY:
                # Chunks may be cut so fine that there is far more around a body than in it.
                raise h11.RemoteProtocolError("a request that is too long", error_status_hint=413)
        except h11.RemoteProtocolError as error:
            self._spoil(http.HTTPStatus(error.error_status_hint), str(error))
            error.__traceback__ = None  # it holds the frames that hold it, and all of the connection

    def _secured(self, transport: asyncio.Transport | None, data: bytes, why: str) -> None:
        """See ``Handshake``."""
        self._handshake = None
        if self.answered:
            return
        if transport is None:
            if why:
                self._spoiled(self.address, why)
            self.drop()
        elif self._transport is not None:
            self._transport = transport
            if data:
                self.data_received(data)

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
        ask = _ask(self._request, bytes(self._body), self.address, handed=self._handed)
        answer = self._reception.ask(ask)
        if isinstance(answer, Reply):
            self._reply(answer)
            return
        transport, self._transport = self._transport, None
        self._leave()
        if isinstance(answer, PassOn):
            answer.to(transport, self.address, bytes(self._received))
        else:
            _accept(transport, answer, ask.handshake(SUBPROTOCOL) + self._http.trailing_data[0])

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
        self._end()

    def _head_only(self) -> bool:
        return self._request is not None and self._request.method == b"HEAD"

    def _spoil(self, status: http.HTTPStatus, why: str) -> None:
        self._spoiled(self.address, why)
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._reply(Reply(status, f"{shown_fault(why)}\n"))
        else:
            self._end()

    def _end(self) -> None:
        """It is to go, and stays in the waiting room until it does: under TLS the far side has a say in that."""
        self.answered = True
        if self._transport is not None:
            self._transport.close()


def _accept(transport: asyncio.Transport, answer: Accept, received: bytes) -> None:
    try:
        take_over(transport, answer.listener(answer.hearer, answer.max_message), received)
    except OSError:  # some systems take no options of a socket whose far side is gone
        transport.set_protocol(asyncio.Protocol())
        transport.abort()
        answer.hearer.closed("the socket closed", breach=False)


def _ask(request: h11.Request, body: bytes, address: str, *, handed: bool) -> Ask:
    headers: dict[str, str] = {}
    for name, value in request.headers:
        key, text = name.decode("ascii"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text  # RFC 9110 §5.3
    version = request.http_version.decode("ascii")
    method, target = request.method.decode("ascii"), request.target.decode("latin-1")
    return Ask(method, target, headers, body, address, version, handed)
