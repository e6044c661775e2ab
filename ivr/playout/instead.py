"""What is said in a segment's place: fragments where it has any, and else the fallback phrase.

Who says the first value of an utterance says all of its values: two ways of saying them within a sentence are heard as
two voices. So the voice begins only where it has each of them, and words that it said before and that were kept are its
own. Only where it loses one after that, which had come in part, a change of voices is better than a value that is lost.
"""

from __future__ import annotations

from ivr.playout.covers import Covers, Stage
from ivr.playout.readiness import Readiness
from ivr.playout.segments import ClipSegment
from ivr.playout.slots import Playing, Slot
from ivr.trace.sound import Abandoned, FragmentsTaken, Strategy

IMPATIENT = "it took longer than the caller's patience"


def choose_fragments(playing: Playing, readiness: Readiness, now: float) -> list[FragmentsTaken]:
    """The live words of the first value are too late, or have failed; all known values of the utterance go with it."""
    playing.choice = Strategy.FRAGMENTS
    first, taken = playing.slots[0], []
    for slot in [slot for slot in playing.slots if slot.instead is not None]:
        why = slot.why if slot.failed else "it was not there when it was due"
        if slot is not first and not slot.failed:
            why = "another value of the sentence is said from fragments"
        elif not slot.failed and readiness.ready(slot, now, now):
            why = "another value of the sentence was not there"
        taken.append(_take_fragments(playing, slot, why, now))
    return taken


def give_up(playing: Playing, stage: Stage, covers: Covers | None, now: float) -> Abandoned | FragmentsTaken:
    """Wait no longer for the first segment of an utterance; ``stage`` is how far its covering has come."""
    slot = playing.slots[0]
    playing.late = None
    if slot.instead is None:
        return _fall_back(playing, slot, covers, now)
    late = "nothing covers the wait for it" if stage is Stage.NONE else IMPATIENT
    playing.choice = Strategy.FRAGMENTS
    return _take_fragments(playing, slot, slot.why if slot.failed else late, now)


def _take_fragments(playing: Playing, slot: Slot, why: str, now: float) -> FragmentsTaken:
    segment, clip = slot.segment, slot.instead
    assert clip is not None
    text, private = getattr(segment, "text", ""), getattr(segment, "private", False)
    slot.segment = ClipSegment(segment.id, clip, text, Strategy.FRAGMENTS, private)
    slot.live, slot.failed = None, False
    return FragmentsTaken(playing.utterance.id, segment.id, why, now)


def _fall_back(playing: Playing, slot: Slot, covers: Covers | None, now: float) -> Abandoned:
    """The fallback phrase stands in its place, where the project has one; a wait says nothing and needs none."""
    playing.slots.popleft()
    if covers is not None and covers.fallback is not None and not playing.utterance.wait:
        segment = ClipSegment(slot.segment.id, covers.fallback, covers.fallback_text, Strategy.FALLBACK)
        playing.slots.appendleft(Slot(segment))
    return Abandoned(playing.utterance.id, slot.segment.id, slot.why if slot.failed else IMPATIENT, now)
