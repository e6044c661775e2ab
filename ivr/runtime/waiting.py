"""Where connections stand until it is known what they want, and what those on every port do there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar, cast


class WaitingRoom:
    """Connections that are no calls: they have not yet said what they want, or were answered and are not gone.

    Of more than ``most`` the one that is here longest is dropped: an honest one is gone again within milliseconds, so
    it is never that one.
    """

    def __init__(self, most: int, dropped: Callable[[str], None]) -> None:
        """``dropped`` is told the address of each that had to go before it was answered."""
        self._most = most
        self._dropped = dropped
        self._waiting: dict[Waiter, None] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def enter(self, one: Waiter) -> None:
        """One more."""
        self._waiting[one] = None
        if len(self._waiting) > self._most:
            oldest = next(iter(self._waiting))
            if not oldest.answered:
                self._dropped(oldest.address)
            oldest.drop()

    def leave(self, one: Waiter) -> None:
        """It has become a call, or is gone."""
        self._waiting.pop(one, None)

    def empty(self) -> None:
        """Drop all of them."""
        for one in list(self._waiting):
            one.drop()


class Waiter(asyncio.Protocol):
    """One connection until it is known what it wants."""

    lacking: ClassVar[str]
    """What has not come of one that is too late, as its refusal says it."""

    def __init__(
        self, waiting: WaitingRoom, spoiled: Callable[[str, str], None], timeout: float, address: str | None = None
    ) -> None:
        """``spoiled`` is told the address of one that says nothing for ``timeout`` seconds, and that.

        ``address``: where it comes from, where somebody else has taken it in.
        """
        self._waiting = waiting
        self._spoiled = spoiled
        self._timeout = timeout
        self._handed = address is not None
        self.address = address or ""
        """Where it comes from."""
        self.answered = False
        """It is told what becomes of it, and is not gone yet; what comes in is read no more."""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        peer = transport.get_extra_info("peername")
        if not self._handed:
            self.address = peer[0] if peer else ""
        self._timer = asyncio.get_running_loop().call_later(self._timeout, self._late)
        self._waiting.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """See ``asyncio.Protocol``."""
        self._leave()
        self._transport = None

    def drop(self) -> None:
        """Let go of it without a word; it leaves."""
        self.answered = True
        self._leave()
        if self._transport is not None:
            self._transport.abort()

    def _late(self) -> None:
        if not self.answered:
            self._spoiled(self.address, self.lacking)
        self.drop()

    def _leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._waiting.leave(self)
