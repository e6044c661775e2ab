"""Streaming polyphase resampling by a windowed sinc; exact in phase, in length and under any chunking.

Output sample k stands for input time k / target rate, so nothing is shifted: ``push`` merely holds back the last
4 ms (32 periods of the lower rate) until the samples that they lean on have come.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, gcd

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ivr.errors import AudioError
from ivr.media.samples import Samples, empty, silence

CROSSINGS = 32
"""Zero crossings of the sinc on either side."""
_ROLLOFF = 0.92  # cutoff (-6 dB) over the lower Nyquist: 3.68 kHz for telephones
_BETA = 7.857  # Kaiser's 0.1102 (A - 8.7) for A = 80 dB; transition 3.37 to 3.99 kHz for telephones: nothing folds back
_ROWS = 256  # outputs computed at once: the gathered windows stay in the processor's cache


@lru_cache(maxsize=16)
def _filters(up: int, down: int) -> tuple[int, Samples]:
    """Half-width in input samples, and one row of ``2 * half + 1`` taps for each of ``up`` phases."""
    stretch = max(1.0, down / up)
    half = ceil(CROSSINGS * stretch)
    cutoff = _ROLLOFF / stretch
    time = np.arange(-half, half + 1)[None, :] - np.arange(up)[:, None] / up
    window = np.i0(_BETA * np.sqrt(np.clip(1 - (time / half) ** 2, 0, None))) * (np.abs(time) <= half)
    taps = np.sinc(cutoff * time) * window
    taps /= taps.sum(axis=1, keepdims=True)
    table: Samples = taps.astype(np.float32)
    table.flags.writeable = False
    return half, table


class Resampler:
    """One stream from ``source_rate`` to ``target_rate`` (Hz); raises ``AudioError`` unless both are positive.

    All pushes together with ``finish`` give ``ceil(samples * target / source)`` samples: every output instant that
    lies before the end of the input. The same input gives the same bits however it was cut.
    """

    def __init__(self, source_rate: int, target_rate: int) -> None:
        if source_rate < 1 or target_rate < 1:
            raise AudioError(f"cannot resample {source_rate} Hz to {target_rate} Hz: both rates must be positive")
        common = gcd(source_rate, target_rate)
        self._up, self._down = target_rate // common, source_rate // common
        self._half = 0 if self._up == self._down else _filters(self._up, self._down)[0]
        self.reset()

    def reset(self) -> None:
        """Forget what was pushed; the next sample is the first of a new stream."""
        self._kept = silence(self._half)  # input from position self._base on
        self._base = -self._half
        self._next = 0  # the next output sample

    def push(self, samples: Samples) -> Samples:
        """The output that is now certain. Same-rate streams pass through."""
        samples = np.asarray(samples, dtype=np.float32)
        if self._up == self._down:
            return samples
        self._kept = np.concatenate((self._kept, samples))
        complete = self._base + len(self._kept) - self._half  # input positions whose right side is here
        stop = max(-(-complete * self._up // self._down), self._next)
        output = np.empty(stop - self._next, dtype=np.float32)
        for start in range(self._next, stop, _ROWS):
            end = min(start + _ROWS, stop)
            output[start - self._next : end - self._next] = self._compute(start, end)
        self._next = stop
        spent = min(stop * self._down // self._up - self._half - self._base, len(self._kept))
        if spent > 0:
            self._kept = self._kept[spent:]
            self._base += spent
        return output

    def finish(self) -> Samples:
        """What was held back, computed against silence after the end; then ready for a new stream."""
        if self._up == self._down:
            return empty()
        last = self.push(silence(self._half))
        self.reset()
        return last

    def _compute(self, start: int, stop: int) -> Samples:
        # One dot product a row, never a matrix product: BLAS would round by the shape of the batch.
        _, table = _filters(self._up, self._down)
        windows = sliding_window_view(self._kept, table.shape[1])
        position, phase = np.divmod(np.arange(start, stop, dtype=np.int64) * self._down, self._up)
        gathered = windows[position - self._half - self._base]
        output: Samples = np.einsum("ij,ij->i", gathered, table[phase])
        return output


def resample(samples: Samples, source_rate: int, target_rate: int) -> Samples:
    """A whole clip at once: ``ceil(len * target / source)`` samples."""
    stream = Resampler(source_rate, target_rate)
    return np.concatenate((stream.push(samples), stream.finish()))
