"""What stands on the track: the segments of an utterance, and what of them is being sent."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from ivr.media.clip import Clip
from ivr.playout.covers import Covers, Lateness
from ivr.playout.live import Live
from ivr.playout.segments import ClipSegment, PendingSegment, Segment, SpeechSegment, Utterance
from ivr.playout.sources import LiveSource, Source
from ivr.trace.sound import Strategy

WORDLESS = (Strategy.HOLD, Strategy.SILENCE)
"""What sounds without anything being said."""


@dataclass(slots=True)
class Slot:
    """One segment on the track."""

    segment: Segment
    live: Live | None = None
    retry: Live | None = None
    """The audio of a new synthesis, while that of the one before still sounds."""
    broke_at: int = 0
    """Samples after which the audio dried up; it begins again only when it reaches further."""
    broke: bool = False
    """It had begun to sound and dried up; a new synthesis does not undo that."""
    failed: bool = False
    why: str = "it failed"
    """For traces, where it did."""
    begun: bool = False
    """Some of its own words were sent."""
    slack: float | None = None
    """Seconds between the arrival of the first live audio and the moment it was due."""

    @property
    def instead(self) -> Clip | None:
        """Fragments that can say all of it: nothing of it has sounded, so that no word is said twice."""
        segment = self.segment
        return segment.instead if isinstance(segment, SpeechSegment | ClipSegment) and not self.begun else None

    @property
    def spliced(self) -> bool:
        """Fragments can say it, or will be able to."""
        return self.instead is not None or (isinstance(self.segment, PendingSegment) and self.segment.spliced)


@dataclass(slots=True)
class Playing:
    """One utterance on the track."""

    utterance: Utterance
    slots: deque[Slot]
    enqueued_at: float
    started: bool = False
    choice: Strategy | None = None
    """Who says its values, ``STREAM`` or ``FRAGMENTS``, once that was decided for the first of them."""
    late: Lateness | None = None
    cover_at: float | None = None
    """Not covered before this, though late; set when it comes to the head of the track."""

    def covers(self, usual: Covers | None) -> Covers | None:
        """What covers its lateness; ``usual`` where it has none of its own."""
        return usual if self.utterance.covers is None else self.utterance.covers


@dataclass(slots=True)
class Sounding:
    """What is being sent."""

    playing: Playing
    slot: Slot
    source: Source
    cover: bool
    skipped: int = 0
    """Samples of the segment that sounded before, when it was cut off and said again."""

    @property
    def fades(self) -> bool:
        """It is no clip of the utterance's own, which would be heard to its end."""
        return self.cover or isinstance(self.source, LiveSource)

    def words(self, covers: Covers | None) -> tuple[str, bool]:
        """What is being said, and whether it is personal data."""
        match self.source.strategy:
            case Strategy.FILLER:
                return (covers.filler_text if covers is not None else "", False)
            case Strategy.STILL:
                return (covers.still_text if covers is not None else "", False)
            case strategy if strategy in WORDLESS:
                return ("", False)
        segment = self.slot.segment
        return (getattr(segment, "text", ""), getattr(segment, "private", False))
