"""Linear audio between decoder and encoder: mono float32 in [-1, 1]."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
"""Mono, full scale ±1.0; the rate travels beside it."""


def empty() -> Samples:
    """No samples."""
    return np.zeros(0, dtype=np.float32)


def silence(samples: int) -> Samples:
    """``samples`` of digital silence."""
    return np.zeros(samples, dtype=np.float32)
