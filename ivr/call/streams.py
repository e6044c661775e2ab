"""The streams of a call, one after the other: what is sent on them, held back, stopped and cleared.

The call outlives its streams: each has a generation, and what comes late for an older one's segments is dropped.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.call.effects import Close, Origin, Play, Send
from ivr.call.flow import Flow, Hold
from ivr.call.lookups import Lookups
from ivr.call.outbox import Outbox
from ivr.call.plan import CallPlan
from ivr.call.speaking import Speaking
from ivr.catalog.bargein import By
from ivr.gateways.codec import Codec, Message
from ivr.gateways.events import StreamStarted
from ivr.playout.playout import Playout
from ivr.playout.segments import Span
from ivr.trace.events import BargedIn

ANSWER = "answer"
"""The parameter that says who answers the call: ``server``, if that is for us to do."""


class Streams:
    """Of one call. What sounds and who speaks are those of the stream that carries it now; none before the first."""

    def __init__(self, call: str, plan: CallPlan, codec: Codec, lookups: Lookups, outbox: Outbox) -> None:
        self._call = call
        self.plan = plan
        """For what the stream can do."""
        self.codec = codec
        """Of the socket that carries the call, or will from its next ``StreamStarted`` on."""
        self._lookups = lookups
        self._outbox = outbox
        self._flow = Flow()
        self.playout: Playout | None = None
        self.speaking: Speaking | None = None

    @property
    def generation(self) -> int:
        """Which stream this is, counted from 1; 0 before the first."""
        return self._outbox.origin.generation

    # ---- one follows another

    def attach(self, event: StreamStarted, now: float, *, away: bool) -> tuple[Speaking, Playout]:
        """A socket's stream carries the call from now on, which may have been ``away``; see ``begin``.

        What was said meanwhile is for this stream, where it can do the same as the one before.
        """
        before, self.plan = self.plan, self.plan.over(self.codec.capabilities)
        self.hold(Hold.AWAY, False, now)
        speaking, playout = self.speaking, self.playout
        if away and self.plan is before and speaking is not None and playout is not None:
            self._outbox.origin = replace(self._outbox.origin, stream=event.stream)
        else:
            speaking, playout = self._begin(event.stream, now)
        self._flow.open(self.plan.capabilities.opening, now)
        playout.block(self._flow.held)
        if event.parameters.get(ANSWER) == "server":
            self._want(self.codec.answer())
        return speaking, playout

    def leave(self, now: float) -> tuple[Speaking, Playout]:
        """No stream carries the call until the next one is attached; what is said meanwhile is kept for that."""
        self.hold(Hold.AWAY, True, now)
        return self._begin("", now)

    def end(self, reason: str) -> None:
        """The call is over: hang up, and close the socket."""
        self._want(self.codec.hang_up())
        self._outbox.want(Close(self._outbox.origin, reason))

    def _begin(self, stream: str, now: float) -> tuple[Speaking, Playout]:
        if self.speaking is not None:
            self.speaking.cancel_all(now)
        plan = self.plan
        self._outbox.origin = Origin(self._call, stream, self.generation + 1)
        self.playout = Playout(plan.capabilities, plan.make_live, plan.covers, plan.schedule)
        self.playout.block(self._flow.held)
        self.speaking = Speaking(plan, self.playout, self._lookups, self._outbox)
        return self.speaking, self.playout

    # ---- what is sent, and when

    def send_due(self, playout: Playout, now: float) -> None:
        """Send what ``playout`` has for now."""
        for output in playout.due(now):
            if isinstance(output, Span):
                self._outbox.want(Play(self._outbox.origin, output))
            else:
                self._want(self.codec.mark(output.name))

    def hold(self, hold: Hold, on: bool, now: float) -> None:
        """A reason to send no sound holds, or holds no longer."""
        self._flow.set(hold, on, now)
        if self.playout is not None:
            self.playout.block(self._flow.held)

    def flow_changed(self, blocked: bool, queued: float, now: float) -> None:
        """The far side takes no more for now, or takes more again: then it has ``queued`` seconds at the most."""
        self.hold(Hold.QUEUE, blocked, now)
        if self.playout is not None and not blocked:
            self.playout.resume(queued, now)

    def probe(self) -> bool:
        """Ask the far side for a sign of life; False where it knows of none."""
        message = self.codec.probe()
        if message is None:
            return False
        if self.playout is not None:
            self.playout.ledger.asked()
        self._want(message)
        return True

    def lingered(self, now: float, *, away: bool) -> bool:
        """Whether the last word, whose end was told, has reached the caller too."""
        return self._flow.lingered(0.0 if away else self.plan.capabilities.linger, now)

    def handle_timer(self, now: float) -> None:
        """One of ``timers`` may have come."""
        if self.playout is None or self.speaking is None:
            return
        if self._flow.handle_timer(now):
            self.probe()
        self.playout.block(self._flow.held)
        self.playout.handle_timer(now)
        self.speaking.syntheses.handle_timer(now)

    def timers(self, now: float) -> tuple[float | None, ...]:
        """When something is to be sent, asked for again, or held back no longer."""
        if self.playout is None or self.speaking is None:
            return ()
        return self.playout.next_timer(now), self.speaking.syntheses.next_timer(), self._flow.next_timer()

    # ---- what is stopped

    def hold_sound(self, now: float) -> bool:
        """See ``Call``; whether it was stopped by that."""
        playout = self.playout
        if playout is None or playout.held or not playout.saying or not self.plan.capabilities.can_pause:
            return False
        playout.hold(now)
        self._want(self.codec.pause())
        return True

    def go_on(self, now: float) -> bool:
        """See ``Call``; whether anything was held."""
        if self.playout is None or not self.playout.held:
            return False
        self.playout.go_on(now)
        self._want(self.codec.resume())
        return True

    def barge_in(self, by: By, now: float) -> None:
        """Clear all that is queued and sounding, here and at the gateway."""
        assert self.playout is not None
        held = self.playout.held
        cut = self.playout.clear(now)
        if self.plan.capabilities.can_clear:
            self._want(self.codec.clear())
            self._want(self.codec.resume() if held else None)
            self.hold(Hold.QUEUE, False, now)  # what is full is empty now; an XON for it need not come
        self._want(self.codec.mark(cut.sentinel) if cut.sentinel else None)
        heard = " ".join(segment.text for segment in cut.heard if segment.text)
        private = any(segment.private for segment in cut.heard)
        self._outbox.note(BargedIn(cut.position, heard, private, now, by.value))

    def _want(self, message: Message | None) -> None:
        if message is not None:
            self._outbox.want(Send(self._outbox.origin, message))
