"""G.722 at 64 kbit/s: 16 kHz in 8 bits for two samples, by the library ``G722`` (extra ``g722``).

Adaptive: both ends carry state from one sample to the next, so one object serves one direction of one stream, from its
first sample to its last. Source: ITU-T G.722 (09/2012).
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from ivr.errors import FormatMismatch, MissingExtra

RATE = 16000
"""Hz, of the linear side."""

BIT_RATE = 64000


def _state() -> Any:
    try:
        library = importlib.import_module("G722")
    except ImportError:
        raise MissingExtra("g722", "a channel in G.722") from None
    return library.G722(RATE, BIT_RATE)


class G722Encoder:
    """One stream's way out."""

    def __init__(self) -> None:
        """Raises ``MissingExtra``."""
        self._state = _state()

    def encode(self, linear: bytes) -> bytes:
        """L16, little-endian, 16 kHz, an even number of samples; raises ``FormatMismatch`` for half a pair."""
        if len(linear) % 4:
            raise FormatMismatch(
                f"{len(linear)} bytes are no whole pairs of 16-bit samples, of which G.722 makes a byte"
            )
        encoded: bytes = self._state.encode(np.frombuffer(linear, dtype="<i2"))
        return encoded


class G722Decoder:
    """One stream's way in."""

    def __init__(self) -> None:
        """Raises ``MissingExtra``."""
        self._state = _state()

    def decode(self, payload: bytes) -> bytes:
        """L16, little-endian, 16 kHz: four bytes for each of ``payload``."""
        return np.asarray(self._state.decode(payload), dtype="<i2").tobytes()
