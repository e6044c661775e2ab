"""What is heard beside the words: noise, hum, and an offset; and whether there are words at all."""

from __future__ import annotations

import numpy as np

from ivr.errors import Severity
from ivr.media.samples import Samples
from ivr.pregen.takes.finding import FRAME, Finding, level, powers, speech_power

NOISY = 25.0
"""dB from the quietest tenth of frames to the speech: less is told of. None of 553 prompts of a professional speaker
was, trimmed or not; with white noise 24 dB under the speech 547 were, where the room was heard for half a second at
both ends."""
LOST = 6.0
"""The same where words cannot be told from noise: speech as loud as its noise has 1 to 3, noise alone 1."""
STEADY = 3.0
"""dB that the quietest quarter may lie above the quietest tenth. Noise is steady; words without a pause are not, and
of those nothing can be said."""
_FEWEST = 30  # frames; one short word has no quiet ones
SILENT = -60.0
"""dB against full scale: speech is never so quiet."""
OFFSET = -30.0
"""dB of the mean against the speech."""


def check_noise(samples: Samples, rate: int) -> list[Finding]:
    """Silence alone; or noise and an offset."""
    mean = float(np.mean(samples, dtype=np.float64)) if len(samples) else 0.0
    frames = powers(samples - np.float32(mean), rate)
    speech = level(speech_power(frames))
    if not len(frames) or level(float(frames[-1])) < SILENT:
        what = f"is silent: nothing in it is louder than {SILENT:g} dBFS"
        return [Finding("silent", Severity.ERROR, what, "record it again; was the microphone on?")]
    found = _offset(mean, speech)
    floor = level(float(frames[: max(1, len(frames) // 10)].mean()))
    quarter = level(float(frames[: max(1, len(frames) // 4)].mean()))
    if len(frames) >= _FEWEST and quarter - floor < STEADY and speech - floor < NOISY:
        found.append(_noise(speech - floor, floor))
    return found


def _noise(room: float, floor: float) -> Finding:
    frames = f"the quietest tenth of its {FRAME * 1000:.0f} ms frames"
    figures = f"{frames} has {floor:.0f} dBFS, the speech {room:.0f} dB more"
    if room < LOST:
        what = f"has no speech that can be told from noise: {figures}, the least is {LOST:g}"
        return Finding("noise", Severity.ERROR, what, "record it again nearer to the microphone, in a quiet room")
    remedy = "record it again in a quieter room, nearer to the microphone"
    return Finding("noise", Severity.WARNING, f"is noisy: {figures}, and {NOISY:g} are wanted", remedy)


def _offset(mean: float, speech: float) -> list[Finding]:
    if level(mean**2) - speech < OFFSET:
        return []
    what = f"has a DC offset of {mean:+.2%} of full scale, {speech - level(mean**2):.0f} dB under its speech"
    remedy = "take it out (a high-pass filter of 20 Hz does), and look at the sound card"
    return [Finding("offset", Severity.WARNING, what, remedy)]
