"""What the far side of one line hears: a queue that plays in real time, and every moment at which it ran dry. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

RATE = 8000
"""Samples in a second; mu-law, so bytes too."""

AUDIBLE_GAP = 0.002
"""Seconds without sound below which nobody counts a gap; the timers of an event loop have steps of 1 ms."""

SHORT_PAUSE = 0.5
"""Seconds after a mark within which more sound belongs to the same turn: a dialog's own timers are longer."""

FRAME = 0.020
"""Seconds: whoever acts within the last frame of the sound acts in silence."""


@dataclass(slots=True)
class Hearing:
    """One stream's playout. Times are seconds of the driver's clock and never go back."""

    ends_at: float | None = None
    """When all that came has sounded; None while nothing has come since the start or a clear."""
    marks: deque[tuple[float, str]] = field(default_factory=deque)
    """Marks to echo, and when."""
    _ended_by_mark: bool = False
    _answering: bool = False

    def media(self, samples: int, now: float) -> float:
        """Sound arrived; the seconds of the gap that it ends, 0.0 where the queue was not dry or meant to be."""
        gap = 0.0
        if self.ends_at is None or now >= self.ends_at:
            if self.ends_at is not None and not self._planned(now - self.ends_at):
                gap = now - self.ends_at
            self.ends_at = now
        self.ends_at += samples / RATE
        self._ended_by_mark = self._answering = False
        return gap

    def mark(self, name: str, now: float) -> None:
        """A mark arrived; it is echoed when the sound before it was heard."""
        self.marks.append((now if self.ends_at is None else max(now, self.ends_at), name))
        self._ended_by_mark = True

    def clear(self, now: float) -> None:
        """Everything that waits is dropped, and its marks are echoed at once."""
        self.ends_at = None
        self.marks = deque((now, name) for _, name in self.marks)

    def acted(self, now: float) -> None:
        """The caller did something. Where he did it in silence, what sounds next is an answer and ends no gap."""
        self._answering = self._ended_by_mark and not self.sounding(now)

    def sounding(self, now: float) -> bool:
        """Whether more than a frame is still to be heard."""
        return self.ends_at is not None and self.ends_at > now + FRAME

    def starved(self, now: float) -> float:
        """Seconds for which words that began have been waiting for their rest; 0.0 where none do."""
        if self.ends_at is None or self._ended_by_mark or now - self.ends_at <= AUDIBLE_GAP:
            return 0.0
        return now - self.ends_at

    def due(self, now: float) -> list[str]:
        """The marks to echo by now."""
        names = []
        while self.marks and self.marks[0][0] <= now:
            names.append(self.marks.popleft()[1])
        return names

    def _planned(self, dry: float) -> bool:
        return dry <= AUDIBLE_GAP or self._answering or (self._ended_by_mark and dry >= SHORT_PAUSE)
