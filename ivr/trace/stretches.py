"""Events that belong together as stretches of time: segments as they sounded, lookups, syntheses, waits for a key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ivr.trace.events import (
    BargedIn,
    CallEnded,
    CallStarted,
    DigitHeard,
    Listening,
    LookupEnded,
    LookupStarted,
    NoInput,
    RecordingEnded,
    RecordingStarted,
    StateEntered,
    SynthesisEnded,
    SynthesisFirstAudio,
    SynthesisStarted,
    TraceEvent,
)
from ivr.trace.sound import SeamJoined, SegmentEnded, SegmentStarted, Strategy

QUIET = 0.1
"""Seconds of quiet at its head by which a segment's first audible sample may lie behind its first one: a message."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A segment, or a cover, from where it begins to sound to where the next one or an interruption ends it.

    Where nothing is said of a gap and yet the next one begins later, the audio did not come in time for this one.
    """

    start: float
    stop: float
    strategy: Strategy
    text: str
    private: bool
    segment: str


@dataclass(frozen=True, slots=True)
class Joint:
    """A seam at the instant when it sounds."""

    at: float
    seam: SeamJoined


@dataclass(frozen=True, slots=True)
class Work:
    """A lookup or a synthesis while it runs."""

    start: float
    stop: float
    kind: str
    """``lookup`` or ``synthesis``."""
    name: str
    """Of the lookup, or the text."""
    private: bool
    """``name`` is personal."""
    attempt: int = 1
    first: float | None = None
    """When the first audio came in."""
    outcome: str = "unfinished"
    detail: str = ""
    detail_private: bool = False


@dataclass(frozen=True, slots=True)
class Stay:
    """The dialog in one state, until it enters the next."""

    start: float
    stop: float
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class Stretches:
    """All of one call, each kind in order of its start. Times are of the call's clock, as those of the events."""

    bars: tuple[Bar, ...]
    joints: tuple[Joint, ...]
    work: tuple[Work, ...]
    listening: tuple[tuple[float, float], ...]
    """From the end of the words to the key, or to giving up on it, and while something is recorded."""
    stays: tuple[Stay, ...] = ()


def stretches(events: Sequence[TraceEvent], rate: int) -> Stretches:
    """What ran how long; what the trace does not see ending ends with it."""
    end = max((event.at for event in events), default=0.0)
    sound = _Sound(rate)
    work = _Works()
    for event in events:
        sound.see(event)
        work.see(event)
    bars = sound.closed(end)
    return Stretches(bars, sound.joints(), work.closed(end), _listening(events, end), _stays(events, end))


@dataclass(slots=True)
class _Sounding:
    event: SegmentStarted
    stream: int
    samples: int | None = None
    cut_at: float | None = None
    start: float = 0.0


