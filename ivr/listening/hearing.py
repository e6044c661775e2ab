"""One stretch of listening: sound in the wire's encoding goes in, beginnings and ends of speech come out."""

from __future__ import annotations

from ivr.listening.detector import MakeDetector
from ivr.listening.events import SpeechEvent
from ivr.listening.gate import Sensitivity, VoiceGate
from ivr.listening.recorder import Recorder
from ivr.listening.timeline import Timeline
from ivr.media.format import AudioFormat
from ivr.media.pcm import decode
from ivr.media.resample import Resampler
from ivr.media.samples import Samples

ROUNDED = 0.001
"""Seconds by which positions at two rates may miss each other."""


class Hearing:
    """From when somebody asked for the sound until nobody wants it. Times of events are seconds on its own timeline."""

    def __init__(
        self, format: AudioFormat, now: float, make: MakeDetector, sensitivity: Sensitivity, *, clocked: bool
    ) -> None:
        """``clocked``: see ``Timeline``. ``format`` may have any rate."""
        detector = make(format.rate)
        self.gate = VoiceGate(detector, sensitivity)
        self.recorder: Recorder | None = None
        """Takes down all that comes, if there is one."""
        self._format = format
        self._rate = detector.rate
        self._judged = 0
        """Samples that went to the gate."""
        self._resampler = Resampler(format.rate, detector.rate)
        self._timeline = Timeline(format.rate, now, clocked=clocked)

    @property
    def position(self) -> float:
        """Seconds of sound so far, silence with it."""
        return self._format.seconds(self._timeline.position)

    def receive(self, payload: bytes, timestamp: int, now: float) -> list[SpeechEvent]:
        """A piece of sound came, whose timestamp is in milliseconds."""
        samples = len(payload) // self._format.sample_bytes
        missed = self._timeline.place(samples, timestamp, now)
        events = self._silence(missed, self._timeline.position - samples)
        events += self._push(self._resampler.push(decode(payload, self._format)))
        if self.recorder is not None:
            self.recorder.sound(payload)
        return events

    def handle_timer(self, now: float) -> list[SpeechEvent]:
        """Nothing may have come for a while."""
        missed = self._timeline.idle(now)
        return self._silence(missed, self._timeline.position)

    def catch_up(self, now: float) -> list[SpeechEvent]:
        """Something begins with the sound that comes next. Nobody speaks, where nothing has come for long."""
        missed = self._timeline.catch_up(now)
        return self._silence(missed, self._timeline.position)

    def next_timer(self) -> float | None:
        """When ``handle_timer`` has something to say, if no sound comes before."""
        dues = (self.gate.due, self.recorder.due if self.recorder is not None else None)
        due = min((due for due in dues if due is not None), default=None)
        return None if due is None else self._timeline.told(due + ROUNDED)

    def clock(self, seconds: float, now: float) -> float:
        """When that time of an event was, on the call's clock."""
        return min(now, self._timeline.clock(seconds))

    def _silence(self, samples: int, until: int) -> list[SpeechEvent]:
        """``samples`` are taken as silence, up to the position ``until``."""
        if not samples:
            return []
        events = self._push(self._resampler.finish())
        missed = max(0, round(until * self._rate / self._format.rate) - self._judged)
        self._judged += missed
        events += self._told(self.gate.gap(missed))
        if self.recorder is not None:
            self.recorder.gap(samples)
        return events

    def _push(self, samples: Samples) -> list[SpeechEvent]:
        self._judged += len(samples)
        return self._told(self.gate.push(samples))

    def _told(self, events: list[SpeechEvent]) -> list[SpeechEvent]:
        for event in events:
            if self.recorder is not None:
                self.recorder.speech(event)
        return events
