"""Audio formats as values: encoding, rate, and the arithmetic between samples, seconds and bytes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PTIME = 0.020
"""Seconds of audio in one telephone frame (RFC 3551 §4.2: 20 ms is the default packetization)."""


class Encoding(StrEnum):
    """How one sample is written."""

    MULAW = "mulaw"
    """ITU-T G.711 mu-law, one byte a sample."""
    ALAW = "alaw"
    """ITU-T G.711 A-law, one byte a sample."""
    L16 = "l16"
    """Signed 16-bit linear, little-endian, two bytes a sample."""


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """Mono audio on the wire."""

    encoding: Encoding
    rate: int
    """Samples per second, Hz."""

    @property
    def sample_bytes(self) -> int:
        """Bytes in one sample."""
        return 2 if self.encoding is Encoding.L16 else 1

    @property
    def frame(self) -> int:
        """Samples in one 20 ms frame."""
        return round(self.rate * PTIME)

    def samples(self, seconds: float) -> int:
        """How many samples last ``seconds``, rounded to the nearest."""
        return round(seconds * self.rate)

    def seconds(self, samples: int) -> float:
        """How long ``samples`` last."""
        return samples / self.rate

    def size(self, samples: int) -> int:
        """How many bytes ``samples`` take."""
        return samples * self.sample_bytes

    def silence(self, samples: int) -> bytes:
        """Digital silence. Zero is 0xFF in mu-law and 0xD5 in A-law (G.711 tables 2a, 1a)."""
        byte = {Encoding.MULAW: b"\xff", Encoding.ALAW: b"\xd5", Encoding.L16: b"\x00\x00"}[self.encoding]
        return byte * samples

    def whole_frames(self, samples: int) -> int:
        """``samples`` rounded up to whole 20 ms frames."""
        return -(-samples // self.frame) * self.frame

    def __str__(self) -> str:
        return f"{self.encoding.value}/{self.rate}"


MULAW_8K = AudioFormat(Encoding.MULAW, 8000)
ALAW_8K = AudioFormat(Encoding.ALAW, 8000)
L16_8K = AudioFormat(Encoding.L16, 8000)
L16_12K = AudioFormat(Encoding.L16, 12000)
L16_16K = AudioFormat(Encoding.L16, 16000)
L16_24K = AudioFormat(Encoding.L16, 24000)
