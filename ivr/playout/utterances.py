"""The queue of one stream: utterances in their order, and what of them is being sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from itertools import chain

from ivr.playout.live import Live
from ivr.playout.segments import ClipSegment, Segment, SilenceSegment, SpeechSegment, Utterance
from ivr.playout.slots import Playing, Slot, Sounding
from ivr.trace.sound import Strategy


@dataclass(slots=True)
class Utterances:
    """Those that have not been sent to their end. Times are seconds."""

    make_live: Callable[[str], Live]
    """Room for the audio of one segment, by its voice."""
    queue: deque[Playing] = field(default_factory=deque)
    sounding: Sounding | None = None
    """What is being sent; its utterance need not be the first, where those before it have nothing left."""
    expected_since: float | None = None
    """Since when there was always something queued; a wait that ends without a sound counts with what follows it."""
    filler_said: bool = False
    """Since the queue was last empty: a second "one moment" in one turn sounds broken."""

    def enqueue(self, utterance: Utterance, now: float) -> None:
        """Another utterance, behind those that are there."""
        if self.expected_since is None:
            self.expected_since = now
        if not self.queue:
            self.filler_said = False
        self.queue.append(Playing(utterance, deque(self.slot(s) for s in utterance.segments), now))

    def slot(self, segment: Segment) -> Slot:
        """A place for a segment on the track."""
        return Slot(segment, self.make_live(segment.voice) if isinstance(segment, SpeechSegment) else None)

    @property
    def slots(self) -> Iterator[Slot]:
        """The segments that have not been sent to their end, in their order."""
        return chain.from_iterable(playing.slots for playing in self.queue)

    @property
    def falling_back(self) -> bool:
        """A segment has failed and nothing else says it, or its fallback phrase is queued or sounding."""
        return any(
            (slot.failed and slot.instead is None)
            or (isinstance(slot.segment, ClipSegment) and slot.segment.strategy is Strategy.FALLBACK)
            for slot in self.slots
        )

    @property
    def saying(self) -> bool:
        """There are words among them; covers of a wait do not count."""
        for playing in self.queue:  # asked at every step of every call, and no generator
            if not playing.utterance.wait:
                return True
        return False

    def next(self) -> Playing | None:
        """The first that has something left."""
        for playing in self.queue:
            if playing.slots:
                return playing
        return None

    def find(self, segment: str) -> Slot | None:
        """The slot of a segment that has not been sent to its end."""
        return next((slot for slot in self.slots if slot.segment.id == segment), None)

    def playing(self, segment: str) -> Playing | None:
        """The utterance of a segment that has not been sent to its end."""
        return next((p for p in self.queue for slot in p.slots if slot.segment.id == segment), None)

    def samples_before(self, segment: str) -> int:
        """Samples still to be sent before a segment's turn comes, by what is known of the audio before it."""
        samples = 0
        for slot in self.slots:
            if slot.segment.id == segment:
                break
            sent = self.sounding.source.sent if self.sounding is not None and self.sounding.slot is slot else 0
            samples += max(0, _known_samples(slot.segment) - sent)
        return samples

    def finish(self) -> list[Playing]:
        """Those at the head that have nothing left to send, taken off."""
        finished: list[Playing] = []
        while self.queue and not self.queue[0].slots:
            if self.sounding is not None and self.sounding.playing is self.queue[0]:
                break
            finished.append(self.queue.popleft())
        if not self.queue:
            self.expected_since = None
        return finished

    def end(self) -> None:
        """What is being sent was sent to its end; a cover is no segment, and takes none off."""
        sounding, self.sounding = self.sounding, None
        assert sounding is not None
        slots = sounding.playing.slots
        if not sounding.cover and slots and slots[0].segment.id == sounding.slot.segment.id:
            slots.popleft()

    def clear(self) -> list[Playing]:
        """Take everything off."""
        dropped = list(self.queue)
        self.queue.clear()
        self.sounding = None
        self.filler_said = False
        self.expected_since = None
        return dropped

    def take_back(self, utterances: Collection[str]) -> list[Playing]:
        """Take off those of the named utterances of which nothing was sent."""
        taken = [p for p in self.queue if p.utterance.id in utterances and not p.started]
        self.queue = deque(playing for playing in self.queue if playing not in taken)
        return taken

    def drop(self, utterances: Collection[str] | None = None) -> list[str]:
        """Take off what has not begun, of the named utterances or of all; what sounds ends at a clean edge.

        Returns the segments dropped.
        """
        dropped: list[str] = []
        sounding = self.sounding
        for playing in self.queue:
            if utterances is not None and playing.utterance.id not in utterances:
                continue
            keep = [s for s in playing.slots if sounding is not None and s is sounding.slot]
            dropped += [slot.segment.id for slot in playing.slots if slot not in keep]
            playing.slots = deque(keep)
            if sounding is not None and sounding.playing is playing and sounding.fades:
                sounding.slot.failed = True
                playing.slots.clear()
                dropped.append(sounding.slot.segment.id)
        return dropped


def _known_samples(segment: Segment) -> int:
    match segment:
        case ClipSegment(clip=clip):
            return clip.samples
        case SilenceSegment(samples=samples):
            return samples
    return 0
