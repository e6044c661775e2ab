"""A speech provider on loopback: real HTTP/1.1 over real TCP, slow and broken in every way that can be scripted.

::

    async with FakeProvider(speak=tone) as provider:
        voice = HttpVoice(HttpVoiceSettings(url=provider.url, api_key=provider.api_key))
        provider.behave = Behaviour(first_byte_delay=0.3, pace=2.0)
        provider.behave = lambda text, number: Behaviour(fault="die_after", after=0.5) if number == 3 else Behaviour()

It serves ``POST /v1/tts/stream`` (chunked) and ``POST /v1/tts`` (with a length); any other request gets an empty 200
for HEAD and 404 else. It is written on ``h11``, from the protocol and not from the client that it tests.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

import h11

from ivr.media.samples import Samples
from ivr.testing.encoders import ENCODERS, Encode

Spoken = tuple[Samples, int]
"""Linear samples and their rate in Hz."""
Speak = Callable[[str], Spoken | Awaitable[Spoken]]
"""The voice: a text in, its whole audio out."""
Ended = Literal["done", "cancelled", "fault"]
Fault = Literal["status", "empty", "stall_after", "die_after", "truncate_after", "short_after", "html", "garbage_wav"]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How one request is answered."""

    first_byte_delay: float = 0.0
    """Seconds from the request's last byte to the answer's first."""
    chunk_seconds: float = 0.1
    """Audio in each piece that is written; pieces may end inside a sample."""
    pace: float | None = None
    """Times real time at which pieces are written; None: as fast as the client reads."""
    hold: asyncio.Event | None = None
    """When given, everything behind the first piece waits until it is set."""
    fault: Fault | None = None
    """What goes wrong:

    ``status``
        an error answer with ``status``, ``retry_after`` and ``location``
    ``empty``
        200 and no audio
    ``stall_after``
        after ``after`` seconds of audio nothing more, the connection stays open
    ``die_after``
        after them the TCP connection is reset
    ``truncate_after``
        after them the connection is closed in order, without the rest of the length or the last chunk
    ``short_after``
        after them the answer ends in order: only the audio's own header can tell
    ``html``, ``garbage_wav``
        200 with a page in place of audio; 200 labelled audio/wav with bytes that are none
    """
    after: float = 0.3
    """Seconds of audio before the fault."""
    status: int = 503
    retry_after: str | None = None
    """The ``Retry-After`` header as it stands: seconds or a date."""
    location: str | None = None
    """The ``Location`` header of an error answer, for redirects."""


Behave = Callable[[str, int], Behaviour]
"""Text and request number (from 1) in, behaviour out."""


@dataclass(slots=True, eq=False)
class ProviderRequest:
    """One request for speech, in the order of arrival."""

    number: int
    """Counts from 1."""
    connection: int
    """Counts TCP connections from 1; equal numbers prove that a connection was used again."""
    received_at: float
    """Seconds of the event loop's clock."""
    path: str
    json: Mapping[str, object]
    """The body; empty when it was no JSON object."""
    ended: Ended | None = None
    """``cancelled`` when the client left first, ``fault`` when the provider failed it; None while it is answered."""
    sent: int = 0
    """Bytes of body handed to the socket."""
    _over: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    async def finished(self) -> Ended:
        """Wait until the request has ended, and say how."""
        await self._over.wait()
        assert self.ended is not None
        return self.ended

    def end(self, how: Ended) -> None:
        """Called by the provider, once."""
        if self.ended is None:
            self.ended = how
            self._over.set()


class _Fault(Exception):
    """The provider has failed the request on purpose."""


