"""A platform that really dials: one socket to a running server, and a far end pumped in real time behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Literal, Protocol, Self

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from ivr.errors import RemoteGatewayError
from ivr.media.samples import Samples
from ivr.testing.heard import Heard
from ivr.testing.tcp import SCHEME, Line, connect_tcp

POLL = 0.020
"""Seconds between two looks at what was heard: one telephone frame."""
BACKLOG = 500
"""Messages that may wait for a runtime which does not read: 10 s of inbound media. Beyond it media is thrown away, as
the platform does (its error 31930)."""

Direction = Literal["in", "out"]
"""As the runtime sees it: ``in`` is to the runtime, ``out`` is from it."""
OnMessage = Callable[[Direction, str | bytes, float], None]


class FarEnd(Protocol):
    """What a platform's end of one stream does; see ``ivr.testing.twilio``, ``asterisk`` and ``audiosocket``."""

    connected_at: float | None
    protocol_errors: list[str]

    @property
    def heard(self) -> Heard:
        """What the caller heard."""
        ...

    def connect(self, now: float) -> None:
        """The socket is open."""
        ...

    def receive(self, message: str | bytes, now: float) -> None:
        """The runtime sent a message."""
        ...

    def close(self, now: float) -> None:
        """The runtime closed the socket."""
        ...

    def press(self, digit: str, now: float) -> None:
        """The caller presses a key."""
        ...

    def say(self, samples: Samples, now: float) -> None:
        """The caller speaks."""
        ...

    def hang_up(self, now: float) -> None:
        """The caller hangs up."""
        ...

    def next_timer(self) -> float | None:
        """When ``messages`` is to be asked again."""
        ...

    def handle_timer(self, now: float) -> None:
        """That time has come."""
        ...

    def messages(self, now: float) -> Sequence[str | bytes]:
        """What has reached the runtime."""
        ...

    def disconnected(self, now: float) -> bool:
        """Whether this end has closed the socket."""
        ...

    def played(self, at: float) -> int:
        """Samples heard."""
        ...


