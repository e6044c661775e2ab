"""Makes audio/hold.wav, a loop of soft chords: ``python prompts/hold_music.py``.

Every tone swings a whole number of times in the loop and starts at zero, and the chords fade into one another around
its end, so that it can be played again and again without a seam. Replace it by any 16-bit WAV of your own.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ivr.media.samples import Samples
from ivr.media.wave import write_wav

_RATE = 8000
_SECONDS = 4
_PEAK = 0.35
_CHORDS = (
    (196.00, 246.94, 293.66, 392.00, 493.88),  # G major
    (220.00, 261.63, 329.63, 392.00, 523.25),  # A minor seventh
    (174.61, 261.63, 349.23, 440.00, 523.25),  # F major
    (196.00, 261.63, 329.63, 392.00, 523.25),  # C major over G
)


def _loop() -> Samples:
    time = np.arange(_RATE * _SECONDS) / _RATE
    length = _SECONDS / len(_CHORDS)
    mix = np.zeros_like(time)
    for number, chord in enumerate(_CHORDS):
        # Distance to the middle of the chord, around the circle that the loop is.
        middle = (number + 0.5) * length
        distance = np.abs((time - middle + _SECONDS / 2) % _SECONDS - _SECONDS / 2)
        swell = np.cos(np.clip(distance / length, 0, 1) * np.pi / 2) ** 2
        for place, wanted in enumerate(chord):
            frequency = round(wanted * _SECONDS) / _SECONDS
            for harmonic, loudness in ((1, 1.0), (2, 0.25), (3, 0.06)):
                mix += swell * loudness * 0.85**place * np.sin(2 * np.pi * frequency * harmonic * time)
    loop: Samples = (mix * (_PEAK / np.max(np.abs(mix)))).astype(np.float32)
    return loop


def _main() -> None:
    target = Path(__file__).resolve().parent.parent / "audio" / "hold.wav"
    target.write_bytes(write_wav([_loop()], _RATE))
    print(f"{target}: {_SECONDS} s; now run `ivr render`, which enters it into audio/ivr.lock")


if __name__ == "__main__":
    _main()
