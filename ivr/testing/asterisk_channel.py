"""How an Asterisk channel is set up, and the caller's sound on it. Facts as observed of a real one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf
from urllib.parse import urlencode

from ivr.media.format import ALAW_8K, L16_8K, L16_12K, L16_16K, L16_24K, MULAW_8K, AudioFormat
from ivr.media.g722 import G722Encoder
from ivr.media.pcm import encode
from ivr.media.samples import Samples

FORMATS: Mapping[str, tuple[AudioFormat, int]] = {
    "ulaw": (MULAW_8K, 160),
    "alaw": (ALAW_8K, 160),
    "slin": (L16_8K, 320),
    "slin12": (L16_12K, 480),
    "slin16": (L16_16K, 640),
    "slin24": (L16_24K, 960),
    "g722": (L16_16K, 160),
}
"""What the sound is once decoded, and the optimal frame's bytes."""


@dataclass(frozen=True, slots=True)
class Channel:
    """How the far side is set up."""

    format: str = "ulaw"
    json: bool = True
    auto_answer: bool = True
    bridged_after: float = 0.0
    """Seconds after the start for which an answered channel is not yet connected to its caller."""
    caller_ptime: float = 0.020
    """Seconds of sound in one message to the server: SIP telephones that send 30 ms give such frames."""
    sends_silence: bool = False
    """Whether a caller who says nothing sends frames. Asterisk's own default is no."""
    phase: float = 0.0
    """Seconds from the start to the first tick of the queue's timer."""
    in_transit: float = 0.040
    """Seconds of sound that left the queue and are not yet with the caller: the server's end cuts them off."""
    answers_status: bool = True
    """Whether GET_STATUS is answered."""
    deaf: bool = False
    """Nothing of what the server sends has any effect, and nothing is answered."""


class Connection:
    """A connection of ``websocket_client.conf``. Its query parameters stick: a call that asks for none gets those of
    the call before."""

    def __init__(self) -> None:
        self._query = ""

    def query(self, parameters: Mapping[str, str] | None = None) -> str:
        """What follows the path of the next call's upgrade, with its question mark."""
        if parameters:
            self._query = "?" + urlencode(parameters)
        return self._query


class Voice:
    """The caller's sound as frames; none while nothing is said, unless the far side sends silence."""

    def __init__(self, channel: Channel, format: AudioFormat) -> None:
        self.due = inf
        self.silent_until = -inf
        """No frame leaves before: a key is held."""
        self._channel, self._format = channel, format
        self._size = round(format.rate * channel.caller_ptime)
        self._encoder = G722Encoder() if channel.format == "g722" else None
        self._frames: deque[bytes] = deque()
        self._begun = False

    def begin(self, at: float) -> None:
        """The caller is on the line."""
        self._begun = True
        if self._frames or self._channel.sends_silence:
            self.due = at + self._channel.caller_ptime

    def say(self, samples: Samples, now: float) -> None:
        """Queue frames; the last one is as short as what is left."""
        self._frames.extend(self._cut(samples))
        if self.due == inf and self._begun:
            self.due = now + self._channel.caller_ptime

    def take(self) -> bytes | None:
        """The frame that is due; None while a key is held."""
        at, self.due = self.due, self.due + self._channel.caller_ptime
        if self._frames:
            frame = self._frames.popleft()
        elif self._channel.sends_silence:
            frame = self._encode(self._format.silence(self._size))
        if not self._frames and not self._channel.sends_silence:
            self.due = inf
        return None if at < self.silent_until else frame

    def end(self) -> None:
        """Say nothing more, ever."""
        self._frames.clear()
        self.due = inf

    def _cut(self, samples: Samples) -> Iterator[bytes]:
        for start in range(0, len(samples), self._size):
            yield self._encode(encode(samples[start : start + self._size], self._format))

    def _encode(self, linear: bytes) -> bytes:
        if self._encoder is None:
            return linear
        return self._encoder.encode(linear + bytes(-len(linear) % 4))  # of two samples it makes a byte
