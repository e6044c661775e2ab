"""What reached the caller's ear, at the times when it did: the evidence that gaps, seams and dead air are judged by."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from math import floor, inf

from ivr.media.g711 import mulaw_decode
from ivr.media.quiet import BLOCK, QUIET, quiet_blocks
from ivr.media.samples import Samples, empty
from ivr.media.samples import silence as digital_silence

EDGE = 1e-3
"""Of a sample: what floating-point seconds may miss a sample's edge by and still mean that edge."""
Sound = Samples | bytes | range
"""See ``Heard``."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A stretch without sound, in far-side seconds."""

    start: float
    stop: float

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.stop - self.start


class Heard:
    """Sound at absolute far-side seconds; between its pieces there is digital silence.

    A piece is float32 samples; or G.711 mu-law as ``bytes``, which is decoded only when it is rendered; or a
    ``range``, whose samples are counted and not known, and rendered as silence.
    """

    def __init__(self, rate: int = 8000) -> None:
        self.rate = rate
        """Hz, of every piece and of the rendering."""
        self.known_until = inf
        """Sound after this time is queued, not heard: a clear may still take it out. Everything below leaves it out."""
        self._at: list[float] = []
        self._sound: list[Sound] = []
        self._before: list[int] = []
        self._total = 0

    def append(self, at: float, sound: Sound) -> None:
        """Add a piece that begins at ``at``. Raises ``ValueError`` when it would begin before the last one ends."""
        if self._at and (at - self._stop()) * self.rate < -0.5:
            raise ValueError(f"sound at {at} s overlaps the piece before it, which ends at {self._stop()} s")
        if len(sound):
            self._at.append(at)
            self._sound.append(sound)
            self._before.append(self._total)
            self._total += len(sound)

    def cut(self, at: float) -> int:
        """Take out what would have been heard after ``at``; answers how many samples that was."""
        total = self._total
        while self._at:
            keep = max(0, self._samples(at - self._at[-1]))
            sound = self._sound[-1]
            if keep >= len(sound):
                break
            self._total -= len(sound) - keep
            if keep:
                self._sound[-1] = sound[:keep]
                break
            self._at.pop(), self._sound.pop(), self._before.pop()
        return total - self._total

    @property
    def known(self) -> bool:
        """Whether there is sound, and none of it was only counted."""
        return bool(self._sound) and not any(isinstance(sound, range) for sound in self._sound)

    @property
    def start(self) -> float | None:
        """When the first sound began; None while nothing was heard."""
        return self._at[0] if self._at and self._at[0] < self.known_until else None

    @property
    def stop(self) -> float | None:
        """When the last sound ended, or ``known_until`` while one is sounding."""
        return min(self._stop(), self.known_until) if self.start is not None else None

    def played_samples(self, until: float) -> int:
        """Whole samples that had been played by ``until``."""
        until = min(until, self.known_until)
        piece = bisect_right(self._at, until) - 1
        if piece < 0:
            return 0
        return self._before[piece] + min(self._samples(until - self._at[piece]), len(self._sound[piece]))

    def silent_after(self, since: float) -> Silence | None:
        """The first stretch behind ``since`` in which nothing was played at all; it may still go on."""
        for piece in range(max(0, bisect_right(self._at, since) - 1), len(self._at)):
            start = self._at[piece] + len(self._sound[piece]) / self.rate
            stop = min(self._at[piece + 1] if piece + 1 < len(self._at) else inf, self.known_until)
            if stop - start > BLOCK and start >= since:
                return Silence(start, stop)
        return None

    def timeline(self, start: float, stop: float) -> Samples:
        """Render ``start`` to ``stop`` seconds; sample *i* is what was heard at ``start + i / rate``."""
        length = max(0, floor((stop - start) * self.rate + 0.5))
        rendering = digital_silence(length)
        limit = length if self.known_until == inf else max(0, min(length, self._samples(self.known_until - start)))
        for piece in range(max(0, bisect_right(self._at, start) - 1), bisect_left(self._at, stop)):
            # Half up, never half to even: pieces that follow each other without a gap must do so in the rendering.
            first = floor((self._at[piece] - start) * self.rate + 0.5 + EDGE)
            sound = self._sound[piece]
            head, tail = max(0, -first), min(len(sound), limit - first)
            if head < tail:
                rendering[first + head : first + tail] = _samples(sound[head:tail])
        return rendering

    def silences(
        self,
        threshold_db: float = QUIET,
        minimum: float = 0.2,
        start: float | None = None,
        stop: float | None = None,
    ) -> list[Silence]:
        """Stretches of at least ``minimum`` seconds whose 10 ms blocks are all below ``threshold_db`` (RMS, dBFS).

        Looked for between ``start`` and ``stop``: from the first sound to the last when left out. Edges are exact to
        one block; a last block that is not whole is left out.
        """
        start = self.start if start is None else start
        stop = self.stop if stop is None else stop
        if start is None or stop is None:
            return []
        stop = min(stop, self.known_until)
        least = minimum / BLOCK - EDGE
        return [
            Silence(start + first * BLOCK, start + last * BLOCK)
            for first, last in quiet_blocks(self.timeline(start, stop), self.rate, threshold_db)
            if last - first >= least
        ]

    def _samples(self, seconds: float) -> int:
        return floor(seconds * self.rate + EDGE)

    def _stop(self) -> float:
        return self._at[-1] + len(self._sound[-1]) / self.rate


def _samples(sound: Sound) -> Samples:
    if isinstance(sound, range):
        return digital_silence(len(sound))
    if isinstance(sound, bytes):
        return mulaw_decode(sound) if sound else empty()
    return sound
