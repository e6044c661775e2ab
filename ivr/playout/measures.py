"""Figures of audio on the wire that depend on its bytes alone, and so are computed once for the same bytes.

What is kept is a digest and a number, never the audio: it may be a caller's.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Literal

from ivr.media.format import AudioFormat
from ivr.media.loudness import edge_loudness
from ivr.media.pcm import decode
from ivr.media.seam import jump_ratio

KEPT = 4096
"""Figures; at more, all are forgotten."""

_figures: dict[bytes, float] = {}


def loudness(payload: bytes, format: AudioFormat, end: Literal["head", "tail"]) -> float:
    """LUFS at that end of ``payload``; see ``edge_loudness``."""
    return _once((end.encode(), payload), format, lambda: edge_loudness(decode(payload, format), format.rate, end))


def jump(before: bytes, after: bytes, format: AudioFormat) -> float:
    """See ``jump_ratio``."""
    return _once(
        (before, after), format, lambda: jump_ratio(decode(before, format), decode(after, format), format.rate)
    )


def _once(parts: tuple[bytes, bytes], format: AudioFormat, compute: Callable[[], float]) -> float:
    digest = blake2b(f"{format.encoding} {format.rate} {len(parts[0])} ".encode(), digest_size=16)
    for part in parts:
        digest.update(part)
    key = digest.digest()
    figure = _figures.get(key)
    if figure is None:
        if len(_figures) >= KEPT:
            _figures.clear()
        figure = _figures[key] = compute()
    return figure
