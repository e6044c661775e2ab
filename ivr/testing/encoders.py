"""What the fake provider can answer in: linear samples in, a body and its Content-Type out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ivr.media import pcm
from ivr.media.format import AudioFormat, Encoding
from ivr.media.samples import Samples
from ivr.media.wave import write_wav

Encode = Callable[[Samples, int], tuple[str, bytes]]
"""Samples and rate in Hz in, Content-Type and body out."""


def encode_pcm(samples: Samples, rate: int) -> tuple[str, bytes]:
    """16-bit little-endian without a header."""
    return f"audio/l16;rate={rate};channels=1", pcm.encode(samples, AudioFormat(Encoding.L16, rate))


def encode_wav(samples: Samples, rate: int) -> tuple[str, bytes]:
    """16-bit WAV with its true length in the header."""
    return "audio/wav", write_wav([samples], rate)


def encode_mulaw(samples: Samples, rate: int) -> tuple[str, bytes]:
    """Mu-law without a header."""
    return f"audio/x-mulaw;rate={rate}", pcm.encode(samples, AudioFormat(Encoding.MULAW, rate))


def encode_alaw(samples: Samples, rate: int) -> tuple[str, bytes]:
    """A-law without a header."""
    return f"audio/x-alaw;rate={rate}", pcm.encode(samples, AudioFormat(Encoding.ALAW, rate))


ENCODERS: Mapping[str, Encode] = {
    "pcm": encode_pcm,
    "wav": encode_wav,
    "mulaw": encode_mulaw,
    "alaw": encode_alaw,
}
