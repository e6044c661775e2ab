"""What hears a socket for a call that may let go of it: what is told after that reaches nobody."""

from __future__ import annotations

from ivr.runtime.connection import Connection, Hearer, Message


class Ear:
    """A ``Hearer`` in front of another one."""

    def __init__(self, hearer: Hearer) -> None:
        self._hearer: Hearer | None = hearer

    def deafen(self) -> None:
        """Hear nothing more."""
        self._hearer = None

    def opened(self, connection: Connection) -> None:
        """See ``Hearer``."""
        if self._hearer is not None:
            self._hearer.opened(connection)
        else:
            connection.close(1000)

    def message(self, message: Message) -> None:
        """See ``Hearer``."""
        if self._hearer is not None:
            self._hearer.message(message)

    def frame(self) -> None:
        """See ``Hearer``."""
        if self._hearer is not None:
            self._hearer.frame()

    def blocked(self, blocked: bool) -> None:
        """See ``Hearer``."""
        if self._hearer is not None:
            self._hearer.blocked(blocked)

    def closed(self, why: str, *, breach: bool) -> None:
        """See ``Hearer``."""
        if self._hearer is not None:
            self._hearer.closed(why, breach=breach)
