"""The track: what of the utterances that are queued sounds next.

At each boundary one rule decides: a segment whose audio is at hand goes on (``Readiness``); one that is late waits
while there is slack. When there is none, fragments say it where it has any (``instead``), and else it is covered
(``Covering``).
"""

from __future__ import annotations

from math import inf

from ivr.media.format import AudioFormat
from ivr.playout.covering import Covering
from ivr.playout.covers import Covers, Stage, faded
from ivr.playout.instead import choose_fragments, give_up
from ivr.playout.readiness import Readiness
from ivr.playout.segments import Span
from ivr.playout.slots import WORDLESS, Playing, Sounding
from ivr.playout.sources import ClipSource, LiveSource, LoopSource, Source
from ivr.playout.utterances import Utterances
from ivr.trace.sound import Abandoned, FragmentsTaken, Strategy


class Track:
    """Decides; it neither paces nor accounts."""

    def __init__(
        self, utterances: Utterances, format: AudioFormat, covers: Covers | None, margin: float, cover_most: int
    ) -> None:
        """``margin``: seconds before the end of the slack at which lateness is decided; ``cover_most``: samples of a
        cover that are sent in one go."""
        self._utterances = utterances
        self._format = format
        self._margin = margin
        self._cover_most = cover_most
        self._readiness = Readiness(format, margin)
        self._covering = Covering(utterances, self._readiness, covers)
        self.decided: list[Abandoned | FragmentsTaken] = []
        """Live words that are not wanted any more; to be taken off."""
        self.decide_at: float | None = None
        """When the segment at the head, now waited for, is covered."""

    def next_span(self, now: float, due: float, most: int) -> tuple[Sounding, Span] | None:
        """What is to be sent now, at most ``most`` samples of words; ``due`` is when all that was sent has sounded.

        None when nothing is at hand; ``decide_at`` then says when to ask again, if no audio comes before.
        """
        self.decide_at = None
        while True:
            sounding = self._utterances.sounding or self._begin(now, due)
            if sounding is None:
                return None
            if isinstance(sounding.source, LoopSource) and self._covering.hold_ends(sounding, now, due):
                sounding.source = ClipSource(faded(sounding.source.clip, sounding.source.sent), Strategy.HOLD)
            span = sounding.source.take(self._cover_most if sounding.cover else most)
            if span is None and not sounding.source.done:
                if now < due - self._margin and not sounding.slot.failed:
                    self.decide_at = due - self._margin
                    return None
                span = self._break_off(sounding, now)
            if sounding.source.done and self._utterances.sounding is sounding:
                self._utterances.end()
            if span is not None:
                if sounding.source.strategy not in WORDLESS:
                    self._covering.words_end = max(now, due) + self._format.seconds(span.samples)
                return sounding, span

    def clear(self) -> list[Playing]:
        """Take everything off the queue."""
        self.decide_at = None
        self._covering.words_end = -inf
        return self._utterances.clear()

    def _begin(self, now: float, due: float) -> Sounding | None:
        """What sounds now for the segment at the head; None where it is waited for."""
        while (playing := self._utterances.next()) is not None:
            slot = playing.slots[0]
            if (source := self._readiness.source(playing, slot, now, due)) is not None:
                return self._begin_words(playing, source)
            if (until := self._covering.waits_until(playing, slot, now, due)) is not None:
                self.decide_at = until
                return None
            if slot.instead is not None and playing.choice is not Strategy.STREAM:
                self.decided += choose_fragments(playing, self._readiness, now)
                continue
            stage, covers = self._covering.stage(playing, slot, now, due), self._covering.covers(playing)
            if stage is Stage.FALLBACK or (stage is Stage.NONE and slot.instead is not None):
                self.decided.append(give_up(playing, stage, covers, now))
                continue
            if (cover := self._covering.source(stage, covers)) is None:
                self.decide_at = self._covering.next_stage_at(playing)
                return None
            self._utterances.sounding = Sounding(playing, slot, cover, cover=True)
            return self._utterances.sounding
        return None

    def _begin_words(self, playing: Playing, source: Source) -> Sounding:
        slot = playing.slots[0]
        playing.late = None
        skipped = slot.live.taken if slot.live is not None else 0
        if slot.instead is not None:
            playing.choice = Strategy.STREAM
        slot.begun = True
        self._utterances.sounding = Sounding(playing, slot, source, cover=False, skipped=skipped)
        return self._utterances.sounding

    def _break_off(self, sounding: Sounding, now: float) -> Span | None:
        """Speech that dried up: fade what is left, and begin its word again once there is more."""
        assert isinstance(sounding.source, LiveSource)
        rest = sounding.source.cut_off()
        sounding.slot.broke = True
        sounding.slot.broke_at = sounding.source.live.taken
        if sounding.slot.retry is not None:
            sounding.slot.live, sounding.slot.retry = sounding.slot.retry, None
        else:
            sounding.source.live.rewind()
        sounding.playing.cover_at = now
        self._utterances.sounding = None
        return rest
