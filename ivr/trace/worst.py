"""A call in the few figures by which it is compared with others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ivr.trace.events import CallEnded, CallStarted, DigitHeard, StateEntered, TraceEvent
from ivr.trace.jsonl import unmasked
from ivr.trace.lanes import audible
from ivr.trace.rate import rate
from ivr.trace.report import Turn, summary, turns
from ivr.trace.sound import SeamJoined, Underrun


@dataclass(frozen=True, slots=True)
class CallFigures:
    """What a list of calls shows of one. Seconds, but where another unit is named."""

    call: str
    started_at: str
    """Wall time, ISO 8601; empty where the trace does not tell."""
    length: float
    turns: tuple[Turn, ...]
    gaps: tuple[float, ...]
    """Silence that nobody planned: at seams, and within words whose audio came too late."""
    ttfa: float | None
    """The longest."""
    seams: int
    audible: int
    """Seams that a caller may hear."""
    level_step: float | None
    """LU, the largest with its sign."""
    covers: Mapping[str, int]
    """Those that were used, and how often."""
    keys: str
    """As they stand in the trace, stand-ins where they are the caller's."""
    states: tuple[str, ...]
    """In the order in which they were first entered."""
    ended: str
    """Why; ``unfinished`` where the trace stops before."""

    @property
    def dead_air(self) -> float:
        """All gaps together."""
        return sum(self.gaps)

    @property
    def badness(self) -> tuple[float, float, int]:
        """Greater is worse: by dead air, then by time to first audio, then by covers."""
        return self.dead_air, self.ttfa or 0.0, sum(self.covers.values())


def call_figures(header: Mapping[str, Any], events: Sequence[TraceEvent]) -> CallFigures:
    """The figures of one trace, as ``ivr.trace.read.read`` gives it; texts stay as they stand there."""
    called = turns(events, unmasked)
    total = summary(called)
    seams = [event for event in events if isinstance(event, SeamJoined)]
    samples = [seam.gap for seam in seams] + [event.samples for event in events if isinstance(event, Underrun)]
    per_second = rate(events)
    return CallFigures(
        call=str(header.get("call", "")),
        started_at=next((event.started_at for event in events if isinstance(event, CallStarted)), ""),
        length=max((event.at for event in events), default=0.0),
        turns=called,
        gaps=tuple(gap / per_second for gap in samples if gap > 0),
        ttfa=max((turn.ttfa for turn in called if turn.ttfa is not None), default=None),
        seams=len(seams),
        audible=sum(audible(seam) for seam in seams),
        level_step=total.worst_level_step,
        covers={name: count for name, count in total.covers.items() if count},
        keys="".join(event.digit for event in events if isinstance(event, DigitHeard)),
        states=tuple(dict.fromkeys(event.state for event in events if isinstance(event, StateEntered))),
        ended=next((event.reason for event in reversed(events) if isinstance(event, CallEnded)), "unfinished"),
    )
