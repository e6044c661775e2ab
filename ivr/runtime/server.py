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
from contextlib import suppress
from dataclasses import dataclass
from ssl import SSLContext
from typing import Self

from ivr.call.plan import CallPlan, Dialog, plan_calls
from ivr.errors import ConfigError, SpeechError
from ivr.gateways.codec import Capabilities, Codec
from ivr.gateways.twilio import TWILIO, TwilioCodec
from ivr.phrases.wire import PreparedClips
from ivr.project.project import Project
from ivr.project.serving import ServeSettings
from ivr.runtime.connection import CLOSE_TIMEOUT, Listener
from ivr.runtime.door.asks import Ask, Reply
from ivr.runtime.front import Accept, Answer, Front, Reception, WaitingRoom
from ivr.runtime.listeners import listener as listener_called
from ivr.runtime.looking_up import LookupDesk
from ivr.runtime.session import Desks, Session, Watch
from ivr.runtime.synthesis import SynthesisDesk
from ivr.speech.synthesizer import Synthesizer

log = logging.getLogger("ivr.server")

LOOPBACK = ("127.0.0.1", "localhost", "::1")

BACKLOG = 1024
"""Connections that the system holds until they are taken; a busy hour's redials come in bursts."""

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
        serve: ServeSettings | None = None,
        listener: Listener | None = None,
        tls: SSLContext | None = None,
        share_port: bool = False,
    ) -> None:
        """``port`` 0 takes a free one; with ``share_port`` other processes may listen on it too (``SO_REUSEPORT``).

        ``serve``: in place of the project's own limits. ``listener``: in place of the one that they name.
        Raises ``ConfigError`` for a host beyond loopback, ``ClipError``, ``MissingExtra``.
        """
        if host not in LOOPBACK:
            raise ConfigError(
                f"--host {host}: this server has no authentication yet and listens on loopback only; "
                "use 127.0.0.1 and put a proxy that authenticates before it"
            )
        self._voice = voice
        self._host = host
        self._port = port
        self._serve = serve if serve is not None else ServeSettings()
        desks = (SynthesisDesk(voice), lookups or LookupDesk(), watch)
        self._desks = Desks(*desks, message_rate=self._serve.messages, call_length=self._serve.call_length)
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
        self._server: asyncio.Server | None = None
        self._listener = listener if listener is not None else listener_called(self._serve.listener)
        self._tls = tls
        self._share_port = share_port
        self._waiting = WaitingRoom(self._serve.waiting, self._crowded)

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
            reception = Reception(self._waiting, self._ask, self._spoiled, self._serve.handshake)
            self._server = await asyncio.get_running_loop().create_server(
                lambda: Front(reception),
                self._host,
                self._port,
                ssl=self._tls,
                ssl_handshake_timeout=self._serve.handshake if self._tls is not None else None,
                reuse_port=self._share_port or None,
                backlog=BACKLOG,
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
        if self._share_port and self._server is not None:
            self._server.close()  # so that the other processes get every new call
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
            self._server = None
            self._waiting.empty()
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_TIMEOUT + 1.0):
                    await self._idle.wait()
        await self._desks.synthesis.aclose()
        await self._desks.lookups.aclose()

    def _ask(self, ask: Ask) -> Answer:
        path = ask.path.strip("/")
        if path == "healthz":
            status = http.HTTPStatus.SERVICE_UNAVAILABLE if self._draining else http.HTTPStatus.OK
            state = "draining" if self._draining else "ok"
            body = json.dumps({"status": state, "calls": self.calls}) + "\n"
            return Reply(status, body, "application/json", {"Cache-Control": "no-store"})
        if path not in self._plans:
            known = ", ".join(f"/{name}" for name in self._plans)
            return Reply(http.HTTPStatus.NOT_FOUND, f"No gateway here; there is {known} and /healthz.\n")
        if not ask.upgrades:
            why = "A gateway opens a websocket here.\n"
            return Reply(http.HTTPStatus.UPGRADE_REQUIRED, why, headers={"Upgrade": "websocket"})
        if self._draining:
            return Reply(http.HTTPStatus.SERVICE_UNAVAILABLE, "This server is draining.\n")
        return Accept(self._begin(path), self._listener, self._serve.message)

    def _begin(self, name: str) -> Session:
        gateway, plan, prepared = self._plans[name]
        id = f"{self._run}-{next(self._served)}"
        session = Session(id, plan, gateway.codec(), prepared, self._desks, lambda: self._ended(session))
        self._sessions.add(session)
        self._idle.clear()
        log.info("call %s: began", id)
        return session

    def _ended(self, session: Session) -> None:
        log.info("call %s: ended: %s", session.id, session.reason)
        self._sessions.discard(session)
        if not self._sessions:
            self._idle.set()

    def _spoiled(self, address: str, why: str) -> None:
        log.info("a connection from %s was dropped: %s", address, why)

    def _crowded(self, address: str) -> None:
        log.info("a connection from %s was dropped: too many wait", address)
