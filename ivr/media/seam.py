"""Does a join click? The jump at the seam against the jumps that the audio beside it makes by itself."""

from __future__ import annotations

import numpy as np

from ivr.media.samples import Samples

QUANTUM = 8 / 32768
"""The smallest step of mu-law (G.711 table 2a, at 16 bits): a jump of this size is quantisation, not a click."""
_BESIDE = 0.020


def _largest_jump(samples: Samples) -> float:
    return float(np.max(np.abs(np.diff(samples.astype(np.float64))), initial=0.0))


def jump_ratio(before: Samples, after: Samples, rate: int) -> float:
    """Jump from the last sample of ``before`` to the first of ``after``, over the largest within 20 ms of either side.

    Up to 1 the seam is no rougher than the audio beside it. The divisor is at least ``QUANTUM``; no jump gives 0.0,
    also in silence. A missing side counts as silence.
    """
    beside = round(rate * _BESIDE)
    left, right = before[-beside:], after[:beside]
    jump = abs(float(right[0] if len(right) else 0.0) - float(left[-1] if len(left) else 0.0))
    return jump / max(_largest_jump(left), _largest_jump(right), QUANTUM)
