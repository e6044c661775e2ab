"""Playout: paces what the track decides, keeps the ledger of it, and says what was heard.

Schedule: when only ``Pace.refill`` of what was sent is still to sound, messages are sent until the lead is full. Both
are counted from the origin of the run and never from the last wake, so that lateness does not add up; a wake that is
late by less than the refill is not heard. A run ends when all that was sent has sounded; the next one begins at a new
origin.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from ivr.gateways.codec import Capabilities
from ivr.media.clip import onset
from ivr.media.samples import Samples
from ivr.playout.account import Account
from ivr.playout.covers import Covers
from ivr.playout.cut import Cut
from ivr.playout.filling import Filling
from ivr.playout.heard import Placement
from ivr.playout.ledger import Ledger
from ivr.playout.live import Live
from ivr.playout.pacing import USUAL, Pace, Schedule
from ivr.playout.run import Run
from ivr.playout.seams import SeamMeter
from ivr.playout.segments import ClipSegment, Mark, Output, Segment, Span, Utterance
from ivr.playout.slots import Sounding
from ivr.playout.sources import ClipSource, LiveSource, Source
from ivr.playout.track import Track
from ivr.timers import earliest
from ivr.trace.sound import (
    Abandoned,
    SegmentEnded,
    SegmentStarted,
    SoundEvent,
    SoundHeld,
    SoundWentOn,
    Strategy,
    Underrun,
    UtteranceStarted,
)

CHARACTERS = 20.0
"""Characters of text that a quick speaker says in a second; English prompts run at about 15."""


class Playout:
    """One stream's playout. Drain ``due`` and ``events`` after every call of another method."""

    def __init__(
        self,
        capabilities: Capabilities,
        make_live: Callable[[str], Live],
        covers: Covers | None,
        schedule: Schedule = USUAL,
    ) -> None:
        format = capabilities.out_format
        self._account = Account(format.rate, capabilities)
        self._can_clear = capabilities.can_clear
        self._format = format
        pace = Pace.of(schedule, capabilities)
        self._message = pace.message
        filling = Filling(format, capabilities.fills_silence)
        self._at_once = format.samples(pace.lead - pace.refill)
        message = format.seconds(pace.message)
        self._run = Run(pace, message, filling)
        self._track = Track(format, covers, make_live, min(message, pace.refill), pace.message)
        self._seams = SeamMeter(format)
        self._events: list[SoundEvent] = []
        self._quick = format.rate / CHARACTERS
        self._sounding: Sounding | None = None
        self._nothing_at_hand = False
        self.completed: list[ClipSegment] = []
        """Live segments that were sent whole and belong to nobody; whoever keeps clips may take them off."""

    @property
    def ledger(self) -> Ledger:
        """What was sent, and when it is heard."""
        return self._account.ledger

    @property
    def idle(self) -> bool:
        """Nothing is queued and all that was sent was heard."""
        return not self._track.queue and not self._account.waits

    @property
    def falling_back(self) -> bool:
        """A segment that is queued has failed, or its fallback phrase is queued or sounding."""
        return any(
            (slot.failed and slot.instead is None)
            or (isinstance(slot.segment, ClipSegment) and slot.segment.strategy is Strategy.FALLBACK)
            for playing in self._track.queue
            for slot in playing.slots
        )

    @property
    def saying(self) -> bool:
        """Words are queued, sounding or not yet heard; covers of a wait do not count."""
        if self._account.waits:
            return True
        for playing in self._track.queue:  # asked at every step of every call, and no generator
            if not playing.utterance.wait:
                return True
        return False

    def unheard(self) -> frozenset[str]:
        """The utterances that are queued, or sent and not yet heard."""
        return frozenset([*(playing.utterance.id for playing in self._track.queue), *self._account.unheard])

    def segments(self) -> frozenset[str]:
        """The segments that have not been sent to their end."""
        return frozenset(slot.segment.id for playing in self._track.queue for slot in playing.slots)

    def reached(self, utterance: str, seconds: float) -> float | None:
        """When so many seconds of an utterance will have been heard; None while nothing of it was sent."""
        return self._account.reached(utterance, seconds)

    def enqueue(self, utterance: Utterance, now: float) -> None:
        """Say it behind what is already queued."""
        self._track.enqueue(utterance, now)

    def resolve(self, segment: str, by: tuple[Segment, ...]) -> None:
        """The words of a pending segment are known, or a wait is over (``by`` is empty)."""
        self._track.replace(segment, by)

    def feed(
        self, segment: str, samples: Samples, rate: int, words: tuple[tuple[int, int, int], ...], now: float
    ) -> float | None:
        """Live audio came in. Returns the slack if it was the segment's first: seconds until it is due."""
        slot = self._track.find(segment)
        if slot is None or slot.live is None or slot.failed:
            return None
        (slot.retry or slot.live).push(samples, rate, words)
        if slot.slack is None:
            slot.slack = self._run.ahead(now) + self._format.seconds(self._track.samples_before(segment))
            return slot.slack
        return None

    def finished(self, segment: str) -> None:
        """All audio of a live segment is here; where nothing of it can be heard, it has failed."""
        slot = self._track.find(segment)
        if slot is not None and slot.live is not None:
            live = slot.retry or slot.live
            live.finish()
            slot.failed = slot.failed or live.empty

    def failed(self, segment: str, why: str | None = None) -> None:
        """No (more) audio will come for a segment; at a clean edge fragments, or the fallback, take its place.

        ``why`` is for traces.
        """
        slot = self._track.find(segment)
        if slot is not None:
            slot.failed = True
            slot.why = why or slot.why

    def has_fragments(self, segment: str) -> bool:
        """Whether fragments will say a segment if its live words fail now.

        Nothing of those has sounded, and the voice said no other value of the utterance.
        """
        slot, playing = self._track.find(segment), self._track.playing(segment)
        streams = playing is not None and playing.choice is Strategy.STREAM
        return slot is not None and slot.instead is not None and not streams

    def in_fragments(self, segment: str) -> bool:
        """Whether fragments said a value before it in its utterance, so that they are to say this one as well."""
        playing = self._track.playing(segment)
        return playing is not None and playing.choice is Strategy.FRAGMENTS

    def again(self, segment: str) -> bool:
        """A new synthesis of a segment begins; False where it is too late for that."""
        return self._track.again(segment) is not None

    def block(self, blocked: bool) -> None:
        """Hold media back while the socket takes no more, and go on when it does."""
        self._run.blocked = blocked

    def resume(self, queued: float, now: float) -> None:
        """The far side takes more again, and has ``queued`` seconds at the most; its clock may have stood still.

        Marks that come back have told so by now; where none do, all that was sent may still wait there.
        """
        waiting = min(queued, self._format.seconds(self.ledger.outstanding))
        dry = self.ledger.runs_dry_at
        if self.ledger.answers and dry is not None:
            waiting = min(waiting, max(0.0, dry - now))
        self._run.ends_at = max(self._run.ends_at, now + waiting)

    def queue_reported(self, queued: float, now: float) -> None:
        """The far side was asked how much waits there, and answers: so many seconds."""
        self.ledger.reported(self._format.samples(queued), now)
        self._run.follow(self.ledger.runs_dry_at)

    @property
    def held(self) -> bool:
        """What sounds stands still, between ``hold`` and ``go_on`` or a clear."""
        return self._run.held

    def hold(self, now: float) -> None:
        """What sounds stands still where it is, and no more is sent; the caller sends the gateway's pause."""
        if not self.held:
            self._run.hold(now)
            self.ledger.hold(now)
            self._events.append(SoundHeld(self.ledger.heard(now + self.ledger.path), now))

    def go_on(self, now: float) -> None:
        """It goes on from there, and nothing is sent again; the caller sends the gateway's word for it."""
        if self.held:
            self.ledger.go_on(now)
            self._events.append(SoundWentOn(self._run.go_on(now), now))

    def due(self, now: float) -> list[Output]:
        """Everything that is to be sent by now, in order."""
        out: list[Output] = []
        room = self._run.room(now)
        while room and self._track.queue and not self._account.full:
            found = self._track.next_span(now, self._run.ends_at, min(room * self._message, self._at_once))
            self._nothing_at_hand = found is None
            if found is None:
                break
            self._send(*found, now, out)
            self._finish_utterances(now, out)
            # Of a cover no more is sent than a late wake needs: words that come must wait for it to end.
            room = self._run.room(now, to_the_full=not found[0].cover)
        self._finish_utterances(now, out)
        if (frame := self._run.fill(now)) is not None:
            out.append(frame)
        self._report()
        return out

    def clear(self, now: float) -> Cut:
        """Barge-in: nothing more of what is queued is to be heard. The caller sends the gateway's clear, if it has one.

        Without one, what was sent is heard to its end, and what comes next begins behind it.
        """
        cut = self._account.clear(now)
        for playing in self._track.clear():
            for slot in playing.slots:
                self._events.append(Abandoned(playing.utterance.id, slot.segment.id, "the caller interrupted", now))
        self._seams.end()
        self._sounding = None
        self._run.cut(now if self._can_clear else None)
        self._report()
        return cut

    def take_back(self, utterances: Collection[str], now: float) -> None:
        """Do not say those of the named utterances of which nothing was sent."""
        for playing in self._track.take_back(utterances):
            for slot in playing.slots:
                self._events.append(Abandoned(playing.utterance.id, slot.segment.id, "the caller typed ahead", now))

    def drop(self, now: float) -> None:
        """Say no more of what is queued; what sounds ends at a clean edge."""
        for segment in self._track.drop(now):
            self._events.append(Abandoned("", segment, "the dialog went on", now))

    def mark_reached(self, name: str, now: float) -> None:
        """A mark came back from the gateway."""
        self._events.extend(self._account.mark_reached(name, now))
        self._run.follow(self.ledger.runs_dry_at)

    def handle_timer(self, now: float) -> None:
        """Give up marks that are overdue; without marks, go by the clock. Pacing is done by ``due``."""
        self._events.extend(self._account.handle_timer(now))

    def next_timer(self, now: float) -> float | None:
        """When to call ``handle_timer`` and ``due`` again, if nothing happens before."""
        wake_at = None
        if self._track.queue and not self._run.still and not self._account.full:
            # Also when that time has passed: who asks again before he has woken must not lose his wake.
            wake_at = self._track.decide_at if self._nothing_at_hand else self._run.wake_at
        return earliest(self._account.next_timer(), wake_at, self._run.fill_at)

    def events(self) -> list[SoundEvent]:
        """What happened since the last call."""
        events, self._events = self._events, []
        return events

    def _send(self, sounding: Sounding, span: Span, now: float, out: list[Output]) -> None:
        playing = sounding.playing
        start = max(now, self._run.filling.until)  # nothing overtakes the silence that was sent
        gap = 0
        if self._run.ends_at < start:
            late_since = max(self._run.ends_at, playing.enqueued_at)
            if playing.started or late_since == self._run.ends_at:
                gap = self._format.samples(start - late_since)
            else:
                self._seams.end()
            self._run.ends_at = start
            if (mark := self._account.mark(start)) is not None:
                out.append(mark)
        if sounding is not self._sounding:
            self._start(sounding, span, gap, now)
        elif gap:
            self._events.append(Underrun(playing.utterance.id, sounding.slot.segment.id, gap, now))
        words = sounding.source.strategy is not Strategy.SILENCE
        self._account.send(playing.utterance.id, span, start, words=words)
        if words:
            self._seams.sent(span)
        self._run.ends_at += self._format.seconds(span.samples)
        out.extend(span.pieces(self._message))
        if self._track.sounding is not sounding:
            self._end(sounding, now)
        if (mark := self._account.mark_due(now)) is not None:
            out.append(mark)

    def _start(self, sounding: Sounding, span: Span, gap: int, now: float) -> None:
        playing, slot, source = sounding.playing, sounding.slot, sounding.source
        utterance, segment, strategy = playing.utterance.id, slot.segment.id, source.strategy
        text, private = sounding.words(sounding.playing.covers(self._track.covers))
        sounds_at = self._run.ends_at + _leading_silence(span)
        if not playing.started:
            playing.started = True
            self._events.append(UtteranceStarted(utterance, sounds_at, now))
        words = (utterance, segment, strategy, text, private)
        self._events.append(SegmentStarted(*words, self.ledger.sent, sounds_at, now, _quiet(source, span)))
        live = slot.live if isinstance(source, LiveSource) else None
        whole = span.clip.samples if isinstance(source, ClipSource) else None
        self._account.open(Placement(*words, self.ledger.sent, 0, sounding.skipped, whole, live, self._quick))
        self._sounding = sounding
        if strategy is not Strategy.SILENCE:
            self._seams.begin(segment, span, strategy)
            self._seams.joined(utterance, strategy, gap, slot.slack if live is not None else None, span, now)

    def _end(self, sounding: Sounding, now: float) -> None:
        samples = self._account.close()
        utterance, segment = sounding.playing.utterance.id, sounding.slot.segment.id
        self._events.append(SegmentEnded(utterance, segment, sounding.source.strategy, samples, now))
        if isinstance(sounding.source, LiveSource):
            text, private = sounding.words(sounding.playing.covers(self._track.covers))
            clip = None if private else sounding.source.as_clip(segment)
            if clip is not None:
                voice = getattr(sounding.slot.segment, "voice", "")
                self.completed.append(ClipSegment(segment, clip, text, Strategy.CACHED, voice=voice))
        self._sounding = None

    def _finish_utterances(self, now: float, out: list[Output]) -> None:
        if self._track.queue and self._track.queue[0].slots:  # asked for all the time: nothing has ended
            return
        for playing in self._track.finish_utterances():
            end = self._account.finish(playing.utterance.id, now)
            if isinstance(end, Mark):
                out.append(end)
            elif end is not None:
                self._events.append(end)

    def _report(self) -> None:
        if self._track.decided:
            self._events.extend(self._track.decided)
            self._track.decided.clear()
        if self._seams.finished:
            self._events.extend(self._seams.finished)
            self._seams.finished.clear()


def _quiet(source: Source, span: Span) -> tuple[float, ...]:
    """What the clip of a segment has of it; pauses are no clips, and of live words nobody knows it yet."""
    return () if isinstance(source, LiveSource) or source.strategy is Strategy.SILENCE else span.clip.quiet


def _leading_silence(span: Span) -> float:
    """Seconds before the first audible sample of a span; its whole length where nothing in it is."""
    samples = span.clip.onset if span.start == 0 else onset(span.payload, span.clip.format)
    return span.clip.format.seconds(min(samples, span.samples))
