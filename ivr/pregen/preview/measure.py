"""What there is to see of a clip's samples: how long, how loud, how high, and its outline."""

from __future__ import annotations

import numpy as np

from ivr.media.loudness import loudness
from ivr.media.samples import Samples
from ivr.pregen.preview.card import Sound

BARS = 72
"""Of a waveform. All have as many, so that a beginning and an end are seen alike in each."""


def measure(samples: Samples, rate: int, packed: str = "") -> Sound:
    """Of a whole clip at ``rate`` Hz. Under 400 ms the level is that of all of it, see ``ivr.media.loudness``."""
    level = loudness(samples, rate) if len(samples) else -np.inf
    peak = float(np.max(np.abs(samples), initial=0.0))
    return Sound(
        seconds=len(samples) / rate,
        level=float(level) if np.isfinite(level) else None,
        peak=20 * float(np.log10(peak)) if peak > 0 else None,
        bars=bars(samples),
        packed=packed,
    )


def bars(samples: Samples, count: int = BARS) -> tuple[int, ...]:
    """The largest sample of each of ``count`` equal stretches, in hundredths of full scale; fewer samples, fewer bars.

    The scale is one for all clips: what is louder looks louder.
    """
    if not len(samples):
        return ()
    count = min(count, len(samples))
    starts = np.arange(count) * len(samples) // count
    peaks = np.maximum.reduceat(np.abs(samples), starts)
    return tuple(np.rint(np.minimum(peaks, 1.0) * 100).astype(int).tolist())