@dataclass(slots=True)
class _Sound:
    rate: int
    _all: list[_Sounding] = field(default_factory=list)
    _seams: list[SeamJoined] = field(default_factory=list)
    _stream: int = 0

    def see(self, event: TraceEvent) -> None:
        match event:
            case CallStarted():
                self._cut(event.at)
                self._stream += 1
            case SegmentStarted():
                self._all.append(_Sounding(event, self._stream))
            case SegmentEnded():
                for sounding in reversed(self._all):
                    begun = sounding.event
                    if (begun.segment, begun.strategy) == (event.segment, event.strategy):
                        sounding.samples = event.samples
                        break
            case BargedIn(at=at) | CallEnded(at=at):
                self._cut(at)
            case SeamJoined():
                self._seams.append(event)

    def _cut(self, at: float) -> None:
        for sounding in self._all:
            if sounding.cut_at is None:
                sounding.cut_at = at

    def closed(self, end: float) -> tuple[Bar, ...]:
        bars: list[Bar] = []
        for index, sounding in enumerate(self._all):
            event = sounding.event
            start = sounding.start = self._start(sounding, self._all[index - 1] if index else None, bars)
            following = self._all[index + 1] if index + 1 < len(self._all) else None
            stop = min(self._stop(sounding, following, start, end), end if sounding.cut_at is None else sounding.cut_at)
            if bars and bars[-1].stop > start:
                bars[-1] = replace(bars[-1], stop=start)
            if stop > start:
                bars.append(Bar(start, stop, event.strategy, event.text, event.private, event.segment))
        return tuple(bars)

    def _start(self, sounding: _Sounding, before: _Sounding | None, bars: list[Bar]) -> float:
        """Where it is first audible, or where what is before it ends when only its own quiet lies between."""
        event = sounding.event
        alone = before is None or (before.stream, before.cut_at) != (sounding.stream, sounding.cut_at)
        unheard = sounding.cut_at is not None and event.sounds_at > sounding.cut_at
        if not bars or alone or unheard:
            return event.sounds_at
        dry = any(seam.gap for seam in self._seams if (seam.after, seam.at) == (event.segment, event.at))
        if event.strategy is Strategy.SILENCE or (not dry and event.sounds_at - bars[-1].stop < QUIET):
            return min(event.sounds_at, bars[-1].stop)
        return event.sounds_at

    def _stop(self, sounding: _Sounding, following: _Sounding | None, start: float, end: float) -> float:
        if following is not None and following.stream == sounding.stream:
            return start + (following.event.position - sounding.event.position) / self.rate
        return end if sounding.samples is None else start + sounding.samples / self.rate

    def joints(self) -> tuple[Joint, ...]:
        """After ``closed``."""
        found = []
        for seam in self._seams:
            key = (seam.after, seam.at, seam.strategy)
            behind = next((s for s in self._all if (s.event.segment, s.event.at, s.event.strategy) == key), None)
            if behind is None:
                found.append(Joint(seam.at, seam))
            elif behind.cut_at is None or behind.start <= behind.cut_at:
                found.append(Joint(behind.start, seam))
        return tuple(sorted(found, key=lambda joint: joint.at))


@dataclass(slots=True)
class _Works:
    _running: dict[tuple[str, str], Work] = field(default_factory=dict)
    _ended: list[Work] = field(default_factory=list)

    def see(self, event: TraceEvent) -> None:
        match event:
            case LookupStarted(lookup=id, name=name, at=at):
                self._running["lookup", id] = Work(at, at, "lookup", name, private=False)
            case SynthesisStarted(segment=id, text=text, private=private, attempt=attempt, at=at):
                self._running["synthesis", id] = Work(at, at, "synthesis", text, private, attempt)
            case SynthesisFirstAudio(segment=id, at=at) if ("synthesis", id) in self._running:
                self._running["synthesis", id] = replace(self._running["synthesis", id], first=at)
            case LookupEnded(lookup=id):
                self._end(("lookup", id), event)
            case SynthesisEnded(segment=id):
                self._end(("synthesis", id), event)

    def _end(self, key: tuple[str, str], event: LookupEnded | SynthesisEnded) -> None:
        if (work := self._running.pop(key, None)) is not None:
            ended = replace(work, stop=event.at, outcome=event.outcome)
            self._ended.append(replace(ended, detail=event.detail, detail_private=event.private))

    def closed(self, end: float) -> tuple[Work, ...]:
        running = [replace(work, stop=end) for work in self._running.values()]
        return tuple(sorted(self._ended + running, key=lambda work: work.start))


def _listening(events: Iterable[TraceEvent], end: float) -> tuple[tuple[float, float], ...]:
    found = []
    since: float | None = None
    for event in events:
        match event:
            case Listening(at=at) | RecordingStarted(at=at):
                since = at if since is None else since
            case DigitHeard(at=at) | NoInput(at=at) | RecordingEnded(at=at) | CallEnded(at=at) if since is not None:
                found.append((since, at))
                since = None
    return tuple(found if since is None else [*found, (since, end)])


def _stays(events: Iterable[TraceEvent], end: float) -> tuple[Stay, ...]:
    entered = [event for event in events if isinstance(event, StateEntered)]
    stops = [*(event.at for event in entered[1:]), end]
    return tuple(Stay(event.at, stop, event.state, event.why) for event, stop in zip(entered, stops, strict=False))
