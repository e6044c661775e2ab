"""Bringing a clip that is wholly in hand to one loudness, at its edges and as a whole, with its peaks under a bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ivr.media.balance import Cells, Line, line, solve
from ivr.media.edges import speech_bounds
from ivr.media.limit import limit_swing
from ivr.media.loudness import EDGE, loudness, ungated
from ivr.media.peak import decibels, swing, wire_peak
from ivr.media.samples import Samples

Floats = npt.NDArray[np.float64]

PEAK = -1.0
"""dBFS that no true peak of a clip reaches, encoded and decoded."""
LIMITED_MOST = 15.0
"""dB that the limiter takes from a peak at the most; where that does not do, a clip stays quieter than it should be."""
_CEILING = PEAK - 0.5  # what is limited to before it is encoded: mu-law and A-law add to a peak
_SURE = PEAK - 0.3  # what is accepted behind that: other meters read up to 0.3 dB more of words
_ROUNDS = 8
_NEAR = 0.1  # LU at an edge, half of it on the whole


@dataclass(frozen=True, slots=True, eq=False)
class Brought:
    """A clip at its level."""

    samples: Samples
    loudness: float
    """LUFS."""
    peak: float
    """dBFS: the greatest true peak behind any encoding of its rate."""


@dataclass(frozen=True, slots=True, eq=False)
class _Try:
    """What one set of gains made of a clip."""

    loud: Samples
    """With its gains, and not limited."""
    swing: Floats
    samples: Samples
    gains: Floats
    start: int
    """Where its speech begins, and ``stop`` where it ends (samples)."""
    stop: int
    measured: Floats
    """LUFS of head, whole and tail."""

    def miss(self, target: float) -> float:
        """The greatest miss (LU), that of the whole counted twice."""
        misses = np.abs(self.measured - target)
        return float(np.max(np.where(np.isfinite(misses), misses, 0.0) * (1.0, 2.0, 1.0)))


def bring(samples: Samples, rate: int, target: float) -> Brought:
    """``samples`` with the loudness of the whole and of both edges (``edge_loudness``) at ``target`` LUFS, nearly.

    Where the three contradict each other the whole counts most. No true peak reaches -1 dBFS behind mu-law, A-law (at
    8 kHz) or 16 bits, whatever that costs in loudness. Silence is returned as it is.
    """
    before = loudness(samples, rate)
    if not np.isfinite(before):
        return Brought(samples.copy(), before, wire_peak(samples, rate))
    cells = Cells(samples, rate)
    flat = line(0, 0, rate)
    best = last = _tried(samples, rate, flat, np.full(3, target - before))
    course = flat
    for _ in range(_ROUNDS):
        if best.miss(target) < _NEAR:
            break
        # What the limiter takes, and how the cells differ from a measurement, is added to what is wanted.
        expected, _ = cells.measure(course, last.gains, last.start, last.stop)
        wanted = target + expected - last.measured
        course = line(last.start, last.stop, rate)
        gains = solve(cells, course, wanted, last.gains, last.start, last.stop)
        last = _tried(samples, rate, course, np.round(gains, 2))
        if last.miss(target) < best.miss(target):
            best = last
    finished, peak = _under_the_bound(best, rate)
    return Brought(finished, loudness(finished, rate), peak)


def held(samples: Samples, rate: int, gain: float) -> Brought:
    """``samples`` louder by ``gain`` dB, and as ``bring`` under the bound of peaks; their level stays in proportion."""
    loud = _tried(samples, rate, line(0, 0, rate), np.full(3, gain))
    finished, peak = _under_the_bound(loud, rate)
    return Brought(finished, loudness(finished, rate), peak)


def _tried(samples: Samples, rate: int, course: Line, gains: Floats) -> _Try:
    gain = np.exp(course.curve(gains).over(0, len(samples)) * (np.log(10) / 20)).astype(np.float32)
    loud = samples * gain
    swings = swing(loud)
    excess = decibels(float(swings.max())) - _CEILING - LIMITED_MOST
    if excess > 0:
        down = float(10 ** (-excess / 20))
        loud, swings, gains = loud * np.float32(down), swings * down, gains - excess
    limited = limit_swing(loud, swings, rate, float(10 ** (_CEILING / 20)))
    start, stop = speech_bounds(limited, rate)
    span = round(EDGE * rate)
    head, tail = limited[start : min(start + span, stop)], limited[max(stop - span, start) : stop]
    measured = np.array([ungated(head, rate), loudness(limited, rate), ungated(tail, rate)])
    return _Try(loud, swings, limited, gains, start, stop, measured)


def _under_the_bound(best: _Try, rate: int) -> tuple[Samples, float]:
    """Limited as far as it takes for what is decoded again to keep to the bound; and its peak (dBFS) there."""
    samples, ceiling = best.samples, _CEILING
    while (peak := wire_peak(samples, rate)) > _SURE:
        ceiling -= peak - _SURE + 0.02
        samples = limit_swing(best.loud, best.swing, rate, float(10 ** (ceiling / 20)))
    return samples, peak
