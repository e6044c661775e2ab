"""Sending: what the track decided goes out with its marks, is accounted, and told: starts, ends, gaps and seams."""

from __future__ import annotations

from dataclasses import dataclass, field

from ivr.media.clip import onset
from ivr.media.format import AudioFormat
from ivr.playout.account import Account
from ivr.playout.covers import Covers
from ivr.playout.heard import Placement
from ivr.playout.run import Run
from ivr.playout.seams import SeamMeter
from ivr.playout.segments import ClipSegment, Mark, Output, Span
from ivr.playout.slots import Sounding
from ivr.playout.sources import ClipSource, LiveSource, Source
from ivr.playout.utterances import Utterances
from ivr.trace.sound import SegmentEnded, SegmentStarted, SoundEvent, Strategy, Underrun, UtteranceStarted

CHARACTERS = 20.0
"""Characters of text that a quick speaker says in a second; English prompts run at about 15."""


@dataclass(slots=True)
class Sending:
    """Of one stream."""

    utterances: Utterances
    account: Account
    run: Run
    seams: SeamMeter
    format: AudioFormat
    covers: Covers | None
    message: int
    """Samples of one message, at the most."""
    events: list[SoundEvent]
    """Where to note what happens."""
    completed: list[ClipSegment] = field(default_factory=list)
    """Live segments that were sent whole and belong to nobody."""
    begun: Sounding | None = None
    """What was sent last, unless that was the end of it."""

    def send(self, sounding: Sounding, span: Span, now: float, out: list[Output]) -> None:
        """``span`` of what sounds leaves now; messages and marks are added to ``out``."""
        playing, run = sounding.playing, self.run
        start = max(now, run.filling.until)  # nothing overtakes the silence that was sent
        gap = 0
        if run.ends_at < start:
            gap = self._new_run(sounding, start)
            if (mark := self.account.mark(start)) is not None:
                out.append(mark)
        if sounding is not self.begun:
            self._start(sounding, span, gap, now)
        elif gap:
            self.events.append(Underrun(playing.utterance.id, sounding.slot.segment.id, gap, now))
        words = sounding.source.strategy is not Strategy.SILENCE
        self.account.send(playing.utterance.id, span, start, words=words)
        if words:
            self.seams.sent(span)
        run.ends_at += self.format.seconds(span.samples)
        out.extend(span.pieces(self.message))
        if self.utterances.sounding is not sounding:
            self._end(sounding, now)
        if (mark := self.account.mark_due(now)) is not None:
            out.append(mark)

    def finish(self, now: float, out: list[Output]) -> None:
        """Take utterances that were sent to their end off the queue; their marks are added to ``out``."""
        if self.utterances.queue and self.utterances.queue[0].slots:  # asked for all the time: nothing has ended
            return
        for playing in self.utterances.finish():
            end = self.account.finish(playing.utterance.id, now)
            if isinstance(end, Mark):
                out.append(end)
            elif end is not None:
                self.events.append(end)

    def cut(self) -> None:
        """What was being sent was cleared: what comes next is no seam with it."""
        self.seams.end()
        self.begun = None

    def _new_run(self, sounding: Sounding, start: float) -> int:
        """All that was sent has sounded. Returns the gap until ``start`` in samples, where sound was to be expected."""
        playing, ends_at = sounding.playing, self.run.ends_at
        self.run.ends_at = start
        late_since = max(ends_at, playing.enqueued_at)
        if playing.started or late_since == ends_at:
            return self.format.samples(start - late_since)
        self.seams.end()
        return 0

    def _start(self, sounding: Sounding, span: Span, gap: int, now: float) -> None:
        playing, slot, source = sounding.playing, sounding.slot, sounding.source
        utterance, segment, strategy = playing.utterance.id, slot.segment.id, source.strategy
        position = self.account.ledger.sent
        text, private = sounding.words(playing.covers(self.covers))
        sounds_at = self.run.ends_at + _leading_silence(span)
        if not playing.started:
            playing.started = True
            self.events.append(UtteranceStarted(utterance, sounds_at, now))
        words = (utterance, segment, strategy, text, private)
        self.events.append(SegmentStarted(*words, position, sounds_at, now, _quiet(source, span)))
        live = slot.live if isinstance(source, LiveSource) else None
        whole = span.clip.samples if isinstance(source, ClipSource) else None
        quick = self.format.rate / CHARACTERS
        self.account.open(Placement(*words, position, 0, sounding.skipped, whole, live, quick))
        self.begun = sounding
        if strategy is not Strategy.SILENCE:
            self.seams.begin(segment, span, strategy)
            self.seams.joined(utterance, strategy, gap, slot.slack if live is not None else None, span, now)

    def _end(self, sounding: Sounding, now: float) -> None:
        samples = self.account.close()
        utterance, segment = sounding.playing.utterance.id, sounding.slot.segment.id
        self.events.append(SegmentEnded(utterance, segment, sounding.source.strategy, samples, now))
        if isinstance(sounding.source, LiveSource):
            self._keep(sounding, sounding.source)
        self.begun = None

    def _keep(self, sounding: Sounding, source: LiveSource) -> None:
        """Live words that were sent to their end may be said again, unless they are a caller's."""
        segment = sounding.slot.segment
        text, private = sounding.words(sounding.playing.covers(self.covers))
        clip = None if private else source.as_clip(segment.id)
        if clip is not None:
            voice = getattr(segment, "voice", "")
            self.completed.append(ClipSegment(segment.id, clip, text, Strategy.CACHED, voice=voice))


def _quiet(source: Source, span: Span) -> tuple[float, ...]:
    """What the clip of a segment has of it; pauses are no clips, and of live words nobody knows it yet."""
    return () if isinstance(source, LiveSource) or source.strategy is Strategy.SILENCE else span.clip.quiet


def _leading_silence(span: Span) -> float:
    """Seconds before the first audible sample of a span; its whole length where nothing in it is."""
    samples = span.clip.onset if span.start == 0 else onset(span.payload, span.clip.format)
    return span.clip.format.seconds(min(samples, span.samples))
