"""What the far side of one line hears: a queue that plays in real time, and every moment at which it ran dry. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

RATE = 8000
"""Samples in a second; mu-law, so bytes too."""

AUDIBLE_GAP = 0.002
"""Seconds without sound below which nobody counts a gap; the clock of an event loop has steps of 1 ms."""

SHORT_PAUSE = 0.5
"""Seconds after a mark within which more sound belongs to the same turn: a dialog's own timers are longer."""


@dataclass(slots=True)
class Hearing:
    """One stream's playout. Times are seconds of the driver's clock."""

    gaps: list[float] = field(default_factory=list)
    """Seconds of each gap: sound was on its way and the queue was empty."""
    ends_at: float | None = None
    """When all that came has sounded; None while nothing has come since the start or a clear."""
    samples: int = 0
    """Samples that came."""
    marks: deque[tuple[float, str]] = field(default_factory=deque)
    """Marks to echo, and when."""
    _ended_by_mark: bool = False

    def media(self, samples: int, now: float) -> None:
        """Sound arrived."""
        self.samples += samples
        if self.ends_at is None or now >= self.ends_at:
            if self.ends_at is not None and not self._planned(now - self.ends_at):
                self.gaps.append(now - self.ends_at)
            self.ends_at = now
        self.ends_at += samples / RATE
        self._ended_by_mark = False

    def mark(self, name: str, now: float) -> None:
        """A mark arrived; it is echoed when the sound before it was heard."""
        self.marks.append((now if self.ends_at is None else max(now, self.ends_at), name))
        self._ended_by_mark = True

    def clear(self, now: float) -> None:
        """Everything that waits is dropped, and its marks are echoed at once."""
        self.ends_at = None
        self.marks = deque((now, name) for _, name in self.marks)

    def acted(self, now: float) -> None:
        """The caller did something. Where he did it in silence, what sounds next is an answer and no gap."""
        if self.ends_at is not None and now >= self.ends_at and self._ended_by_mark:
            self.ends_at = None

    def due(self, now: float) -> list[str]:
        """The marks to echo by now."""
        names = []
        while self.marks and self.marks[0][0] <= now:
            names.append(self.marks.popleft()[1])
        return names

    def _planned(self, dry: float) -> bool:
        return dry <= AUDIBLE_GAP or (self._ended_by_mark and dry >= SHORT_PAUSE)
