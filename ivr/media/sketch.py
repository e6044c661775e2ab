"""How loud speech is, a letter for each 10 ms: it tells where speech begins and ends, and not a word of it."""

from __future__ import annotations

import numpy as np

from ivr.media.samples import Samples, empty

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-"
STEP = 1.5
"""dB between two letters; the last one is 0 dB of mean square against full scale 1.0, the first -94.5 dB or less."""
BLOCK = 0.010
"""Seconds a letter; that of ``ivr.media.edges``."""
QUIET = -60.0
"""dBFS below which nothing sounds."""
SPOKEN = -24.0
"""dBFS that speech is taken to have."""
_HUM = 440.0
"""Hz of what a sketch sounds as: where the ear's weighting is flat."""


def sketch(samples: Samples, rate: int) -> str:
    """The letters of ``samples``; the last may stand for part of a block."""
    block = max(1, round(rate * BLOCK))
    if not len(samples):
        return ""
    starts = np.arange(0, len(samples), block)
    squares = np.add.reduceat(np.square(samples, dtype=np.float64), starts)
    means = squares / np.diff(np.append(starts, len(samples)))
    top = len(LETTERS) - 1
    steps = np.rint(10 * np.log10(np.maximum(means, 1e-12)) / STEP).astype(int) + top
    return "".join(LETTERS[step] for step in np.clip(steps, 0, top))


def _letter(decibels: float) -> int:
    return round(decibels / STEP) + len(LETTERS) - 1


def evened(letters: str) -> str:
    """As long, and silent as long at its beginning; all behind is as loud as speech is, so that no word shows.

    How loud each moment is tells which word it was, where a voice says a word the same way every time.
    """
    sounds = letters.lstrip(LETTERS[: _letter(QUIET)])
    return letters[: len(letters) - len(sounds)] + LETTERS[_letter(SPOKEN)] * len(sounds)


def hum(letters: str, samples: int, rate: int) -> Samples:
    """``samples`` of a hum as loud as ``letters`` say; where they are fewer or no such letters, it is silent."""
    if not samples:
        return empty()
    block = max(1, round(rate * BLOCK))
    steps = np.array([LETTERS.find(letter) for letter in letters], dtype=np.float64)
    means = np.where(steps > 0, 10 ** ((steps - len(LETTERS) + 1) * STEP / 10), 0.0)
    loud = np.sqrt(2 * np.repeat(means, block))[:samples]
    wave = np.sin(2 * np.pi * _HUM * np.arange(samples) / rate)
    hummed: Samples = (wave * np.pad(loud, (0, samples - len(loud)))).astype(np.float32)
    return hummed
