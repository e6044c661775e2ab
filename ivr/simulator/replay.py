"""A recorded call again: today's build in virtual time, with what came in when it came in.

What came by itself comes at its time. What the call asks for (speech, lookups, transfers, marks) is answered as late
after it asks as it was then. The call is woken as late as it was where it wants to be woken when it did then, and else
when it wants to be.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

from ivr import errors
from ivr.call.effects import CancelLookup, CancelSpeech, Close, Effect, Lookup, Play, Send, Synthesize, Transfer
from ivr.call.plan import CallPlan
from ivr.call.recorded import RecordedCall
from ivr.catalog.party import TransferOutcome
from ivr.errors import SpeechBroken, SpeechError, SpeechRefused
from ivr.gateways.described import capabilities_of
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
from ivr.media.sketch import hum
from ivr.simulator.far_side import LATER, FarSide
from ivr.simulator.recorded import SAME, Errand, Recorded
from ivr.speech.synthesizer import SpeechChunk, WordTiming
from ivr.testing.voices import ScriptedVoice
from ivr.trace.doors import (
    AudibleCame,
    EndCame,
    FlowCame,
    InwardEvent,
    KeyCame,
    LookupCame,
    MediaCame,
    OfLookup,
    OfSpeech,
    ProbeCame,
    QueueCame,
    SocketBlocked,
    SpeechCame,
    SpeechEndCame,
    SpeechFailureCame,
    StopCame,
    StreamCame,
    StreamLeft,
    TimerRang,
    TransferCame,
)
from ivr.trace.events import TraceEvent
from ivr.trace.values import value_of

LONGEST = 60.0
"""Seconds for which the call may go on behind the last thing that came."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The call asked for what the recording does not have."""

    what: str
    at: float


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of it."""

    trace: list[TraceEvent]
    unanswered: list[Unanswered]


def replay(
    plan: CallPlan, recorded: Recorded, keys: Mapping[int, str], values: Mapping[str, str] = MappingProxyType({})
) -> Replayed:
    """Run it to its end. ``plan`` is today's, for the recorded capabilities.

    ``keys`` are digits by their place, ``values`` what stands for stand-ins, as JSON by the recorded lookup.
    """
    run = _Replay(plan, recorded, keys, values)
    run.run()
    return Replayed(run.trace, run.unanswered)


@dataclass(slots=True)
class _Replay:
    plan: CallPlan
    recorded: Recorded
    keys: Mapping[int, str]
    values: Mapping[str, str]
    trace: list[TraceEvent] = field(default_factory=list)
    unanswered: list[Unanswered] = field(default_factory=list)
    _now: float = 0.0
    _heap: list[tuple[float, int, int, Callable[[float], object]]] = field(default_factory=list)
    _count: int = 0
    _streams: int = 0
    _live: set[tuple[str, int]] = field(default_factory=set)
    _waiting: set[str] = field(default_factory=set)
    _far_side: FarSide = field(init=False)
    _call: RecordedCall = field(init=False)

    def __post_init__(self) -> None:
        self._far_side = self._stream()
        self._call = RecordedCall("replay", self.plan, self._far_side, self.recorded.started_at)
        for came in self.recorded.unasked:
            self._unasked(came.order, came.event)

    def run(self) -> None:
        """Until the call has ended, or nothing more comes for long."""
        last = max((at for at, *_ in self._heap), default=0.0)
        while not self._call.ended:
            ring = self._ring(self._call.next_timer(self._now))
            came = self._heap[0] if self._heap else None
            if came is not None:
                last = max(last, came[0])
            if came is not None and (ring is None or _first(came[:2], ring)):
                self._open(came[0], heapq.heappop(self._heap)[3])
            elif ring is not None and ring[0] <= last + LONGEST:
                self._open(ring[0], self._call.handle_timer)
            else:
                return

    def _ring(self, due: float | None) -> tuple[float, int] | None:
        """When the call is woken that wants to be at ``due``, and the order of that among what comes then."""
        if due is None:
            return None
        rings = self.recorded.rings
        first = bisect_left(rings, due - SAME, key=lambda ring: ring.due)
        stop = bisect_right(rings, due + SAME, key=lambda ring: ring.due)
        for ring in rings[first:stop]:
            if ring.at >= self._now:
                return max(ring.at, due), ring.order
        return max(due, self._now), LATER

    def _open(self, at: float, door: Callable[[float], object]) -> None:
        self._now = self._far_side.now = max(self._now, at)
        door(self._now)
        self.trace += self._call.trace()
        for effect in self._call.effects():
            self._perform(effect)

    def _at(self, at: float, order: int, door: Callable[[float], object]) -> None:
        self._count += 1
        heapq.heappush(self._heap, (at, order, self._count, door))

    def _stream(self) -> FarSide:
        self._streams += 1
        streams = [came.event for came in self.recorded.unasked if isinstance(came.event, StreamCame)]
        came = streams[min(self._streams, len(streams)) - 1]
        return FarSide(capabilities_of(came.capabilities), self.recorded, self._streams, self._mark_back)

    def _mark_back(self, at: float, order: int, name: str) -> None:
        side = self._far_side

        def back(now: float) -> None:
            if side is self._far_side and side.expects(name, at):
                self._call.receive(MarkReached(name), now)

        self._at(at, order, back)

    def _unasked(self, order: int, event: InwardEvent) -> None:
        door: Callable[[float], object]
        match event:
            case StreamCame():
                door = partial(self._begin, event)
            case MediaCame():
                self._media(order, event)
                return
            case SocketBlocked(blocked=blocked):
                door = partial(self._call.block, blocked)
            case ProbeCame():
                door = self._call.probe
            case StreamLeft():
                door = self._call.leave
            case TimerRang():
                door = self._call.handle_timer
            case EndCame(reason=reason):
                door = partial(self._call.end, reason)
            case _:
                door = partial(self._call.receive, _from_gateway(event, self.keys.get(order)))
        self._at(event.at, order, door)

    def _begin(self, event: StreamCame, now: float) -> None:
        if self._call.generation:
            self._far_side = self._stream()
            self._far_side.now = now
            self._call.move_to(self._far_side)
        parameters = dict(zip(event.names, event.values, strict=False))
        self._call.receive(StreamStarted(event.stream, "replay", parameters), now)

    def _media(self, order: int, event: MediaCame) -> None:
        """Silence in the place of the caller's sound, spread over the time in which that came."""
        capabilities = self._far_side.capabilities
        count = max(1, event.messages)
        payload = capabilities.in_format.silence(event.octets // count // capabilities.in_format.sample_bytes)
        apart = (event.at - event.since) / max(1, count - 1)
        for number in range(count):
            timestamp = event.timestamp - round(1000 * apart * (count - 1 - number))
            media = MediaReceived(payload, max(0, timestamp))
            self._at(event.since + number * apart, order, partial(self._call.receive, media))

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Play(span=span):
                self._far_side.play(span)
            case Synthesize():
                self._synthesize(effect)
            case CancelSpeech(segment=segment, attempt=attempt):
                self._live.discard((segment, attempt))
            case Lookup():
                self._look_up(effect)
            case CancelLookup(id=id):
                self._waiting.discard(id)
            case Transfer():
                self._transfer()
            case Send(message=message):
                self._far_side.sent(message)
            case Close():
                pass

    def _answers(self, errand: Errand, answer: Callable[[Any, float], None]) -> None:
        """As late as then; to the microsecond at the same times where it was asked for at the same time."""
        same = abs(errand.asked - self._now) <= SAME
        for came in errand.came:
            at = came.event.at if same else self._now + came.event.at - errand.asked
            self._at(at, came.order if same else LATER, partial(answer, came.event))

    def _synthesize(self, effect: Synthesize) -> None:
        key = (effect.segment, effect.attempt)
        self._live.add(key)
        errand = self.recorded.speech.get(key)
        if errand is not None:
            self._answers(errand, self._spoken)
            return
        self.unanswered.append(Unanswered(f"speech for {effect.segment}", self._now))
        for delay, part in ScriptedVoice()(effect.request, effect.attempt):
            self._at(self._now + delay, LATER, partial(self._told, key, part))

    def _spoken(self, event: OfSpeech, now: float) -> None:
        part: SpeechChunk | SpeechError | None = None
        match event:
            case SpeechCame(samples=samples, rate=rate, words=words):
                timings = tuple(WordTiming(*words[n : n + 3]) for n in range(0, len(words) - 2, 3))
                part = SpeechChunk(hum(event.loudness, samples, rate), rate, timings, event.region)
            case SpeechFailureCame():
                part = _error(event)
            case SpeechEndCame():
                part = None
        self._told((event.segment, event.attempt), part, now)

    def _told(self, key: tuple[str, int], part: SpeechChunk | SpeechError | None, now: float) -> None:
        if key not in self._live:
            return
        match part:
            case None:
                self._live.discard(key)
                self._call.speech_finished(*key, now)
            case SpeechError():
                self._live.discard(key)
                self._call.speech_failed(*key, part, now)
            case _:
                self._call.speech(*key, part, now)

    def _look_up(self, effect: Lookup) -> None:
        if effect.alone is not None:  # the call has ended
            return
        self._waiting.add(effect.id)
        left = self.recorded.lookups.get(effect.name)
        if left:
            self._answers(left.popleft(), partial(self._looked_up, effect.id))
            return
        self.unanswered.append(Unanswered(f"lookup {effect.name}", self._now))
        why = "the recording has no answer for it"
        self._at(self._now, LATER, lambda now: self._call.lookup_failed(effect.id, why, now))

    def _looked_up(self, id: str, event: OfLookup, now: float) -> None:
        if id not in self._waiting:
            return
        self._waiting.discard(id)
        if isinstance(event, LookupCame):
            found = self.values.get(event.lookup)
            masked = found is None and event.private and not self.recorded.shown
            self._call.returned(id, value_of(event.value if found is None else found, stand_in=masked), now)
        else:
            self._call.lookup_failed(id, event.detail, now, event.status)

    def _transfer(self) -> None:
        if self.recorded.transfers:
            self._answers(self.recorded.transfers.popleft(), self._transferred)
        else:
            self.unanswered.append(Unanswered("a transfer", self._now))

    def _transferred(self, event: TransferCame, now: float) -> None:
        try:
            outcome = TransferOutcome(event.outcome)
        except ValueError:
            self._call.transfer_refused("it was refused when it was recorded", now)
            return
        self._call.transferred(outcome, now)


def _first(came: tuple[float, int], ring: tuple[float, int]) -> bool:
    """Whether that comes before the call is woken: both have a time and an order among what comes then."""
    return came[1] <= ring[1] if abs(came[0] - ring[0]) <= SAME else came[0] < ring[0]


def _from_gateway(event: InwardEvent, key: str | None) -> GatewayEvent:
    match event:
        case KeyCame(digit=digit):
            return DigitReceived(digit if key is None else key)
        case AudibleCame():
            return CallerAudible()
        case FlowCame(blocked=blocked, queued=queued):
            return FlowChanged(blocked, queued)
        case QueueCame(queued=queued):
            return QueueReported(queued)
        case StopCame(reason=reason):
            return StreamStopped(reason)
        case _:
            return ErrorReported("")


def _error(event: SpeechFailureCame) -> SpeechError:
    if event.status is not None:
        return SpeechRefused(event.status, "as it did when it was recorded", event.retry_after)
    kind = getattr(errors, event.error, SpeechBroken)
    text = "it failed when it was recorded"
    return kind(text) if isinstance(kind, type) and issubclass(kind, SpeechError) else SpeechBroken(text)
