"""What is wrong with a recording, and how to say it; and the frames by which it is judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ivr.errors import Problem, Severity
from ivr.media.samples import Samples

FRAME = 0.020
"""Seconds."""
_WORDS = 100.0  # 20 dB as a ratio of powers
_LEAST = 1e-10  # a mean square; under the steps of 16 bits


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with one recording."""

    code: str
    """``rate``, ``clipped``, ``noise``, ``silent``, ``offset``, ``hum``, ``words``, ``long`` or ``channels``."""
    severity: Severity
    what: str
    """With its figures."""
    remedy: str

    def problem(self, file: str) -> Problem:
        """As a problem of ``file``."""
        return Problem(file, 1, 1, f"the recording {self.what}", self.remedy, code="clip", severity=self.severity)


def powers(samples: Samples, rate: int) -> npt.NDArray[np.float64]:
    """Mean square of each whole frame, in the order of their loudness."""
    size = max(1, round(rate * FRAME))
    whole = samples[: len(samples) // size * size].astype(np.float64).reshape(-1, size)
    return np.sort(np.mean(whole**2, axis=1))


def level(power: float) -> float:
    """Of a mean square, dB against full scale."""
    return 10 * float(np.log10(max(power, _LEAST)))


def speech_power(frames: npt.NDArray[np.float64]) -> float:
    """How loud the speech is: the mean of the frames that lie within 20 dB of the loudest; 0 for none.

    ``frames`` as ``powers`` gives them. Pauses have no part in it, however long they are.
    """
    return float(frames[frames >= frames[-1] / _WORDS].mean()) if len(frames) else 0.0
