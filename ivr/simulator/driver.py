"""The heap driver: a call, its far end, its voice and its lookups in virtual time, without waiting."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any, Protocol, runtime_checkable

from ivr.call.call import Call
from ivr.call.effects import CancelLookup, CancelSpeech, Close, Effect, Lookup, Play, Send, Synthesize, Transfer
from ivr.call.plan import CallPlan
from ivr.call.recorded import RecordedCall
from ivr.catalog.party import TransferOutcome
from ivr.dialog.web import HttpRequest
from ivr.errors import RemoteGatewayError, SpeechError
from ivr.gateways.codec import Codec, Prepared
from ivr.media.samples import Samples
from ivr.playout.segments import Span
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest
from ivr.testing.voices import SpeechScript
from ivr.timers import earliest
from ivr.trace.events import TraceEvent

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""Wall time at virtual zero, unless a run says otherwise; fixed, so that a seed gives the same bytes every time."""


class FarEnd(Protocol):
    """The gateway and the caller behind it, on the same clock."""

    def connect(self, now: float) -> None:
        """Begin the stream."""
        ...

    def receive(self, message: str | bytes, now: float) -> None:
        """The runtime sent a message."""
        ...

    def close(self, now: float) -> None:
        """The runtime closed the socket."""
        ...

    def say(self, samples: Samples, now: float) -> None:
        """The caller says ``samples``, at the rate of the caller's side, from ``now`` on."""
        ...

    def next_timer(self) -> float | None:
        """When ``messages`` is to be asked again."""
        ...

    def handle_timer(self, now: float) -> None:
        """Do all that is due over there by ``now``; ``messages`` does it too."""
        ...

    def messages(self, now: float) -> Sequence[str | bytes]:
        """What has reached the runtime by ``now``."""
        ...

    def disconnected(self, now: float) -> bool:
        """Whether the runtime has seen this end close the socket by ``now``."""
        ...


@runtime_checkable
class Counting(Protocol):
    """A far end that can take sound by its length alone."""

    def count(self, samples: Sequence[int], now: float) -> None:
        """The runtime sent messages, each of so many samples."""
        ...