class FakeProvider:
    """An async context manager; also ``start()`` and ``stop()``."""

    def __init__(
        self,
        speak: Speak,
        *,
        api_key: str = "test-key",
        behave: Behaviour | Behave = Behaviour(),
        encoders: Mapping[str, Encode] = ENCODERS,
    ) -> None:
        self.api_key = api_key
        self.behave = behave
        """May be replaced at any time; counts for requests that come later."""
        self.requests: list[ProviderRequest] = []
        self.connections = 0
        """TCP connections accepted so far."""
        self.encoders = encoders
        """By the request's ``format``; any other is refused with 400."""
        self._speak = speak
        self._server: asyncio.Server | None = None
        self._port = 0
        self._serving: set[asyncio.Task[None]] = set()
        self._arrived = asyncio.Condition()

    @property
    def url(self) -> str:
        """Root for ``HttpVoiceSettings.url``; stays the same over stop and start."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Listen on a free port of loopback, or again on the one that was used before."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse new connections and drop the open ones; requests under way end as ``fault``."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await server.wait_closed()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def request(self, number: int) -> ProviderRequest:
        """Wait for the request of this number (from 1)."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self.requests) >= number)
        return self.requests[number - 1]

    async def quiet(self) -> None:
        """Wait until nobody is connected: what a client has sent that was killed is among the requests then."""
        while self._serving:
            await asyncio.wait(self._serving)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        self.connections += 1
        line = _Line(reader, writer, self.connections)
        try:
            while request := await line.request():
                await self._serve(line, *request)
                if not line.again():
                    return
        except (_Fault, h11.ProtocolError, ConnectionError):
            pass
        except asyncio.CancelledError:
            line.reset()
        finally:
            self._serving.discard(task)
            writer.close()

    async def _serve(self, line: _Line, head: h11.Request, body: bytes) -> None:
        path = head.target.decode()
        if head.method != b"POST" or path not in ("/v1/tts/stream", "/v1/tts"):
            await line.answer(200 if head.method == b"HEAD" else 404, b"")
            return
        now = asyncio.get_running_loop().time()
        request = ProviderRequest(len(self.requests) + 1, line.number, now, path, _json_object(body))
        async with self._arrived:
            self.requests.append(request)
            self._arrived.notify_all()
        answering = asyncio.ensure_future(self._answer(line, dict(head.headers), request))
        leaving = asyncio.ensure_future(line.client_left())
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                request.end("cancelled")
                raise _Fault
            request.end(answering.result())
        except ConnectionError:
            request.end("cancelled")
            raise
        finally:
            request.end("fault")
            for task in (answering, leaving):
                task.cancel()
            await asyncio.gather(answering, leaving, return_exceptions=True)

    async def _answer(self, line: _Line, headers: Mapping[bytes, bytes], request: ProviderRequest) -> Ended:
        text, name = request.json.get("text"), request.json.get("format", "pcm")
        key = headers.get(b"x-api-key", b"").decode("latin-1")
        encode = self.encoders.get(str(name))
        if key != self.api_key:
            await line.answer(401, json.dumps({"error": f"unknown API key {key}"}).encode(), "application/json")
            return "fault"
        if not isinstance(text, str) or encode is None:
            await line.answer(400, b'{"error": "text or format is wrong"}', "application/json")
            return "fault"
        behaviour = self.behave if isinstance(self.behave, Behaviour) else self.behave(text, request.number)
        await _sleep_until(request.received_at + behaviour.first_byte_delay)
        match behaviour.fault:
            case "status":
                told = (("Retry-After", behaviour.retry_after), ("Location", behaviour.location))
                extra = [(name, value) for name, value in told if value is not None]
                await line.answer(behaviour.status, b'{"error": "scripted"}', "application/json", extra)
            case "html":
                await line.answer(200, b"<!DOCTYPE html><html><body>Sign in</body></html>", "text/html")
            case "garbage_wav":
                await line.answer(200, bytes(range(1, 256)) * 8, "audio/wav")
            case _:
                spoken = self._speak(text)
                samples, rate = await spoken if inspect.isawaitable(spoken) else spoken
                kind, data = encode(samples, rate)
                data = b"" if behaviour.fault == "empty" else data
                await _speech(line, request, behaviour, kind, data, len(samples) / rate or 1.0)
        return "done" if behaviour.fault is None else "fault"


