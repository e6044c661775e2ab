"""Covering: how long a segment that is not ready is waited for in silence, what covers it then, and when that ends."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from ivr.playout.covers import Covers, Lateness, Stage
from ivr.playout.readiness import Readiness
from ivr.playout.segments import ClipSegment, SilenceSegment
from ivr.playout.slots import Playing, Slot, Sounding
from ivr.playout.sources import ClipSource, LoopSource, Source
from ivr.playout.utterances import Utterances
from ivr.trace.sound import Strategy


@dataclass(slots=True)
class Covering:
    """On one stream. Times are seconds; ``due`` is when all that was sent before has sounded."""

    utterances: Utterances
    readiness: Readiness
    usual: Covers | None
    """What covers lateness, where an utterance has no covers of its own."""
    words_end: float = -inf
    """When the last words that were sent, those of covers with them, are over."""

    def covers(self, playing: Playing) -> Covers | None:
        """What covers the lateness of an utterance; None where nothing does."""
        return playing.covers(self.usual)

    def waits_until(self, playing: Playing, slot: Slot, now: float, due: float) -> float | None:
        """When it must be decided what is done for a segment that is not ready; None where that is now."""
        if playing.cover_at is None:
            dry = due <= now or playing.utterance.wait
            covers = self.covers(playing)
            grace = covers.grace if covers is not None and not playing.started else 0.0
            since = self.utterances.expected_since
            playing.cover_at = max(due, now if since is None else since) + grace if dry else due - self.readiness.margin
        urgent_at = max(due - self.readiness.margin, playing.cover_at)
        return urgent_at if now < urgent_at and not slot.failed else None

    def stage(self, playing: Playing, slot: Slot, now: float, due: float) -> Stage:
        """How to cover a segment that is late; ``NONE`` where nothing can."""
        if playing.late is None:
            playing.late = Lateness(now, broke=slot.broke)
        covers = self.covers(playing)
        quiet = max(now, due) - self._still_at(covers) + covers.every if covers is not None else 0.0
        said = self.utterances.filler_said
        return playing.late.next_stage(covers, failed=slot.failed, filler_said=said, now=now, quiet=quiet)

    def source(self, stage: Stage, covers: Covers | None) -> Source | None:
        """What sounds at that stage."""
        if covers is None:
            return None
        if stage is Stage.FILLER and covers.filler is not None:
            self.utterances.filler_said = True
            return ClipSource(covers.filler, Strategy.FILLER)
        if stage is Stage.HOLD and covers.hold is not None:
            return LoopSource(covers.hold)
        if stage is Stage.STILL and covers.still is not None:
            return ClipSource(covers.still, Strategy.STILL)
        return None

    def next_stage_at(self, playing: Playing) -> float | None:
        """When something else can be done for a late segment that nothing covers now."""
        covers, late = self.covers(playing), playing.late
        if covers is None or late is None:
            return None
        at = min(late.since + covers.patience, self._still_at(covers))
        return at if at < inf else None

    def hold_ends(self, sounding: Sounding, now: float, due: float) -> bool:
        """Whether the hold loop is to make way: for the words, what is said in their place, or the still phrase."""
        playing, slot = sounding.playing, sounding.slot
        if not playing.slots or playing.slots[0] is not slot:
            return True
        covers = self.covers(playing)
        patience = covers.patience if covers is not None else 0.0
        given_up = playing.late is not None and now >= playing.late.since + patience
        still = max(now, due) >= self._still_at(covers)
        spliced = slot.instead is not None and playing.choice is not Strategy.STREAM
        known = spliced or isinstance(slot.segment, ClipSegment | SilenceSegment)
        return known or slot.failed or given_up or still or self.readiness.ready(slot, now, now)

    def _still_at(self, covers: Covers | None) -> float:
        """When the still phrase is to be said, if nothing else is before; infinite where there is none."""
        if covers is None or covers.still is None:
            return inf
        since = -inf if self.utterances.expected_since is None else self.utterances.expected_since
        return max(self.words_end, since) + covers.every
