"""Calls that no stream carries while their platform moves them: how they leave, what is asked, who is given up.

A call leaves (its stream is let go of), is dialled for (its platform has asked where to), and returns (a stream is on
its way) or ends. Each of the three has its time; the length of the call has its own in ``Session``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ivr.call.effects import Transfer
from ivr.catalog.party import TransferOutcome
from ivr.runtime.door.moves import Dial
from ivr.runtime.door.tickets import LIFETIME
from ivr.runtime.session import START_TIMEOUT, Session
from ivr.runtime.whereabouts import Whereabouts

log = logging.getLogger("ivr.server")

ASKS = 15.0
"""Seconds within which a platform asks where to move a call; it does at once."""

RETURNS = LIFETIME + START_TIMEOUT
"""Seconds within which the stream that brings a call back has begun."""

Mover = Callable[[Session, Transfer], str]


@dataclass(slots=True)
class _Parked:
    session: Session
    gateway: str
    call: str
    wanted: Transfer
    timer: asyncio.TimerHandle
    token: str = ""

    @property
    def name(self) -> str:
        return _name(self.gateway, self.call)


class Parking:
    """Of one process; see ``ivr.runtime.door.moves.Away``."""

    def __init__(self, whereabouts: Whereabouts) -> None:
        self.offered = False
        self.closed = ""
        """Why no call is moved any more; empty while they are."""
        self._whereabouts = whereabouts
        self._parked: dict[str, _Parked] = {}
        self._tokens: dict[str, _Parked] = {}

    def __len__(self) -> int:
        return len(self._parked)

    def mover(self, gateway: str, *, webhook: bool) -> Mover:
        """How calls of ``gateway`` are moved. ``webhook``: it asks us alone when our webhook sent the call here."""
        return partial(self._park, gateway, webhook)

    def elsewhere(self, gateway: str, call: str) -> int | None:
        """See ``Away``."""
        return self._whereabouts.find(_name(gateway, call))

    def holder(self, token: str) -> int | None:
        """See ``Away``."""
        return self._whereabouts.find(token)

    def asked(self, gateway: str, call: str) -> Dial | None:
        """See ``Away``."""
        parked = self._parked.get(_name(gateway, call))
        if parked is None:
            return None
        if parked.token:  # what was told to bring it back has ended without doing so
            parked.session.end("a transfer: the stream that was to bring it back did not begin")
            return None
        wanted, left = parked.wanted, parked.session.remaining
        self._wait(parked, wanted.timeout + left, "its platform never said what came of it")
        return Dial(wanted.to, wanted.timeout, left)

    def dialed(self, gateway: str, call: str, outcome: TransferOutcome | None, token: str) -> bool:
        """See ``Away``."""
        parked = self._parked.get(_name(gateway, call))
        if parked is None:
            return False
        if outcome is None:
            parked.session.end("the caller hung up")
            return False
        parked.session.transferred(outcome)
        if parked.session.over or not self._whereabouts.note(token):
            parked.session.end("a transfer: there is no way back")
            return False
        self._drop_token(parked)
        parked.token = token
        self._tokens[token] = parked
        self._wait(parked, RETURNS, "its platform did not bring it back")
        return True

    def awaits(self, token: str) -> bool:
        """See ``Away``."""
        return token in self._tokens

    def returned(self, token: str) -> Session:
        """The stream with this token is here: its call is away no longer."""
        parked = self._tokens[token]
        self._forget(parked)
        return parked.session

    def ended(self, session: Session) -> None:
        """A call has ended; what is kept for it goes."""
        parked = next((each for each in self._parked.values() if each.session is session), None)
        if parked is not None:
            self._forget(parked)

    def close(self, reason: str) -> None:
        """End all that are away, and move no other: what their platforms ask will not come here."""
        self.closed = reason
        for parked in list(self._parked.values()):
            parked.session.end(f"a transfer: {reason}")

    def _park(self, gateway: str, webhook: bool, session: Session, wanted: Transfer) -> str:
        if self.closed:
            return self.closed
        if not webhook:
            return "this stream did not come by the webhook, so that its platform will not ask us where to go"
        call = session.platform_id
        if not call:
            return "the stream does not name its call; see docs/gateways"
        name = _name(gateway, call)
        if name in self._parked or self._whereabouts.find(name) is not None:
            return "another call of that name is being transferred"
        if not self._whereabouts.note(name):
            return "it cannot be noted where the call is"
        timer = asyncio.get_running_loop().call_later(ASKS, self._give_up, name, "its platform did not ask where to")
        self._parked[name] = _Parked(session, gateway, call, wanted, timer)
        log.info("call %s: is transferred to a %s", session.id, wanted.to.kind)
        session.let_go()
        return ""

    def _wait(self, parked: _Parked, seconds: float, otherwise: str) -> None:
        parked.timer.cancel()
        loop = asyncio.get_running_loop()
        parked.timer = loop.call_later(seconds, self._give_up, parked.name, otherwise)

    def _give_up(self, name: str, why: str) -> None:
        parked = self._parked.get(name)
        if parked is not None:
            log.warning("call %s: a transfer: %s, it is given up", parked.session.id, why)
            parked.session.end(f"a transfer: {why}")

    def _forget(self, parked: _Parked) -> None:
        parked.timer.cancel()
        self._parked.pop(parked.name, None)
        self._whereabouts.forget(parked.name)
        self._drop_token(parked)

    def _drop_token(self, parked: _Parked) -> None:
        if parked.token:
            self._tokens.pop(parked.token, None)
            self._whereabouts.forget(parked.token)
            parked.token = ""


def _name(gateway: str, call: str) -> str:
    return f"{gateway}\0{call}"
