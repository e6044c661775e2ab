"""Where speech begins and ends, and cutting there without a click.

Speech is judged in blocks of 10 ms: a block whose mean square lies over the threshold is speech. A block that the
audio does not fill counts as if silence filled it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ivr.media.samples import Samples, empty

SPEECH_DB = -50.0
"""A 10 ms block with a mean square over this (dB against full scale 1.0) is speech."""
BLOCK = 0.010
"""Seconds in a block."""
FADE = 0.003
"""Seconds of raised cosine at a cut edge."""
ROOM = 0.010
"""Seconds left before the first block of speech: with the block itself, the first loud sample comes within 20 ms."""
TAIL_ROOM = 0.030
"""Seconds left after the last block of speech, for the end of a word that dies away."""
_PEAK_RANGE_DB = 45.0  # a quiet clip's threshold: this far under its own peak
_NOTHING_DB = -80.0  # a clip that never gets over this is silence: three steps of 16 bits


def _block(rate: int) -> int:
    return max(1, round(rate * BLOCK))


def _power(db: float) -> float:
    return float(10 ** (db / 10))


def _energies(samples: Samples, block: int) -> npt.NDArray[np.float64]:
    """Sum of squares of each block from the start; the last may be part of one."""
    squares = np.square(samples, dtype=np.float64)
    return np.add.reduceat(squares, np.arange(0, len(squares), block)) if len(squares) else squares


def speech_bounds(samples: Samples, rate: int, threshold_db: float = SPEECH_DB) -> tuple[int, int]:
    """First sample of the first loud block and the end of the last, in samples; (0, 0) when nothing is loud.

    Blocks are counted from the start for the first and back from the end for the last, so that reversed audio has
    reversed bounds.
    """
    block = _block(rate)
    limit = _power(threshold_db) * block
    ahead = np.flatnonzero(_energies(samples, block) > limit)
    behind = np.flatnonzero(_energies(samples[::-1], block) > limit)
    if not len(ahead) or not len(behind):
        return 0, 0
    start, stop = int(ahead[0]) * block, len(samples) - int(behind[0]) * block
    return (start, stop) if start < stop else (0, len(samples))


def _rise(length: int) -> Samples:
    """Raised cosine from 0 towards 1, ``length`` samples."""
    return (0.5 - 0.5 * np.cos(np.pi * np.arange(length) / max(length, 1))).astype(np.float32)


def fade_in(samples: Samples, rate: int, seconds: float = FADE) -> Samples:
    """Raised cosine over the first ``seconds`` (or all, when shorter): the first sample is 0."""
    faded = np.array(samples, dtype=np.float32)
    length = min(round(rate * seconds), len(faded))
    faded[:length] *= _rise(length)
    return faded


def fade_out(samples: Samples, rate: int, seconds: float = FADE) -> Samples:
    """Raised cosine over the last ``seconds`` (or all, when shorter): the last sample is 0."""
    return fade_in(samples[::-1], rate, seconds)[::-1].copy()


def trim(
    samples: Samples,
    rate: int,
    room: float = ROOM,
    tail_room: float = TAIL_ROOM,
    threshold_db: float = SPEECH_DB,
) -> Samples:
    """Cut silence at both edges, leaving ``room`` seconds before speech and ``tail_room`` after, faded over 3 ms.

    The threshold is never less than 45 dB under the clip's own peak, so that quiet clips keep their words. Silence
    (nothing over -80 dB) gives no samples.
    """
    peak = float(np.max(np.abs(samples), initial=0.0))
    if peak <= 10 ** (_NOTHING_DB / 20):
        return empty()
    threshold = min(threshold_db, 20 * float(np.log10(peak)) - _PEAK_RANGE_DB)
    start, stop = speech_bounds(samples, rate, threshold)
    start = max(0, start - round(rate * room))
    stop = min(len(samples), stop + round(rate * tail_room))
    return fade_out(fade_in(samples[start:stop], rate), rate)


class LeadTrimmer:
    """Drops the silence before a stream's speech, but for ``room`` seconds, and fades in over 3 ms.

    What comes out does not depend on how the stream was cut. Speech is let through within the block in which it
    begins. The threshold is absolute: nothing is known yet of the stream's peak.
    """

    def __init__(self, rate: int, room: float = ROOM, threshold_db: float = SPEECH_DB) -> None:
        self._block = _block(rate)
        self._room = round(rate * room)
        self._limit = _power(threshold_db) * self._block
        self._rise = _rise(round(rate * FADE))
        self._kept = empty()  # the room, then the block that is not judged yet
        self._unjudged = 0  # where in _kept that block begins
        self._started = False

    def push(self, samples: Samples) -> Samples:
        """What of the stream may be heard by now; empty while it is silent."""
        if self._started:
            return self._faded(np.asarray(samples, dtype=np.float32))
        kept = np.concatenate((self._kept, samples)).astype(np.float32, copy=False)
        energies = _energies(kept[self._unjudged :], self._block)
        loud = np.flatnonzero(energies > self._limit)
        if len(loud):
            self._started = True
            self._kept = empty()
            return self._faded(kept[max(0, self._unjudged + int(loud[0]) * self._block - self._room) :])
        judged = self._unjudged + (len(kept) - self._unjudged) // self._block * self._block
        drop = max(0, judged - self._room)
        self._kept, self._unjudged = kept[drop:], judged - drop
        return empty()

    def _faded(self, samples: Samples) -> Samples:
        length = min(len(self._rise), len(samples))
        if not length:
            return samples
        faded = samples.copy()
        faded[:length] *= self._rise[:length]
        self._rise = self._rise[length:]
        return faded


class TailTrimmer:
    """Withholds a stream's silence until speech follows; at its end leaves ``tail_room`` seconds, faded over 3 ms.

    What comes out does not depend on how the stream was cut. Inside speech the last 3 ms are held back for the fade.
    """

    def __init__(self, rate: int, tail_room: float = TAIL_ROOM, threshold_db: float = SPEECH_DB) -> None:
        self._rate = rate
        self._block = _block(rate)
        self._room = round(rate * tail_room)
        self._fade = round(rate * FADE)
        self._limit = _power(threshold_db) * self._block
        self._held = empty()
        self._base = 0  # position of _held[0] in the stream
        self._judged = 0  # blocks before this position are judged
        self._loud = 0  # end of the last loud block

    def push(self, samples: Samples) -> Samples:
        """What is certain to stand before the end of the speech."""
        self._held = np.concatenate((self._held, samples)).astype(np.float32, copy=False)
        end = self._base + len(self._held)
        energies = _energies(self._held[max(0, self._judged - self._base) :], self._block)
        if self._judged < end:
            loud = np.flatnonzero(energies > self._limit)
            if len(loud):
                self._loud = self._judged + (int(loud[-1]) + 1) * self._block
            self._judged = max(self._judged + (end - self._judged) // self._block * self._block, self._loud)
        ready = max(0, min(end, self._loud) - self._fade - self._base)
        self._base += ready
        passed, self._held = self._held[:ready], self._held[ready:]
        return passed

    def finish(self) -> Samples:
        """The end of the speech and its room; the last sample is 0."""
        stop = min(self._base + len(self._held), self._loud + self._room)
        last, self._held = self._held[: max(0, stop - self._base)], empty()
        return fade_out(last, self._rate)
