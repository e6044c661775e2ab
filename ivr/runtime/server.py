"""The server: one port, a path for each gateway, ``/healthz``, and an orderly end."""

from __future__ import annotations

import asyncio
import gc
import http
import itertools
import json
import logging
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from websockets.asyncio.server import Server as SocketServer
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from ivr.call.plan import CallPlan, Dialog, plan_calls
from ivr.errors import ConfigError, SpeechError
from ivr.gateways.codec import Capabilities, Codec
from ivr.gateways.twilio import TWILIO, TwilioCodec
from ivr.phrases.wire import PreparedClips
from ivr.project.project import Project
from ivr.runtime.faults import frames
from ivr.runtime.looking_up import LookupDesk
from ivr.runtime.session import Desks, Session, Watch
from ivr.runtime.synthesis import SynthesisDesk
from ivr.speech.synthesizer import Synthesizer

log = logging.getLogger("ivr.server")

LOOPBACK = ("127.0.0.1", "localhost", "::1")

MAX_MESSAGE = 1024 * 1024
"""Bytes of one message from a gateway; the largest that any of them documents is a tenth of it."""

DRAIN = 30.0
"""Seconds that live calls get to end by themselves when the server stops."""


@dataclass(frozen=True)
class Gateway:
    """One kind of gateway, as the server offers it."""

    capabilities: Capabilities
    codec: Callable[[], Codec]


GATEWAYS: Mapping[str, Gateway] = {"twilio": Gateway(TWILIO, TwilioCodec)}
"""By the first part of the path: ``ws://host:port/twilio``."""


class Server:
    """Answers calls of one project. Use it as ``async with Server(...)``; ``stop`` drains it before."""

    def __init__(
        self,
        project: Project,
        voice: Synthesizer,
        *,
        host: str = "127.0.0.1",
        port: int = 8080,
        dialog: Dialog | None = None,
        lookups: LookupDesk | None = None,
        watch: Watch | None = None,
    ) -> None:
        """``port`` 0 takes a free one. Raises ``ConfigError`` for a host beyond loopback, ``ClipError``."""
        if host not in LOOPBACK:
            raise ConfigError(
                f"--host {host}: this server has no authentication yet and listens on loopback only; "
                "use 127.0.0.1 and put a proxy that authenticates before it"
            )
        self._voice = voice
        self._host = host
        self._port = port
        self._desks = Desks(SynthesisDesk(voice), lookups or LookupDesk(), watch)
        self._plans: dict[str, tuple[Gateway, CallPlan, PreparedClips]] = {}
        for name, gateway in GATEWAYS.items():
            plan = plan_calls(project, gateway.capabilities, provider=voice.name, dialog=dialog)
            prepared = PreparedClips(gateway.codec().prepare, plan.clips.values())
            self._plans[name] = (gateway, plan, prepared)
        self._sessions: set[Session] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._draining = False
        self._served = itertools.count(1)
        self._run = secrets.token_hex(3)
        self._server: SocketServer | None = None

    async def __aenter__(self) -> Self:
        # Projects and clips live as long as the process; a collector that walks them costs a caller milliseconds.
        gc.collect()
        gc.freeze()
        try:
            await self._voice.warm()
        except SpeechError as error:
            # Fixed words are in memory, and what is live has its fallback: a provider's bad day is not ours.
            log.warning("the voice is not ready, calls begin without it: %s", error)
        try:
            self._server = await serve(
                self._serve,
                self._host,
                self._port,
                process_request=self._before_upgrade,
                max_size=MAX_MESSAGE,
                compression=None,
                # No pings from us: some gateways end the call on one; a dead peer shows in its unanswered sends.
                ping_interval=None,
                server_header=None,
            )
        except OSError as error:
            why = os.strerror(error.errno) if error.errno is not None and error.errno > 0 else error
            raise ConfigError(f"cannot listen on {self._host}:{self._port}: {why}; choose another --port") from None
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop(0.0)

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._server is not None
        port: int = next(iter(self._server.sockets)).getsockname()[1]
        return port

    @property
    def calls(self) -> int:
        """Calls in progress."""
        return len(self._sessions)

    async def stop(self, drain: float = DRAIN) -> None:
        """No new calls; live ones get ``drain`` seconds to end, then they are ended."""
        self._draining = True
        if self._sessions and drain > 0:
            log.info("draining: %d calls have %g s to end", len(self._sessions), drain)
            try:
                async with asyncio.timeout(drain):
                    await self._idle.wait()
            except TimeoutError:
                log.warning("drain: %d calls did not end in time and are ended now", len(self._sessions))
        for session in list(self._sessions):
            session.end("the server is shutting down")
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None
        await self._desks.synthesis.aclose()
        await self._desks.lookups.aclose()

    def _before_upgrade(self, connection: ServerConnection, request: Request) -> Response | None:
        path = request.path.partition("?")[0].strip("/")
        if path == "healthz":
            status = http.HTTPStatus.SERVICE_UNAVAILABLE if self._draining else http.HTTPStatus.OK
            state = "draining" if self._draining else "ok"
            response = connection.respond(status, json.dumps({"status": state, "calls": self.calls}) + "\n")
            response.headers["Cache-Control"] = "no-store"
            del response.headers["Content-Type"]
            response.headers["Content-Type"] = "application/json"
            return response
        if path not in self._plans:
            known = ", ".join(f"/{name}" for name in self._plans)
            return connection.respond(http.HTTPStatus.NOT_FOUND, f"No gateway here; there is {known} and /healthz.\n")
        if self._draining:
            return connection.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "This server is draining.\n")
        return None

    async def _serve(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        gateway, plan, prepared = self._plans[socket.request.path.partition("?")[0].strip("/")]
        session = Session(f"{self._run}-{next(self._served)}", socket, plan, gateway.codec(), prepared, self._desks)
        self._sessions.add(session)
        self._idle.clear()
        log.info("call %s: began", session.id)
        try:
            await session.run()
        except Exception as error:
            log.error("call %s: ended by a fault of our own: %s\n%s", session.id, type(error).__name__, frames(error))
        finally:
            log.info("call %s: ended: %s", session.id, session.reason)
            self._sessions.discard(session)
            if not self._sessions:
                self._idle.set()
