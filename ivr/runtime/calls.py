"""The calls of one process: what they share, which are in progress, and when none is left."""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ivr.call.plan import CallPlan, Dialog, plan_calls
from ivr.gateways.codec import Capabilities, Codec
from ivr.gateways.twilio import TWILIO, TwilioCodec
from ivr.phrases.wire import PreparedClips
from ivr.project.project import Project
from ivr.runtime.session import Desks, Session

log = logging.getLogger("ivr.server")


@dataclass(frozen=True)
class Gateway:
    """One kind of gateway, as the server offers it."""

    capabilities: Capabilities
    codec: Callable[[], Codec]


GATEWAYS: Mapping[str, Gateway] = {"twilio": Gateway(TWILIO, TwilioCodec)}
"""By the first part of the path: ``ws://host:port/twilio``."""


@dataclass(frozen=True, slots=True)
class _Room:
    """What all calls of one kind of gateway share."""

    gateway: Gateway
    plan: CallPlan
    prepared: PreparedClips


class Calls:
    """Begins calls and counts them."""

    def __init__(self, project: Project, provider: str, dialog: Dialog | None, desks: Desks) -> None:
        """Raises ``ClipError`` and ``ConfigError`` as ``plan_calls`` does."""
        self._rooms: dict[str, _Room] = {}
        for name, gateway in GATEWAYS.items():
            plan = plan_calls(project, gateway.capabilities, provider=provider, dialog=dialog)
            prepared = PreparedClips(gateway.codec().prepare, plan.clips.values())
            self._rooms[name] = _Room(gateway, plan, prepared)
        self._desks = desks
        self._sessions: dict[Session, None] = {}
        self._none_left = asyncio.Event()
        self._none_left.set()
        self._begun = itertools.count(1)
        self._run = secrets.token_hex(3)

    def __len__(self) -> int:
        return len(self._sessions)

    def plan(self, gateway: str) -> CallPlan:
        """What calls by ``gateway`` share."""
        return self._rooms[gateway].plan

    def begin(self, gateway: str, over: Callable[[], None], belongs: Callable[[str], bool] | None) -> Session:
        """A call that waits for its socket. ``over`` is told when it has ended.

        ``belongs`` says whether the platform's id of the call is the one that this socket was opened for.
        """
        room = self._rooms[gateway]
        id = f"{self._run}-{next(self._begun)}"

        def ended() -> None:
            if session.started:  # of the others there can be thousands a second; they are counted by their endings
                log.info("call %s: ended: %s", id, session.reason)
            self._sessions.pop(session, None)
            if not self._sessions:
                self._none_left.set()
            over()

        session = Session(id, room.plan, room.gateway.codec(), room.prepared, self._desks, ended, belongs)
        self._sessions[session] = None
        self._none_left.clear()
        return session

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
