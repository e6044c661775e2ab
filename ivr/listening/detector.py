"""The seam to whatever tells voice from noise, one frame at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class VoiceDetector(Protocol):
    """Of one stream; it may remember what it heard before."""

    @property
    def rate(self) -> int:
        """Hz of what it takes."""
        ...

    @property
    def frame(self) -> int:
        """Samples of one frame."""
        ...

    def voiced(self, frame: bytes) -> bool:
        """Whether one frame of L16 is voice."""
        ...


MakeDetector = Callable[[int], VoiceDetector]
"""A detector for sound of that rate, or of the nearest that it takes."""
