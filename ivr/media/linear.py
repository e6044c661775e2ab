"""Sixteen-bit integers and back: the one place that says how a float sample becomes an integer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ivr.media.samples import Samples

FULL_SCALE = 32768.0
"""One sample of 1.0 in 16-bit steps; +1.0 itself is clipped to 32767, so that integers survive a round trip."""


def to_int16(samples: Samples) -> npt.NDArray[np.int16]:
    """Round to the nearest 16-bit step, clipped to full scale."""
    steps = np.rint(np.asarray(samples, dtype=np.float32) * np.float32(FULL_SCALE))
    clipped: npt.NDArray[np.int16] = np.clip(steps, -32768, 32767).astype(np.int16)
    return clipped


def from_int16(steps: npt.NDArray[np.int16]) -> Samples:
    """16-bit steps as floats in [-1, 1)."""
    return steps.astype(np.float32) / np.float32(FULL_SCALE)
