"""The track: utterances in their order, and what of them sounds next.

At each boundary one rule decides: a segment whose audio is at hand goes on; one that is late waits while there is
slack. When there is none, fragments say it where it has any, and else it is covered. Who says the first value of an
utterance says all of its values: two ways of saying them within a sentence are heard as two voices.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from math import inf

from ivr.media.clip import Clip, make_clip
from ivr.media.format import AudioFormat
from ivr.media.samples import silence
from ivr.playout.covers import Covers, Lateness, Stage, faded
from ivr.playout.live import Live
from ivr.playout.segments import (
    ClipSegment,
    Segment,
    SilenceSegment,
    Span,
    SpeechSegment,
    Utterance,
)
from ivr.playout.slots import WORDLESS, Playing, Slot, Sounding
from ivr.playout.sources import ClipSource, LiveSource, LoopSource, Source
from ivr.trace.sound import Abandoned, FragmentsTaken, Strategy

START_BUFFER = 0.120
"""Seconds of live speech in hand before it begins to sound; with less, a late network packet is heard as crackle."""

PAUSES = 64
"""Lengths of planned silence that are kept ready for all calls; wordings know a handful."""


@dataclass(slots=True)
class Track:
    """Decides; it neither paces nor accounts."""

    format: AudioFormat
    covers: Covers | None
    make_live: Callable[[str], Live]
    """Room for the audio of one segment, by its voice."""
    margin: float
    """Seconds before the end of the slack at which lateness is decided; a wake may come this late."""
    cover_most: int
    """Samples of a cover that are sent in one go."""
    queue: deque[Playing] = field(default_factory=deque)
    sounding: Sounding | None = None
    decided: list[Abandoned | FragmentsTaken] = field(default_factory=list)
    """Live words that are not wanted any more."""
    filler_said: bool = False
    """Since the track was last empty: a second "one moment" in one turn sounds broken."""
    decide_at: float | None = None
    """When the segment at the head, now waited for, is covered."""
    expected_since: float | None = None
    """Since when there was always something queued; a wait that ends without a sound counts with what follows it."""
    words_end: float = -inf
    """When the last words that were sent, those of covers with them, are over."""

    def enqueue(self, utterance: Utterance, now: float) -> None:
        """Another utterance, behind those that are there."""
        if self.expected_since is None:
            self.expected_since = now
        if not self.queue:
            self.filler_said = False
        self.queue.append(Playing(utterance, deque(self._slot(s) for s in utterance.segments), now))

    def find(self, segment: str) -> Slot | None:
        """The slot of a segment that has not been sent to its end."""
        return next((slot for playing in self.queue for slot in playing.slots if slot.segment.id == segment), None)

    def playing(self, segment: str) -> Playing | None:
        """The utterance of a segment that has not been sent to its end."""
        return next((p for p in self.queue for slot in p.slots if slot.segment.id == segment), None)

    def samples_before(self, segment: str) -> int:
        """Samples still to be sent before a segment's turn comes, by what is known of the audio before it."""
        samples = 0
        for slot in chain.from_iterable(playing.slots for playing in self.queue):
            if slot.segment.id == segment:
                break
            sent = self.sounding.source.sent if self.sounding is not None and self.sounding.slot is slot else 0
            samples += max(0, _known_samples(slot.segment) - sent)
        return samples

    def again(self, segment: str) -> Live | None:
        """Make room for a new synthesis of a segment; None where it is too late for that."""
        slot = self.find(segment)
        if slot is None or slot.live is None or slot.failed:
            return None
        live = self.make_live(getattr(slot.segment, "voice", ""))
        if self.sounding is not None and self.sounding.slot is slot and not self.sounding.cover:
            slot.retry = live
        else:
            slot.live, slot.broke_at = live, 0
        return live

    def replace(self, segment: str, by: tuple[Segment, ...]) -> None:
        """A segment whose words were not known becomes the ones given, or nothing."""
        for playing in self.queue:
            for index, slot in enumerate(playing.slots):
                if slot.segment.id != segment:
                    continue
                if not by:
                    del playing.slots[index]
                    return
                # The slot stays the same one: a cover that sounds for it goes on until the words can begin.
                first, *others = (self._slot(new) for new in by)
                slot.segment, slot.live = first.segment, first.live
                for offset, new in enumerate(others, 1):
                    playing.slots.insert(index + offset, new)
                return

    def next_span(self, now: float, due: float, most: int) -> tuple[Sounding, Span] | None:
        """What is to be sent now, at most ``most`` samples of words; ``due`` is when all that was sent has sounded.

        None when nothing is at hand; ``decide_at`` then says when to ask again, if no audio comes before.
        """
        self.decide_at = None
        while True:
            if self.sounding is None and not self._begin(now, due):
                return None
            sounding = self.sounding
            assert sounding is not None
            if isinstance(sounding.source, LoopSource) and self._may_leave_hold(sounding, now, due):
                sounding.source = ClipSource(faded(sounding.source.clip, sounding.source.sent), Strategy.HOLD)
            span = sounding.source.take(self.cover_most if sounding.cover else most)
            if span is None and not sounding.source.done:
                if now < due - self.margin and not sounding.slot.failed:
                    self.decide_at = due - self.margin
                    return None
                span = self._break_off(sounding, now)
            if sounding.source.done and self.sounding is sounding:
                self._end()
            if span is not None:
                if sounding.source.strategy not in WORDLESS:
                    self.words_end = max(now, due) + self.format.seconds(span.samples)
                return sounding, span

    def finish_utterances(self) -> list[Playing]:
        """Utterances at the head that have nothing left to send, taken off the track."""
        finished: list[Playing] = []
        while self.queue and not self.queue[0].slots:
            if self.sounding is not None and self.sounding.playing is self.queue[0]:
                break
            finished.append(self.queue.popleft())
        if not self.queue:
            self.expected_since = None
        return finished

    def clear(self) -> list[Playing]:
        """Take everything off."""
        dropped = list(self.queue)
        self.queue.clear()
        self.sounding = None
        self.filler_said = False
        self.decide_at = self.expected_since = None
        self.words_end = -inf
        return dropped

    def take_back(self, utterances: Collection[str]) -> list[Playing]:
        """Take off those of the named utterances of which nothing was sent."""
        taken = [p for p in self.queue if p.utterance.id in utterances and not p.started]
        self.queue = deque(playing for playing in self.queue if playing not in taken)
        return taken

    def drop(self, now: float) -> list[str]:
        """Take off what has not begun; what sounds ends at a clean edge. Returns the segments dropped."""
        dropped: list[str] = []
        for playing in self.queue:
            keep = [s for s in playing.slots if self.sounding is not None and s is self.sounding.slot]
            dropped += [slot.segment.id for slot in playing.slots if slot not in keep]
            playing.slots = deque(keep)
        if self.sounding is not None and (self.sounding.cover or isinstance(self.sounding.source, LiveSource)):
            self.sounding.slot.failed = True
            self.sounding.playing.slots.clear()
            dropped.append(self.sounding.slot.segment.id)
        return dropped

    def _slot(self, segment: Segment) -> Slot:
        return Slot(segment, self.make_live(segment.voice) if isinstance(segment, SpeechSegment) else None)

    def _begin(self, now: float, due: float) -> bool:
        while (playing := next((p for p in self.queue if p.slots), None)) is not None:
            slot = playing.slots[0]
            if (source := self._own_source(playing, slot, now, due)) is not None:
                playing.late = None
                skipped = slot.live.taken if slot.live is not None else 0
                if slot.instead is not None:
                    playing.choice = Strategy.STREAM
                slot.begun = True
                self.sounding = Sounding(playing, slot, source, cover=False, skipped=skipped)
                return True
            if self._waits(playing, slot, now, due):
                return False
            if slot.instead is not None and playing.choice is not Strategy.STREAM:
                self._choose_fragments(playing, now)
                continue
            stage = self._late_stage(playing, slot, now, due)
            if stage is Stage.FALLBACK or (stage is Stage.NONE and slot.instead is not None):
                self._give_up(playing, slot, stage, now)
                continue
            if (cover := self._cover(stage, playing.covers(self.covers))) is None:
                return False
            self.sounding = Sounding(playing, slot, cover, cover=True)
            return True
        return False

    def _own_source(self, playing: Playing, slot: Slot, now: float, due: float) -> Source | None:
        match slot.segment:
            case ClipSegment(clip=clip, strategy=strategy):
                return ClipSource(clip, strategy)
            case SilenceSegment(samples=samples):
                return ClipSource(_quiet(samples, self.format), Strategy.SILENCE)
            case SpeechSegment() if slot.live is not None and self._ready(slot, now, due):
                if slot.instead is None or playing.choice is not None or self._all_ready(playing, now, due):
                    return LiveSource(slot.live)
        return None

    def _all_ready(self, playing: Playing, now: float, due: float) -> bool:
        """Whether the voice can say every known value; one that is late later on would need a second voice."""
        return all(self._ready(slot, now, due) for slot in playing.slots if slot.instead is not None)

    def _ready(self, slot: Slot, now: float, due: float) -> bool:
        if slot.live is None or slot.failed or slot.live.empty:
            return False
        if slot.live.finished:
            return True
        reach = slot.live.available() + (slot.live.taken if slot.broke_at else 0)
        return reach >= slot.broke_at + self.format.samples(START_BUFFER) and now >= due - self.margin

    def _waits(self, playing: Playing, slot: Slot, now: float, due: float) -> bool:
        """Whether a segment that is not ready need not be decided on before ``decide_at``, which is set."""
        if playing.cover_at is None:
            dry = due <= now or playing.utterance.wait
            covers = playing.covers(self.covers)
            grace = covers.grace if covers is not None and not playing.started else 0.0
            since = now if self.expected_since is None else self.expected_since
            playing.cover_at = max(due, since) + grace if dry else due - self.margin
        urgent_at = max(due - self.margin, playing.cover_at)
        if now < urgent_at and not slot.failed:
            self.decide_at = urgent_at
            return True
        return False

    def _choose_fragments(self, playing: Playing, now: float) -> None:
        """The live words of a value are too late, or have failed; all known values of the utterance go with it."""
        playing.choice = Strategy.FRAGMENTS
        first = playing.slots[0]
        for slot in [slot for slot in playing.slots if slot.instead is not None]:
            why = slot.why if slot.failed else "it was not there when it was due"
            if slot is not first and not slot.failed:
                why = "another value of the sentence is said from fragments"
            elif not slot.failed and self._ready(slot, now, now):
                why = "another value of the sentence was not there"
            self._take_fragments(playing, slot, why, now)

    def _take_fragments(self, playing: Playing, slot: Slot, why: str, now: float) -> None:
        segment, clip = slot.segment, slot.instead
        assert clip is not None
        self.decided.append(FragmentsTaken(playing.utterance.id, segment.id, why, now))
        text, private = getattr(segment, "text", ""), getattr(segment, "private", False)
        slot.segment = ClipSegment(segment.id, clip, text, Strategy.FRAGMENTS, private)
        slot.live, slot.failed = None, False

    def _late_stage(self, playing: Playing, slot: Slot, now: float, due: float) -> Stage:
        """How to cover a segment that is late; ``NONE`` where nothing can, with ``decide_at`` set."""
        if playing.late is None:
            playing.late = Lateness(now, broke=slot.broke)
        covers = playing.covers(self.covers)
        still_at = self._still_at(covers)
        quiet = max(now, due) - still_at + covers.every if covers is not None else 0.0
        stage = playing.late.next_stage(covers, failed=slot.failed, filler_said=self.filler_said, now=now, quiet=quiet)
        if stage is Stage.NONE and covers is not None:
            self.decide_at = min(playing.late.since + covers.patience, still_at)
        return stage

    def _still_at(self, covers: Covers | None) -> float:
        """When the still phrase is to be said, if nothing else is before; infinite where there is none."""
        if covers is None or covers.still is None:
            return inf
        since = -inf if self.expected_since is None else self.expected_since
        return max(self.words_end, since) + covers.every

    def _cover(self, stage: Stage, covers: Covers | None) -> Source | None:
        if covers is None:
            return None
        if stage is Stage.FILLER and covers.filler is not None:
            self.filler_said = True
            return ClipSource(covers.filler, Strategy.FILLER)
        if stage is Stage.HOLD and covers.hold is not None:
            return LoopSource(covers.hold)
        if stage is Stage.STILL and covers.still is not None:
            return ClipSource(covers.still, Strategy.STILL)
        return None

    def _give_up(self, playing: Playing, slot: Slot, stage: Stage, now: float) -> None:
        """The voice said values before this one: a change to fragments is heard, but a value that is lost is worse."""
        if slot.instead is None:
            self._fall_back(playing, slot, now)
            return
        late = "nothing covers the wait for it" if stage is Stage.NONE else "it took longer than the caller's patience"
        why = slot.why if slot.failed else late
        self._take_fragments(playing, slot, why, now)
        playing.choice, playing.late = Strategy.FRAGMENTS, None

    def _fall_back(self, playing: Playing, slot: Slot, now: float) -> None:
        """Give the segment up; the fallback phrase stands in its place, where the project has one."""
        why = slot.why if slot.failed else "it took longer than the caller's patience"
        self.decided.append(Abandoned(playing.utterance.id, slot.segment.id, why, now))
        playing.slots.popleft()
        playing.late = None
        covers = playing.covers(self.covers)
        if covers is not None and covers.fallback is not None and not playing.utterance.wait:
            segment = ClipSegment(slot.segment.id, covers.fallback, covers.fallback_text, Strategy.FALLBACK)
            playing.slots.appendleft(Slot(segment))

    def _may_leave_hold(self, sounding: Sounding, now: float, due: float) -> bool:
        slots = sounding.playing.slots
        if not slots or slots[0] is not sounding.slot:
            return True
        covers = sounding.playing.covers(self.covers)
        patience = covers.patience if covers is not None else 0.0
        late = sounding.playing.late
        given_up = late is not None and now >= late.since + patience
        still = max(now, due) >= self._still_at(covers)
        slot = sounding.slot
        spliced = slot.instead is not None and sounding.playing.choice is not Strategy.STREAM
        known = spliced or isinstance(slot.segment, ClipSegment | SilenceSegment)
        return known or slot.failed or given_up or still or self._ready(slot, now, now)

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
        self.sounding = None
        return rest

    def _end(self) -> None:
        sounding = self.sounding
        assert sounding is not None
        self.sounding = None
        slots = sounding.playing.slots
        if not sounding.cover and slots and slots[0].segment.id == sounding.slot.segment.id:
            slots.popleft()


@lru_cache(PAUSES)
def _quiet(samples: int, format: AudioFormat) -> Clip:
    return make_clip(silence(samples), format)


def _known_samples(segment: Segment) -> int:
    match segment:
        case ClipSegment(clip=clip):
            return clip.samples
        case SilenceSegment(samples=samples):
            return samples
    return 0
