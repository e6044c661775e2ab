"""A call in figures: its turns, its seams, and their percentiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

from ivr.media.private import stand_in
from ivr.trace.events import BargedIn, CallStarted, FirstAudio, FirstFrame, StateEntered, TraceEvent, TurnStarted
from ivr.trace.jsonl import Mask
from ivr.trace.sound import Abandoned, SeamJoined, SegmentStarted, Strategy, Underrun, UtteranceHeard

COVERS = (Strategy.FILLER, Strategy.HOLD, Strategy.STILL, Strategy.FALLBACK)
"""What stands in for words that are late or failed."""

PERCENTS = (50, 95, 99)

CUT_OFF = "…"
"""Stands for a segment that was given up while it sounded: the trace does not tell how much of it was heard."""

Percentiles = Mapping[int, float]


@dataclass(frozen=True, slots=True)
class SeamFigure:
    """One join of two segments; the fields are those of ``SeamJoined``."""

    strategy: Strategy
    """Of the segment behind the seam."""
    slack: float | None
    gap: int
    level_step: float | None
    jump: float


@dataclass(frozen=True, slots=True)
class Turn:
    """From one trigger to the next."""

    trigger: str
    at: float
    ttfa: float | None
    """Seconds from the trigger to the first audible sample on the wire; where a shell measured its own work, with that.

    None when the next trigger came before any.
    """
    strategy: str | None
    """Of that first audio."""
    seams: tuple[SeamFigure, ...]
    heard: str
    """The words heard, covers included. Utterances that nothing says were heard are left out."""
    private: bool
    """Personal words were heard; in ``heard`` they stand as the mask made them."""
    covers: tuple[Strategy, ...]
    underruns: tuple[int, ...]
    """Gaps within segments, samples: the far side had played all it was sent before more came."""
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeamSummary:
    """The seams before segments of one strategy. Level steps are taken without their sign."""

    count: int
    gap: Percentiles
    level_step: Percentiles
    jump: Percentiles
    least_slack: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """Turns taken together, of one call or of many. A percentile of nothing is an empty mapping."""

    turns: int
    ttfa: Percentiles
    ttfa_by_strategy: Mapping[str, Percentiles]
    seams: Mapping[str, SeamSummary]
    """By the strategy of the segment behind the seam."""
    underruns: int
    """Gaps within segments, in all turns."""
    worst_gap: int | None
    """At a seam."""
    worst_level_step: float | None
    """With its sign."""
    worst_jump: float | None
    covers: Mapping[str, int]
    """How often each cover was used; those that never were stand with 0."""


def percentiles(values: Iterable[float], percents: Sequence[int] = PERCENTS) -> dict[int, float]:
    """By nearest rank: the smallest value that at least ``percent`` % of all values do not exceed.

    Always one of the values, never one between two; with few of them the high percentiles are the largest value. Empty
    for no values. Raises ``ValueError`` for a percent outside 1 to 100.
    """
    ordered = sorted(values)
    if any(not 1 <= percent <= 100 for percent in percents):
        raise ValueError(f"percentiles {tuple(percents)} must lie between 1 and 100")
    # Whole numbers: 0.95 * 20 is a little more than 19, whose ceiling is one rank too high.
    return {percent: ordered[-(-percent * len(ordered) // 100) - 1] for percent in percents if ordered}


def turns(events: Iterable[TraceEvent], mask: Mask = stand_in) -> tuple[Turn, ...]:
    """The turns of one call, in order. What came before the first trigger belongs to none."""
    reading = _Reading()
    for event in events:
        reading.see(event)
    return tuple(turn.closed(mask) for turn in reading.turns)


def summary(turns: Sequence[Turn]) -> Summary:
    """The figures of ``turns``, which may be those of several calls."""
    seams = [seam for turn in turns for seam in turn.seams]
    steps = [seam.level_step for seam in seams if seam.level_step is not None]
    used = [cover for turn in turns for cover in turn.covers]
    by_strategy: dict[str, list[float]] = {}
    for turn in turns:
        if turn.ttfa is not None and turn.strategy is not None:
            by_strategy.setdefault(turn.strategy, []).append(turn.ttfa)
    return Summary(
        turns=len(turns),
        ttfa=percentiles(turn.ttfa for turn in turns if turn.ttfa is not None),
        ttfa_by_strategy={strategy: percentiles(values) for strategy, values in sorted(by_strategy.items())},
        seams={
            strategy.value: _seams([seam for seam in seams if seam.strategy is strategy])
            for strategy in Strategy
            if any(seam.strategy is strategy for seam in seams)
        },
        underruns=sum(len(turn.underruns) for turn in turns),
        worst_gap=max((seam.gap for seam in seams), default=None),
        worst_level_step=max(steps, key=abs, default=None),
        worst_jump=max((seam.jump for seam in seams), default=None),
        covers={cover.value: used.count(cover) for cover in COVERS},
    )


def as_dict(turns: Sequence[Turn]) -> dict[str, Any]:
    """``turns`` and their summary as plain values for JSON; percentiles are named ``p50``, ``p95``, ``p99``."""
    plain: dict[str, Any] = _plain({"turns": [asdict(turn) for turn in turns], "summary": asdict(summary(turns))})
    return plain


def _seams(seams: list[SeamFigure]) -> SeamSummary:
    return SeamSummary(
        count=len(seams),
        gap=percentiles(seam.gap for seam in seams),
        level_step=percentiles(abs(seam.level_step) for seam in seams if seam.level_step is not None),
        jump=percentiles(seam.jump for seam in seams),
        least_slack=min((seam.slack for seam in seams if seam.slack is not None), default=None),
    )


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case float():
            return round(value, 6)
        case list() | tuple():
            return [_plain(item) for item in value]
        case dict():
            return {f"p{key}" if isinstance(key, int) else key: _plain(item) for key, item in value.items()}
    return value


@dataclass(slots=True)
class _Words:
    segment: str
    text: str
    private: bool
    cover: bool = False
    heard: bool = False


@dataclass(slots=True)
class _OpenTurn:
    start: TurnStarted
    first: FirstAudio | None = None
    work: float = 0.0
    underruns: list[Underrun] = field(default_factory=list)
    seams: list[SeamJoined] = field(default_factory=list)
    words: list[_Words] = field(default_factory=list)
    covers: list[Strategy] = field(default_factory=list)
    states: list[str] = field(default_factory=list)

    def closed(self, mask: Mask) -> Turn:
        words = [w for w in self.words if w.heard and w.text]
        return Turn(
            trigger=self.start.trigger,
            at=self.start.at,
            ttfa=self.first.ttfa + self.work if self.first is not None else None,
            strategy=self.first.strategy if self.first is not None else None,
            seams=tuple(SeamFigure(s.strategy, s.slack, s.gap, s.level_step, s.jump) for s in self.seams),
            heard=" ".join(mask(w.text) if w.private else w.text for w in words),
            private=any(w.private for w in words),
            covers=tuple(self.covers),
            underruns=tuple(event.samples for event in self.underruns),
            states=tuple(self.states),
        )


class _Reading:
    """Goes through the events of a call and keeps, for each utterance, the words that are not yet known to be heard."""

    def __init__(self) -> None:
        self.turns: list[_OpenTurn] = []
        self._pending: dict[str, list[_Words]] = {}

    def see(self, event: TraceEvent) -> None:
        """The next event."""
        if isinstance(event, TurnStarted):
            self.turns.append(_OpenTurn(event))
        if not self.turns:
            return
        turn = self.turns[-1]
        match event:
            case FirstAudio():
                turn.first = turn.first or event
            case FirstFrame(took=took):
                turn.work = took
            case Underrun():
                turn.underruns.append(event)
            case StateEntered(state=state):
                turn.states.append(state)
            case SeamJoined():
                self._turn_at(event.at).seams.append(event)
            case SegmentStarted() if event.strategy is not Strategy.SILENCE:
                self._begin(turn, event)
            case _:
                self._settle(turn, event)

    def _settle(self, turn: _OpenTurn, event: TraceEvent) -> None:
        """Decide what was heard of the words that are pending, where ``event`` tells."""
        match event:
            case Abandoned(segment=segment):
                for words in self._pending_of(segment):
                    words.text, words.private = CUT_OFF, False
            case UtteranceHeard(utterance=utterance):
                for words in self._pending.pop(utterance, ()):
                    words.heard = True
            case BargedIn(heard=heard, private=private):
                # It tells of all that was not yet known to be heard.
                self._pending.clear()
                turn.words.append(_Words("", heard, private, heard=True))
            case CallStarted():
                self._pending.clear()  # another stream; nobody knows what became of the old one's audio

    def _begin(self, turn: _OpenTurn, event: SegmentStarted) -> None:
        cover = event.strategy in COVERS
        if cover:
            turn.covers.append(event.strategy)
        else:
            for earlier in self._pending_of(event.segment):
                earlier.text = ""  # broken off and begun again: one text covers both
        words = _Words(event.segment, event.text, event.private, cover)
        turn.words.append(words)
        self._pending.setdefault(event.utterance, []).append(words)

    def _pending_of(self, segment: str) -> list[_Words]:
        pending = (words for utterance in self._pending.values() for words in utterance)
        return [words for words in pending if words.segment == segment and not words.cover]

    def _turn_at(self, at: float) -> _OpenTurn:
        """The turn that was open then: a seam is reported once what follows it is known, maybe a turn later."""
        return next((turn for turn in reversed(self.turns) if turn.start.at <= at), self.turns[0])
