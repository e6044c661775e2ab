"""Tickets in 16 bytes: a UUID is all that the far side of an AudioSocket says of itself.

A UUID of ours is random (4 bytes), expiry in seconds of wall time (4), and the first 8 bytes of HMAC-SHA256 over
``uuid``, a zero byte and those two. Numbers are big-endian. The 64 bits of the latter cannot be tried at the door of
one server within a ticket's minute. No version or variant of RFC 9562 is in it: Asterisk takes any 32 digits.
"""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from ivr.errors import LocalGatewayError
from ivr.runtime.door.refusal import Refusal
from ivr.runtime.door.tickets import LIFETIME, Ticket

RANDOM = 4
"""Bytes; with the second of the expiry they tell a thousand tickets of one second apart, but for one time in 8,000."""

_EXPIRY, _MAC = 4, 8


class Uuids:
    """Mints and reads; ``Tickets.burn`` uses up. All processes of one server need the same key."""

    def __init__(self, key: bytes, lifetime: float = LIFETIME) -> None:
        """``key`` as of ``Tickets``; ``lifetime`` in seconds."""
        self._key = key
        self.lifetime = lifetime

    def __repr__(self) -> str:
        return f"Uuids(lifetime={self.lifetime:g})"

    def mint(self, now: float, nonce: bytes) -> UUID:
        """A new one for one call; ``nonce`` is 4 random bytes, ``now`` seconds of wall time.

        Raises ``LocalGatewayError``.
        """
        if len(nonce) != RANDOM:
            raise LocalGatewayError(f"a UUID needs {RANDOM} random bytes, not {len(nonce)}")
        head = nonce + round(now + self.lifetime).to_bytes(_EXPIRY, "big")
        return UUID(bytes=head + self._mac(head))

    def read(self, given: UUID, now: float) -> Ticket | Refusal:
        """The ticket that ``given`` is, not used up by this, or why it is none; ``FOREIGN`` is anybody's own UUID."""
        head, mac = given.bytes[:-_MAC], given.bytes[-_MAC:]
        if not hmac.compare_digest(mac, self._mac(head)):
            return Refusal.FOREIGN
        ticket = Ticket(f"uuid-{head.hex()}", float(int.from_bytes(head[RANDOM:], "big")), b"")
        return Refusal.EXPIRED if now >= ticket.expires else ticket

    def _mac(self, head: bytes) -> bytes:
        return hmac.new(self._key, b"uuid\0" + head, hashlib.sha256).digest()[:_MAC]
