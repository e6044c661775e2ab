"""Samples to the bytes of an ``AudioFormat``, and back. The rate is taken as it stands: nothing is resampled here."""

from __future__ import annotations

import numpy as np

from ivr.errors import FormatMismatch
from ivr.media import g711
from ivr.media.format import AudioFormat, Encoding
from ivr.media.linear import from_int16, to_int16
from ivr.media.samples import Samples


def encode(samples: Samples, format: AudioFormat) -> bytes:
    """Clip to ±1, round to the nearest step and write; L16 is little-endian."""
    match format.encoding:
        case Encoding.MULAW:
            return g711.mulaw_encode(samples)
        case Encoding.ALAW:
            return g711.alaw_encode(samples)
        case Encoding.L16:
            return to_int16(samples).astype("<i2").tobytes()


def decode(payload: bytes, format: AudioFormat) -> Samples:
    """Read ``payload``; raises ``FormatMismatch`` when L16 ends in the middle of a sample."""
    match format.encoding:
        case Encoding.MULAW:
            return g711.mulaw_decode(payload)
        case Encoding.ALAW:
            return g711.alaw_decode(payload)
        case Encoding.L16:
            if len(payload) % 2:
                raise FormatMismatch(
                    f"{len(payload)} bytes cannot be {format}: two bytes a sample; "
                    "keep the odd byte and put it before the next chunk"
                )
            return from_int16(np.frombuffer(payload, dtype="<i2"))
