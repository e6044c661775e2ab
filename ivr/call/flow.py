"""What holds a call back: its sound the socket, the far side's queue and the moment before it is put through; its end
the moment after the last word."""

from __future__ import annotations

from enum import Enum, auto

from ivr.timers import earliest

PROBE_EVERY = 1.0
"""Seconds that a full queue is believed in before its state is asked for: the word that it takes more may be lost."""


class Hold(Enum):
    """A reason to send no sound for now."""

    SOCKET = auto()
    """It takes no more."""
    QUEUE = auto()
    """The far side has said that it takes no more."""
    AWAY = auto()
    """No stream carries the call."""
    OPENING = auto()
    """The first words wait for the caller's first sound."""


class Flow:
    """The reasons that hold now, and until when. Of one call, across its streams."""

    def __init__(self) -> None:
        self._held: set[Hold] = set()
        self._opens_at: float | None = None
        self._probe_at: float | None = None
        self._ends_at: float | None = None

    @property
    def held(self) -> bool:
        """Whether sound is held back."""
        return bool(self._held)

    def open(self, opening: float, now: float) -> None:
        """A stream begins: nothing is queued over there, and the first words wait ``opening`` seconds at the most."""
        self.set(Hold.QUEUE, False, now)
        self.set(Hold.OPENING, opening > 0, now)
        self._opens_at = now + opening if opening > 0 else None

    def set(self, hold: Hold, on: bool, now: float) -> None:
        """A reason holds, or holds no longer."""
        if on:
            self._held.add(hold)
        else:
            self._held.discard(hold)
        if hold is Hold.QUEUE:
            self._probe_at = now + PROBE_EVERY if on else None
        elif hold is Hold.OPENING and not on:
            self._opens_at = None

    def lingered(self, seconds: float, now: float) -> bool:
        """Whether the last word, whose end was told, has had ``seconds`` to reach the caller too."""
        if self._ends_at is None:
            self._ends_at = now + seconds
        return now >= self._ends_at

    def handle_timer(self, now: float) -> bool:
        """Whether the far side is to be asked for the state of its queue."""
        if self._opens_at is not None and now >= self._opens_at:
            self.set(Hold.OPENING, False, now)
        if self._probe_at is None or now < self._probe_at:
            return False
        self._probe_at = now + PROBE_EVERY
        return True

    def next_timer(self) -> float | None:
        """When ``handle_timer`` is to be called."""
        return earliest(self._opens_at, self._probe_at, self._ends_at)
