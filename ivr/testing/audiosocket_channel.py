"""How an AudioSocket channel is set up, its packets, and the caller's sound on it. Facts as documented."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import ceil, inf

from ivr.media.format import PTIME, AudioFormat
from ivr.media.pcm import encode
from ivr.media.samples import Samples

EDGE = 1e-6
"""Seconds by which floating point may miss a frame's edge and still mean it."""
KINDS = {
    8000: 0x10,
    12000: 0x11,
    16000: 0x12,
    24000: 0x13,
    32000: 0x14,
    44100: 0x15,
    48000: 0x16,
    96000: 0x17,
    192000: 0x18,
}
"""The kind of packet for sound at each rate in Hz."""


@dataclass(frozen=True, slots=True)
class Channel:
    """How the far side is set up."""

    rate: int = 8000
    """Hz; the dialplan's application has 8000, the channel driver what ``c()`` says."""
    sends_silence: bool = False
    """Whether a caller who says nothing sends frames."""
    caller_ptime: float = PTIME
    """Seconds of sound in one packet to the server."""
    jitter_buffer: float = 0.060
    """Seconds of sound that may wait to be heard; of a frame that would make it more nothing is heard."""
    hangs_up: bool = False
    """Whether a caller who hangs up is told by a packet before the socket closes; the real one only closes it."""
    kind: int | None = None
    """The kind of its sound, where it is not that of its rate: an old Asterisk says 0x10 whatever it sends."""
    names_itself: bool = True
    """Whether the UUID is sent."""


def packet(kind: int, payload: bytes = b"", length: int | None = None) -> bytes:
    """One packet; ``length`` is what its header says, where that is not the truth."""
    return bytes([kind]) + (len(payload) if length is None else length).to_bytes(2, "big") + payload


class Voice:
    """The caller's sound as packets on a grid; none while nothing is said, unless the far side sends silence."""

    def __init__(self, channel: Channel, format: AudioFormat) -> None:
        self.due = inf
        self._silence = format.silence(round(format.rate * channel.caller_ptime)) if channel.sends_silence else b""
        self._ptime = channel.caller_ptime
        self._size = format.size(round(format.rate * channel.caller_ptime))
        self._format = format
        self._frames: deque[bytes] = deque()
        self._origin = 0.0

    def begin(self, origin: float) -> None:
        """Lay the grid from ``origin`` on."""
        self._origin = origin
        if self._frames or self._silence:
            self.due = origin + self._ptime

    def say(self, samples: Samples, now: float) -> None:
        """Queue packets; the last one is as short as what is left."""
        sound = encode(samples, self._format)
        self._frames.extend(sound[start : start + self._size] for start in range(0, len(sound), self._size))
        if self.due == inf and self._frames:
            self.due = self._origin + (ceil((now - self._origin - EDGE) / self._ptime) + 1) * self._ptime

    def take(self) -> bytes:
        """The sound that is due."""
        frame = self._frames.popleft() if self._frames else self._silence
        self.due = self.due + self._ptime if self._frames or self._silence else inf
        return frame

    def end(self) -> None:
        """Say nothing more, ever."""
        self._frames.clear()
        self._silence = b""
        self.due = inf
