"""The voice gate: from samples to the beginnings and ends of speech.

Rules:

* A frame is voice if the detector says so, it is louder than the floor, and it is no key of a telephone. Quiet frames
  and gaps never reach the detector, so that a gap is the same as silence.
* So many seconds of voice begin speech, of which each frame without voice takes one back: quiet talkers drop below the
  floor within words. So many seconds without any voice end it. Both are told after that time, with the instant at
  which it began.
* While our own words sound the floor is higher: of these an echo comes back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ivr.listening.detector import VoiceDetector
from ivr.listening.events import SpeechEnded, SpeechEvent, SpeechStarted
from ivr.media.linear import to_int16
from ivr.media.samples import Samples, empty, silence
from ivr.media.tones import is_key


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What counts as speech. Times are seconds, levels dBFS (RMS of a frame)."""

    begin: float = 0.120
    """Voice that begins speech: more than a click or a cough's first part."""
    end: float = 0.600
    """Silence that ends it: more than a pause between two words."""
    floor: float = -50.0
    """A frame that is not louder is silence. Telephone lines hum at -60, quiet talkers come in at -45."""
    floor_over_words: float = -38.0
    """The same while our own words sound: at -20 LUFS, through a hybrid that gives back a hundredth of their power."""


USUAL = Sensitivity()


class VoiceGate:
    """One stream's gate. Positions are samples at the detector's rate, times seconds since the first of them."""

    def __init__(self, detector: VoiceDetector, sensitivity: Sensitivity = USUAL) -> None:
        self.speaking = False
        self.over_words = False
        """Whether our own words sound."""
        self._detector = detector
        self._seconds = detector.frame / detector.rate
        self._begin = max(1, round(sensitivity.begin / self._seconds))
        self._end = max(1, round(sensitivity.end / self._seconds))
        self._floors = (_power(sensitivity.floor), _power(sensitivity.floor_over_words))
        self._rest = empty()
        self._frames = 0
        self._run = 0
        """Frames that say the opposite of ``speaking``."""
        self._since = 0
        """The frame that the run began with."""

    @property
    def due(self) -> float | None:
        """When speech will have ended if no more comes; None while nobody speaks."""
        return (self._frames - self._run + self._end) * self._seconds if self.speaking else None

    def push(self, samples: Samples) -> list[SpeechEvent]:
        """More sound. However it is cut, the same sound gives the same events."""
        held = np.concatenate((self._rest, samples)) if len(self._rest) else samples
        frame = self._detector.frame
        whole = len(held) // frame * frame
        self._rest = held[whole:]
        events = (self._judge(self._voiced(held[start : start + frame])) for start in range(0, whole, frame))
        return [event for event in events if event is not None]

    def gap(self, samples: int) -> list[SpeechEvent]:
        """So many samples did not come. The same as silence, but takes no time however long it is."""
        frame = self._detector.frame
        first = min(samples, -len(self._rest) % frame)
        events = self.push(silence(first))
        frames, left = divmod(samples - first, frame)
        told = min(frames, self._begin + self._end)  # after so many nothing is open any more
        events += [event for event in [self._judge(False) for _ in range(told)] if event is not None]
        self._frames += frames - told
        return events + self.push(silence(left))

    def _voiced(self, frame: Samples) -> bool:
        if float(np.dot(frame, frame)) <= self._floors[self.over_words] * len(frame):
            return False
        return self._detector.voiced(to_int16(frame).tobytes()) and not is_key(frame, self._detector.rate)

    def _judge(self, voiced: bool) -> SpeechEvent | None:
        self._frames += 1
        if voiced is self.speaking:
            self._run = 0 if self.speaking else max(0, self._run - 1)
            return None
        if not self._run:
            self._since = self._frames - 1
        self._run += 1
        if self._run < (self._end if self.speaking else self._begin):
            return None
        self.speaking, self._run = voiced, 0
        at = self._since * self._seconds
        return SpeechStarted(at) if voiced else SpeechEnded(at)


def _power(level_db: float) -> float:
    return float(10 ** (level_db / 10))
