"""What hears a socket for a call that may let go of it: what is told after that reaches nobody."""

from __future__ import annotations

from ivr.runtime.connection import Connection, Hearer, Message


class Ear:
    """A ``Hearer`` that is another one until it is deaf: what comes fifty times a second passes no door here."""

    def __init__(self, hearer: Hearer) -> None:
        self.opened = hearer.opened
        self.message = hearer.message
        self.frame = hearer.frame
        self.blocked = hearer.blocked
        self.closed = hearer.closed

    def deafen(self) -> None:
        """Hear nothing more."""
        deaf = _Deaf()
        self.opened, self.message, self.frame = deaf.opened, deaf.message, deaf.frame
        self.blocked, self.closed = deaf.blocked, deaf.closed


class _Deaf:
    def opened(self, connection: Connection) -> None:
        connection.close(1000)

    def message(self, message: Message) -> None:
        pass

    def frame(self) -> None:
        pass

    def blocked(self, blocked: bool) -> None:
        pass

    def closed(self, why: str, *, breach: bool) -> None:
        pass
