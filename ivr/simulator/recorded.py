"""What a trace tells of a call's surroundings: what came when, and how what it asked for was answered."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ivr.errors import TraceError
from ivr.gateways.codec import Capabilities
from ivr.gateways.described import capabilities_of
from ivr.trace.doors import (
    InwardEvent,
    MarkCame,
    MediaCame,
    OfLookup,
    OfSpeech,
    Played,
    Sent,
    SpeechCame,
    StreamCame,
    TimerPassed,
    TimerRang,
    TransferCame,
    Unasked,
)
from ivr.trace.events import (
    CallEnded,
    CallStarted,
    FragmentsReady,
    LookupStarted,
    SynthesisStarted,
    TraceEvent,
    TransferStarted,
)
from ivr.trace.sound import SegmentEnded, SegmentStarted, Strategy

SAME = 5e-6
"""Seconds within which two times of a trace are the same; they are written to the microsecond."""

MOST = 120.0
"""Seconds of live speech in one chunk, at the most."""

LONGEST = 100_000.0
"""Seconds of a call, at the most; a day has 86,400, and ``serve.call_length`` allows no more."""


@dataclass(frozen=True, slots=True)
class Came:
    """One event, and its place in the trace, which decides between events of one instant."""

    order: int
    event: InwardEvent


@dataclass(frozen=True, slots=True)
class Ring:
    """A wake that the call had asked for."""

    due: float
    """For when."""
    at: float
    """When it came."""
    order: int
    passed: bool = False
    """It had not come by then, and what came instead made it needless."""


@dataclass(slots=True)
class Errand:
    """Something that the call asked for, and what came of it."""

    asked: float
    came: list[Came] = field(default_factory=list)


@dataclass(slots=True)
class Marked:
    """A mark that was sent."""

    sent: float
    played: float
    """When what was sent before it would have been played, had it all gone out and come back at once."""
    back: Came | None = None


@dataclass(slots=True)
class Recorded:
    """Of one call."""

    started_at: datetime
    """Wall time of the call's zero."""
    unasked: list[Came] = field(default_factory=list)
    rings: list[Ring] = field(default_factory=list)
    """By the time that the call had asked for."""
    speech: dict[tuple[str, int], Errand] = field(default_factory=dict)
    """By segment and attempt."""
    lookups: dict[str, deque[Errand]] = field(default_factory=dict)
    """By name, in order."""
    transfers: deque[Errand] = field(default_factory=deque)
    marks: dict[tuple[int, str], Marked] = field(default_factory=dict)
    """By the number of the stream and the mark's name."""
    cached: list[tuple[str, int]] = field(default_factory=list)
    """Live words that other calls had left in memory, with their samples on the wire."""
    read_back: dict[str, int] = field(default_factory=dict)
    """Values that were put together from fragments, by segment, with their samples on the wire."""
    shown: bool = False
    """Personal data is in the trace as it was."""

    @property
    def stream(self) -> StreamCame:
        """The first one."""
        return next(came.event for came in self.unasked if isinstance(came.event, StreamCame))

    @property
    def capabilities(self) -> Capabilities:
        """Of the first stream. Raises ``TraceError``."""
        return capabilities_of(self.stream.capabilities)

    @property
    def path(self) -> float:
        """Seconds to the far side and back, by the mark that came back soonest."""
        back = [mark.back.event.at - mark.sent for mark in self.marks.values() if mark.back is not None]
        return max(0.0, min(back, default=0.0))


def recorded(header: Mapping[str, Any], events: Sequence[TraceEvent]) -> Recorded:
    """Raises ``TraceError`` for a trace that does not tell what came in, or not from the beginning."""
    if not any(isinstance(event, StreamCame) for event in events):
        raise TraceError(
            "the trace tells what the call did and not what came in: record it with trace.replay: yes, by a release "
            "that has `ivr replay`"
        )
    started = next((event for event in events if isinstance(event, CallStarted)), None)
    if started is None:
        raise TraceError("the trace breaks off before its call began: there is nothing to replay")
    reading = _Reading(Recorded(_zero(started), shown=header.get("private") == "show"))
    for order, event in enumerate(events):
        _check(event)
        reading.see(order, event)
    reading.recorded.rings.sort(key=lambda ring: ring.due)
    return reading.recorded


def complete(events: Sequence[TraceEvent]) -> bool:
    """Whether the trace goes to the end of its call."""
    return any(isinstance(event, CallEnded) for event in events)


