"""Covers: what the caller hears while a segment is late, and in which order.

Rules:

* A segment that can begin on time is never covered.
* First the filler, once until all was heard; then the hold loop; after ``patience`` seconds, or when the segment has
  failed, the fallback phrase in its place.
* After ``every`` seconds without a word the hold loop makes way for the still phrase, and then goes on. These seconds
  count across waits and late segments that follow one another.
* A cover, once begun, ends at a clean edge: the phrases at their end, the hold loop in a fade.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from math import inf

from ivr.media.clip import Clip, make_clip
from ivr.media.edges import fade_out
from ivr.media.pcm import decode

FADE = 0.080
"""Seconds in which a hold loop ends; long enough not to click, short enough not to delay the words."""


@dataclass(frozen=True, slots=True)
class Covers:
    """What a project covers lateness with; each may be missing."""

    filler: Clip | None = None
    filler_text: str = ""
    hold: Clip | None = None
    fallback: Clip | None = None
    fallback_text: str = ""
    grace: float = 0.150
    """Seconds that an utterance may start late in silence before it is covered."""
    patience: float = 30.0
    """Seconds of covering after which a segment is given up."""
    still: Clip | None = None
    still_text: str = ""
    every: float = 15.0
    """Seconds without a word after which the still phrase is said, and said again."""
    enabled: bool = True
    """No: lateness is heard as silence, and nothing is given up for it. What has failed is replaced all the same."""

    @property
    def only_fallback(self) -> Covers:
        """The same where lateness is not covered."""
        fallback, text = self.fallback, self.fallback_text
        return Covers(fallback=fallback, fallback_text=text, grace=0.0, patience=inf, every=inf, enabled=False)


class Stage(Enum):
    """How far the covering of one late segment has come."""

    NONE = auto()
    FILLER = auto()
    HOLD = auto()
    STILL = auto()
    FALLBACK = auto()


@dataclass(slots=True)
class Lateness:
    """One segment that was not ready when it was due."""

    since: float
    broke: bool = False
    """It had begun to sound: between half a word and the fallback stands the filler."""
    stage: Stage = Stage.NONE

    def next_stage(
        self, covers: Covers | None, *, failed: bool, filler_said: bool, now: float, quiet: float = 0.0
    ) -> Stage:
        """What is to sound next. ``NONE`` where nothing can: silence is all that is left.

        ``quiet``: seconds without a word until what comes next would sound.
        """
        if covers is None:
            return Stage.FALLBACK if failed else Stage.NONE
        if now >= self.since + covers.patience or (failed and (filler_said or not self.broke)):
            return Stage.FALLBACK
        if covers.filler is not None and not filler_said:
            return Stage.FILLER
        if failed:
            return Stage.FALLBACK
        if covers.still is not None and quiet >= covers.every:
            return Stage.STILL
        return Stage.HOLD if covers.hold is not None else Stage.NONE


def faded(hold: Clip, position: int) -> Clip:
    """The last ``FADE`` seconds of a hold loop that stops at sample ``position``, faded to silence."""
    length = min(hold.format.whole_frames(hold.format.samples(FADE)), hold.samples)
    start = position % hold.samples
    part = hold.part(start, min(start + length, hold.samples))
    if missing := start + length - hold.samples:
        part += hold.part(0, max(0, missing))
    samples = decode(part, hold.format)
    return make_clip(fade_out(samples, hold.format.rate, FADE), hold.format, hold.name)
