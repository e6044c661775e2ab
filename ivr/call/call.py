"""One call: a dialog, what it says, what was heard, and the gateway's codec between them and the wire.

Pure: every door takes ``now`` in seconds; after each, the shell drains ``effects`` and ``trace``, and arms one timer.
The call outlives its streams: each has a generation, and what comes late for an older one's segments is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from ivr.call.conversation import Conversation
from ivr.call.effects import Effect
from ivr.call.flow import Hold
from ivr.call.lookups import Lookups
from ivr.call.outbox import Outbox
from ivr.call.parts import Parts
from ivr.call.plan import CallPlan
from ivr.call.settling import Settling
from ivr.call.streams import Streams
from ivr.call.turns import Turns
from ivr.catalog.bargein import By
from ivr.catalog.party import TransferOutcome
from ivr.dialog.line import Line
from ivr.errors import LocalGatewayError, SpeechError
from ivr.gateways.codec import Codec
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
from ivr.speech.synthesizer import SpeechChunk
from ivr.timers import earliest
from ivr.trace.events import CallEnded, CallStarted, DigitHeard, TraceEvent


class Call:
    """See the module. Every door may be called after the end; nothing happens then."""

    def __init__(
        self, id: str, plan: CallPlan, codec: Codec, started_at: datetime, outbox: Outbox | None = None
    ) -> None:
        """``started_at`` is wall time, with a time zone, of ``now == 0``; ``outbox`` is a new one unless given."""
        self.id = id
        self.ended = False
        self._started_at = started_at
        self._outbox = Outbox(id) if outbox is None else outbox
        self._lookups = Lookups(plan.functions, self._outbox)
        self._turns = Turns(self._outbox)
        self._streams = Streams(id, plan, codec, self._lookups, self._outbox)
        self._conversation: Conversation | None = None
        self._settling: Settling | None = None

    @property
    def generation(self) -> int:
        """Which stream of the call this is, counted from 1; 0 before the first."""
        return self._streams.generation

    def move_to(self, codec: Codec) -> None:
        """Another socket carries the call from its next ``StreamStarted`` on; ``codec`` is the new socket's own."""
        self._streams.codec = codec

    def receive(self, event: GatewayEvent, now: float) -> None:
        """Something came from the gateway."""
        if self.ended:
            return
        streams = self._streams
        match event:
            case StreamStarted():
                self._attach(event, now)
            case DigitReceived(digit=digit):
                streams.hold(Hold.OPENING, False, now)
                self._digit(digit, now)
            case MarkReached(name=name) if streams.playout is not None:
                streams.playout.mark_reached(name, now)
            case FlowChanged(blocked=blocked, queued=queued):
                streams.flow_changed(blocked, queued, now)
            case QueueReported(queued=queued) if streams.playout is not None:
                streams.playout.queue_reported(queued, now)
            case CallerAudible():
                streams.hold(Hold.OPENING, False, now)
            case StreamStopped(reason=reason):
                self.end(reason, now)
            case MediaReceived() if self._conversation is not None:
                self._conversation.sound(event, now)
            case MediaReceived() | MarkReached() | QueueReported() | ErrorReported():
                pass
        self._settle(now)

    def speech(self, segment: str, attempt: int, chunk: SpeechChunk, now: float) -> None:
        """Audio that a ``Synthesize`` effect asked for."""
        speaking = self._streams.speaking
        if speaking is not None and not self.ended:
            speaking.syntheses.chunk(segment, attempt, chunk, now)
            self._settle(now)

    def speech_finished(self, segment: str, attempt: int, now: float) -> None:
        """All of that audio is here."""
        speaking = self._streams.speaking
        if speaking is not None and not self.ended:
            speaking.syntheses.finished(segment, attempt, now)
            self._settle(now)

    def speech_failed(self, segment: str, attempt: int, error: SpeechError, now: float) -> None:
        """No more of that audio will come. It never ends a call by itself."""
        speaking = self._streams.speaking
        if speaking is not None and not self.ended:
            speaking.syntheses.failed(segment, attempt, error, now)
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
            self._conversation.leave(*self._streams.leave(now), now)

    def transferred(self, outcome: TransferOutcome, now: float) -> None:
        """What came of a ``Transfer``, on the same stream, on the next one or between the two."""
        self._moved(outcome, now)

    def transfer_refused(self, why: str, now: float) -> None:
        """The gateway cannot do it. ``why`` holds nothing of the caller's."""
        self._moved(LocalGatewayError(why), now)

    def block(self, blocked: bool, now: float) -> None:
        """The socket takes no more for now, or takes more again."""
        if not self.ended:
            self._streams.hold(Hold.SOCKET, blocked, now)
            self._settle(now)

    def hold_sound(self, now: float) -> bool:
        """Stop what sounds where it is, for what may be an interruption: ``go_on`` undoes it, and a barge-in clears it.

        Whoever holds it lets it go; nothing here does after a time. Returns whether it stands still now: False where
        the gateway cannot do that (``Capabilities.can_pause``), and where no words sound or wait.
        """
        if self.ended:
            return False
        if self._streams.hold_sound(now):
            self._settle(now)
        return self._streams.playout is not None and self._streams.playout.held

    def go_on(self, now: float) -> None:
        """What was held goes on from there, without being sent again; nothing happens where nothing is held."""
        if not self.ended and self._streams.go_on(now):
            self._settle(now)

    def probe(self, now: float) -> bool:
        """Ask the far side for a sign of life; False where it knows of none."""
        return not self.ended and self._streams.probe()

    def handle_timer(self, now: float) -> None:
        """The time that ``next_timer`` named has come."""
        if self.ended or self._conversation is None:
            return
        self._streams.handle_timer(now)
        for handle in self._lookups.overdue(now):
            self._conversation.lookup_ended(handle.id, now)
        self._conversation.handle_timer(now)
        self._settle(now)

    def next_timer(self, now: float) -> float | None:
        """When ``handle_timer`` is to be called, if nothing happens before; None for never."""
        if self.ended or self._conversation is None:
            return None
        return earliest(self._lookups.next_timer(), *self._conversation.timers(), *self._streams.timers(now))

    def end(self, reason: str, now: float) -> None:
        """The call is over, whoever ended it. The dialog's ``await`` raises ``HungUp``."""
        if self.ended:
            return
        self.ended = True
        if self._streams.speaking is not None:
            self._streams.speaking.cancel_all(now)
        self._lookups.cancel_all(now)
        if self._conversation is not None:
            self._conversation.end(reason, now)
        self._outbox.note(CallEnded(reason, now))
        self._streams.end(reason)

    def effects(self) -> list[Effect]:
        """What is to be done, in order."""
        return self._outbox.effects()

    def trace(self) -> list[TraceEvent]:
        """What happened, in order."""
        return self._outbox.trace()

    def _attach(self, event: StreamStarted, now: float) -> None:
        streams, conversation = self._streams, self._conversation
        before = streams.generation
        speaking, playout = streams.attach(event, now, away=conversation is not None and conversation.away)
        plan = streams.plan
        began, rate = _clock(self._started_at, now).isoformat(), plan.capabilities.out_format.rate
        self._outbox.note(CallStarted(self.id, event.stream, began, now, rate))
        if conversation is None:
            parts = Parts(plan, self._lookups, self._turns, self._outbox, speaking, playout)
            self._start(parts, event.parameters, now)
            return
        if streams.generation != before:  # what was said on the one before is not for this one
            conversation.move_to(plan, speaking, playout, now)
        conversation.come_back(now)

    def _start(self, parts: Parts, parameters: Mapping[str, str], now: float) -> None:
        clock = partial(_clock, self._started_at)
        conversation = self._conversation = Conversation(parts, self._streams.barge_in, clock)
        self._settling = Settling(self._streams, parts, conversation)
        conversation.start(Line(parameters.get("from", ""), parameters.get("to", ""), parameters), now)

    def _moved(self, result: TransferOutcome | LocalGatewayError, now: float) -> None:
        if not self.ended and self._conversation is not None:
            self._conversation.transferred(result, now)
            self._settle(now)

    def _conversation_of(self) -> Conversation:
        assert self._conversation is not None, "a lookup ended before any dialog began"
        return self._conversation

    def _digit(self, digit: str, now: float) -> None:
        self._outbox.note(DigitHeard(digit, now))
        conversation, playout = self._conversation, self._streams.playout
        if conversation is None or playout is None or conversation.swallows(digit, now):
            return
        if playout.saying and conversation.may_interrupt(By.DIGIT, now):
            self._streams.barge_in(By.DIGIT, now)
        conversation.digit(digit, now)

    def _settle(self, now: float) -> None:
        if self._settling is not None and not self.ended and (over := self._settling.settle(now)) is not None:
            self.end(over, now)


def _clock(started_at: datetime, now: float) -> datetime:
    return started_at + timedelta(seconds=now)
