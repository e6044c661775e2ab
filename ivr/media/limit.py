"""Look-ahead limiters: they turn the gain down around a peak, and leave the waveform alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ivr.media.samples import Samples

CEILING = 0.98
"""No sample of live speech leaves the limiter over this."""
_REACH = 0.010  # seconds before and after a peak over which the gain moves, in a straight line of dB


def lookahead(rate: int) -> int:
    """Samples on either side that decide about one sample of live speech."""
    return 2 * _reach(rate)


def _reach(rate: int) -> int:
    return max(1, round(rate * _REACH))


def _largest_around(values: npt.NDArray[np.int64], width: int) -> npt.NDArray[np.int64]:
    """Maximum of each run of ``width`` neighbours: ``len(values) - width + 1`` of them, by doubling."""
    span = 1
    while span * 2 <= width:
        values = np.maximum(values[:-span], values[span:])
        span *= 2
    rest = width - span
    return np.maximum(values[:-rest], values[rest:]) if rest else values


def _lowered(samples: Samples, magnitudes: npt.NDArray[np.floating], ceiling: float, rate: int) -> Samples:
    """``samples``, whose ``magnitudes`` are these, with a gain that brings them to ``ceiling``.

    The gain is the mean of the greatest reductions within 10 ms, which is never less than a peak itself needs: a peak
    12 dB too high moves it by 0.6 dB in a millisecond, and peaks up to 20 ms apart, as a voice's, share one gain.
    Reductions are whole thousandths of a dB: sums of integers are exact, so a stretch gives the same bits wherever its
    neighbourhood was cut.
    """
    over = magnitudes > ceiling
    needed = np.zeros(len(samples), dtype=np.int64)
    needed[over] = np.ceil(20_000 * np.log10(magnitudes[over].astype(np.float64) / ceiling)) + 1
    width = 2 * _reach(rate) + 1
    around = _largest_around(np.pad(needed, width - 1), width)
    total = np.concatenate(([0], np.cumsum(around)))
    reduction = (total[width:] - total[:-width]) / width
    return samples * (10 ** (reduction / -20_000)).astype(np.float32)


def limit(samples: Samples, rate: int) -> Samples:
    """``samples`` with every one at or under ``CEILING``; untouched, and not copied, where there is none above.

    For live speech, which is limited as it comes.
    """
    magnitudes = np.abs(samples)
    if not (magnitudes > CEILING).any():
        return samples
    return _lowered(samples, magnitudes, CEILING, rate)


def limit_swing(samples: Samples, swing: npt.NDArray[np.floating], rate: int, ceiling: float) -> Samples:
    """``samples`` of a whole clip with their ``swing`` (``ivr.media.peak``) at or under ``ceiling`` (full scale is 1).

    Nearly so, because the gain moves between two samples as well; untouched where nothing is above.
    """
    if not (swing > ceiling).any():
        return samples
    return _lowered(samples, swing, ceiling, rate)
