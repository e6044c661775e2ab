"""Tickets: the webhook mints one into a stream's path, and it lets one stream in, soon.

A ticket is url-safe base64 without padding of 69 bytes: version (1), random id (16), expiry in milliseconds of wall
time (6), tag of the call (14), and HMAC-SHA256 (32) over ``ticket``, a zero byte, those four and the gateway's name.
The tag is the beginning of HMAC-SHA256 over ``call``, a zero byte, the random id and the platform's id of the call, or
zeros where the ticket names no call. Numbers are big-endian.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field

from ivr.errors import ConfigError, LocalGatewayError
from ivr.runtime.door.burnt import Burnt
from ivr.runtime.door.refusal import Refusal

LIFETIME = 60.0
"""Seconds from the webhook's answer to the stream's upgrade."""

MIN_KEY = 32
"""Bytes of a key."""

NONCE = 16
"""Bytes of a random id."""

VERSION = 1
_EXPIRY, _TAG, _MAC = 6, 14, 32
_TICKET = re.compile(r"[A-Za-z0-9_-]{92}")


@dataclass(frozen=True, slots=True)
class Ticket:
    """One that is genuine and has not expired; whether it was used before, ``Tickets.burn`` tells."""

    id: str
    """Hexadecimal; may be logged, since no ticket can be made from it."""
    expires: float
    """Seconds of wall time."""
    tag: bytes = field(repr=False)


class Tickets:
    """Mints, reads, uses up. All processes of one server need the same key, and ``burnt`` must be theirs together."""

    def __init__(self, key: bytes, burnt: Burnt, lifetime: float = LIFETIME) -> None:
        """``lifetime`` in seconds. Raises ``ConfigError``."""
        if len(key) < MIN_KEY:
            raise ConfigError(f"the key of tickets has {len(key)} bytes: {MIN_KEY} random ones are needed")
        if not 1.0 <= lifetime <= 3600.0:
            raise ConfigError(f"tickets cannot live for {lifetime:g} s: give 1 s to 1 h")
        self._key = key
        self._burnt = burnt
        self._lifetime = lifetime

    def __repr__(self) -> str:
        return f"Tickets(lifetime={self._lifetime:g})"

    def mint(self, gateway: str, now: float, nonce: bytes, call: str = "") -> str:
        """A new ticket for one stream of ``gateway``, and of ``call`` if named; ``nonce`` is 16 random bytes.

        ``now`` in seconds of wall time. Raises ``LocalGatewayError``.
        """
        if len(nonce) != NONCE:
            raise LocalGatewayError(f"a ticket needs {NONCE} random bytes, not {len(nonce)}")
        expires = round((now + self._lifetime) * 1000).to_bytes(_EXPIRY, "big")
        head = bytes([VERSION]) + nonce + expires + self._tag(nonce, call)
        return base64.urlsafe_b64encode(head + self._mac(head, gateway)).decode("ascii")

    def read(self, text: str, gateway: str, now: float) -> Ticket | Refusal:
        """The ticket in ``text``, not used up by this, or why it is none. ``now`` in seconds of wall time."""
        if not _TICKET.fullmatch(text):
            return Refusal.MALFORMED
        data = base64.urlsafe_b64decode(text)
        head, mac = data[:-_MAC], data[-_MAC:]
        if not hmac.compare_digest(mac, self._mac(head, gateway)):
            return Refusal.FOREIGN
        if head[0] != VERSION:
            return Refusal.MALFORMED
        nonce, rest = head[1 : 1 + NONCE], head[1 + NONCE :]
        ticket = Ticket(nonce.hex(), int.from_bytes(rest[:_EXPIRY], "big") / 1000, rest[_EXPIRY:])
        return Refusal.EXPIRED if now >= ticket.expires else ticket

    def burn(self, ticket: Ticket, now: float) -> Refusal | None:
        """Use ``ticket`` up: None, or why that cannot be. ``now`` in seconds of wall time."""
        try:
            return None if self._burnt.burn(ticket.id, ticket.expires, now) else Refusal.REPLAYED
        except LocalGatewayError:
            return Refusal.UNRECORDED

    def is_for(self, ticket: Ticket, call: str) -> bool:
        """Whether ``ticket`` was minted for ``call``, or for no call in particular."""
        unbound = ticket.tag == bytes(_TAG)
        return unbound or hmac.compare_digest(ticket.tag, self._tag(bytes.fromhex(ticket.id), call))

    def _mac(self, head: bytes, gateway: str) -> bytes:
        return hmac.new(
            self._key, b"ticket\0" + head + gateway.encode("utf-8", "surrogatepass"), hashlib.sha256
        ).digest()

    def _tag(self, nonce: bytes, call: str) -> bytes:
        if not call:
            return bytes(_TAG)
        text = call.encode("utf-8", "surrogatepass")
        return hmac.new(self._key, b"call\0" + nonce + text, hashlib.sha256).digest()[:_TAG]
