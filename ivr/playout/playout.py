"""Playout: paces what the track decides, keeps the ledger of it, and says what was heard.

Schedule: when only ``Pace.refill`` of what was sent is still to sound, messages are sent until the lead is full. Both
are counted from the origin of the run and never from the last wake, so that lateness does not add up; a wake that is
late by less than the refill is not heard. A run ends when all that was sent has sounded; the next one begins at a new
origin.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from ivr.gateways.codec import Capabilities
from ivr.media.samples import Samples
from ivr.playout.account import Account
from ivr.playout.arrivals import Arrivals
from ivr.playout.covers import Covers
from ivr.playout.cut import Cut
from ivr.playout.filling import Filling
from ivr.playout.ledger import Ledger
from ivr.playout.live import Live
from ivr.playout.pacing import USUAL, Pace, Schedule
from ivr.playout.run import Run
from ivr.playout.seams import SeamMeter
from ivr.playout.segments import ClipSegment, Output, Segment, Utterance
from ivr.playout.sending import Sending
from ivr.playout.track import Track
from ivr.playout.utterances import Utterances
from ivr.timers import earliest
from ivr.trace.sound import Abandoned, SoundEvent, SoundHeld, SoundWentOn


class Playout:
    """One stream's playout. Drain ``due`` and ``events`` after every call of another method."""

    def __init__(
        self,
        capabilities: Capabilities,
        make_live: Callable[[str], Live],
        covers: Covers | None,
        schedule: Schedule = USUAL,
    ) -> None:
        format, pace = capabilities.out_format, Pace.of(schedule, capabilities)
        message = format.seconds(pace.message)
        self._can_clear = capabilities.can_clear
        self._format = format
        self._message = pace.message
        self._at_once = format.samples(pace.lead - pace.refill)
        self._account = Account(format.rate, capabilities)
        self._run = Run(pace, message, Filling(format, capabilities.fills_silence))
        self._utterances = Utterances(make_live)
        self._arrivals = Arrivals(self._utterances)
        self._track = Track(self._utterances, format, covers, min(message, pace.refill), pace.message)
        self._seams = SeamMeter(format)
        self._events: list[SoundEvent] = []
        self._sending = Sending(
            self._utterances, self._account, self._run, self._seams, format, covers, pace.message, self._events
        )
        self._nothing_at_hand = False
        self.completed: list[ClipSegment] = self._sending.completed
        """Live segments that were sent whole and belong to nobody; whoever keeps clips may take them off."""

    @property
    def ledger(self) -> Ledger:
        """What was sent, and when it is heard."""
        return self._account.ledger

    @property
    def idle(self) -> bool:
        """Nothing is queued and all that was sent was heard."""
        return not self._utterances.queue and not self._account.waits

    @property
    def falling_back(self) -> bool:
        """A segment that is queued has failed, or its fallback phrase is queued or sounding."""
        return self._utterances.falling_back

    @property
    def saying(self) -> bool:
        """Words are queued, sounding or not yet heard; covers of a wait do not count."""
        return self._account.waits or self._utterances.saying

    def unheard(self) -> frozenset[str]:
        """The utterances that are queued, or sent and not yet heard."""
        return frozenset([*(playing.utterance.id for playing in self._utterances.queue), *self._account.unheard])

    def segments(self) -> frozenset[str]:
        """The segments that have not been sent to their end."""
        return frozenset(slot.segment.id for slot in self._utterances.slots)

    def reached(self, utterance: str, seconds: float) -> float | None:
        """When so many seconds of an utterance will have been heard; None while nothing of it was sent."""
        return self._account.reached(utterance, seconds)

    def enqueue(self, utterance: Utterance, now: float) -> None:
        """Say it behind what is already queued."""
        self._utterances.enqueue(utterance, now)

    def resolve(self, segment: str, by: tuple[Segment, ...]) -> None:
        """The words of a pending segment are known, or a wait is over (``by`` is empty)."""
        self._arrivals.replace(segment, by)

    def feed(
        self, segment: str, samples: Samples, rate: int, words: tuple[tuple[int, int, int], ...], now: float
    ) -> float | None:
        """Live audio came in. Returns the slack if it was the segment's first: seconds until it is due."""
        slot = self._arrivals.push(segment, samples, rate, words)
        if slot is None or slot.slack is not None:
            return None
        slot.slack = self._run.ahead(now) + self._format.seconds(self._utterances.samples_before(segment))
        return slot.slack

    def finished(self, segment: str) -> None:
        """All audio of a live segment is here; where nothing of it can be heard, it has failed."""
        self._arrivals.finished(segment)

    def failed(self, segment: str, why: str | None = None) -> None:
        """No (more) audio will come for a segment; at a clean edge fragments, or the fallback, take its place.

        ``why`` is for traces.
        """
        self._arrivals.failed(segment, why)

    def has_fragments(self, segment: str) -> bool:
        """Whether fragments will say a segment if its live words fail now."""
        return self._arrivals.has_fragments(segment)

    def in_fragments(self, segment: str) -> bool:
        """Whether fragments said a value before it in its utterance, so that they are to say this one as well."""
        return self._arrivals.in_fragments(segment)

    def again(self, segment: str) -> bool:
        """A new synthesis of a segment begins; False where it is too late for that."""
        return self._arrivals.again(segment) is not None

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
        while room and self._utterances.queue and not self._account.full:
            found = self._track.next_span(now, self._run.ends_at, min(room * self._message, self._at_once))
            self._nothing_at_hand = found is None
            if found is None:
                break
            self._sending.send(*found, now, out)
            self._sending.finish(now, out)
            # Of a cover no more is sent than a late wake needs: words that come must wait for it to end.
            room = self._run.room(now, to_the_full=not found[0].cover)
        self._sending.finish(now, out)
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
        self._sending.cut()
        self._run.cut(now if self._can_clear else None)
        self._report()
        return cut

    def take_back(self, utterances: Collection[str], now: float) -> None:
        """Do not say those of the named utterances of which nothing was sent."""
        for playing in self._utterances.take_back(utterances):
            for slot in playing.slots:
                self._events.append(Abandoned(playing.utterance.id, slot.segment.id, "the caller typed ahead", now))

    def drop(self, now: float, utterances: Collection[str] | None = None) -> None:
        """Say no more of what is queued, or of the named utterances; what sounds ends at a clean edge."""
        for segment in self._utterances.drop(utterances):
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
        if self._utterances.queue and not self._run.still and not self._account.full:
            # Also when that time has passed: who asks again before he has woken must not lose his wake.
            wake_at = self._track.decide_at if self._nothing_at_hand else self._run.wake_at
        return earliest(self._account.next_timer(), wake_at, self._run.fill_at)

    def events(self) -> list[SoundEvent]:
        """What happened since the last call."""
        events = self._events.copy()
        self._events.clear()  # the list stays the same one: what is sent is noted in it too
        return events

    def _report(self) -> None:
        if self._track.decided:
            self._events.extend(self._track.decided)
            self._track.decided.clear()
        if self._seams.finished:
            self._events.extend(self._seams.finished)
            self._seams.finished.clear()
