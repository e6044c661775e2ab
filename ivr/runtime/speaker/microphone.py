"""What the microphone hears: a ring that the device's thread fills, and frames of L16 for the call."""

from __future__ import annotations

from ivr.media.format import AudioFormat
from ivr.media.pcm import encode
from ivr.media.resample import Resampler
from ivr.media.ring import Ring
from ivr.media.samples import Samples, silence

HOLDS = 1.0
"""Seconds that may wait for a loop that is late."""


class Microphone:
    """``put`` belongs to the device's thread, all else to ours."""

    def __init__(self, format: AudioFormat, rate: int) -> None:
        """``format``: of the frames; ``rate``: of the device, Hz."""
        self.rate = rate
        self.lost = 0
        """Samples for which there was no room."""
        self.level = 0.0
        """The largest amplitude since somebody set it to zero."""
        self._format = format
        self._ring = Ring(round(HOLDS * rate))
        self._block = silence(round(HOLDS * rate))
        self._resampler = Resampler(rate, format.rate)
        self._kept = b""

    def put(self, block: Samples) -> None:
        """Take a block from the device. Waits for nothing."""
        self.lost += len(block) - self._ring.write(block)
        if len(block):
            self.level = max(self.level, float(block.max()), -float(block.min()))

    def frames(self) -> list[bytes]:
        """Whole frames of 20 ms that have come since the last call."""
        count = self._ring.take(self._block[: self._ring.filled])
        if not count:
            return []
        held = self._kept + encode(self._resampler.push(self._block[:count]), self._format)
        size = self._format.size(self._format.frame)
        whole = len(held) // size * size
        self._kept = held[whole:]
        return [held[at : at + size] for at in range(0, whole, size)]
