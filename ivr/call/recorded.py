"""A call that notes in its trace what comes through its doors and what it sends, so that it can be run again.

Nothing of this is in the way of calls that are not recorded: they are a plain ``Call``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from ivr.call.call import Call
from ivr.call.effects import Effect, Play
from ivr.call.outbox import Outbox
from ivr.call.plan import CallPlan
from ivr.catalog.party import TransferOutcome
from ivr.errors import SpeechError, SpeechRefused
from ivr.gateways.codec import Capabilities, Codec, Message, Prepared
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
from ivr.trace.doors import (
    AudibleCame,
    EndCame,
    ErrorCame,
    FlowCame,
    InwardEvent,
    KeyCame,
    LookupCame,
    LookupFailureCame,
    MarkCame,
    MediaCame,
    Played,
    ProbeCame,
    QueueCame,
    Sent,
    SocketBlocked,
    SpeechCame,
    SpeechEndCame,
    SpeechFailureCame,
    StopCame,
    StreamCame,
    StreamLeft,
    TimerPassed,
    TimerRang,
    TransferCame,
)
from ivr.trace.events import TraceEvent
from ivr.trace.values import written

TOGETHER = 1.0
"""Seconds of the caller's sound that are told by one event."""


class RecordedCall(Call):
    """The same doors; see ``Call``."""

    def __init__(self, id: str, plan: CallPlan, codec: Codec, started_at: datetime) -> None:
        self._noted = _Outbox(id)
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
        self._came(SpeechCame(segment, attempt, size, rate, loudness, words, chunk.region, now, private))
        super().speech(segment, attempt, chunk, now)

    def speech_finished(self, segment: str, attempt: int, now: float) -> None:
        """See ``Call``."""
        self._came(SpeechEndCame(segment, attempt, now))
        super().speech_finished(segment, attempt, now)

    def speech_failed(self, segment: str, attempt: int, error: SpeechError, now: float) -> None:
        """See ``Call``."""
        refused = error if isinstance(error, SpeechRefused) else None
        status, wait = (refused.status, refused.retry_after) if refused is not None else (None, None)
        self._came(SpeechFailureCame(segment, attempt, type(error).__name__, status, wait, now))
        super().speech_failed(segment, attempt, error, now)

    def returned(self, lookup: str, value: Any, now: float) -> None:
        """See ``Call``."""
        self._came(LookupCame(lookup, written(value), self._is_private(lookup), now))
        super().returned(lookup, value, now)

    def lookup_failed(self, lookup: str, why: str, now: float, status: int | None = None) -> None:
        """See ``Call``."""
        self._came(LookupFailureCame(lookup, why, status, self._is_private(lookup), now))
        super().lookup_failed(lookup, why, now, status)

    def leave(self, now: float) -> None:
        """See ``Call``."""
        self._came(StreamLeft(now))
        super().leave(now)

    def transferred(self, outcome: TransferOutcome, now: float) -> None:
        """See ``Call``."""
        self._came(TransferCame(outcome.value, now))
        super().transferred(outcome, now)

    def transfer_refused(self, why: str, now: float) -> None:
        """See ``Call``."""
        self._came(TransferCame("refused", now))
        super().transfer_refused(why, now)

    def block(self, blocked: bool, now: float) -> None:
        """See ``Call``."""
        self._came(SocketBlocked(blocked, now))
        super().block(blocked, now)

    def probe(self, now: float) -> bool:
        """See ``Call``."""
        self._came(ProbeCame(now))
        return super().probe(now)

    def handle_timer(self, now: float) -> None:
        """See ``Call``."""
        if not self.ended:
            self._noted.came(TimerRang(now, self._late(now)))
        super().handle_timer(now)

    def end(self, reason: str, now: float) -> None:
        """See ``Call``."""
        # Every end comes by here; that of the dialog is the call's own doing, and comes of another door.
        if not self._noted.inside:
            self._came(EndCame(reason, now))
        super().end(reason, now)

    def trace(self) -> list[TraceEvent]:
        """See ``Call``."""
        self._noted.inside = False
        return super().trace()

    def _came(self, event: InwardEvent) -> None:
        if not self.ended:
            self._pass_timer(event.at)
            self._noted.came(event)

    def _late(self, now: float) -> float | None:
        due = self.next_timer(now)
        return None if due is None or due > now else round(now - due, 6)

    def _pass_timer(self, now: float) -> None:
        if (late := self._late(now)) is not None:
            self._noted.came(TimerPassed(now, late))

    def _is_private(self, lookup: str) -> bool:
        handle = self._lookups.handle(lookup)
        return handle is None or handle.private

    def _stream(self, event: StreamStarted, now: float) -> StreamCame:
        names, values = tuple(event.parameters), tuple(event.parameters.values())
        capabilities = described(self._streams.codec.capabilities)
        return StreamCame(event.stream, capabilities, self._streams.plan.voice.provider, names, values, now)


