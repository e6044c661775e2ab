"""Hum of the mains: a narrow line at 50 or 60 Hz, where no voice has its pitch and other noise is broad."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ivr.errors import Severity
from ivr.media.samples import Samples
from ivr.pregen.takes.finding import Finding, level, powers, speech_power

Numbers = npt.NDArray[np.float64]

MAINS = (50, 60)
"""Hz."""
LOUD = -40.0
"""dB of the hum against the speech."""
CLEAR = 20.0
"""dB by which the line stands out of what lies beside it."""
_LEAST = 1.5  # seconds: less does not tell 50 Hz from 53
_MOST = 30.0  # seconds: more tells nothing new
_BESIDE = (4.0, 9.0)  # Hz away, on both sides


def check_hum(samples: Samples, rate: int) -> list[Finding]:
    """A warning for the louder of the two lines."""
    if len(samples) < _LEAST * rate:
        return []
    samples = samples[: round(_MOST * rate)]
    samples = samples - samples.mean()
    speech = level(speech_power(powers(samples, rate)))
    window = np.blackman(len(samples))
    power: Numbers = np.square(np.abs(np.fft.rfft(samples * window)), dtype=np.float64)
    hertz: Numbers = np.fft.rfftfreq(len(samples), 1 / rate).astype(np.float64)
    found = [(_line(power, hertz, mains), mains) for mains in MAINS]
    (line, beside), mains = max(found)
    # A sine of amplitude a has a peak of (a * sum(window) / 2) ** 2, and a mean square of a ** 2 / 2.
    loud = level(2 * line / float(window.sum()) ** 2) - speech
    if loud < LOUD or level(line) - level(beside) < CLEAR:
        return []
    what = f"hums: {mains} Hz at {loud:.0f} dB against its speech, {LOUD:g} is the most"
    remedy = "look for the mains in the microphone's cable, or filter it out (a high-pass filter of 80 Hz does)"
    return [Finding("hum", Severity.WARNING, what, remedy)]


def _line(power: Numbers, hertz: Numbers, mains: int) -> tuple[float, float]:
    """The highest power within 1 Hz of the mains, and the median of what lies beside."""
    away = np.abs(hertz - mains)
    near, far = _BESIDE
    return float(power[away <= 1.0].max()), float(np.median(power[(away >= near) & (away <= far)]))
