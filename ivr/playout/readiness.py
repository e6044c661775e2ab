"""Whether a segment can begin to sound, and what it sounds with: a clip, a pause, or the voice as it comes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ivr.media.clip import Clip, make_clip
from ivr.media.format import AudioFormat
from ivr.media.samples import silence
from ivr.playout.segments import ClipSegment, SilenceSegment, SpeechSegment
from ivr.playout.slots import Playing, Slot
from ivr.playout.sources import ClipSource, LiveSource, Source
from ivr.trace.sound import Strategy

START_BUFFER = 0.120
"""Seconds of live speech in hand before it begins to sound; with less, a late network packet is heard as crackle."""

PAUSES = 64
"""Lengths of planned silence that are kept ready for all calls; wordings know a handful."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """On one stream. ``due`` is when all that was sent before has sounded."""

    format: AudioFormat
    margin: float
    """Seconds before the end of the slack at which lateness is decided; a wake may come this late."""

    def source(self, playing: Playing, slot: Slot, now: float, due: float) -> Source | None:
        """The audio of the first segment of ``playing``; None where it is not ready."""
        match slot.segment:
            case ClipSegment(clip=clip, strategy=strategy) if self._may_say(playing, slot, now, due):
                return ClipSource(clip, strategy)
            case SilenceSegment(samples=samples):
                return ClipSource(_quiet(samples, self.format), Strategy.SILENCE)
            case SpeechSegment() if slot.live is not None and self.ready(slot, now, due):
                if self._may_say(playing, slot, now, due):
                    return LiveSource(slot.live)
        return None

    def ready(self, slot: Slot, now: float, due: float) -> bool:
        """Whether the voice can begin: all is here, or so much that the wait for more will not be heard."""
        if isinstance(slot.segment, ClipSegment):
            return True
        if slot.live is None or slot.failed or slot.live.empty:
            return False
        if slot.live.finished:
            return True
        reach = slot.live.available() + (slot.live.taken if slot.broke_at else 0)
        return reach >= slot.broke_at + self.format.samples(START_BUFFER) and now >= due - self.margin

    def _may_say(self, playing: Playing, slot: Slot, now: float, due: float) -> bool:
        """Whether the voice can say every value; one that is late or unknown might need a second voice later on."""
        if slot.instead is None or playing.choice is not None:
            return True
        return all(self.ready(slot, now, due) for slot in playing.slots if slot.spliced)


@lru_cache(PAUSES)
def _quiet(samples: int, format: AudioFormat) -> Clip:
    return make_clip(silence(samples), format)
