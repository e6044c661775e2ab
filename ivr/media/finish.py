"""From what a voice or a person spoke to a finished clip: resampled, trimmed, levelled, limited."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ivr.errors import AudioError
from ivr.media.edges import SPEECH_DB, trim
from ivr.media.loudness import loudness
from ivr.media.resample import resample
from ivr.media.samples import Samples, empty
from ivr.media.whole import bring

TOLERANCE = 0.5
"""LU by which a finished clip's loudness may miss the target."""
_STANDS_OUT_DB = -30.0
"""Against the greatest sample: a 10 ms block with a mean square over this is a word, whatever the noise is."""


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """A clip that is ready to be written, and what can be said of it."""

    samples: Samples
    """None where nothing was spoken."""
    rate: int
    """Hz."""
    loudness_before: float
    """LUFS as it was spoken, trimmed and at ``rate``; -inf for silence."""
    loudness: float
    """LUFS of the whole (``ivr.media.loudness.loudness``); -inf for silence."""
    peak: float
    """Greatest true peak (dBFS) behind mu-law, A-law (both at 8 kHz) and 16 bits; under -1, -inf for silence."""
    shortfall: float
    """LU by which it stays under the target, because its peaks leave no room for more; 0.0 within ``TOLERANCE``."""


def finish(samples: Samples, rate: int, to_rate: int, target: float) -> Finished:
    """A clip at ``to_rate`` Hz and ``target`` LUFS of what was spoken at ``rate`` Hz.

    Resampled first, since a telephone's band takes away part of what a trim and a level go by. Silence at both edges
    is cut to ``ROOM`` and ``TAIL_ROOM`` of ``ivr.media.edges``, judged as loud as it will be, so that the same words
    spoken more quietly give the same clip. Silence gives no samples. Raises ``AudioError`` for samples that are no
    numbers and for rates that are not positive.
    """
    if not np.isfinite(samples).all():
        at = int(np.flatnonzero(~np.isfinite(samples))[0])
        raise AudioError(f"sample {at} of {len(samples)} is {samples[at]}, no number: the audio is damaged")
    spoken = resample(samples, rate, to_rate)
    cut = _cut(spoken, to_rate, target)
    before = loudness(cut, to_rate)
    if not np.isfinite(before):
        return Finished(empty(), to_rate, -np.inf, -np.inf, -np.inf, 0.0)
    brought = bring(cut, to_rate, target)
    short = target - brought.loudness
    return Finished(
        samples=brought.samples,
        rate=to_rate,
        loudness_before=before,
        loudness=brought.loudness,
        peak=brought.peak,
        shortfall=short if short > TOLERANCE else 0.0,
    )


def _cut(spoken: Samples, rate: int, target: float) -> Samples:
    """Trimmed by the thresholds that will hold at ``target``.

    How loud the words are is taken from what stands out. The silence around a short word would make it quieter than it
    is, and the gain that this asks for would make words of the noise.
    """
    surely = trim(spoken, rate, threshold_db=_STANDS_OUT_DB + 20 * float(np.log10(np.abs(spoken).max(initial=1e-9))))
    gain = target - loudness(surely, rate)
    return trim(spoken, rate, threshold_db=SPEECH_DB - gain) if np.isfinite(gain) else empty()
