"""Slack over time: how much audio the caller still had to hear while words were on their way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ivr.trace.events import PromptSaid, SynthesisEnded, SynthesisFirstAudio, SynthesisStarted, TraceEvent
from ivr.trace.report import COVERS
from ivr.trace.sound import SegmentStarted
from ivr.trace.stretches import Bar


@dataclass(frozen=True, slots=True)
class Slack:
    """The slack of one synthesis, from the prompt that needs it to its first audio or its failure."""

    segment: str
    pieces: tuple[tuple[float, float], ...]
    """From when on, and when the audio at hand ends: slack falls by a second a second to nothing at the latter.

    The next piece begins where a cover does, which buys time. The last one ends at ``stop``.
    """
    stop: float
    arrived: bool

    @property
    def left(self) -> float:
        """Seconds of slack at ``stop``; nothing or less where the audio came too late."""
        return self.pieces[-1][1] - self.stop

    def lines(self) -> tuple[tuple[float, float, float, float], ...]:
        """Start, slack there, stop, slack there: of each piece."""
        starts = [start for start, _ in self.pieces] + [self.stop]
        return tuple(
            (start, due - start, stop, due - stop)
            for (start, due), (_, stop) in zip(self.pieces, pairwise(starts), strict=True)
        )


def slacks(events: Sequence[TraceEvent], bars: Sequence[Bar]) -> tuple[Slack, ...]:
    """One for each synthesis that came to a first audio or failed before it, in the order in which they did."""
    said: dict[str, float] = {}
    utterances = {event.segment: event.utterance for event in events if isinstance(event, SegmentStarted)}
    waiting: dict[str, float] = {}
    found: list[Slack] = []
    for event in events:
        match event:
            case PromptSaid(utterance=utterance, at=at):
                said.setdefault(utterance, at)
            case SynthesisStarted(segment=segment, attempt=attempt, at=at):
                waiting[segment] = said.get(utterances.get(segment, ""), at) if attempt == 1 else at
            case SynthesisFirstAudio(segment=segment, slack=slack, at=at) if segment in waiting:
                found.append(_slack(segment, waiting.pop(segment), at, at + slack, bars))
            case SynthesisEnded(segment=segment, outcome="failed", at=at) if segment in waiting:
                due = next((bar.start for bar in bars if bar.start >= at), None)
                since = waiting.pop(segment)
                if due is not None:
                    found.append(_slack(segment, since, at, due, bars, arrived=False))
    return tuple(found)


def _slack(segment: str, since: float, stop: float, due: float, bars: Sequence[Bar], *, arrived: bool = True) -> Slack:
    """``since`` the prompt was enqueued; at ``stop`` playout would have needed the words at ``due``."""
    heard_until = max((bar.stop for bar in bars if bar.start < stop), default=since)
    if heard_until < stop:  # it has been silent since then, and whatever comes is due at once
        due = max(since, heard_until)
    covers = [bar.start for bar in bars if bar.segment == segment and bar.strategy in COVERS]
    turns = [at for at in covers if since < at < stop]
    starts = [since, *turns]
    return Slack(segment, tuple(zip(starts, [*turns, due], strict=True)), stop, arrived)
