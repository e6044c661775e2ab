"""G.711 mu-law and A-law by table (ITU-T G.711 11/88, tables 1a to 2b), at 16-bit scale.

Decoded values are the standard's shifted to 16 bits: mu-law reaches ±32124 of 32768, A-law ±32256.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ivr.media.linear import from_int16, to_int16
from ivr.media.samples import Samples

_BIAS = 132  # mu-law: 33 of the standard's 14-bit steps, at 16 bits
_MULAW_PEAK = 32635  # the last input that stays in segment 8 after the bias


def _mulaw_values() -> npt.NDArray[np.int16]:
    code = ~np.arange(256) & 0xFF  # codes travel inverted
    magnitude = (((code & 0x0F) << 3) + _BIAS << (code >> 4 & 7)) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _mulaw_codes() -> npt.NDArray[np.uint8]:
    value = np.arange(65536).astype(np.uint16).view(np.int16).astype(np.int64)
    magnitude = np.minimum(np.abs(value), _MULAW_PEAK) + _BIAS
    segment = np.floor(np.log2(magnitude)).astype(np.int64) - 7
    code = segment << 4 | magnitude >> segment + 3 & 0x0F
    codes: npt.NDArray[np.uint8] = (~np.where(value < 0, code | 0x80, code) & 0xFF).astype(np.uint8)
    return codes


def _alaw_values() -> npt.NDArray[np.int16]:
    code = np.arange(256) ^ 0x55  # even bits travel inverted
    segment = code >> 4 & 7
    step = ((code & 0x0F) << 4) + 8
    magnitude = np.where(segment == 0, step, step + 256 << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _alaw_codes() -> npt.NDArray[np.uint8]:
    value = np.arange(65536).astype(np.uint16).view(np.int16).astype(np.int64)
    magnitude = np.where(value < 0, ~value, value)
    segment = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int64) - 7, 0)
    code = segment << 4 | magnitude >> np.maximum(segment, 1) + 3 & 0x0F
    codes: npt.NDArray[np.uint8] = (np.where(value < 0, code, code | 0x80) ^ 0x55).astype(np.uint8)
    return codes


_MULAW_CODE = _mulaw_codes()
_ALAW_CODE = _alaw_codes()
_MULAW_SAMPLE = from_int16(_mulaw_values())
_ALAW_SAMPLE = from_int16(_alaw_values())


def mulaw_encode(samples: Samples) -> bytes:
    """One byte a sample; zero is 0xFF."""
    return _MULAW_CODE[to_int16(samples).view(np.uint16)].tobytes()


def mulaw_decode(payload: bytes) -> Samples:
    """One sample a byte; 0x7F (minus zero) and 0xFF both give 0.0."""
    return _MULAW_SAMPLE[np.frombuffer(payload, dtype=np.uint8)]


def alaw_encode(samples: Samples) -> bytes:
    """One byte a sample; zero is 0xD5."""
    return _ALAW_CODE[to_int16(samples).view(np.uint16)].tobytes()


def alaw_decode(payload: bytes) -> Samples:
    """One sample a byte; A-law has no zero, the nearest is ±8 of 32768."""
    return _ALAW_SAMPLE[np.frombuffer(payload, dtype=np.uint8)]
