"""What lies between a far end and the runtime: the network's two ways, and the caller's own voice on one of them."""

from __future__ import annotations

from base64 import b64encode
from collections import deque
from collections.abc import Iterable, Iterator
from math import ceil, inf

import numpy as np

from ivr.media.format import PTIME
from ivr.media.g711 import mulaw_encode
from ivr.media.samples import Samples

RATE = 8000
EDGE = 1e-3
"""Of a frame: what floating-point seconds may miss its edge by and still mean that edge."""


class Path:
    """One way of the network: a delay, jitter on top, and messages that never overtake each other."""

    def __init__(self, delay: float = 0.0, jitter: Iterable[float] = ()) -> None:
        """``jitter``: seconds added to ``delay``, one for each message; none once it is used up."""
        self.delay = delay
        self.even = jitter == ()
        """What leaves together arrives together."""
        self._jitter = iter(jitter)
        self._last = -inf

    def arrival(self, sent: float) -> float:
        """When a message that leaves at ``sent`` arrives."""
        jitter = 0.0 if self.even else max(0.0, next(self._jitter, 0.0))
        self._last = max(self._last, sent + self.delay + jitter)
        return self._last


def exponential_jitter(generator: np.random.Generator, mean: float) -> Iterator[float]:
    """Endless offsets for a ``Path``, in seconds: most are small, few are several times the mean."""
    while True:
        yield from generator.exponential(mean, 256).tolist()


def background(seconds: float = 1.0, level_db: float = -60.0, seed: int = 0) -> Samples:
    """White noise at ``level_db`` (RMS, dBFS), 8 kHz: a line on which nobody speaks."""
    noise = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return (noise * 10 ** (level_db / 20)).clip(-1.0, 1.0).astype(np.float32)


class CallerVoice:
    """The caller's side as 20 ms mu-law frames on a grid; frame *n* holds the sound up to ``origin + n * 20 ms``.

    With ``behind``, a sound that is repeated without end, there is a frame at every step; without it only while the
    caller speaks.
    """

    def __init__(self, behind: Samples | None = None) -> None:
        self.due = inf
        """When the next frame is complete; infinite while there is none."""
        self._behind = [] if behind is None else mulaw_frames(behind)
        self._speech: deque[tuple[int, str]] = deque()
        self._origin = 0.0
        self._frame = 0

    def begin(self, origin: float) -> None:
        """Lay the grid from ``origin`` on."""
        self._origin = origin
        self._await(1)

    def say(self, samples: Samples, now: float) -> None:
        """Speak from ``now`` on: from the first whole frame after it, or behind what is still being said."""
        first = ceil((now - self._origin) / PTIME - EDGE) + 1
        if self._speech:
            first = max(first, self._speech[-1][0] + 1)
        self._speech.extend(enumerate(mulaw_frames(samples), first))
        if self.due == inf and self._speech:
            self._await(self._speech[0][0])

    def take(self) -> tuple[int, str]:
        """The frame that is due: milliseconds from the origin to its end, and its base64."""
        frame = self._frame
        if self._speech and self._speech[0][0] <= frame:
            payload = self._speech.popleft()[1]
        else:
            payload = self._behind[frame % len(self._behind)]
        self._await(frame + 1 if self._behind or not self._speech else self._speech[0][0])
        return round(frame * PTIME * 1000), payload

    def end(self) -> None:
        """Say nothing more, ever."""
        self._behind = []
        self._speech.clear()
        self.due = inf

    def _await(self, frame: int) -> None:
        self._frame = frame
        self.due = self._origin + frame * PTIME if self._behind or self._speech else inf


def mulaw_frames(samples: Samples) -> list[str]:
    """Base64 of mu-law frames of 20 ms; the last one is filled up with silence (0xFF)."""
    size = round(RATE * PTIME)
    sound = mulaw_encode(samples)
    sound += b"\xff" * (-len(sound) % size)
    return [b64encode(sound[at : at + size]).decode() for at in range(0, len(sound), size)]
