"""The gains that bring a whole clip and both of its edges to one loudness, found in the clip's energies alone.

Three gains are free: the head's, the body's and the tail's, with straight lines of dB between them. A gain that moves
slowly does the same to a sound before and behind the K-weighting, so the sound is weighed once, in cells of 10 ms, and
each try is a sum over cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ivr.media.envelope import Curve
from ivr.media.loudness import BLOCK, EDGE, STEP, loud_blocks, lufs, weighted
from ivr.media.samples import Samples

Floats = npt.NDArray[np.float64]

RAMP = 0.200
"""Seconds from an edge's gain to the body's."""
REACH_DB = 12.0
"""How far an edge's gain may lie from the body's."""
_CELL = 0.010  # seconds
_STRENGTH = np.array([1.0, 2.0, 1.0])  # of a miss at the head, on the whole, at the tail
_BEND = np.array([[1.0, -1.0, 0.0], [0.0, -1.0, 1.0]]) * 0.04
"""What a dB between an edge's gain and the body's costs, in LU of miss: no large bend for a small gain in loudness."""
_GIVES = 0.25  # LU by which the whole gives way to the edges at the most
_DAMPING = 1e-6  # decides where nothing else does
_ROUNDS = 10
_STILL = 0.005  # dB; a step that is smaller ends the search
_STRIDE = 6.0  # dB at a step


@dataclass(frozen=True, slots=True)
class Line:
    """The course of a gain: at samples ``at``, each a row of shares of (head, body, tail)."""

    at: Floats
    shares: Floats

    def curve(self, gains: Floats) -> Curve:
        """The gain with these dB for (head, body, tail)."""
        return Curve(self.at, self.shares @ gains)

    def over(self, places: Floats) -> Floats:
        """The shares at ``places`` (samples)."""
        return np.stack([np.interp(places, self.at, column) for column in self.shares.T], axis=1)


def line(start: int, stop: int, rate: int) -> Line:
    """That of a clip whose speech stands from ``start`` to ``stop``.

    One gain up to 400 ms of speech. Then the head's over at most 400 ms, 200 ms to the body's, and the same at the
    tail; where there is not so much speech, the edges' stretches are the shorter ones.
    """
    span, ramp = EDGE * rate, RAMP * rate
    length = stop - start
    if length <= span:
        return Line(np.array([float(start)]), np.array([[0.0, 1.0, 0.0]]))
    flat = min(max(length / 2 - ramp, 0.0), span)
    at = np.array([start + flat, start + flat + ramp, stop - flat - ramp, stop - flat])
    return Line(at, np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]))


class Cells:
    """A clip's K-weighted energies, 10 ms by 10 ms."""

    def __init__(self, samples: Samples, rate: int) -> None:
        count = -(-len(samples) * 100 // rate)
        self._bounds = np.minimum(np.round(np.arange(count + 1) * (_CELL * rate)), len(samples))
        total = np.concatenate(([0.0], np.cumsum(weighted(samples, rate) ** 2)))
        self._energies = np.diff(total[self._bounds.astype(np.int64)])
        self._rate = rate
        self._gated = len(samples) >= round(BLOCK * rate)
        self._full = len(samples) * 100 // rate  # cells that are whole

    def _part(self, start: int, stop: int) -> Floats:
        """What a cell's energy counts in the mean square between two samples."""
        left, right = self._bounds[:-1], self._bounds[1:]
        inside = np.maximum(0.0, np.minimum(right, stop) - np.maximum(left, start))
        shares: Floats = inside / np.maximum(1, right - left) / max(1, stop - start)
        return shares

    def _whole(self, powers: Floats) -> Floats:
        """The same for the mean of the gated blocks, where cells have ``powers``."""
        block, step = round(BLOCK / _CELL), round(STEP / _CELL)
        starts = np.arange(0, self._full - block + 1, step)
        total = np.concatenate(([0.0], np.cumsum(powers)))
        loud = starts[loud_blocks((total[starts + block] - total[starts]) / (BLOCK * self._rate))]
        turns = np.bincount(loud, minlength=len(powers) + 1) - np.bincount(loud + block, minlength=len(powers) + 1)
        shares: Floats = np.cumsum(turns)[:-1] / (max(1, len(loud)) * BLOCK * self._rate)
        return shares

    def measure(self, line: Line, gains: Floats, start: int, stop: int) -> tuple[Floats, Floats]:
        """Loudness (LUFS) of head, whole and tail with these gains, and what each gain does to each (LU by dB).

        Speech stands from ``start`` to ``stop``. Under 400 ms the whole is its speech.
        """
        moved = line.over((self._bounds[:-1] + self._bounds[1:]) / 2)
        powers = self._energies * 10 ** (moved @ gains / 10)
        span = round(EDGE * self._rate)
        head, tail = self._part(start, min(start + span, stop)), self._part(max(stop - span, start), stop)
        parts = np.stack((head, self._whole(powers) if self._gated else head, tail)) * powers
        sums = parts.sum(axis=1)
        slopes: Floats = parts @ moved / np.maximum(sums, 1e-30)[:, None]
        return np.array([lufs(float(each)) for each in sums]), slopes


def solve(cells: Cells, line: Line, wanted: Floats, gains: Floats, start: int, stop: int) -> Floats:
    """The gains (dB) with which head, whole and tail are nearest ``wanted`` (LUFS), sought from ``gains``.

    Damped Gauss-Newton. An edge's gain stays within 12 dB of the body's; an edge that wants more has no further say.
    """
    for _ in range(_ROUNDS):
        found, slopes = cells.measure(line, gains, start, stop)
        misses = np.where(np.isfinite(found), wanted - found, 0.0)
        before = gains
        gains = before + _step(misses, slopes, before, np.eye(3))
        far = np.abs(gains - gains[1]) > REACH_DB
        if far.any():
            held = np.where(far, before[1] + REACH_DB * np.sign(gains - gains[1]), before)
            moves = np.where(far[:, None], np.eye(3)[1], np.eye(3))  # what is held goes with the body
            gains = held + _step(np.where(far, 0.0, misses), np.where(far[:, None], 0.0, slopes), held, moves)
            gains = np.clip(gains, gains[1] - REACH_DB, gains[1] + REACH_DB)
        if np.abs(gains - before).max() < _STILL:
            break
    return _whole_first(cells.measure(line, gains, start, stop)[0], wanted, gains)


def _step(misses: Floats, slopes: Floats, gains: Floats, moves: Floats) -> Floats:
    """The step (dB) of each gain; ``moves`` has what each of them does at a step of the free ones."""
    pull, bend = (slopes * _STRENGTH[:, None]) @ moves, _BEND @ moves
    wish = pull.T @ (misses * _STRENGTH) - bend.T @ (_BEND @ gains)
    free = np.linalg.solve(pull.T @ pull + bend.T @ bend + _DAMPING * np.eye(3), wish)
    step: Floats = np.clip(moves @ free, -_STRIDE, _STRIDE)
    return step


def _whole_first(found: Floats, wanted: Floats, gains: Floats) -> Floats:
    """All gains moved alike, where the edges would keep the whole from its level by more than it gives way."""
    miss = float(wanted[1] - found[1])
    return gains + np.sign(miss) * max(0.0, abs(miss) - _GIVES) if np.isfinite(miss) else gains
