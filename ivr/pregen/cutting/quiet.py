"""Where a sentence is quiet: its pauses, and the quietest place near a time. Pure.

The sound is judged in blocks of 5 ms, against the level of its own speech, so that a voice that is recorded quietly or
over a floor of noise is judged alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ivr.media.samples import Samples

BLOCK = 0.005
"""Seconds in a block."""
QUIET_DB = 30.0
"""A block that far under the level of the speech, or further, is quiet."""
GAP = 0.015
"""Seconds of sound within a pause that do not end it: a click, or a breath's noise."""
_SPEECH_RANGE = 20.0  # blocks within that many dB of the loudest make up the level of the speech
_SILENCE_DB = -80.0  # what stays under it is no speech: three steps of 16 bits
_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch without speech, in seconds."""

    start: float
    stop: float

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.stop - self.start

    def apart(self, at: float) -> float:
        """Seconds from ``at`` to the nearest of it; 0.0 within."""
        return max(self.start - at, at - self.stop, 0.0)


class Loudness:
    """The level of a sentence from block to block."""

    def __init__(self, samples: Samples, rate: int) -> None:
        block = max(1, round(rate * BLOCK))
        count = len(samples) // block
        squares = np.square(samples[: count * block], dtype=np.float64).reshape(count, block)
        self.seconds = block / rate
        """In one block."""
        self.levels: npt.NDArray[np.float64] = 10 * np.log10(np.maximum(squares.mean(axis=1), _NOTHING))
        """dBFS."""
        self.length = count * self.seconds
        """Seconds of all of it."""
        self.speech = self._speech()
        """dBFS of what is spoken."""

    def _speech(self) -> float:
        if not len(self.levels):
            return 10 * float(np.log10(_NOTHING))
        loud = self.levels[self.levels > self.levels.max() - _SPEECH_RANGE]
        return 10 * float(np.log10(np.mean(10 ** (loud / 10))))

    def depth(self, at: float) -> float:
        """How far under the speech it is at ``at`` seconds, in dB; at the end, in the last block."""
        block = min(max(0, int(at / self.seconds)), len(self.levels) - 1)
        return self.speech - float(self.levels[block])

    def quietest(self, start: float, stop: float) -> float:
        """The middle of the quietest 10 ms between two times, in seconds; of several, the one nearest their middle."""
        first = max(0, round(start / self.seconds))
        last = min(len(self.levels), max(round(stop / self.seconds), first + 2))
        powers = 10 ** (self.levels[first:last] / 10)
        if len(powers) < 2:
            return (start + stop) / 2
        pairs = np.round(10 * np.log10(powers[:-1] + powers[1:]))  # to a dB: a floor of noise has no quietest place
        lowest = np.flatnonzero(pairs == pairs.min())
        middle = int(lowest[np.argmin(np.abs(lowest - (len(pairs) - 1) / 2))])
        return (first + middle + 1) * self.seconds

    def span(self) -> Pause:
        """From the first block that is not quiet to the end of the last; empty where nothing was spoken."""
        loud = np.flatnonzero(self._loud()) if self.speech > _SILENCE_DB else np.zeros(0, dtype=np.int64)
        return Pause(loud[0] * self.seconds, (loud[-1] + 1) * self.seconds) if len(loud) else Pause(0.0, 0.0)

    def pauses(self, least: float) -> list[Pause]:
        """Those of ``least`` seconds or more between the first and the last speech."""
        return [pause for pause in self._pauses() if pause.seconds >= least]

    def _loud(self) -> npt.NDArray[np.bool_]:
        return self.levels > self.speech - QUIET_DB

    def _pauses(self) -> Iterator[Pause]:
        """Runs of quiet blocks, with what is too short to be speech between two of them."""
        loud = np.flatnonzero(self._loud())
        if not len(loud):
            return
        runs = np.split(loud, np.flatnonzero(np.diff(loud) > 1) + 1)
        most = round(GAP / self.seconds)
        spoken = [run for run in runs if len(run) > most or run is runs[0] or run is runs[-1]]
        for before, behind in pairwise(spoken):
            yield Pause((before[-1] + 1) * self.seconds, behind[0] * self.seconds)
