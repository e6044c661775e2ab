"""The calls of one process: what they share, which are in progress, and when none is left."""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from operator import attrgetter

from ivr.call.plan import CallPlan, Dialog, plan_calls
from ivr.gateways.asterisk.codec import ASTERISK, AsteriskCodec
from ivr.gateways.asterisk.formats import capabilities
from ivr.gateways.audiosocket import formats as audiosocket
from ivr.gateways.audiosocket.codec import AudioSocketCodec
from ivr.gateways.codec import Capabilities, Codec
from ivr.gateways.events import StreamStarted
from ivr.gateways.twilio import TWILIO, TwilioCodec
from ivr.project.project import Project
from ivr.project.settings.serving import ServeSettings
from ivr.runtime.brought import Desks, Opened
from ivr.runtime.door.packetdoor import AUDIOSOCKET
from ivr.runtime.ear import Ear
from ivr.runtime.parking import Parking
from ivr.runtime.queries import CALL, Queries
from ivr.runtime.rooms import Rooms
from ivr.runtime.session import Session

log = logging.getLogger("ivr.server")


@dataclass(frozen=True)
class Gateway:
    """One kind of gateway, as the server offers it."""

    capabilities: Capabilities
    """Of a usual stream."""
    codec: Callable[[], Codec]
    wires: Callable[[ServeSettings], tuple[Capabilities, ...]] = lambda settings: ()
    """Other wires that are to be ready at start."""
    platform_id: Callable[[StreamStarted], str] = attrgetter("call")
    """What the platform calls the call of a stream when it asks where to move it."""
    webhook: bool = False
    """It asks that only of calls which our webhook sent here."""


GATEWAYS: Mapping[str, Gateway] = {
    "twilio": Gateway(TWILIO, TwilioCodec, webhook=True),
    "asterisk": Gateway(
        ASTERISK,
        AsteriskCodec,
        lambda settings: tuple(map(capabilities, settings.asterisk)),
        lambda started: started.parameters.get(CALL, ""),
    ),
}
"""By the first part of the path: ``ws://host:port/twilio``."""


def gateways(settings: ServeSettings) -> Mapping[str, Gateway]:
    """All that a server with these settings answers, on whichever port."""
    if settings.audiosocket_port is None:
        return GATEWAYS
    rate = settings.audiosocket_rate
    return {**GATEWAYS, AUDIOSOCKET: Gateway(audiosocket.capabilities(rate), partial(AudioSocketCodec, rate))}


class Calls:
    """Begins calls and counts them."""

    def __init__(
        self,
        project: Project,
        provider: str,
        dialog: Dialog | None,
        desks: Desks,
        settings: ServeSettings,
        parking: Parking,
    ) -> None:
        """Raises ``ClipError`` and ``ConfigError`` as ``plan_calls`` does."""
        self._gateways = gateways(settings)
        self._codecs = {name: gateway.codec for name, gateway in self._gateways.items()}
        self._make = partial(_make_rooms, provider, dialog, settings)
        self._rooms: Mapping[str, Rooms] = {}
        self.parking = parking
        self._use(project, self._make(project))
        self._queries = Queries()
        self._desks = desks
        self._sessions: dict[Session, None] = {}
        self._none_left = asyncio.Event()
        self._none_left.set()
        self._begun = itertools.count(1)
        self._run = secrets.token_hex(3)

    def __len__(self) -> int:
        return len(self._sessions)

    def plan(self, gateway: str) -> CallPlan:
        """What usual calls by ``gateway`` share."""
        return self._rooms[gateway].usual.plan

    async def use(self, project: Project) -> None:
        """New calls are of ``project`` from now on; those in progress keep theirs. Raises as the constructor does."""
        self._use(project, await asyncio.to_thread(self._make, project))

    def _use(self, project: Project, rooms: Mapping[str, Rooms]) -> None:
        self._rooms = rooms
        self.parking.offered = bool(project.settings.transfer.allow)

    def begin(
        self,
        gateway: str,
        over: Callable[[], None],
        belongs: Callable[[str], bool] | None,
        query: Mapping[str, str],
    ) -> Ear:
        """A call that waits for its socket: what hears that. ``over`` is told when it has ended.

        ``belongs`` says whether the platform's id of the call is the one that this socket was opened for; ``query``
        is what its upgrade said of the call.
        """
        id = f"{self._run}-{next(self._begun)}"

        def ended() -> None:
            if session.started:  # of the others there can be thousands a second; they are counted by their endings
                log.info("call %s: ended: %s", id, session.reason)
            self._sessions.pop(session, None)
            self.parking.ended(session)
            if not self._sessions:
                self._none_left.set()
            over()

        caller = self._opened(gateway, belongs, self._queries.fresh(query))
        session = Session(id, self._rooms[gateway], self._codecs[gateway](), self._desks, ended, caller)
        self._sessions[session] = None
        self._none_left.clear()
        return session.ear()

    def come_back(
        self, gateway: str, token: str, belongs: Callable[[str], bool] | None, query: Mapping[str, str]
    ) -> Ear:
        """Another socket for the call that is away and whose stream has this token: what hears it."""
        session = self.parking.returned(token)
        return session.come_back(self._codecs[gateway](), self._opened(gateway, belongs, query))

    def _opened(self, gateway: str, belongs: Callable[[str], bool] | None, query: Mapping[str, str]) -> Opened:
        kind = self._gateways[gateway]
        move = self.parking.mover(gateway, webhook=belongs is not None or not kind.webhook)
        return Opened(belongs, query, kind.platform_id, move)

    async def finish(self, within: float) -> int:
        """Wait until none is left, ``within`` seconds at most. Returns how many are."""
        try:
            async with asyncio.timeout(within):
                await self._none_left.wait()
        except TimeoutError:
            pass
        return len(self._sessions)

    def end(self, reason: str) -> None:
        """End those that are left."""
        for session in list(self._sessions):
            session.end(reason)


def _make_rooms(provider: str, dialog: Dialog | None, settings: ServeSettings, project: Project) -> Mapping[str, Rooms]:
    rooms: dict[str, Rooms] = {}
    for name, gateway in gateways(settings).items():
        plan = plan_calls(project, gateway.capabilities, provider=provider, dialog=dialog)
        rooms[name] = Rooms(plan, gateway.codec().prepare, gateway.wires(settings))
    return rooms
