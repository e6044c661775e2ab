"""Events of sound: what playout sent and what was heard.

Times are seconds on the call's clock, positions are samples since the stream began.
"""

from __future__ import annotations

from enum import StrEnum

from ivr.records import record


class Strategy(StrEnum):
    """How a segment was voiced."""

    CLIP = "clip"
    CACHED = "cached"
    FRAGMENTS = "fragments"
    STREAM = "stream"
    FILLER = "filler"
    HOLD = "hold"
    STILL = "still"
    """The phrase that is said into the hold at intervals."""
    FALLBACK = "fallback"
    SILENCE = "silence"


class Outcome(StrEnum):
    """How a mark, and with it the end of what it covers, was resolved."""

    PLAYED = "played"
    CLEARED = "cleared"
    ESTIMATED = "estimated"
    """No echo came in time, or the gateway has no marks: by the clock."""


@record
class UtteranceStarted:
    """Its first audio was handed over."""

    utterance: str
    sounds_at: float
    """When its first audible sample is due on the wire; covers sound for the utterance they cover."""
    at: float


@record
class SegmentStarted:
    """The first audio of a segment, or of a cover for it, was handed over."""

    utterance: str
    segment: str
    strategy: Strategy
    text: str
    private: bool
    position: int
    sounds_at: float
    """When its first audible sample is due on the wire; the end of a silence, in which nothing is."""
    at: float
    quiet: tuple[float, ...] = ()
    """Seconds of quiet in its clip: at the head, inside in order, at the tail. Empty where none is long, or live."""


@record
class Underrun:
    """Audio of a segment that had begun came too late for the far side: the caller heard a gap within it."""

    utterance: str
    segment: str
    samples: int
    at: float


@record
class SegmentEnded:
    """The last audio of a segment or cover was handed over."""

    utterance: str
    segment: str
    strategy: Strategy
    samples: int
    at: float


@record
class SeamJoined:
    """Two segments met on the wire."""

    utterance: str
    before: str
    after: str
    strategy: Strategy
    """Of the segment behind the seam."""
    gap: int
    """Samples of silence that nobody planned."""
    level_step: float | None
    """Loudness behind the seam less that before it, LU; None where either side is silent."""
    jump: float
    """Sample step at the join over the largest step in the 20 ms around it; above 1 is a click."""
    slack: float | None
    """Seconds between the arrival of the live audio behind the seam and the moment it was due."""
    at: float


@record
class UtteranceHeard:
    """The caller has heard its end."""

    utterance: str
    samples: int
    outcome: Outcome
    at: float


@record
class MarkResolved:
    """A mark came back, or was given up."""

    name: str
    outcome: Outcome
    at: float


@record
class MarksLate:
    """Marks have not come back for longer than networks take: they are lost, or the far side's clock stands still."""

    waiting: int
    """Marks that are out."""
    late: float
    """Seconds since the first of them was expected."""
    at: float


@record
class SoundHeld:
    """What sounds was stopped where it is; nothing was dropped."""

    position: int
    """Where in all that was sent the caller's ear stands, in samples."""
    at: float


@record
class SoundWentOn:
    """It goes on from there, without being sent again."""

    held: float
    """Seconds that it stood still."""
    at: float


@record
class FragmentsTaken:
    """Fragments take the place of live words of which nothing has sounded; whoever makes those may stop."""

    utterance: str
    segment: str
    why: str
    at: float


UNSAYABLE = "its value cannot be said"
"""How ``Abandoned.why`` begins where a value is none that its slot can voice; the rest never shows the value."""


@record
class Abandoned:
    """A segment's audio will not be used any more; whoever makes it may stop."""

    utterance: str
    segment: str
    why: str
    at: float


SoundEvent = (
    UtteranceStarted
    | SegmentStarted
    | Underrun
    | SegmentEnded
    | SeamJoined
    | UtteranceHeard
    | MarkResolved
    | MarksLate
    | SoundHeld
    | SoundWentOn
    | FragmentsTaken
    | Abandoned
)
