"""AudioSocket's port: reads the UUID that a connection begins with, and hands it over to a call or turns it away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from ivr.gateways.audiosocket import packets
from ivr.runtime.connection import Hearer, take_over
from ivr.runtime.listeners.packets import SEND_BUFFER, PacketLine
from ivr.runtime.waiting import Waiter, WaitingRoom

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


class PacketFront(Waiter):
    """One connection until it has said who it is."""

    lacking = "no UUID in time"

    def __init__(self, reception: PacketReception) -> None:
        super().__init__(reception.waiting, reception.spoiled, reception.timeout)
        self._reception = reception
        self._received = b""

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        if self.answered or self._transport is None:
            return
        self._received += data
        if not self._received.startswith(FIRST[: len(self._received)]):
            self._spoiled(self.address, "its first packet is no UUID")
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

    def _turn_away(self) -> None:
        """The dialplan goes on with its next line."""
        assert self._transport is not None
        self.answered = True
        self._transport.write(packets.write(packets.HANG_UP))
        self._transport.close()