def _told(event: GatewayEvent, now: float) -> InwardEvent:
    match event:
        case CallerAudible():
            return AudibleCame(now)
        case DigitReceived(digit=digit):
            return KeyCame(digit, now)
        case MarkReached(name=name):
            return MarkCame(name, now)
        case FlowChanged(blocked=blocked, queued=queued):
            return FlowCame(blocked, queued, now)
        case QueueReported(queued=queued):
            return QueueCame(queued, now)
        case ErrorReported():
            return ErrorCame(now)
        case StreamStopped(reason=reason):
            return StopCame(reason, now)
    raise AssertionError(f"no such event has a door of its own: {type(event).__name__}")


class _Outbox(Outbox):
    """Notes what comes and what is sent between the events of the call, in their order."""

    def __init__(self, call: str) -> None:
        super().__init__(call)
        self.inside = False
        """A door was opened since the trace was drained."""
        self._now = 0.0
        self._messages = 0
        self._samples = 0
        self._media: MediaCame | None = None

    def came(self, event: InwardEvent) -> None:
        self.inside = True
        if self._media is not None and (event.at - self._media.since >= TOGETHER or isinstance(event, EndCame)):
            self._flush_media()
        self._flush_played()
        self._now = event.at
        self.note(event)

    def media(self, octets: int, timestamp: int, now: float) -> None:
        self.inside = True
        self._flush_played()
        self._now = now
        before = self._media
        if before is not None and now - before.since >= TOGETHER:
            self._flush_media()
            before = None
        if before is None:
            self._media = MediaCame(1, octets, timestamp, now, now)
        else:
            self._media = MediaCame(before.messages + 1, before.octets + octets, timestamp, before.since, now)

    def sent(self, what: str, name: str) -> None:
        self.note(Sent(what, name, self._now))

    def want(self, effect: Effect) -> None:
        if isinstance(effect, Play):
            self._messages += 1
            self._samples += effect.span.samples
        super().want(effect)

    def note(self, event: TraceEvent) -> None:
        self._flush_played()
        super().note(event)

    def _flush_played(self) -> None:
        if self._messages:
            played = Played(self._messages, self._samples, self._now)
            self._messages = self._samples = 0
            super().note(played)

    def _flush_media(self) -> None:
        if self._media is not None:
            media, self._media = self._media, None
            super().note(media)


class RecordedCodec:
    """A codec that tells what it was asked to send; see ``Codec``."""

    def __init__(self, codec: Codec, sent: Callable[[str, str], None]) -> None:
        self._codec = codec
        self._sent = sent

    @property
    def listening(self) -> bool:
        """See ``Codec``."""
        return self._codec.listening

    @listening.setter
    def listening(self, listening: bool) -> None:
        """See ``Codec``."""
        self._codec.listening = listening

    @property
    def capabilities(self) -> Capabilities:
        """See ``Codec``."""
        return self._codec.capabilities

    @property
    def unknown(self) -> int:
        """See ``Codec``."""
        return self._codec.unknown

    def receive(self, message: Message) -> Sequence[GatewayEvent]:
        """See ``Codec``."""
        return self._codec.receive(message)

    def presume(self) -> Sequence[GatewayEvent]:
        """See ``Codec``."""
        return self._codec.presume()

    def prepare(self, payload: bytes) -> Prepared:
        """See ``Codec``."""
        return self._codec.prepare(payload)

    def media(self, prepared: Prepared) -> Message:
        """See ``Codec``."""
        return self._codec.media(prepared)

    def mark(self, name: str) -> Message | None:
        """See ``Codec``."""
        return self._tell(self._codec.mark(name), "mark", name)

    def clear(self) -> Message | None:
        """See ``Codec``."""
        return self._tell(self._codec.clear(), "clear")

    def pause(self) -> Message | None:
        """See ``Codec``."""
        return self._tell(self._codec.pause(), "pause")

    def resume(self) -> Message | None:
        """See ``Codec``."""
        return self._tell(self._codec.resume(), "resume")

    def hang_up(self) -> Message | None:
        """See ``Codec``."""
        return self._codec.hang_up()

    def answer(self) -> Message | None:
        """See ``Codec``."""
        return self._tell(self._codec.answer(), "answer")

    def probe(self) -> Message | None:
        """See ``Codec``."""
        return self._tell(self._codec.probe(), "probe")

    def _tell(self, message: Message | None, what: str, name: str = "") -> Message | None:
        if message is not None:
            self._sent(what, name)
        return message
