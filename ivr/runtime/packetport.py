"""AudioSocket's port: reads the UUID that a connection begins with, and hands it over to a call or turns it away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from ivr.gateways.audiosocket import packets
from ivr.runtime.connection import Hearer, take_over
from ivr.runtime.front import WaitingRoom
from ivr.runtime.listeners.packets import SEND_BUFFER, PacketLine

FIRST = bytes((packets.UUID, 0, packets.UUID_BYTES))
"""How every call begins."""


@dataclass(frozen=True, slots=True)
class PacketReception:
    """What the port asks the server. No call waits or raises."""

    waiting: WaitingRoom
    """Where connections stand until they have said who they are."""
    knock: Callable[[UUID, str], Hearer | None]
    """Whose call it is, by its UUID and its address; None where it is turned away."""
    spoiled: Callable[[str, str], None]
    """It sent no UUID, or none in time: the address, and what was wrong."""
    timeout: float
    """Seconds in which the UUID must be here."""
    max_message: int
    """Bytes of the longest payload that is taken."""


class PacketFront(asyncio.Protocol):
    """One connection until it has said who it is."""

    def __init__(self, reception: PacketReception) -> None:
        self._reception = reception
        self._received = b""
        self.address = ""
        """Where it comes from."""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        peer = transport.get_extra_info("peername")
        self.address = peer[0] if peer else ""
        self._timer = asyncio.get_running_loop().call_later(self._reception.timeout, self._late)
        self._reception.waiting.enter(self)

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        if self._timer is None or self._transport is None:  # it was turned away
            return
        self._received += data
        if not self._received.startswith(FIRST[: len(self._received)]):
            self._reception.spoiled(self.address, "its first packet is no UUID")
            self._turn_away()
        elif len(self._received) >= len(FIRST) + packets.UUID_BYTES:
            uuid = UUID(bytes=self._received[len(FIRST) : len(FIRST) + packets.UUID_BYTES])
            hearer = self._reception.knock(uuid, self.address)
            if hearer is None:
                self._turn_away()
                return
            transport, self._transport = self._transport, None
            self._leave()
            take_over(transport, PacketLine(hearer, self._reception.max_message), self._received, SEND_BUFFER)

    def connection_lost(self, exc: Exception | None) -> None:
        """See ``asyncio.Protocol``."""
        self._leave()
        self._transport = None

    def drop(self) -> None:
        """Let go of it without a word."""
        self._leave()
        if self._transport is not None:
            self._transport.abort()

    def _turn_away(self) -> None:
        """The dialplan goes on with its next line."""
        assert self._transport is not None
        self._leave()
        self._transport.write(packets.write(packets.HANG_UP))
        self._transport.close()

    def _late(self) -> None:
        self._reception.spoiled(self.address, "no UUID in time")
        self.drop()

    def _leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._reception.waiting.leave(self)