class SpeechDesk(Protocol):
    """Whom a call asks for speech, where calls share what answers them."""

    def begin(
        self, request: SpeechRequest, tell: Callable[[SpeechChunk | SpeechError | None, float], None]
    ) -> Callable[[], None]:
        """Have it spoken to ``tell``, by ``Driver.at``; at last None, or an error. Returns what cancels it."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """How a lookup ends in a simulation: after ``delay`` seconds with ``value``, or with the error or status given."""

    value: Any = None
    delay: float = 0.0
    error: str | None = None
    status: int | None = None
    """Of an answer over HTTP that is no value."""


def _blank(codec: Codec, size: int) -> Prepared:
    """Sound of the same size, for a far end that cannot count: its messages are as many and as long."""
    return codec.prepare(bytes(size))


@dataclass(slots=True)
class Driver:
    """Runs one call to its end. ``trace`` and ``now`` may be read at any time."""

    plan: CallPlan
    codec: Codec
    far_end: FarEnd
    voice: SpeechScript
    lookups: Mapping[str, Answer | Callable[..., Answer]] = field(default_factory=dict)
    watch: Callable[[TraceEvent, float], None] | None = None
    """Called for every event as it happens; a scripted caller reacts here."""
    transfers: Sequence[tuple[float, TransferOutcome | str]] = ()
    """What comes of each transfer in turn, after how many seconds: an outcome, or why the gateway refuses it. For those
    beyond the last nothing ever does. The stream stays."""
    started_at: datetime = EPOCH
    """Wall time at virtual zero, with its zone."""
    record: bool = False
    """The trace tells what a replay needs as well."""
    id: str = "sim"
    """What the trace calls the call."""
    desk: SpeechDesk | None = None
    """Asked for speech instead of ``voice``."""
    audio: bool = True
    """False: *spans only*. No sound of ours is put into messages; the far end counts it, and the trace is the same."""
    call: Call = field(init=False)
    now: float = 0.0
    trace: list[TraceEvent] = field(default_factory=list)
    _heap: list[tuple[float, int, Callable[[float], None]]] = field(default_factory=list)
    _order: count[int] = field(default_factory=count)
    _live: set[tuple[str, int]] = field(default_factory=set)
    _cancels: dict[tuple[str, int], Callable[[], None]] = field(default_factory=dict)
    """By synthesis under way, where the desk must be told."""
    _waiting: set[str] = field(default_factory=set)
    _transferred: int = 0
    _opened: bool = False
    _own: float | None = None
    """The call's next timer, where that is known: nothing has happened since it was asked for."""
    _known: bool = False
    _counting: Counting | None = None

    def __post_init__(self) -> None:
        self.call = (RecordedCall if self.record else Call)(self.id, self.plan, self.codec, self.started_at)
        self._counting = self.far_end if isinstance(self.far_end, Counting) else None

    def at(self, time: float, action: Callable[[float], None]) -> None:
        """Do something at a time to come, such as ``lambda now: far_end.press("1", now)``.

        Whoever calls a method of ``call`` does it by this alone.
        """
        heapq.heappush(self._heap, (time, next(self._order), action))

    def say(self, time: float, samples: Samples) -> None:
        """Have the caller say ``samples`` at a time to come."""
        self.at(time, lambda now: self.far_end.say(samples, now))

    def run(self, until: float = 600.0) -> list[TraceEvent]:
        """From ``connect`` to the end of the call, or to ``until`` seconds. Returns the trace."""
        self.begin()
        self.advance(until)
        return self.trace

    def advance(self, until: float, enough: Callable[[], bool] = lambda: False) -> None:
        """Go on to ``until`` seconds, the end of the call, or ``enough``; ``begin`` was called before."""
        while not enough() and (due := self.due()) is not None and due <= until:
            self.step(due)

    def due(self) -> float | None:
        """When ``step`` is to be called; None at the end, and where nothing can happen any more."""
        if self.call.ended:
            return None
        if not self._known:
            self._own, self._known = self.call.next_timer(self.now), True
        return earliest(self.far_end.next_timer(), self._own, self._heap[0][0] if self._heap else None)

    def begin(self) -> None:
        """The far end opens its stream; ``run`` does that."""
        self.far_end.connect(self.now)

    def _open(self) -> None:
        """The first message came: whoever opens a socket says who he is at once, and the runtime sees both together."""
        self._opened = True
        if (patience := self.codec.capabilities.presumes_after) > 0:
            self.at(self.now + patience, self._presume)

    def _presume(self, now: float) -> None:
        for event in self.codec.presume():
            self.call.receive(event, now)

    def step(self, due: float) -> None:
        """That time has come; ``run`` does this until the end."""
        self.now = max(self.now, due)
        self._step()

    def _step(self) -> None:
        touched, self._known = False, False
        while self._heap and self._heap[0][0] <= self.now:
            heapq.heappop(self._heap)[2](self.now)
            self._drain()
            touched = True
        messages = self.far_end.messages(self.now)
        if messages and not self._opened:
            self._open()
        for message in messages:
            try:
                for event in self.codec.receive(message):
                    self.call.receive(event, self.now)
            except RemoteGatewayError as error:
                self.call.end(f"the gateway broke its protocol: {error}", self.now)
            self._drain()
        if self.far_end.disconnected(self.now):
            hung_up = self.codec.capabilities.close_is_hangup  # as a session says it
            self.call.end("the caller hung up" if hung_up else "the gateway closed the socket", self.now)
            self._drain()
        if not (touched or messages) or self._rings():
            self.call.handle_timer(self.now)
            self._drain()

    def _rings(self) -> bool:
        """Whether a timer of the call's own is due; as in a session, nothing else has it look at them."""
        self._own = self.call.next_timer(self.now)
        self._known = self._own is None or self._own > self.now
        return not self._known

    def _drain(self) -> None:
        events = self.call.trace()
        if self.watch is None:
            self.trace += events
        else:
            for event in events:
                self.trace.append(event)
                self.watch(event, self.now)
        if effects := self.call.effects():
            self.perform(effects)

    def perform(self, effects: Iterable[Effect]) -> None:
        """Those of the call; ``run`` does that with all that it finds."""
        if self.audio or self._counting is None:
            for effect in effects:
                self._perform(effect)
            return
        sizes: list[int] = []
        for effect in effects:
            if isinstance(effect, Play):
                sizes.append(effect.span.stop - effect.span.start)
                continue
            if sizes:
                self._counting.count(sizes, self.now)
                sizes = []
            self._perform(effect)
        if sizes:
            self._counting.count(sizes, self.now)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Play(span=span):
                self._play(span)
            case Send(message=message):
                self.far_end.receive(message, self.now)
            case Synthesize():
                self._synthesize(effect)
            case CancelSpeech(segment=segment, attempt=attempt):
                self._live.discard((segment, attempt))
                if (cancel := self._cancels.pop((segment, attempt), None)) is not None:
                    cancel()
            case Lookup():
                self._look_up(effect)
            case CancelLookup(id=id):
                self._waiting.discard(id)
            case Transfer():
                self._transfer()
            case Close():
                self.far_end.close(self.now)

    def _play(self, span: Span) -> None:
        size = span.clip.format.size(span.samples)
        prepared = self.codec.prepare(span.payload) if self.audio else _blank(self.codec, size)
        self.far_end.receive(self.codec.media(prepared), self.now)

    def _synthesize(self, effect: Synthesize) -> None:
        key = (effect.segment, effect.attempt)
        self._live.add(key)
        if self.desk is not None:
            self._cancels[key] = self.desk.begin(effect.request, partial(self._speech, key))
            return
        for delay, part in self.voice(effect.request, effect.attempt):
            self.at(self.now + delay, partial(self._speech, key, part))

    def _speech(self, key: tuple[str, int], part: SpeechChunk | SpeechError | None, now: float) -> None:
        if key not in self._live:
            return
        segment, attempt = key
        match part:
            case None:
                self._live.discard(key)
                self.call.speech_finished(segment, attempt, now)
            case SpeechError():
                self._live.discard(key)
                self.call.speech_failed(segment, attempt, part, now)
            case _:
                self.call.speech(segment, attempt, part, now)

    def _transfer(self) -> None:
        if self._transferred < len(self.transfers):
            delay, outcome = self.transfers[self._transferred]
            self._transferred += 1
            if isinstance(outcome, TransferOutcome):
                self.at(self.now + delay, lambda now: self.call.transferred(outcome, now))
            else:
                self.at(self.now + delay, lambda now: self.call.transfer_refused(outcome, now))

    def _look_up(self, effect: Lookup) -> None:
        answer = self.lookups.get(effect.name, Answer(error="the simulation has no answer for it"))
        if callable(answer):
            request = (effect.function,) if isinstance(effect.function, HttpRequest) else ()
            answer = answer(*request, *effect.arguments, **effect.keywords)
        self._waiting.add(effect.id)
        self.at(self.now + answer.delay, lambda now: self._returned(effect.id, answer, now))

    def _returned(self, id: str, answer: Answer, now: float) -> None:
        if id not in self._waiting:
            return
        self._waiting.discard(id)
        if answer.status is not None:
            self.call.lookup_failed(id, answer.error or f"it answered {answer.status}", now, answer.status)
        elif answer.error is not None:
            self.call.lookup_failed(id, answer.error, now)
        else:
            self.call.returned(id, answer.value, now)
