"""Words that nobody spoke: noise in syllables, as uneven as speech, at any rate."""

from __future__ import annotations

import numpy as np

from ivr.media.resample import resample
from ivr.media.samples import Samples, silence
from ivr.media.tones import noise

RATE = 8000


def speech(seconds: float, seed: int, rate: int = RATE) -> Samples:
    """Syllables of 120 ms, up to 9 dB apart, on a level that drifts by up to 8 dB, between 10 and 30 ms of silence."""
    random = np.random.default_rng(seed)
    count = round(seconds * RATE)
    syllables = np.repeat(random.uniform(-9, 0, count // 960 + 2), 960)[:count]
    drifting = syllables + np.linspace(0, random.uniform(-8, 8), count)
    shape = np.convolve(10 ** (drifting / 20), np.ones(240) / 240, "same")
    spoken = np.concatenate((silence(80), noise(count, -24, seed) * shape, silence(240))).astype(np.float32)
    return spoken if rate == RATE else resample(spoken, RATE, rate)


def largest_gain_jump(before: Samples, after: Samples) -> float:
    """dB between neighbours, where the input is large enough to tell."""
    sure = np.abs(before) > 1e-4
    gain = 20 * np.log10(np.abs(after[sure]) / np.abs(before[sure]))
    return float(np.max(np.abs(np.diff(gain))[np.diff(np.flatnonzero(sure)) == 1]))
