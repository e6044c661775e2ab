"""Which words a position stands for: every stretch of sent audio, with the segment that it voiced."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ivr.playout.cut import HeardSegment
from ivr.playout.live import Live, Word
from ivr.trace.sound import Strategy


@dataclass(slots=True)
class Placement:
    """A segment, or a cover for it, as it was sent."""

    utterance: str
    segment: str
    strategy: Strategy
    text: str
    private: bool
    position: int
    """Where its first sample stands in the stream."""
    samples: int = 0
    """How many were sent so far."""
    skipped: int = 0
    """Samples of the segment that sounded before, when it was cut off and said again."""
    whole: int | None = None
    """How long the segment is, once that is known."""
    live: Live | None = None
    quick: float = 0.0
    """Samples that a quick speaker takes for one character; for audio whose end is not known yet."""

    def until(self, position: int) -> HeardSegment:
        """What of it was heard by ``position``."""
        samples = max(0, min(self.samples, position - self.position))
        complete = self.whole is not None and samples + self.skipped >= self.whole
        words = self.live.words if self.live is not None else []
        text = self.text if complete else _words_until(self.text, samples + self.skipped, words, self._length())
        return HeardSegment(self.utterance, self.segment, samples, text, self.private, complete)

    def _length(self) -> int:
        if self.whole is not None:
            return self.whole
        known = max(self.samples + self.skipped, self.live.known if self.live is not None else 0)
        # More may be on its way than is known: what is said so far is at the least its share of a quick speaker's time.
        return max(known, round(len(self.text) * self.quick))


def _words_until(text: str, samples: int, words: list[Word], whole: int) -> str:
    """The words that were heard to their end: by their times where there are any, else by proportion."""
    if words:
        begun = [word for word in words if word.sample < samples]
        # The word that was sounding is not counted; the one before it ended where it began.
        return text[: begun[-1].offset].rstrip() if begun else ""
    if whole <= 0:
        return ""
    reach = len(text) * samples / whole
    ends = [match.end() for match in re.finditer(r"\S+", text) if match.end() <= reach]
    return text[: ends[-1]] if ends else ""


class Placements:
    """The placements of one stream that may still be cut, in the order of their positions."""

    def __init__(self) -> None:
        self._placed: list[Placement] = []

    def open(self, placement: Placement) -> None:
        """A segment begins to be sent."""
        self._placed.append(placement)

    def extend(self, samples: int) -> None:
        """More of the segment that was opened last is sent."""
        self._placed[-1].samples += samples

    def close(self) -> int:
        """The segment that was opened last has been sent to its end. Returns how many samples of it were sent."""
        last = self._placed[-1]
        last.whole = last.samples + last.skipped
        return last.samples

    def heard(self, position: int) -> tuple[HeardSegment, ...]:
        """What was heard of everything that was sent and not forgotten."""
        return tuple(self._until(position))

    def forget(self, position: int) -> None:
        """What ended by ``position`` needs no account any more."""
        self._placed = [p for p in self._placed if p.position + p.samples > position]

    def clear(self) -> None:
        """Nothing that was sent will be heard any more."""
        self._placed.clear()

    def _until(self, position: int) -> Iterator[HeardSegment]:
        for placement in self._placed:
            if placement.strategy is not Strategy.SILENCE and position > placement.position:
                yield placement.until(position)
