"""From audio at any rate to a clip at its own: trimmed, resampled, levelled, measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ivr.media.edges import trim
from ivr.media.level import level
from ivr.media.loudness import loudness
from ivr.media.resample import resample
from ivr.media.samples import Samples


@dataclass(frozen=True, slots=True)
class Finished:
    """A clip before it is written."""

    samples: Samples
    rate: int
    loudness: float
    """LUFS before the level was set."""
    level: float
    """LUFS now."""
    peak: float
    """dBFS."""


def finished(samples: Samples, rate: int, to_rate: int, target: float) -> Finished:
    """``target`` in LUFS; no samples where there is nothing but silence."""
    trimmed = resample(trim(samples, rate), rate, to_rate)
    made = level(trimmed, to_rate, target)
    peak = float(np.max(np.abs(made), initial=1e-9))
    return Finished(made, to_rate, loudness(trimmed, to_rate), loudness(made, to_rate), 20 * float(np.log10(peak)))
