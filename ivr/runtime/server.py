"""The server: its ports, whatever comes in by them, and an orderly end."""

from __future__ import annotations

import asyncio
import gc
import http
import logging
import os
import secrets
import time
from collections.abc import Callable
from functools import partial
from typing import Self
from uuid import UUID

from ivr.call.plan import Dialog
from ivr.errors import ConfigError, SpeechError
from ivr.project.project import Project
from ivr.runtime.brought import Desks
from ivr.runtime.calls import GATEWAYS, Calls
from ivr.runtime.connection import CLOSE_TIMEOUT
from ivr.runtime.door.admission import RESERVED, Admission, Limits, State
from ivr.runtime.door.asks import Ask, Elsewhere, Enter, Moment, Reply
from ivr.runtime.door.door import Beside, Door, Rules
from ivr.runtime.door.packetdoor import PacketDoor
from ivr.runtime.door.tickets import Tickets
from ivr.runtime.door.uuids import Uuids
from ivr.runtime.ear import Ear
from ivr.runtime.front import Accept, Answer, Front, PassOn, Reception
from ivr.runtime.lateness import LoopWatch
from ivr.runtime.listeners import listener as listener_called
from ivr.runtime.looking_up import LookupDesk
from ivr.runtime.oplog import shown_fault
from ivr.runtime.packetport import PacketFront, PacketReception
from ivr.runtime.parking import Parking
from ivr.runtime.refusals import Complaints, Refusals
from ivr.runtime.serving import Serving
from ivr.runtime.synthesis import SynthesisDesk
from ivr.runtime.telling import Watch
from ivr.runtime.throttle import Throttled
from ivr.runtime.waiting import WaitingRoom
from ivr.speech.synthesizer import Synthesizer
from ivr.trace.events import TraceEvent

log = logging.getLogger("ivr.server")

BACKLOG = 1024
"""Connections that the system holds until they are taken; a busy hour's redials come in bursts."""

COLLECT = (10_000, 5, 5)
"""When Python's collector looks for cycles (``gc.set_threshold``): seldom, since a call that is over leaves none, and
each walk over what lives takes 10 ms from a caller."""

ANNOUNCED = 0.1
"""Seconds between looks at whether the calls that were announced are here, when the server stops."""

SAYING = 1.0
"""Seconds that connections which are there when the server stops get to say what they want, and be answered."""

