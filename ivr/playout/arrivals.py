"""What comes for the segments on the track after they were queued: their words, their audio, or that none will come."""

from __future__ import annotations

from ivr.media.samples import Samples
from ivr.playout.live import Live
from ivr.playout.segments import Segment
from ivr.playout.slots import Slot
from ivr.playout.utterances import Utterances
from ivr.trace.sound import Strategy


class Arrivals:
    """Of one stream. What comes for a segment that is not there any more changes nothing."""

    def __init__(self, utterances: Utterances) -> None:
        self._utterances = utterances

    def replace(self, segment: str, by: tuple[Segment, ...]) -> None:
        """A segment whose words were not known becomes the ones given, or nothing."""
        for playing in self._utterances.queue:
            for index, slot in enumerate(playing.slots):
                if slot.segment.id != segment:
                    continue
                if not by:
                    del playing.slots[index]
                    return
                # The slot stays the same one: a cover that sounds for it goes on until the words can begin.
                first, *others = (self._utterances.slot(new) for new in by)
                slot.segment, slot.live = first.segment, first.live
                for offset, new in enumerate(others, 1):
                    playing.slots.insert(index + offset, new)
                return

    def push(self, segment: str, samples: Samples, rate: int, words: tuple[tuple[int, int, int], ...]) -> Slot | None:
        """Live audio came in. Returns where it belongs; None where nobody wants it any more."""
        slot = self._utterances.find(segment)
        if slot is None or slot.live is None or slot.failed:
            return None
        (slot.retry or slot.live).push(samples, rate, words)
        return slot

    def finished(self, segment: str) -> None:
        """All audio of a live segment is here; where nothing of it can be heard, it has failed."""
        slot = self._utterances.find(segment)
        if slot is not None and slot.live is not None:
            live = slot.retry or slot.live
            live.finish()
            slot.failed = slot.failed or live.empty

    def failed(self, segment: str, why: str | None) -> None:
        """No (more) audio will come for a segment; ``why`` is for traces."""
        slot = self._utterances.find(segment)
        if slot is not None:
            slot.failed = True
            slot.why = why or slot.why

    def again(self, segment: str) -> Live | None:
        """Make room for a new synthesis of a segment; None where it is too late for that."""
        slot = self._utterances.find(segment)
        if slot is None or slot.live is None or slot.failed:
            return None
        live = self._utterances.make_live(getattr(slot.segment, "voice", ""))
        sounding = self._utterances.sounding
        if sounding is not None and sounding.slot is slot and not sounding.cover:
            slot.retry = live
        else:
            slot.live, slot.broke_at = live, 0
        return live

    def has_fragments(self, segment: str) -> bool:
        """Whether fragments will say a segment if its live words fail now.

        Nothing of those has sounded, and the voice said no other value of the utterance.
        """
        slot, playing = self._utterances.find(segment), self._utterances.playing(segment)
        streams = playing is not None and playing.choice is Strategy.STREAM
        return slot is not None and slot.instead is not None and not streams

    def in_fragments(self, segment: str) -> bool:
        """Whether fragments said a value before it in its utterance, so that they are to say this one as well."""
        playing = self._utterances.playing(segment)
        return playing is not None and playing.choice is Strategy.FRAGMENTS
