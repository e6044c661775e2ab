"""Sines, DTMF and noise: signals whose every figure is known."""

from __future__ import annotations

import numpy as np

from ivr.errors import AudioError
from ivr.media.samples import Samples

# ITU-T Q.23: one frequency of the low group (rows) with one of the high group (columns), Hz.
_LOW = (697, 770, 852, 941)
_HIGH = (1209, 1336, 1477, 1633)
_KEYS = ("123A", "456B", "789C", "*0#D")
_LOW_DB, _HIGH_DB = -11.0, -9.0  # the high group 2 dB up, as telephones send it against the line's loss


def tone(frequency: float, seconds: float, rate: int, level_db: float) -> Samples:
    """A sine from phase 0; ``level_db`` is its peak against full scale (0 dB swings to ±1)."""
    time = np.arange(round(seconds * rate)) / rate
    return (10 ** (level_db / 20) * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


def dtmf(digit: str, seconds: float, rate: int) -> Samples:
    """One key of ``0-9 * # A-D`` (Q.23); raises ``AudioError`` for any other."""
    for low, keys in zip(_LOW, _KEYS, strict=True):
        if len(digit) == 1 and digit in keys:
            high = _HIGH[keys.index(digit)]
            return tone(low, seconds, rate, _LOW_DB) + tone(high, seconds, rate, _HIGH_DB)
    raise AudioError(f"no DTMF key {digit!r}: send one of 0-9 * # A B C D")


def noise(samples: int, level_db: float, seed: int) -> Samples:
    """White Gaussian noise, ``samples`` long, with mean square ``level_db`` (dB against 1.0); a seed gives it again."""
    drawn = np.random.default_rng(seed).standard_normal(samples)
    return (10 ** (level_db / 20) * drawn).astype(np.float32)