DRAIN = 30.0
"""Seconds that live calls get to end by themselves when the server stops."""


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
        serving: Serving | None = None,
    ) -> None:
        """``port`` 0 takes a free one. ``serving``: limits and keys; none of the project's own are taken from it.

        Raises ``ConfigError`` for a host beyond loopback without a way to prove who calls, ``ClipError``,
        ``MissingExtra``.
        """
        self._serving = serving if serving is not None else Serving()
        self._serving.check(host)
        settings, metrics = self._serving.settings, self._serving.metrics
        self._project = project
        self._voice = voice
        self._host = host
        self._port = port
        self._desks = Desks(
            SynthesisDesk(voice),
            lookups or LookupDesk(),
            watch if metrics is None else _both(metrics.watch, watch),
            settings.messages,
            settings.call_length,
            Complaints(),
            self._serving.record,
        )
        self._parking = Parking(self._serving.whereabouts)
        self._calls = Calls(project, voice.name, dialog, self._desks, settings, self._parking)
        self._listener = self._serving.listener or listener_called(settings.listener)
        self._refusals = Refusals(metrics)
        self._faults = Throttled("saw", "faults")
        self._collect = gc.get_threshold()
        self._waiting = WaitingRoom(settings.waiting, partial(self._refusals, "connections", what="too many wait"))
        limits = Limits(settings.calls, settings.calls_per_address, settings.late)
        self._admission = Admission(limits)
        self._lateness = LoopWatch(self._tick)
        self._second = 0.0
        self._server: asyncio.Server | None = None
        self._packets: asyncio.Server | None = None
        self._tickets = Tickets(self._serving.keys.tickets, self._serving.used)
        self._packet_door = self._make_packet_door(host) if settings.audiosocket_port is not None else None
        self._door = self._make_door(host)

    def _make_packet_door(self, host: str) -> PacketDoor:
        serving = self._serving
        return PacketDoor(
            serving.peers(host),
            self._admission,
            self._tickets,
            Uuids(serving.keys.tickets),
            serving.announced,
            nonce=secrets.token_bytes,
            refused=self._refusals,
        )

    def _make_door(self, host: str) -> Door:
        serving = self._serving
        rules = Rules(
            tuple(GATEWAYS),
            serving.guarded(host),
            serving.settings.public_url or "",
            serving.keys.twilio_auth_token,
            serving.keys.metrics_token,
            serving.settings.proxies,
        )
        return Door(
            rules,
            self._admission,
            self._tickets,
            serving.passes,
            nonce=secrets.token_bytes,
            metrics=serving.metrics.render if serving.metrics is not None else None,
            refused=self._refusals,
            beside=Beside(self._packet_door.announce if self._packet_door is not None else None, self._parking),
        )

    async def __aenter__(self) -> Self:
        # Projects and clips live as long as the process; a collector that walks them costs a caller milliseconds.
        gc.collect()
        gc.freeze()
        self._collect = gc.get_threshold()
        gc.set_threshold(*COLLECT)
        try:
            await self._voice.warm()
        except SpeechError as error:
            # Fixed words are in memory, and what is live has its fallback: a provider's bad day is not ours.
            log.warning("the voice is not ready, calls begin without it: %s", error)
        self._lateness.__enter__()
        settings, tls = self._serving.settings, self._serving.tls
        spoiled = partial(self._spoiled, "http")
        if self._serving.neighbours is not None:  # TLS has ended with whoever passes a connection on
            handed = Reception(self._waiting, self._ask, spoiled, settings.handshake)
            await self._serving.neighbours.listen(partial(Front, handed))
        reception = Reception(self._waiting, self._ask, spoiled, settings.handshake, tls)
        self._server = await self._listen(partial(Front, reception), self._port, "--port")
        if settings.audiosocket_port is not None:
            spoiled = partial(self._spoiled, "packet")
            packets = PacketReception(self._waiting, self._knock, spoiled, settings.handshake, settings.message)
            try:
                self._packets = await self._listen(
                    partial(PacketFront, packets), settings.audiosocket_port, "--audiosocket-port"
                )
            except ConfigError:
                self._server.close()
                raise
        return self

    async def _listen(self, front: Callable[[], asyncio.Protocol], port: int, option: str) -> asyncio.Server:
        share = self._serving.share_port or None
        loop = asyncio.get_running_loop()
        try:
            return await loop.create_server(front, self._host, port, reuse_port=share, backlog=BACKLOG)
        except OSError as error:
            why = os.strerror(error.errno) if error.errno is not None and error.errno > 0 else error
            raise ConfigError(f"cannot listen on {self._host}:{port}: {why}; choose another {option}") from None

    async def __aexit__(self, *_: object) -> None:
        await self.stop(0.0)

    @property
    def port(self) -> int:
        """The port of websockets and HTTP."""
        assert self._server is not None
        return _port(self._server)

    @property
    def audiosocket_port(self) -> int | None:
        """The port of AudioSocket; None where there is none."""
        return None if self._packets is None else _port(self._packets)

    @property
    def calls(self) -> int:
        """Calls in progress."""
        return len(self._calls)

    async def use(self, project: Project) -> None:
        """Answer new calls with ``project``; those in progress keep the one that they began with.

        Raises ``ConfigError`` for a change that only a start can take, and what the constructor does; then nothing has
        changed.
        """
        before, after = self._project.settings, project.settings
        if (before.voice.options(), before.trace) != (after.voice.options(), after.trace):
            raise ConfigError("voice: or trace: of prompts/ivr.yaml was changed: start the server again to take that")
        if before.serve != after.serve:
            log.warning("serve: of prompts/ivr.yaml was changed, which counts from the next start on")
        await self._calls.use(project)
        self._project = project
        # Frees the project before the last one, whose plans point at each other. It walks what reloads have made alone;
        # to thaw what was frozen at the start takes 200 ms, which callers would hear, so that one project stays.
        gc.collect()
        log.info("the changed project answers new calls; %d go on with the one before", self.calls)

    async def stop(self, drain: float = DRAIN) -> None:
        """No new calls; live ones get ``drain`` seconds to end, then they are ended."""
        self._admission.draining = True
        over = time.monotonic() + drain
        if drain > 0:
            log.info("draining: %d calls have %g s to end", self.calls, drain)
        if self._serving.hand_over:
            self._let_go()
        await self._let_in(drain)
        if self._serving.share_port:
            self._let_go()
        if self.calls and drain > 0 and (left := await self._calls.finish(max(0.0, over - time.monotonic()))):
            log.warning("drain: %d calls did not end in time and are ended now", left)
        if self._serving.neighbours is not None:
            await self._serving.neighbours.finish(max(0.0, over - time.monotonic()))
        self._calls.end("the server is shutting down")
        if self._server is not None:
            self._let_go()
            self._server = self._packets = None
            self._waiting.empty()
            await self._calls.finish(CLOSE_TIMEOUT + 1.0)
        if self._serving.neighbours is not None:
            await self._serving.neighbours.close()
        self._lateness.__exit__()
        self._refusals.close()
        self._desks.complaints.close()
        await self._desks.synthesis.aclose()
        await self._desks.lookups.aclose()
        gc.set_threshold(*self._collect)

    def _let_go(self) -> None:
        """Of the ports: new connections are for others, or for nobody. Calls that are away cannot come back then."""
        for listening in (self._server, self._packets):
            if listening is not None:
                listening.close()
        self._parking.close("the server is shutting down")

    async def _let_in(self, within: float) -> None:
        """Wait for what is on its way, ``within`` seconds at most: requests that begin, and calls that were announced.

        A worker that has calls waits as long as an announced one may take: the system may give it another worker's.
        """
        began = time.monotonic()
        while self._server is not None:
            now = time.monotonic()
            on_their_way = SAYING - (now - began) if len(self._waiting) else 0.0
            if not self._serving.hand_over:
                elsewhere = RESERVED - (now - began) if self._serving.share_port and self.calls else 0.0
                on_their_way = max(on_their_way, elsewhere, self._admission.expected(now))
            wait = min(ANNOUNCED, within - (now - began), on_their_way)
            if wait <= 0:
                break
            await asyncio.sleep(wait)

    def _moment(self) -> Moment:
        return Moment(time.monotonic(), time.time(), self._lateness.late_p99())

    def _knock(self, uuid: UUID, address: str) -> Ear | None:
        assert self._packet_door is not None
        try:
            enter = self._packet_door.knock(uuid, address, self._moment())
        except Exception:
            log.exception("a connection was turned away with a fault of our own")
            return None
        return None if enter is None else self._begin(enter)

    def _ask(self, ask: Ask) -> Answer:
        try:
            answer = self._door.ask(ask, self._moment())
        except Exception:
            for line in self._faults.see("request", "a request was answered with a fault of our own", time.monotonic()):
                log.exception(line)
            return Reply(http.HTTPStatus.INTERNAL_SERVER_ERROR, "A fault of this server; its log says more.\n")
        if isinstance(answer, Reply):
            return answer
        if isinstance(answer, Elsewhere):
            return self._pass_on(answer)
        return Accept(self._begin(answer), self._listener, self._serving.settings.message)

    def _pass_on(self, answer: Elsewhere) -> Answer:
        neighbours = self._serving.neighbours
        if neighbours is None:
            return Reply(http.HTTPStatus.NOT_FOUND)
        return PassOn(partial(neighbours.pass_on, answer.worker))

    def _begin(self, enter: Enter) -> Ear:
        if enter.back:
            return self._calls.come_back(enter.gateway, enter.back, enter.belongs, enter.query)

        def over() -> None:
            self._admission.end(enter.address)
            self._count()

        self._admission.begin(enter.address)
        ear = self._calls.begin(enter.gateway, over, enter.belongs, enter.query)
        self._count()
        return ear

    def _count(self) -> None:
        if self._serving.metrics is not None:
            self._serving.metrics.calls(self.calls)

    def _spoiled(self, kind: str, address: str, why: str) -> None:
        if self._serving.metrics is not None:
            self._serving.metrics.malformed(kind)
        self._refusals("request", address, shown_fault(why))

    def _tick(self, late: float) -> None:
        """Twenty times a second."""
        metrics, now = self._serving.metrics, time.monotonic()
        if metrics is not None:
            metrics.late(late)
        if now < self._second:
            return
        self._second = now + 1.0
        self._refusals.tick()
        self._desks.complaints.tick()
        if metrics is not None:
            busy = self._admission.busy("", self._lateness.late_p99(), now)
            metrics.admission(State.OPEN if busy is None else busy.state)


def _port(listening: asyncio.Server) -> int:
    port: int = next(iter(listening.sockets)).getsockname()[1]
    return port


def _both(first: Watch, second: Watch | None) -> Watch:
    if second is None:
        return first

    def watch(call: str, event: TraceEvent) -> None:
        first(call, event)
        second(call, event)

    return watch
