"""Both sides of a call as one file of sound."""

from __future__ import annotations

import numpy as np

from ivr.media.samples import Samples
from ivr.media.wave import write_wav


def stereo(caller: Samples, ours: Samples, rate: int) -> bytes:
    """A 16-bit WAV, the caller on the left and we on the right; the shorter side is filled up with silence."""
    length = max(len(caller), len(ours))
    left, right = (np.pad(side, (0, length - len(side))) for side in (caller, ours))
    return write_wav((left, right), rate)
