"""Audio in memory, in the wire's own encoding."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from ivr.errors import AudioError
from ivr.media import tones
from ivr.media.format import AudioFormat
from ivr.media.level import level
from ivr.media.loudness import edge_loudness
from ivr.media.pcm import decode, encode
from ivr.media.quiet import quiet_within
from ivr.media.samples import Samples, silence

AUDIBLE = 10 ** (-50 / 20)
"""Amplitude from which a sample counts as audible: -50 dBFS, below which a telephone line's own noise lies."""

BEEP = 0.300
"""Seconds of the beep."""


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Audio ready for the wire. Clips are compared by identity: one object is shared by all calls."""

    payload: bytes
    format: AudioFormat
    head: float
    """Loudness (LUFS) of its first 400 ms of speech, -inf where silent."""
    tail: float
    """Loudness (LUFS) of its last 400 ms of speech, -inf where silent."""
    name: str = ""
    """What traces call it."""
    samples: int = field(init=False)
    """Its length."""
    _onset: list[int] = field(default_factory=list, init=False, repr=False)
    _quiet: list[tuple[float, ...]] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "samples", len(self.payload) // self.format.sample_bytes)

    @property
    def onset(self) -> int:
        """Samples before the first audible one; all where none is. Looked for once, at the first call that asks."""
        if not self._onset:
            self._onset.append(onset(self.payload, self.format))
        return self._onset[0]

    @property
    def quiet(self) -> tuple[float, ...]:
        """Seconds of quiet at its head, inside and at its tail; see ``quiet_within``. Measured once, as ``onset``."""
        if not self._quiet:
            self._quiet.append(quiet_within(decode(self.payload, self.format), self.format.rate))
        return self._quiet[0]

    def part(self, start: int, stop: int) -> bytes:
        """The bytes of samples ``start`` to ``stop``; raises ``AudioError`` when these are not in the clip."""
        if not 0 <= start <= stop <= self.samples:
            raise AudioError(
                f"clip '{self.name}' has {self.samples} samples, not {start} to {stop}: ask for a span within it"
            )
        return self.payload[self.format.size(start) : self.format.size(stop)]


def onset(payload: bytes, format: AudioFormat) -> int:
    """Samples before the first audible one of encoded audio; all of them where none is."""
    heard = np.flatnonzero(np.abs(decode(payload, format)) > AUDIBLE)
    return int(heard[0]) if heard.size else len(payload) // format.sample_bytes


@lru_cache(maxsize=32)
def beep(format: AudioFormat, target: float) -> Clip:
    """What is heard before a recording begins, at ``target`` LUFS; one object for all calls of a format."""
    return make_clip(level(tones.beep(BEEP, format.rate, -20.0), format.rate, target), format, "beep")


def make_clip(samples: Samples, format: AudioFormat, name: str = "", *, whole: bool = True) -> Clip:
    """Encode ``samples``, which are at the format's rate, padded with silence to whole 20 ms frames if ``whole``.

    The edges are measured before encoding. A clip that is not of whole frames is for joining to others.
    """
    missing = format.whole_frames(len(samples)) - len(samples) if whole else 0
    padded = np.concatenate((samples, silence(missing)))
    return Clip(
        payload=encode(padded, format),
        format=format,
        head=edge_loudness(padded, format.rate, "head"),
        tail=edge_loudness(padded, format.rate, "tail"),
        name=name,
    )
