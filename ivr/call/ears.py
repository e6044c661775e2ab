"""What a call hears of its caller, while somebody wants to know: speech, silence, and what a recorder takes down."""

from __future__ import annotations

from ivr.call.outbox import Outbox
from ivr.call.plan import CallPlan
from ivr.dialog.requests import Record
from ivr.listening.events import SpeechEnded, SpeechEvent, SpeechStarted
from ivr.listening.hearing import Hearing
from ivr.listening.recorder import Recorder
from ivr.trace.events import CallerSilent, CallerSpeaks


class Ears:
    """Of one call. Times of the events that it answers with are the call's own."""

    def __init__(self, plan: CallPlan, outbox: Outbox) -> None:
        self._plan = plan
        self._outbox = outbox
        self._hearing: Hearing | None = None
        self.speaking = False
        """The caller speaks."""

    @property
    def open(self) -> bool:
        """Somebody wanted to know until now."""
        return self._hearing is not None

    def move_to(self, plan: CallPlan, now: float) -> list[SpeechEvent]:
        """Another stream carries the call; what was recorded has been taken before."""
        self._plan = plan
        return self.listen(False, now, over_words=False)

    def listen(self, wanted: bool, now: float, *, over_words: bool) -> list[SpeechEvent]:
        """Somebody wants to know from now on, or nobody any more; our own words sound meanwhile, or do not."""
        if wanted and self._hearing is None:
            plan = self._plan
            format, clocked = plan.capabilities.in_format, plan.capabilities.clocked_media
            self._hearing = Hearing(format, now, plan.detector, plan.sensitivity, clocked=clocked)
        if self._hearing is None:
            return []
        self._hearing.gate.over_words = over_words
        if wanted:
            return []
        self._hearing = None
        if not self.speaking:
            return []
        self.speaking = False
        self._outbox.note(CallerSilent(now, now))  # as far as anybody will know
        return [SpeechEnded(now)]

    def receive(self, payload: bytes, timestamp: int, now: float) -> list[SpeechEvent]:
        """A piece of the caller's sound. Nobody wants it: nothing."""
        hearing = self._hearing
        return [] if hearing is None else self._told(hearing, hearing.receive(payload, timestamp, now), now)

    def handle_timer(self, now: float) -> list[SpeechEvent]:
        """Nothing may have come for a while."""
        hearing = self._hearing
        return [] if hearing is None else self._told(hearing, hearing.handle_timer(now), now)

    def next_timer(self) -> float | None:
        """When ``handle_timer`` is to be called, if no sound comes before."""
        return None if self._hearing is None else self._hearing.next_timer()

    @property
    def recorder(self) -> Recorder | None:
        """Takes down what comes, if anybody wants that."""
        return None if self._hearing is None else self._hearing.recorder

    @recorder.setter
    def recorder(self, recorder: Recorder | None) -> None:
        if self._hearing is not None:
            self._hearing.recorder = recorder

    def record(self, request: Record, now: float) -> list[SpeechEvent]:
        """Take down what comes next; told what was silence up to now."""
        self.listen(True, now, over_words=False)
        hearing = self._hearing
        assert hearing is not None
        events = self._told(hearing, hearing.catch_up(now), now)
        hearing.recorder = Recorder(
            self._plan.capabilities.in_format,
            hearing.position,
            first=request.listen.first,
            silence=request.silence,
            longest=request.longest,
            speaking=hearing.gate.speaking,
        )
        return events

    def _told(self, hearing: Hearing, events: list[SpeechEvent], now: float) -> list[SpeechEvent]:
        told: list[SpeechEvent] = []
        for event in events:
            at = hearing.clock(event.at, now)
            self.speaking = isinstance(event, SpeechStarted)
            self._outbox.note(CallerSpeaks(at, now) if self.speaking else CallerSilent(at, now))
            told.append(SpeechStarted(at) if self.speaking else SpeechEnded(at))
        return told
