"""The run: until when what was sent sounds, by our clock, and whether more may be sent now. Times are seconds."""

from __future__ import annotations

from math import inf

from ivr.playout.filling import Filling
from ivr.playout.pacing import Pace
from ivr.playout.segments import Span

BEHIND = 0.250
"""Seconds by which the far side must lag our clock before less is sent: what jitter makes of a mark is less."""


EPSILON = 1e-9
"""Seconds by which sums of times are off."""


class Run:
    """Of one stream. A run ends when all that was sent has sounded; the next one begins at a new origin."""

    def __init__(self, pace: Pace, message: float, filling: Filling) -> None:
        """``message``: seconds of audio in one."""
        self.refill = pace.refill
        self.filling = filling
        self._full = pace.lead - message
        self._message = message
        self.ends_at = -inf
        """When all words that were sent have sounded."""
        self.blocked = False
        """The socket or the far side takes no more."""
        self._held_since: float | None = None

    @property
    def held(self) -> bool:
        """What sounds was stopped where it is."""
        return self._held_since is not None

    @property
    def still(self) -> bool:
        """Nothing is sent for now."""
        return self.blocked or self._held_since is not None

    @property
    def wake_at(self) -> float:
        """When there is room for more."""
        return self.filling.after(self.ends_at) - self.refill

    def ahead(self, now: float) -> float:
        """Seconds that are still to sound."""
        return max(0.0, self.ends_at - (now if self._held_since is None else self._held_since))

    def room(self, now: float, *, to_the_full: bool = False) -> int:
        """Messages that fill the lead: none before a wake is due or, ``to_the_full``, where not one fits any more."""
        if self.blocked or self._held_since is not None:
            return 0
        ahead = self.filling.after(self.ends_at) - now
        if ahead > (self._full if to_the_full else self.refill) + EPSILON:
            return 0
        return 1 + int((self._full - max(0.0, ahead) + EPSILON) / self._message)

    def fill(self, now: float) -> Span | None:
        """Silence to send now, where the far side wants sound without a break."""
        return self.filling.due(self.ends_at, now) if self.filling.on and not self.still else None

    @property
    def fill_at(self) -> float | None:
        """When ``fill`` has some, if no words come before."""
        return self.filling.after(self.ends_at) if self.filling.on and not self.still else None

    def follow(self, runs_dry_at: float | None) -> None:
        """Where the far side's clock stood still, what waits there sounds later: no more is sent before it is due."""
        if runs_dry_at is not None and runs_dry_at > self.ends_at + BEHIND:
            self.ends_at = runs_dry_at

    def hold(self, now: float) -> None:
        """It stands still from now on."""
        self._held_since = now

    def go_on(self, now: float) -> float:
        """It goes on where it was. Returns for how long it stood still."""
        held = 0.0 if self._held_since is None else now - self._held_since
        self._held_since = None
        self.ends_at += held
        return held

    def cut(self, now: float | None) -> None:
        """Nothing of it is to be heard any more; where nothing can be taken back (None) it sounds to its end."""
        self._held_since = None
        if now is not None:
            self.ends_at = now
            self.filling.cut(now)
