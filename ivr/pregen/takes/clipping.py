"""Clipped speech: the same highest value again and again, in runs, be it full scale or less (it was made quieter).

Tops that are not flat are not judged: an MP3 made of clipped speech has wavy ones. Nor are codes whose highest steps
are far apart, such as mu-law's, where unclipped speech has the same highest value often.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ivr.errors import Severity
from ivr.media.samples import Samples
from ivr.pregen.takes.finding import Finding

RUN = 3
"""Samples at the extreme, one behind the other, that make a flat top. Clean speech had none, at 8, 16 and 48 kHz."""
RUNS = 3
"""Flat tops from which one is told."""
MUCH = 0.01
"""The share of samples in flat tops that makes it an error. Of 60 prompts of a professional speaker, at 48 kHz, all had
more when they were clipped 6 dB under their peak, 14 at 3 dB, one at 1 dB; at 8 kHz, 34, two and none."""
_NEAR = 1e-4  # of the extreme: three steps of 16 bits at full scale
_COARSE = 0.02  # of the extreme: how far below it the next value lies in a code of coarse steps


def check_clipping(samples: Samples) -> list[Finding]:
    """An error for much of it, a warning for a little."""
    tops = [_flat_tops(side) for side in (samples, -samples)]
    runs, flat = sum(len(each) for each in tops), sum(int(each.sum()) for each in tops)
    if runs < RUNS:
        return []
    share = flat / len(samples)
    much = share >= MUCH
    what = f"is clipped: {runs} flat tops, {flat:,} samples or {share:.2%} of it"
    remedy = "record it again with less gain" if much else "listen to it; record it again with less gain if it crackles"
    return [Finding("clipped", Severity.ERROR if much else Severity.WARNING, what, remedy)]


def _flat_tops(side: Samples) -> npt.NDArray[np.int64]:
    """The lengths of the flat tops above zero."""
    extreme = float(side.max(initial=0.0))
    if extreme <= 0:
        return np.zeros(0, dtype=np.int64)
    at = side >= extreme * (1 - _NEAR)
    if float(side[~at].max(initial=0.0)) < extreme * (1 - _COARSE):
        return np.zeros(0, dtype=np.int64)
    turns = np.diff(np.concatenate(([0], at.astype(np.int8), [0])))
    lengths = np.flatnonzero(turns == -1) - np.flatnonzero(turns == 1)
    return lengths[lengths >= RUN]
