"""The transfer that a dialog waits on, if there is one: checked, announced, wanted, ended exactly once."""

from __future__ import annotations

from ivr.call.effects import Transfer as Wanted
from ivr.call.outbox import Outbox
from ivr.catalog.party import HOW, Allowed, Kind, Party, party
from ivr.dialog.requests import Transfer
from ivr.errors import IvrError, LocalGatewayError, TransferRefused
from ivr.media.private import Private, reveal
from ivr.trace.events import StaleDropped, TransferEnded, TransferStarted

LEAST, MOST = 5.0, 600.0
"""Seconds of ringing: what platforms take."""

HUNG_UP = "hung_up"
"""What comes of a transfer whose call ended meanwhile, beside the ``TransferOutcome``s and ``refused``."""


class Moving:
    """Of one call, across its streams."""

    def __init__(self, allowed: Allowed, outbox: Outbox) -> None:
        self._allowed = allowed
        self._outbox = outbox
        self._next: tuple[Party, float, bool] | None = None
        self._begins_at: float | None = None
        self.under_way = False
        """The platform was asked for it, and has not said yet what came of it."""

    def ask(self, request: Transfer, can: frozenset[Kind]) -> IvrError | None:
        """The dialog wants one; why it cannot be. ``can``: what the gateway can call."""
        found = party(str(reveal(request.to)))
        if found is None:
            return TransferRefused(f"a transfer to what is no address: {HOW}")
        if not self._allowed.allows(found):
            return TransferRefused("a transfer to somebody whom this project may not call: see transfer.allow")
        if not LEAST <= request.timeout <= MOST:
            return TransferRefused(
                f"a transfer that may ring for {request.timeout:g} s: give {LEAST:g} s to {MOST:g} s"
            )
        if found.kind not in can:
            known = f"only to: {', '.join(sorted(can))}" if can else "at all"
            return LocalGatewayError(f"this gateway cannot transfer to: {found.kind}; it can {known}")
        self._next = (found, request.timeout, isinstance(request.to, Private))
        return None

    def heard(self, linger: float, now: float) -> None:
        """The announcement was heard, as its mark tells; it has ``linger`` seconds to reach the caller too."""
        if self._next is not None and self._begins_at is None:
            self._begins_at = now + linger
            self.handle_timer(now)

    def handle_timer(self, now: float) -> None:
        """Begin, once it has."""
        if self._next is None or self._begins_at is None or now < self._begins_at:
            return
        (to, timeout, private), self._next, self._begins_at = self._next, None, None
        self.under_way = True
        self._outbox.note(TransferStarted(to.address, to.kind.value, timeout, private, now))
        self._outbox.want(Wanted(self._outbox.origin, to, timeout))

    def next_timer(self) -> float | None:
        """When ``handle_timer`` is to be called."""
        return self._begins_at

    def end(self, outcome: str, now: float) -> bool:
        """It is over; False where none was under way."""
        if not self.under_way:
            self._outbox.note(StaleDropped("the end of a transfer", now))
            return False
        self.under_way = False
        self._outbox.note(TransferEnded(outcome, now))
        return True

    def hang_up(self, now: float) -> None:
        """The call has ended."""
        if self.under_way:
            self.end(HUNG_UP, now)
