"""A call that notes in its trace what comes through its doors and what it sends, so that it can be run again.

Nothing of this is in the way of calls that are not recorded: they are a plain ``Call``.
"""

from __future__ import annotations

from datetime import datetime
from itertools import chain
from typing import Any

from ivr.call.call import Call
from ivr.call.plan import CallPlan
from ivr.call.recorded_codec import RecordedCodec
from ivr.call.recorded_outbox import RecordedOutbox
from ivr.catalog.party import TransferOutcome
from ivr.errors import SpeechError, SpeechRefused
from ivr.gateways.codec import Codec
from ivr.gateways.described import described
from ivr.gateways.events import (
    CallerAudible,
    DigitReceived,
    ErrorReported,
    FlowChanged,
    GatewayEvent,
    MarkReached,
    MediaReceived,
    QueueReported,
    StreamStarted,
    StreamStopped,
)
from ivr.media.sketch import sketch
from ivr.speech.synthesizer import SpeechChunk
from ivr.trace import doors
from ivr.trace.events import TraceEvent
from ivr.trace.values import written


class RecordedCall(Call):
    """The same doors; see ``Call``."""

    def __init__(self, id: str, plan: CallPlan, codec: Codec, started_at: datetime) -> None:
        self._noted = RecordedOutbox(id)
        super().__init__(id, plan, RecordedCodec(codec, self._noted.sent), started_at, self._noted)

    def move_to(self, codec: Codec) -> None:
        """See ``Call``."""
        super().move_to(RecordedCodec(codec, self._noted.sent))

    def receive(self, event: GatewayEvent, now: float) -> None:
        """See ``Call``."""
        match event:
            case MediaReceived(payload=payload, timestamp=timestamp):
                self._pass_timer(now)
                self._noted.media(len(payload), timestamp, now)
            case StreamStarted():
                self._came(self._stream(event, now))
            case _:
                self._came(_told(event, now))
        super().receive(event, now)

    def speech(self, segment: str, attempt: int, chunk: SpeechChunk, now: float) -> None:
        """See ``Call``."""
        words = tuple(chain.from_iterable((word.sample, word.offset, word.length) for word in chunk.words))
        loudness = sketch(chunk.samples, chunk.rate)
        size, rate = len(chunk.samples), chunk.rate
        speaking = self._streams.speaking
        private = speaking is None or speaking.syntheses.is_private(segment)
        self._came(doors.SpeechCame(segment, attempt, size, rate, loudness, words, chunk.region, now, private))
        super().speech(segment, attempt, chunk, now)

    def speech_finished(self, segment: str, attempt: int, now: float) -> None:
        """See ``Call``."""
        self._came(doors.SpeechEndCame(segment, attempt, now))
        super().speech_finished(segment, attempt, now)

    def speech_failed(self, segment: str, attempt: int, error: SpeechError, now: float) -> None:
        """See ``Call``."""
        refused = error if isinstance(error, SpeechRefused) else None
        status, wait = (refused.status, refused.retry_after) if refused is not None else (None, None)
        self._came(doors.SpeechFailureCame(segment, attempt, type(error).__name__, status, wait, now))
        super().speech_failed(segment, attempt, error, now)

    def returned(self, lookup: str, value: Any, now: float) -> None:
        """See ``Call``."""
        self._came(doors.LookupCame(lookup, written(value), self._is_private(lookup), now))
        super().returned(lookup, value, now)

    def lookup_failed(self, lookup: str, why: str, now: float, status: int | None = None) -> None:
        """See ``Call``."""
        self._came(doors.LookupFailureCame(lookup, why, status, self._is_private(lookup), now))
        super().lookup_failed(lookup, why, now, status)

    def leave(self, now: float) -> None:
        """See ``Call``."""
        self._came(doors.StreamLeft(now))
        super().leave(now)

    def transferred(self, outcome: TransferOutcome, now: float) -> None:
        """See ``Call``."""
        self._came(doors.TransferCame(outcome.value, now))
        super().transferred(outcome, now)

    def transfer_refused(self, why: str, now: float) -> None:
        """See ``Call``."""
        self._came(doors.TransferCame("refused", now))
        super().transfer_refused(why, now)

    def block(self, blocked: bool, now: float) -> None:
        """See ``Call``."""
        self._came(doors.SocketBlocked(blocked, now))
        super().block(blocked, now)

    def probe(self, now: float) -> bool:
        """See ``Call``."""
        self._came(doors.ProbeCame(now))
        return super().probe(now)

    def handle_timer(self, now: float) -> None:
        """See ``Call``."""
        if not self.ended:
            self._noted.came(doors.TimerRang(now, self._late(now)))
        super().handle_timer(now)

    def end(self, reason: str, now: float) -> None:
        """See ``Call``."""
        # Every end comes by here; that of the dialog is the call's own doing, and comes of another door.
        if not self._noted.inside:
            self._came(doors.EndCame(reason, now))
        super().end(reason, now)

    def trace(self) -> list[TraceEvent]:
        """See ``Call``."""
        self._noted.inside = False
        return super().trace()

    def _came(self, event: doors.InwardEvent) -> None:
        if not self.ended:
            self._pass_timer(event.at)
            self._noted.came(event)

    def _late(self, now: float) -> float | None:
        due = self.next_timer(now)
        return None if due is None or due > now else round(now - due, 6)

    def _pass_timer(self, now: float) -> None:
        if (late := self._late(now)) is not None:
            self._noted.came(doors.TimerPassed(now, late))

    def _is_private(self, lookup: str) -> bool:
        handle = self._lookups.handle(lookup)
        return handle is None or handle.private

    def _stream(self, event: StreamStarted, now: float) -> doors.StreamCame:
        names, values = tuple(event.parameters), tuple(event.parameters.values())
        capabilities = described(self._streams.codec.capabilities)
        return doors.StreamCame(event.stream, capabilities, self._streams.plan.voice.provider, names, values, now)


def _told(event: GatewayEvent, now: float) -> doors.InwardEvent:
    match event:
        case CallerAudible():
            return doors.AudibleCame(now)
        case DigitReceived(digit=digit):
            return doors.KeyCame(digit, now)
        case MarkReached(name=name):
            return doors.MarkCame(name, now)
        case FlowChanged(blocked=blocked, queued=queued):
            return doors.FlowCame(blocked, queued, now)
        case QueueReported(queued=queued):
            return doors.QueueCame(queued, now)
        case ErrorReported():
            return doors.ErrorCame(now)
        case StreamStopped(reason=reason):
            return doors.StopCame(reason, now)
    raise AssertionError(f"no such event has a door of its own: {type(event).__name__}")
