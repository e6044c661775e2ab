"""What platforms ask between two streams of a call: where to move it, and what is next when that is over.

Twilio asks the ``action`` of its ``<Connect>`` and its ``<Dial>``; an Asterisk dialplan asks by ``CURL()``. Whoever
asks has proved that it may; see ``door``.
"""

from __future__ import annotations

import http
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ivr.catalog.party import Party, TransferOutcome
from ivr.gateways.asterisk import dialplan
from ivr.gateways.twilio_webhook import connect_answer, dial_answer, dialed, hang_up_answer
from ivr.runtime.door.asks import Reply
from ivr.runtime.door.tickets import NONCE, Tickets

XML = "text/xml; charset=utf-8"

NEXT, DIALED, BACK = "next", "dialed", "back"
"""Parts of a path: the stream has ended; the other party is gone; the stream that brings the call back."""

RETURN = "twilio back"
"""The gateway's name in tickets of streams that bring a call back."""


@dataclass(frozen=True, slots=True)
class Dial:
    """Where a call is to be moved."""

    to: Party
    timeout: float
    """Seconds of ringing."""
    most: float
    """Seconds that the call may still last."""


class Away(Protocol):
    """The calls that no stream carries now, by their gateway and the platform's id of them."""

    @property
    def offered(self) -> bool:
        """Whether calls may be transferred at all."""
        ...

    def elsewhere(self, gateway: str, call: str) -> int | None:
        """The worker that has the call, if it is another one."""
        ...

    def asked(self, gateway: str, call: str) -> Dial | None:
        """Where it is to be moved; None where there is no such call, or it is to be hung up."""
        ...

    def dialed(self, gateway: str, call: str, outcome: TransferOutcome | None, token: str) -> bool:
        """What came of it (None: the caller hung up). Whether a stream with ``token`` is to bring the call back."""
        ...

    def awaits(self, token: str) -> bool:
        """Whether such a stream is waited for here."""
        ...

    def holder(self, token: str) -> int | None:
        """The worker that waits for it, if it is another one."""
        ...


class NobodyAway:
    """Of a server that transfers no call; an ``Away``."""

    offered = False

    def elsewhere(self, gateway: str, call: str) -> int | None:
        """See ``Away``."""
        return None

    def asked(self, gateway: str, call: str) -> Dial | None:
        """See ``Away``."""
        return None

    def dialed(self, gateway: str, call: str, outcome: TransferOutcome | None, token: str) -> bool:
        """See ``Away``."""
        return False

    def awaits(self, token: str) -> bool:
        """See ``Away``."""
        return False

    def holder(self, token: str) -> int | None:
        """See ``Away``."""
        return None


NOBODY_AWAY = NobodyAway()


class Moves:
    """Of one process's door."""

    def __init__(self, public_url: str, tickets: Tickets, nonce: Callable[[int], bytes], away: Away) -> None:
        self._url = public_url
        self._tickets = tickets
        self._nonce = nonce
        self._away = away

    @property
    def action(self) -> str:
        """What Twilio is to ask when a stream has ended; empty where its call ends then."""
        return f"{self._url}/twilio/{NEXT}" if self._away.offered else ""

    def twilio(self, word: str, fields: Mapping[str, str], wall: float) -> Reply:
        """Twilio asks. ``wall``: seconds since 1970."""
        call = fields.get("CallSid", "")
        if word == NEXT:
            dial = self._away.asked("twilio", call)
            if dial is None:
                return _twiml(hang_up_answer())
            return _twiml(dial_answer(dial.to, dial.timeout, dial.most, f"{self._url}/twilio/{DIALED}"))
        nonce = self._nonce(NONCE)
        if not self._away.dialed("twilio", call, dialed(fields), nonce.hex()):
            return _twiml(hang_up_answer())
        ticket = self._tickets.mint(RETURN, wall, nonce, call)
        stream = f"wss{self._url.removeprefix('https')}/twilio/{BACK}/{ticket}"
        return _twiml(connect_answer(stream, {}, self.action))

    def asterisk(self, word: str, query: Mapping[str, str]) -> Reply:
        """A dialplan asks."""
        call = query.get("call", "")
        if word == NEXT:
            dial = self._away.asked("asterisk", call)
            return _line(dialplan.NOTHING if dial is None else dialplan.next_answer(dial.to, dial.timeout))
        token = self._nonce(NONCE).hex()
        back = self._away.dialed("asterisk", call, dialplan.dialed(query.get("status", "")), token)
        return _line(token if back else dialplan.NOTHING)


def _twiml(body: str) -> Reply:
    return Reply(http.HTTPStatus.OK, body, XML, {"Cache-Control": "no-store"})


def _line(body: str) -> Reply:
    return Reply(http.HTTPStatus.OK, body, headers={"Cache-Control": "no-store"})