async def _speech(
    line: _Line, request: ProviderRequest, behaviour: Behaviour, kind: str, data: bytes, seconds: float
) -> None:
    """Write the audio piece by piece, up to the fault."""
    told = len(data) if request.path == "/v1/tts" else None
    size = max(1, round(len(data) * behaviour.chunk_seconds / seconds))
    if behaviour.fault in ("stall_after", "die_after", "truncate_after", "short_after"):
        data = data[: round(len(data) * min(behaviour.after / seconds, 1.0))]
    if behaviour.fault == "short_after" and told is not None:
        told = len(data)
    await line.begin(200, kind, told)
    async for piece in _pieces(behaviour, data, size):
        await line.write(piece)
        request.sent += len(piece)
    match behaviour.fault:
        case "stall_after":
            await asyncio.Event().wait()
        case "die_after":
            line.reset()
            raise _Fault
        case "truncate_after":
            raise _Fault
        case _:
            await line.end()


async def _pieces(behaviour: Behaviour, data: bytes, size: int) -> AsyncIterator[bytes]:
    """``data`` in pieces, each at its time."""
    start = asyncio.get_running_loop().time()
    for number, at in enumerate(range(0, len(data), size)):
        if number and behaviour.hold is not None:
            await behaviour.hold.wait()
        if behaviour.pace is not None:
            await _sleep_until(start + number * behaviour.chunk_seconds / behaviour.pace)
        yield data[at : at + size]


class _Line:
    """One connection of the provider."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self.number = number
        self._reader, self._writer = reader, writer
        self._http = h11.Connection(h11.SERVER)

    async def request(self) -> tuple[h11.Request, bytes] | None:
        """The next request and its body; None when the client closed between two."""
        head: h11.Request | None = None
        body = b""
        while True:
            match self._http.next_event():
                case h11.NEED_DATA:
                    self._http.receive_data(await self._reader.read(65536))
                case h11.Request() as begun:
                    head = begun
                case h11.Data(data=data):
                    body += bytes(data)
                case h11.EndOfMessage():
                    assert head is not None
                    return head, body
                case _:
                    return None

    async def client_left(self) -> None:
        """Wait until the client closes; what it sends before that is the next request's."""
        try:
            while data := await self._reader.read(65536):
                self._http.receive_data(data)
        except ConnectionError:
            pass

    async def begin(
        self, status: int, kind: str, length: int | None, extra: list[tuple[str, str]] | None = None
    ) -> None:
        """Status and headers; without a length the body goes in chunks."""
        size = ("Transfer-Encoding", "chunked") if length is None else ("Content-Length", str(length))
        headers = [("Content-Type", kind), size, *(extra or [])]
        await self._send(h11.Response(status_code=status, headers=headers, reason=b"Scripted"))

    async def write(self, data: bytes) -> None:
        """A piece of the body, as one chunk."""
        await self._send(h11.Data(data=data))

    async def end(self) -> None:
        """The end of the answer."""
        await self._send(h11.EndOfMessage())

    async def answer(
        self, status: int, body: bytes, kind: str = "text/plain", extra: list[tuple[str, str]] | None = None
    ) -> None:
        """A whole short answer."""
        await self.begin(status, kind, len(body), extra)
        if body:
            await self.write(body)
        await self.end()

    def again(self) -> bool:
        """Make ready for the next request; False when the connection is to close."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return True

    def reset(self) -> None:
        """Drop the connection with a TCP reset, as a crashing host does."""
        transport = self._writer.transport
        raw = transport.get_extra_info("socket")
        if raw is not None and not transport.is_closing():
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()

    async def _send(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            self._writer.write(data)
            await self._writer.drain()


async def _sleep_until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - asyncio.get_running_loop().time()))


def _json_object(body: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