class Dialer:
    """``async with Dialer(url, far_end) as line``: the call is up inside the block, and hung up at its end.

    Times are ``loop.time()``. An exception in ``on_message`` ends the line and is raised at the end of the block.
    """

    def __init__(
        self,
        url: str,
        far_end: FarEnd,
        *,
        on_message: OnMessage | None = None,
        headers: Mapping[str, str] | None = None,
        subprotocol: str | None = None,
        patience: float = 5.0,
    ) -> None:
        """``url``: ``ws://…``, ``wss://…``, or ``tcp://host:port`` for AudioSocket. ``headers`` go with the upgrade,
        such as a signature. ``patience``: seconds for opening, and for closing.

        ``subprotocol`` is offered; what the server chose is in ``chosen``.
        """
        self.chosen: str | None = None
        self._offered = None if subprotocol is None else [Subprotocol(subprotocol)]
        self.far_end = far_end
        self.close_code: int | None = None
        """Of the socket, once it is closed (RFC 6455 §7.4)."""
        self._url = url
        self._headers = dict(headers or {})
        self._patience = patience
        self._on_message = on_message
        self._outgoing: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self._closed = asyncio.Event()
        self._socket: Line | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        """Dial. Raises what ``websockets`` raises when the server cannot be reached or refuses the upgrade."""
        if self.far_end.connected_at is not None:
            raise ValueError("this far end was connected before; a stream is one call: make another")
        self._loop = asyncio.get_running_loop()
        self._socket = await self._connect()
        self.far_end.connect(self._loop.time())
        self._tasks = [
            asyncio.create_task(self._read(self._socket), name="dialer reads"),
            asyncio.create_task(self._write(self._socket), name="dialer writes"),
        ]
        self._pump()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Hang up if the call is still on, close the socket, and raise what went wrong in the background."""
        try:
            if not self._closed.is_set() and error is None:
                await self.hang_up()
                await self.wait_closed(self._patience)
        except TimeoutError:
            pass  # a server that does not let go: the socket is closed below all the same
        finally:
            await self._stop()
        for failure in [task.exception() for task in self._tasks if not task.cancelled()]:
            if failure is not None and error is None:
                raise failure
            if failure is not None and error is not None:
                error.add_note(f"before that the dialer failed: {failure!r}")

    async def _connect(self) -> Line:
        if self._url.startswith(SCHEME):
            async with asyncio.timeout(self._patience):
                return await connect_tcp(self._url)
        socket = await connect(
            self._url,
            additional_headers=self._headers,
            subprotocols=self._offered,
            compression=None,
            open_timeout=self._patience,
            close_timeout=self._patience,
            max_size=None,
            proxy=None,
        )
        self.chosen = socket.subprotocol
        return socket

    async def press(self, keys: str, pause: float = 0.0) -> None:
        """Press ``keys`` one after another, ``pause`` seconds apart."""
        for number, key in enumerate(keys):
            if number and pause:
                await asyncio.sleep(pause)
            self.far_end.press(key, self._now())
            self._pump()

    async def say(self, samples: Samples) -> None:
        """Speak ``samples`` (8 kHz, or the channel's rate) from now on; returns before they are said."""
        self.far_end.say(samples, self._now())
        self._pump()

    async def hang_up(self) -> None:
        """The caller hangs up; returns before the runtime knows (``wait_closed``)."""
        self.far_end.hang_up(self._now())
        self._pump()

    async def wait_closed(self, within: float = 10.0) -> None:
        """Wait until the socket is closed, by whichever side. Raises ``TimeoutError`` after ``within`` seconds."""
        async with asyncio.timeout(within):
            await self._closed.wait()

    async def wait_heard(self, until: float | Callable[[Heard], bool], within: float = 10.0) -> None:
        """Wait until so many seconds of sound were heard in all, or until the test ``until`` is true of them.

        Raises ``TimeoutError`` after ``within`` seconds, and ``RemoteGatewayError`` when the line closes before.
        """
        async with asyncio.timeout(within):
            while not self._satisfied(until):
                if self._closed.is_set():
                    seconds = self.far_end.played(self._now()) / self.far_end.heard.rate
                    raise RemoteGatewayError(f"the line closed when {seconds:.2f} s had been heard; waited for more")
                await asyncio.sleep(POLL)

    def _satisfied(self, until: float | Callable[[Heard], bool]) -> bool:
        played = self.far_end.played(self._now())
        return until(self.far_end.heard) if callable(until) else played >= until * self.far_end.heard.rate

    def _now(self) -> float:
        return self._loop.time()

    def _pump(self) -> None:
        """Queue what is due for the runtime and arm the one timer anew."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._closed.is_set():
            return
        now = self._now()
        for message in self.far_end.messages(now):
            self._enqueue(message)
        if self.far_end.disconnected(now):
            self._outgoing.put_nowait(None)
        due = self.far_end.next_timer()
        if due is not None:
            self._timer = self._loop.call_at(due, self._wake, due)

    def _wake(self, due: float) -> None:
        # Loops wake up to a millisecond early; without this the timer would be armed for the past, again and again.
        self.far_end.handle_timer(max(due, self._now()))
        self._pump()

    def _enqueue(self, message: str | bytes) -> None:
        stream = self._url.startswith(SCHEME)  # of which nothing can be left out
        media = not stream and (isinstance(message, bytes) or message.startswith('{"event":"media"'))
        if self._outgoing.qsize() >= BACKLOG and media:
            if not any(error.startswith("31930") for error in self.far_end.protocol_errors):
                self.far_end.protocol_errors.append("31930: the runtime reads too slowly; caller audio thrown away")
            return
        self._outgoing.put_nowait(message)

    async def _read(self, socket: Line) -> None:
        try:
            async for message in socket:
                now = self._now()
                self.far_end.receive(message, now)
                self._pump()
                if self._on_message is not None:
                    self._on_message("out", message, now)
        except ConnectionClosed:
            pass  # how a socket closed is in close_code
        finally:
            self.close_code = socket.close_code
            self.far_end.close(self._now())
            self._closed.set()
            self._outgoing.put_nowait(None)
            self._pump()

    async def _write(self, socket: Line) -> None:
        try:
            while (message := await self._outgoing.get()) is not None:
                await socket.send(message)
                if self._on_message is not None:
                    self._on_message("in", message, self._now())
        except ConnectionClosed:
            return  # the reader sees it too
        finally:
            await socket.close()

    async def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        if self._socket is not None:
            await self._socket.close()
            self.close_code = self._socket.close_code
