"""A recorder: takes down what comes, and knows when that is a whole message.

Rules:

* It never holds more than ``longest`` of sound.
* It is over with a key of those that end it, after so much silence behind speech, at ``longest``, and with the call;
  and when nobody has begun to speak in time.
* The silence that ended it is cut off but for ``TAIL``, and so is the tone of the key. All else stands as it came.
"""

from __future__ import annotations

from enum import StrEnum

from ivr.listening.events import SpeechEvent, SpeechStarted
from ivr.media.format import AudioFormat
from ivr.media.pcm import decode
from ivr.media.recording import Recording
from ivr.media.tones import is_key

TAIL = 0.5
"""Seconds that stay of the silence behind the last word: its end may be below the gate's floor."""

KEY_TAIL = 0.5
"""Seconds at the end in which the tone of the key that ended it is looked for."""


class Over(StrEnum):
    """Why a recording is over."""

    KEY = "key"
    SILENCE = "silence"
    LONGEST = "longest"
    HANG_UP = "hang_up"
    STREAM = "stream"
    """Another stream carries the call."""
    NOTHING = "nothing"
    """Nobody has begun to speak."""


class Recorder:
    """One recording. It begins at ``start`` seconds of the timeline that its speech events are told by."""

    def __init__(
        self, format: AudioFormat, start: float, *, first: float, silence: float, longest: float, speaking: bool
    ) -> None:
        """``first``: seconds in which speech must begin; ``speaking``: it has begun already."""
        self.over: Over | None = None
        """Why nothing more is taken down; None while it goes on."""
        self._format = format
        self._start = start
        self._first = first
        self._silence = silence
        self._most = format.samples(longest)
        self._payload = bytearray()
        self._gaps: list[tuple[int, int]] = []
        """Where nothing came, in samples of what was taken down."""
        self._speaking = speaking
        self._spoke_from = start if speaking else None
        self._spoke_until = start

    @property
    def due(self) -> float | None:
        """When it is over if no sound comes, by the timeline; None once it is."""
        if self.over is not None:
            return None
        end = self._start + self._format.seconds(self._most)
        return end if self._speaking else min(end, self._silent_at)

    def sound(self, payload: bytes) -> None:
        """A piece of sound."""
        if self.over is None:
            self._payload += payload[: self._room]
            self._look()

    def gap(self, samples: int) -> None:
        """So much did not come."""
        if self.over is None:
            missed = min(samples, self._room // self._format.sample_bytes)
            if missed:
                self._gaps.append((self._samples, self._samples + missed))
            self._payload += self._format.silence(missed)
            self._look()

    def speech(self, event: SpeechEvent) -> None:
        """The gate has told of the beginning or the end of speech."""
        if self.over is not None:
            return
        self._speaking = isinstance(event, SpeechStarted)
        if not self._speaking:
            self._spoke_until = max(event.at, self._start)
        elif self._spoke_from is None:
            self._spoke_from = max(event.at, self._start)

    def end(self, over: Over) -> None:
        """It ends now, by something other than its own sound."""
        self.over = self.over or over

    def recording(self) -> Recording | None:
        """What was taken down; None where nobody spoke."""
        if self._spoke_from is None:
            return None
        until = self._now if self._speaking else self._spoke_until
        if self.over is Over.SILENCE:
            self._cut(self._format.samples(self._spoke_until - self._start + TAIL))
        elif self.over is Over.KEY:
            self._cut(self._before_key())
        why = "" if self.over is None else self.over.value
        missing = sum(max(0, min(stop, self._samples) - start) for start, stop in self._gaps)
        seconds = self._format.seconds(missing)
        return Recording(bytes(self._payload), self._format, why, until - self._spoke_from, seconds)

    @property
    def _room(self) -> int:
        return self._format.size(self._most) - len(self._payload)

    @property
    def _samples(self) -> int:
        return len(self._payload) // self._format.sample_bytes

    @property
    def _now(self) -> float:
        return self._start + self._format.seconds(self._samples)

    @property
    def _silent_at(self) -> float:
        """When the silence is too long, by the timeline."""
        return self._start + self._first if self._spoke_from is None else self._spoke_until + self._silence

    def _look(self) -> None:
        if not self._speaking and self._now + self._format.seconds(1) > self._silent_at:
            self.over = Over.NOTHING if self._spoke_from is None else Over.SILENCE
        elif self._room <= 0:
            self.over = Over.LONGEST

    def _cut(self, samples: int) -> None:
        del self._payload[self._format.size(max(0, samples)) :]

    def _before_key(self) -> int:
        """Where the key's tone begins, at the end of what was taken down; its end where there is none."""
        step = self._format.frame
        end = self._samples
        start = max(0, end - self._format.samples(KEY_TAIL)) // step * step
        tail = decode(bytes(self._payload[self._format.size(start) :]), self._format)
        tones = [at for at in range(0, len(tail) - step + 1, step) if is_key(tail[at : at + step], self._format.rate)]
        return start + max(0, tones[0] - step) if tones else end
