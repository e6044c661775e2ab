"""The door of the AudioSocket port, where a UUID and an address are all that a gateway shows. Pure, like ``door``.

Whose address is trusted comes in with any UUID. Everybody else needs one that was announced: minted by this server for
whoever asked for it over HTTP with a pass.
"""

from __future__ import annotations

import http
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from urllib.parse import parse_qsl
from uuid import UUID

from ivr.errors import LocalGatewayError
from ivr.runtime.door.admission import Admission
from ivr.runtime.door.announced import Announced
from ivr.runtime.door.asks import FIELDS, Ask, Enter, Moment, Reply
from ivr.runtime.door.refusal import Refusal
from ivr.runtime.door.tickets import Ticket, Tickets
from ivr.runtime.door.uuids import RANDOM, Uuids

AUDIOSOCKET = "audiosocket"
"""The gateway's name, in passes and in the path at which calls are announced."""

Networks = Sequence[IPv4Network | IPv6Network]


@dataclass(frozen=True, slots=True)
class Peers:
    """Who needs no announced UUID."""

    networks: Networks = ()
    everybody: bool = False
    """The port is on loopback, and no networks are named."""

    def trusts(self, address: str) -> bool:
        """Whether ``address`` is one of them."""
        if self.everybody:
            return True
        try:
            found = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return any(found in network for network in self.networks)


class PacketDoor:
    """One process's."""

    def __init__(
        self,
        peers: Peers,
        admission: Admission,
        tickets: Tickets,
        uuids: Uuids,
        announced: Announced,
        *,
        nonce: Callable[[int], bytes],
        refused: Callable[[str, str, str], None],
    ) -> None:
        """``refused`` is told a cause, the address, and what may be logged."""
        self._peers = peers
        self._admission = admission
        self._tickets = tickets
        self._uuids = uuids
        self._announced = announced
        self._nonce = nonce
        self._refused = refused

    def announce(self, ask: Ask, address: str, at: Moment) -> Reply:
        """Answer a request, whose pass was found good, with the UUID of a call to come; its fields are the call's."""
        if ask.method not in ("GET", "POST"):
            return Reply(http.HTTPStatus.METHOD_NOT_ALLOWED, "GET or POST.\n", headers={"Allow": "GET, POST"})
        try:
            parameters = {**ask.query, **_form(ask)}
        except ValueError:
            return Reply(http.HTTPStatus.BAD_REQUEST, f"A form of up to {FIELDS} fields in UTF-8.\n")
        busy = self._admission.busy(address, at.late, at.now)
        if busy is not None:
            self._refused(busy.cause, address, busy.value)
            return _busy(busy.value)
        uuid = self._uuids.mint(at.wall, self._nonce(RANDOM))
        ticket = self._uuids.read(uuid, at.wall)
        assert isinstance(ticket, Ticket)
        if parameters:
            try:
                self._announced.keep(ticket.id, parameters, ticket.expires, at.wall)
            except LocalGatewayError:
                self._refused("memory", address, "announced calls cannot be kept")
                return Reply(
                    http.HTTPStatus.SERVICE_UNAVAILABLE, "Busy: no room for it.\n", headers={"Retry-After": "5"}
                )
        self._admission.keep(ticket.id, at.now)
        return Reply(http.HTTPStatus.OK, str(uuid), headers={"Cache-Control": "no-store"})

    def knock(self, uuid: UUID, address: str, at: Moment) -> Enter | None:
        """Let a connection in that names itself ``uuid``; None where it is turned away."""
        found = self._uuids.read(uuid, at.wall)
        if isinstance(found, Refusal) and (found is not Refusal.FOREIGN or not self._peers.trusts(address)):
            why = "no trusted address, and no announced UUID" if found is Refusal.FOREIGN else found.value
            self._refused("token", address, f"{AUDIOSOCKET}: {why}")
            return None
        ticket = found if isinstance(found, Ticket) else None
        busy = self._admission.busy(address, at.late, at.now, announced=ticket is not None)
        if busy is not None:
            self._refused(busy.cause, address, busy.value)
            return None
        if ticket is None:
            return Enter(AUDIOSOCKET, address)
        spent = self._tickets.burn(ticket, at.wall)
        if spent is not None:
            self._refused("token", address, f"{AUDIOSOCKET}: {spent.value}")
            return None
        self._admission.came(ticket.id)
        return Enter(AUDIOSOCKET, address, query=self._announced.take(ticket.id))


def _busy(why: str) -> Reply:
    return Reply(http.HTTPStatus.SERVICE_UNAVAILABLE, f"Busy: {why}.\n", headers={"Retry-After": "5"})


def _form(ask: Ask) -> dict[str, str]:
    """The fields of a posted form; none where none was. Raises ``ValueError``."""
    if ask.method != "POST" or not ask.is_form:
        return {}
    return dict(parse_qsl(ask.body.decode(), keep_blank_values=True, max_num_fields=FIELDS))
