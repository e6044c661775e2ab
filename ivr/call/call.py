"""One call: a dialog, what it says, what was heard, and the gateway's codec between them and the wire.

Pure: every door takes ``now`` in seconds; after each, the shell drains ``effects`` and ``trace``, and arms one timer.
The call outlives its streams: each has a generation, and what comes late for an older one's segments is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from ivr.call.conversation import Conversation
from ivr.call.effects import Close, Effect, Origin, Play, Send
from ivr.call.flow import Flow, Hold
from ivr.call.lookups import Lookups
from ivr.call.outbox import Outbox
from ivr.call.parts import Parts
from ivr.call.plan import CallPlan
from ivr.call.speaking import Speaking
from ivr.call.turns import Turns
from ivr.catalog.bargein import By
from ivr.catalog.party import TransferOutcome
from ivr.dialog.line import Line
from ivr.errors import LocalGatewayError, SpeechError
from ivr.gateways.codec import Codec, Message
from ivr.gateways.events import (
    CallerAudible,
    DigitReceived,
    ErrorReported,
    FlowChanged,
    GatewayEvent,
    MarkReached,
    MediaReceived,
    QueueReported,
    StreamStarted,
    StreamStopped,
)
from ivr.playout.playout import Playout
from ivr.playout.segments import Span
from ivr.speech.synthesizer import SpeechChunk
from ivr.timers import earliest
from ivr.trace.events import BargedIn, CallEnded, CallStarted, DigitHeard, TraceEvent
from ivr.trace.sound import Abandoned, FragmentsTaken, MarksLate, UtteranceHeard

ANSWER = "answer"
"""The parameter that says who answers the call: ``server``, if that is for us to do."""


class Call:
    """See the module. Every door may be called after the end; nothing happens then."""

    def __init__(
        self, id: str, plan: CallPlan, codec: Codec, started_at: datetime, outbox: Outbox | None = None
    ) -> None:
        """``started_at`` is wall time, with a time zone, of ``now == 0``; ``outbox`` is a new one unless given."""
        self.id = id
        self.ended = False
        self._plan = plan
        self._codec = codec
        self._started_at = started_at
        self._outbox = Outbox(id) if outbox is None else outbox
        self._lookups = Lookups(plan.functions, self._outbox)
        self._turns = Turns(self._outbox)
        self._flow = Flow()
        self._playout: Playout | None = None
        self._speaking: Speaking | None = None
        self._conversation: Conversation | None = None

    @property
    def generation(self) -> int:
        """Which stream of the call this is, counted from 1; 0 before the first."""
        return self._outbox.origin.generation

    def move_to(self, codec: Codec) -> None:
        """Another socket carries the call from its next ``StreamStarted`` on; ``codec`` is the new socket's own."""
        self._codec = codec

    def receive(self, event: GatewayEvent, now: float) -> None:
        """Something came from the gateway."""
        if self.ended:
            return
        match event:
            case StreamStarted():
                self._attach(event, now)
            case DigitReceived(digit=digit):
                self._hold(Hold.OPENING, False, now)
                self._digit(digit, now)
            case MarkReached(name=name) if self._playout is not None:
                self._playout.mark_reached(name, now)
            case FlowChanged(blocked=blocked, queued=queued):
                self._hold(Hold.QUEUE, blocked, now)
                if self._playout is not None and not blocked:
                    self._playout.resume(queued, now)
            case QueueReported(queued=queued) if self._playout is not None:
                self._playout.queue_reported(queued, now)
            case CallerAudible():
                self._hold(Hold.OPENING, False, now)
            case StreamStopped(reason=reason):
                self.end(reason, now)
            case MediaReceived() if self._conversation is not None:
                self._conversation.sound(event, now)
            case MediaReceived() | MarkReached() | QueueReported() | ErrorReported():
                pass
        self._settle(now)

    def speech(self, segment: str, attempt: int, chunk: SpeechChunk, now: float) -> None:
        """Audio that a ``Synthesize`` effect asked for."""
        if self._speaking is not None and not self.ended:
            self._speaking.syntheses.chunk(segment, attempt, chunk, now)
            self._settle(now)

    def speech_finished(self, segment: str, attempt: int, now: float) -> None:
        """All of that audio is here."""
        if self._speaking is not None and not self.ended:
            self._speaking.syntheses.finished(segment, attempt, now)
            self._settle(now)

    def speech_failed(self, segment: str, attempt: int, error: SpeechError, now: float) -> None:
        """No more of that audio will come. It never ends a call by itself."""
        if self._speaking is not None and not self.ended:
            self._speaking.syntheses.failed(segment, attempt, error, now)
            self._settle(now)

    def returned(self, lookup: str, value: Any, now: float) -> None:
        """The value that a ``Lookup`` effect asked for."""
        if not self.ended and self._lookups.returned(lookup, value, now) is not None:
            self._conversation_of().lookup_ended(lookup, now)
            self._settle(now)

    def lookup_failed(self, lookup: str, why: str, now: float, status: int | None = None) -> None:
        """There will be no such value; ``status`` is that of the answer over HTTP that says so."""
        if not self.ended and self._lookups.failed(lookup, why, now, status) is not None:
            self._conversation_of().lookup_ended(lookup, now)
            self._settle(now)

    def leave(self, now: float) -> None:
        """The shell lets go of the stream so that the call can be moved; the next ``StreamStarted`` carries it on.

        What the dialog says meanwhile is said there.
        """
        if not self.ended and self._conversation is not None and not self._conversation.away:
            self._hold(Hold.AWAY, True, now)
            self._conversation.leave(*self._begin_stream("", now), now)

    def transferred(self, outcome: TransferOutcome, now: float) -> None:
        """What came of a ``Transfer``, on the same stream, on the next one or between the two."""
        self._moved(outcome, now)

    def transfer_refused(self, why: str, now: float) -> None:
        """The gateway cannot do it. ``why`` holds nothing of the caller's."""
        self._moved(LocalGatewayError(why), now)

    def block(self, blocked: bool, now: float) -> None:
        """The socket takes no more for now, or takes more again."""
        if not self.ended:
            self._hold(Hold.SOCKET, blocked, now)
            self._settle(now)

    def hold_sound(self, now: float) -> bool:
        """Stop what sounds where it is, for what may be an interruption: ``go_on`` undoes it, and a barge-in clears it.

        Whoever holds it lets it go; nothing here does after a time. Returns whether it stands still now: False where
        the gateway cannot do that (``Capabilities.can_pause``), and where no words sound or wait.
        """
        playout = self._playout
        if self.ended or playout is None or not self._plan.capabilities.can_pause:
            return False
        if not playout.held and playout.saying:
            playout.hold(now)
            self._want(self._codec.pause())
            self._settle(now)
        return playout.held

    def go_on(self, now: float) -> None:
        """What was held goes on from there, without being sent again; nothing happens where nothing is held."""
        if not self.ended and self._playout is not None and self._playout.held:
            self._playout.go_on(now)
            self._want(self._codec.resume())
            self._settle(now)

    def probe(self, now: float) -> bool:
        """Ask the far side for a sign of life; False where it knows of none."""
        return self._probe()

    def _probe(self) -> bool:
        message = self._codec.probe()
        if message is None or self.ended:
            return False
        if self._playout is not None:
            self._playout.ledger.asked()
        self._want(message)
        return True

    def handle_timer(self, now: float) -> None:
        """The time that ``next_timer`` named has come."""
        if self.ended or self._conversation is None or self._playout is None or self._speaking is None:
            return
        if self._flow.handle_timer(now):
            self._probe()
        self._playout.block(self._flow.held)
        self._playout.handle_timer(now)
        self._speaking.syntheses.handle_timer(now)
        for handle in self._lookups.overdue(now):
            self._conversation.lookup_ended(handle.id, now)
        self._conversation.handle_timer(now)
        self._settle(now)

    def next_timer(self, now: float) -> float | None:
        """When ``handle_timer`` is to be called, if nothing happens before; None for never."""
        if self.ended or self._conversation is None or self._playout is None or self._speaking is None:
            return None
        return earliest(
            self._lookups.next_timer(),
            self._conversation.next_timer(),
            self._playout.next_timer(now),
            self._speaking.syntheses.next_timer(),
            self._flow.next_timer(),
        )

    def end(self, reason: str, now: float) -> None:
        """The call is over, whoever ended it. The dialog's ``await`` raises ``HungUp``."""
        if self.ended:
            return
        self.ended = True
        if self._speaking is not None:
            self._speaking.cancel_all(now)
        self._lookups.cancel_all(now)
        if self._conversation is not None:
            self._conversation.end(reason, now)
        self._outbox.note(CallEnded(reason, now))
        self._want(self._codec.hang_up())
        self._outbox.want(Close(self._outbox.origin, reason))

    def effects(self) -> list[Effect]:
        """What is to be done, in order."""
        return self._outbox.effects()

    def trace(self) -> list[TraceEvent]:
        """What happened, in order."""
        return self._outbox.trace()

    def _attach(self, event: StreamStarted, now: float) -> None:
        before, self._plan = self._plan, self._plan.over(self._codec.capabilities)
        conversation = self._conversation
        kept = conversation is not None and conversation.away and self._plan is before
        self._hold(Hold.AWAY, False, now)
        if kept:  # what was said while the call was away is for this stream
            self._outbox.origin = replace(self._outbox.origin, stream=event.stream)
        else:
            self._begin_stream(event.stream, now)
        self._flow.open(self._plan.capabilities.opening, now)
        assert self._playout is not None and self._speaking is not None
        self._playout.block(self._flow.held)
        if event.parameters.get(ANSWER) == "server":
            self._want(self._codec.answer())
        began, rate = _clock(self._started_at, now).isoformat(), self._plan.capabilities.out_format.rate
        self._outbox.note(CallStarted(self.id, event.stream, began, now, rate))
        if conversation is None:
            self._start(event.parameters, self._speaking, self._playout, now)
            return
        if not kept:
            conversation.move_to(self._plan, self._speaking, self._playout, now)
        conversation.come_back(now)

    def _start(self, parameters: Mapping[str, str], speaking: Speaking, playout: Playout, now: float) -> None:
        parts = Parts(self._plan, self._lookups, self._turns, self._outbox, speaking, playout)
        self._conversation = Conversation(parts, self._barge_in, partial(_clock, self._started_at))
        self._conversation.start(Line(parameters.get("from", ""), parameters.get("to", ""), parameters), now)

    def _moved(self, result: TransferOutcome | LocalGatewayError, now: float) -> None:
        if not self.ended and self._conversation is not None:
            self._conversation.transferred(result, now)
            self._settle(now)

    def _begin_stream(self, stream: str, now: float) -> tuple[Speaking, Playout]:
        if self._speaking is not None:
            self._speaking.cancel_all(now)
        plan = self._plan
        self._outbox.origin = Origin(self.id, stream, self.generation + 1)
        self._playout = Playout(plan.capabilities, plan.make_live, plan.covers, plan.schedule)
        self._playout.block(self._flow.held)
        self._speaking = Speaking(plan, self._playout, self._lookups, self._outbox)
        return self._speaking, self._playout

    def _conversation_of(self) -> Conversation:
        assert self._conversation is not None, "a lookup ended before any dialog began"
        return self._conversation

    def _digit(self, digit: str, now: float) -> None:
        self._outbox.note(DigitHeard(digit, now))
        if self._conversation is None or self._playout is None or self._conversation.swallows(digit, now):
            return
        if self._playout.saying and self._conversation.may_interrupt(By.DIGIT, now):
            self._barge_in(By.DIGIT, now)
        self._conversation.digit(digit, now)

    def _barge_in(self, by: By, now: float) -> None:
        assert self._playout is not None
        held = self._playout.held
        cut = self._playout.clear(now)
        if self._plan.capabilities.can_clear:
            self._want(self._codec.clear())
            self._want(self._codec.resume() if held else None)
            self._hold(Hold.QUEUE, False, now)  # what is full is empty now; an XON for it need not come
        self._want(self._codec.mark(cut.sentinel) if cut.sentinel else None)
        heard = " ".join(segment.text for segment in cut.heard if segment.text)
        private = any(segment.private for segment in cut.heard)
        self._outbox.note(BargedIn(cut.position, heard, private, now, by.value))

    def _settle(self, now: float) -> None:
        """React to what playout reports, until nothing more follows from it."""
        playout, speaking, conversation = self._playout, self._speaking, self._conversation
        if playout is None or speaking is None or conversation is None:
            return
        while not self.ended:
            self._send_due(playout, now)
            if playout.completed:
                speaking.keep_completed()
            again = False
            for event in playout.events():
                self._outbox.note(event)
                self._turns.see(event)
                match event:
                    case Abandoned(segment=segment):
                        speaking.cancel(segment, now)
                        conversation.gave_up(segment, now)
                        again = True
                    case FragmentsTaken(segment=segment):
                        speaking.cancel(segment, now)
                    case MarksLate():
                        self._probe()
                    case UtteranceHeard():
                        conversation.heard(event, now)
                        again = True
            said = conversation.over is not None and not playout.saying
            if said and self._flow.lingered(0.0 if conversation.away else self._plan.capabilities.linger, now):
                self.end(conversation.over or "", now)
            elif not again:
                self._codec.listening = conversation.listens(now)
                return

    def _send_due(self, playout: Playout, now: float) -> None:
        for output in playout.due(now):
            if isinstance(output, Span):
                self._outbox.want(Play(self._outbox.origin, output))
            else:
                self._want(self._codec.mark(output.name))

    def _hold(self, hold: Hold, on: bool, now: float) -> None:
        self._flow.set(hold, on, now)
        if self._playout is not None:
            self._playout.block(self._flow.held)

    def _want(self, message: Message | None) -> None:
        if message is not None:
            self._outbox.want(Send(self._outbox.origin, message))


def _clock(started_at: datetime, now: float) -> datetime:
    return started_at + timedelta(seconds=now)