def _check(event: TraceEvent) -> None:
    """What no recorder writes may cost without bounds to replay."""
    match event:
        case SpeechCame(samples=samples, rate=rate):
            sound = 8000 <= rate <= 192_000 and 0 <= samples <= MOST * rate
        case FragmentsReady(samples=samples):
            sound = 0 <= samples <= MOST * 48_000
        case MediaCame(messages=messages, octets=octets):
            sound = 0 <= messages <= 100_000 and 0 <= octets <= 10_000_000
        case _:
            sound = True
    if not sound or not 0.0 <= event.at <= LONGEST:
        raise TraceError(f"{type(event).__name__} at {event.at:g} s cannot be: the trace is damaged, record it again")


def _zero(started: CallStarted) -> datetime:
    try:
        wall = datetime.fromisoformat(started.started_at)
        if wall.tzinfo is not None:
            return wall - timedelta(seconds=started.at)
    except (ValueError, OverflowError):
        pass
    why = "no time with its zone: the trace is damaged, record it again"
    raise TraceError(f"CallStarted.started_at is {started.started_at!r:.40}, {why}")


@dataclass(slots=True)
class _Reading:
    recorded: Recorded
    _lookups: dict[str, Errand] = field(default_factory=dict)
    _transfer: Errand | None = None
    _stream: int = 0
    _rate: int = 8000
    _played: float = 0.0
    _texts: dict[str, str] = field(default_factory=dict)
    _made: set[str] = field(default_factory=set)
    """Words that the call had made itself, and so will have again."""

    def see(self, order: int, event: TraceEvent) -> None:
        found = self.recorded
        match event:
            case StreamCame(capabilities=capabilities):
                self._stream += 1
                self._rate, self._played = capabilities_of(capabilities).out_format.rate, 0.0
                found.unasked.append(Came(order, event))
            case Played(samples=samples, at=at):
                self._played = max(self._played, at) + samples / self._rate
            case Sent(what="clear", at=at):
                self._played = at
            case TimerRang(at=at, late=late) if late is not None:
                self._ring(Ring(at - late, at, order))
            case TimerPassed(at=at, late=late):
                self._ring(Ring(at - late, at, order + 1, passed=True))  # behind the door that was opened then
            case MarkCame(name=name) if (key := (self._stream, name)) in found.marks:
                found.marks[key].back = Came(order, event)
            case Sent(what="mark", name=name, at=at):
                found.marks[self._stream, name] = Marked(at, max(self._played, at))
            case _ if isinstance(event, OfSpeech):
                self._answer(found.speech.get((event.segment, event.attempt)), Came(order, event))
            case _ if isinstance(event, OfLookup):
                self._answer(self._lookups.get(event.lookup), Came(order, event))
            case TransferCame():
                self._answer(self._transfer, Came(order, event))
            case _ if isinstance(event, Unasked):
                found.unasked.append(Came(order, event))
            case _:
                self._ask(event)

    def _ring(self, ring: Ring) -> None:
        """Of what came first while a wake was due the last counts, or the wake itself."""
        rings = self.recorded.rings
        if rings and rings[-1].passed and abs(rings[-1].due - ring.due) <= SAME:
            rings.pop()
        rings.append(ring)

    def _ask(self, event: TraceEvent) -> None:
        found = self.recorded
        match event:
            case SynthesisStarted(segment=segment, attempt=attempt, text=text, at=at):
                found.speech[segment, attempt] = Errand(at)
                self._made.add(text)
            case FragmentsReady(segment=segment, samples=samples):
                found.read_back[segment] = samples
            case LookupStarted(lookup=id, name=name, at=at):
                self._lookups[id] = Errand(at)
                found.lookups.setdefault(name, deque()).append(self._lookups[id])
            case TransferStarted(at=at):
                self._transfer = Errand(at)
                found.transfers.append(self._transfer)
            case SegmentStarted(strategy=Strategy.CACHED, segment=segment, text=text) if text not in self._made:
                self._texts[segment] = text
            case SegmentEnded(strategy=Strategy.CACHED, segment=segment, samples=samples) if segment in self._texts:
                found.cached.append((self._texts.pop(segment), samples))

    @staticmethod
    def _answer(errand: Errand | None, came: Came) -> None:
        if errand is not None:
            errand.came.append(came)
