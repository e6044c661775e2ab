"""Sines, DTMF, a beep and noise: signals whose every figure is known."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ivr.errors import AudioError
from ivr.media.samples import Samples

# ITU-T Q.23: one frequency of the low group (rows) with one of the high group (columns), Hz.
_LOW = (697, 770, 852, 941)
_HIGH = (1209, 1336, 1477, 1633)
_KEYS = ("123A", "456B", "789C", "*0#D")
_LOW_DB, _HIGH_DB = -11.0, -9.0  # the high group 2 dB up, as telephones send it against the line's loss
_PURE = 0.8  # share of a frame's power in one frequency of each group that makes it a key
_TWIST = 0.04  # the weaker one's share at the least: Q.24 allows 8 dB, lines add to that

_BEEP_HZ, _BEEP_EDGE = 1000.0, 0.010


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


def beep(seconds: float, rate: int, level_db: float) -> Samples:
    """What an answering machine says before it records: a tone that fades in and out, so that it does not click."""
    sound = tone(_BEEP_HZ, seconds, rate, level_db)
    edge = min(round(_BEEP_EDGE * rate), len(sound) // 2)
    ramp = (0.5 - 0.5 * np.cos(np.pi * (np.arange(edge) + 0.5) / max(1, edge))).astype(np.float32)
    sound[:edge] *= ramp
    sound[len(sound) - edge :] *= ramp[::-1]
    return sound


def is_key(frame: Samples, rate: int) -> bool:
    """Whether 20 ms or so are the tone of a key (Q.23) and little else. Not a decoder: it does not tell which."""
    power = float(np.dot(frame, frame))
    if not power:
        return False
    shares = np.abs(_probes(len(frame), rate) @ frame) ** 2 * (2.0 / (len(frame) * power))
    low, high = float(shares[: len(_LOW)].max()), float(shares[len(_LOW) :].max())
    return low + high >= _PURE and min(low, high) >= _TWIST


@lru_cache(maxsize=8)
def _probes(samples: int, rate: int) -> npt.NDArray[np.complex64]:
    """One row for each frequency of Q.23, the low group first."""
    time = np.arange(samples) / rate
    probes: npt.NDArray[np.complex64] = np.exp(-2j * np.pi * np.outer((*_LOW, *_HIGH), time)).astype(np.complex64)
    return probes


def noise(samples: int, level_db: float, seed: int) -> Samples:
    """White Gaussian noise, ``samples`` long, with mean square ``level_db`` (dB against 1.0); a seed gives it again."""
    drawn = np.random.default_rng(seed).standard_normal(samples)
    return (10 ** (level_db / 20) * drawn).astype(np.float32)
