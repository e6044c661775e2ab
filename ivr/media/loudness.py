"""Loudness by ITU-R BS.1770-4 for any rate and any length, and the level step at a seam.

The K-weighting is the standard's 48 kHz filter evaluated at the frequencies that the audio has, so 8 kHz audio is
weighed by the same curve. Audio shorter than one gating block (400 ms), as "Yes." is, cannot be gated: it is weighed
by its speech alone, from the first to the last 10 ms block of it, as an edge of a longer clip is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from ivr.media.edges import speech_bounds
from ivr.media.samples import Samples

Side = Literal["head", "tail"]

EDGE = 0.400
"""Seconds of speech by which the level of a clip's edge is judged: one gating block."""

# BS.1770-4 tables 1 and 2: b0 b1 b2 of the shelf, its a1 a2; then those of the high-pass.
SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
_TABLE_RATE = 48000
_OFFSET = -0.691  # makes the standard's 997 Hz tone read its level
BLOCK, STEP = 0.400, 0.100
"""Seconds of a gating block, and from one to the next."""
_ABSOLUTE_GATE, _RELATIVE_GATE = -70.0, -10.0
_SETTLE = 0.050  # the high-pass rings for less


def k_response(frequency: npt.ArrayLike) -> npt.NDArray[np.complex128]:
    """The K-weighting filter's complex response at ``frequency`` (Hz); over 24 kHz that of 24 kHz."""
    hertz = np.minimum(np.asarray(frequency, dtype=np.float64), _TABLE_RATE / 2)
    delay = np.exp(-2j * np.pi * hertz / _TABLE_RATE)
    response = np.ones_like(delay)
    for over, under in (SHELF, HIGH_PASS):
        response *= np.polyval(over[::-1], delay) / np.polyval(under[::-1], delay)
    return response


@lru_cache(maxsize=32)
def _response(size: int, rate: int) -> npt.NDArray[np.complex128]:
    return k_response(np.fft.rfftfreq(size, 1 / rate))


@lru_cache(maxsize=32)
def _weights(size: int, rate: int) -> npt.NDArray[np.float64]:
    """Power weight of each rfft bin, both of its signs counted (Parseval), over ``size``."""
    weights = np.abs(_response(size, rate)) ** 2 * (2.0 / size)
    weights[0] /= 2
    weights[-1] /= 2  # sizes are powers of two, so the last bin is Nyquist's
    return weights


def _size(samples: int, rate: int) -> int:
    return int(1 << (samples + round(rate * _SETTLE) - 1).bit_length())


def lufs(mean_square: float) -> float:
    """A K-weighted mean square as loudness; -inf for 0."""
    return _OFFSET + 10 * float(np.log10(mean_square)) if mean_square > 0 else -np.inf


def _mean_square(samples: Samples, rate: int) -> float:
    """K-weighted, over the whole stretch, which is taken to stand in silence."""
    if not len(samples):
        return 0.0
    size = _size(len(samples), rate)
    spectrum = np.fft.rfft(samples.astype(np.float64), size)
    power = spectrum.real**2 + spectrum.imag**2
    return float(power @ _weights(size, rate)) / len(samples)


def ungated(samples: Samples, rate: int) -> float:
    """Loudness (LUFS) of the whole stretch, pauses included; -inf for digital silence."""
    return lufs(_mean_square(samples, rate))


def weighted(samples: Samples, rate: int) -> npt.NDArray[np.float64]:
    """``samples`` behind the K-weighting filter."""
    size = _size(len(samples), rate)
    return np.fft.irfft(np.fft.rfft(samples.astype(np.float64), size) * _response(size, rate), size)[: len(samples)]


def loud_blocks(powers: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Which gating blocks of these mean squares count: over -70 LUFS, then over 10 LU under the mean of those."""
    loud = powers > _power(_ABSOLUTE_GATE)
    if loud.any():
        loud &= powers > _power(lufs(float(powers[loud].mean())) + _RELATIVE_GATE)
    return loud


def _power(level: float) -> float:
    return float(10 ** ((level - _OFFSET) / 10))


def _gated(samples: Samples, rate: int) -> float:
    total = np.concatenate(([0.0], np.cumsum(weighted(samples, rate) ** 2)))
    block, step = round(rate * BLOCK), round(rate * STEP)
    starts = np.arange(0, len(samples) - block + 1, step)
    powers = (total[starts + block] - total[starts]) / block
    loud = loud_blocks(powers)
    return float(powers[loud].mean()) if loud.any() else 0.0


def loudness(samples: Samples, rate: int) -> float:
    """Integrated loudness in LUFS; -inf for silence, which from 400 ms on is all that stays under -70 LUFS.

    Under 400 ms that of its speech (``edge_loudness``); where nothing is over -50 dBFS, of the whole stretch.
    """
    if len(samples) < round(rate * BLOCK):
        spoken = edge_loudness(samples, rate, "head")
        return spoken if np.isfinite(spoken) else ungated(samples, rate)
    return lufs(_gated(samples, rate))


def edge_bounds(samples: Samples, rate: int, side: Side, window: float = EDGE) -> tuple[int, int]:
    """The stretch (samples) by which an edge is judged: up to ``window`` seconds from the speech's first or last block.

    It never reaches past the speech's other end, so that silence after a short word does not count; (0, 0) when
    there is no speech.
    """
    start, stop = speech_bounds(samples, rate)
    span = round(rate * window)
    if side == "head":
        return start, min(start + span, stop)
    return max(stop - span, start), stop


def edge_loudness(samples: Samples, rate: int, side: Side, window: float = EDGE) -> float:
    """K-weighted mean square (LUFS) of the speech at one edge of a clip; -inf when silent."""
    start, stop = edge_bounds(samples, rate, side, window)
    return ungated(samples[start:stop], rate)


def level_step(before: Samples, after: Samples, rate: int) -> float:
    """How much louder (LU) speech goes on after a seam than it was before; 0.0 where either side is silent.

    Silence is a pause, whose level nobody compares.
    """
    step = edge_loudness(after, rate, "head") - edge_loudness(before, rate, "tail")
    return step if np.isfinite(step) else 0.0
