"""One call: a dialog, what it says, what was heard, and the gateway's codec between them and the wire.

Pure: every door takes ``now`` in seconds; after each, the shell drains ``effects`` and ``trace``, and arms one timer.
The call outlives its streams: each stream has a generation, and what comes late for an older one is dropped.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Any

from ivr.call.asking import Asking
from ivr.call.effects import Close, Effect, Origin, Play, Send
from ivr.call.lookups import Lookups
from ivr.call.outbox import Outbox
from ivr.call.plan import CallPlan
from ivr.call.speaking import Speaking
from ivr.call.turns import Turns
from ivr.dialog.engine import Engine
from ivr.dialog.line import Line
from ivr.dialog.requests import Ask, Drop, Entered, HangUp, Heard, Request, Returned, Run, Say
from ivr.errors import DialogBroken, HungUp, IvrError, SpeechError
from ivr.gateways.codec import Codec
from ivr.gateways.events import (
    DigitReceived,
    GatewayEvent,
    MarkReached,
    MediaReceived,
    StreamStarted,
    StreamStopped,
)
from ivr.playout.playout import Playout
from ivr.playout.segments import Span
from ivr.speech.synthesizer import SpeechChunk
from ivr.trace.events import (
    BargedIn,
    CallEnded,
    CallStarted,
    DialogFailed,
    DigitHeard,
    PromptSkipped,
    StateEntered,
    TraceEvent,
)
from ivr.trace.sound import Abandoned, UtteranceHeard

ENDLESS = 1000
"""Requests in a row without a wait, after which a dialog is taken to run for ever."""


class Call:
    """See the module. Every door but ``effects`` and ``trace`` may be called after the end; nothing happens then."""

    def __init__(self, id: str, plan: CallPlan, codec: Codec, started_at: datetime) -> None:
        """``started_at`` is wall time, with a time zone, of ``now == 0``."""
        self.id = id
        self.ended = False
        self._plan = plan
        self._codec = codec
        self._started_at = started_at
        self._outbox = Outbox(id)
        self._lookups = Lookups(plan.functions, self._outbox)
        self._turns = Turns(self._outbox)
        self._asking = Asking(self._outbox)
        self._playout: Playout | None = None
        self._speaking: Speaking | None = None
        self._engine: Engine | None = None
        self._waiting: Request | None = None
        self._cover: str | None = None
        self._ahead: deque[str] = deque()
        self._hang_up: str | None = None
        self._bargein: dict[str, bool] = {}

    @property
    def generation(self) -> int:
        """Which stream of the call this is, counted from 1; 0 before the first."""
        return self._outbox.origin.generation

    def receive(self, event: GatewayEvent, now: float) -> None:
        """Something came from the gateway."""
        if self.ended:
            return
        match event:
            case StreamStarted():
                self._attach(event, now)
            case DigitReceived(digit=digit):
                self._digit(digit, now)
            case MarkReached(name=name) if self._playout is not None:
                self._playout.mark_reached(name, now)
            case StreamStopped(reason=reason):
                self.end(reason, now)
            case MediaReceived() | MarkReached():
                pass
        self._settle(now)

    def speech(self, segment: str, attempt: int, chunk: SpeechChunk, now: float) -> None:
        """Audio that a ``Synthesize`` effect asked for."""
        if self._speaking is not None and not self.ended:
            self._speaking.chunk(segment, attempt, chunk, now)
            self._settle(now)

    def speech_finished(self, segment: str, attempt: int, now: float) -> None:
        """All of that audio is here."""
        if self._speaking is not None and not self.ended:
            self._speaking.finished(segment, attempt, now)
            self._settle(now)

    def speech_failed(self, segment: str, attempt: int, error: SpeechError, now: float) -> None:
        """No more of that audio will come. It never ends a call by itself."""
        if self._speaking is not None and not self.ended:
            self._speaking.failed(segment, attempt, error, now)
            self._settle(now)

    def returned(self, lookup: str, value: Any, now: float) -> None:
        """The value that a ``Lookup`` effect asked for."""
        if not self.ended and self._lookups.returned(lookup, value, now) is not None:
            self._lookup_ended(lookup, now)
            self._settle(now)

    def lookup_failed(self, lookup: str, why: str, now: float) -> None:
        """There will be no such value."""
        if not self.ended and self._lookups.failed(lookup, why, now) is not None:
            self._lookup_ended(lookup, now)
            self._settle(now)

    def block(self, blocked: bool, now: float) -> None:
        """The socket takes no more for now, or takes more again."""
        if self._playout is not None and not self.ended:
            self._playout.block(blocked)
            self._settle(now)

    def handle_timer(self, now: float) -> None:
        """The time that ``next_timer`` named has come."""
        if self.ended:
            return
        if self._playout is not None and self._speaking is not None:
            self._playout.handle_timer(now)
            self._speaking.handle_timer(now)
        for handle in self._lookups.overdue(now):
            self._lookup_ended(handle.id, now)
        if isinstance(self._waiting, Ask) and self._asking.silent(now):
            self._turns.begin("no-input", now)
            self._answer(None, now)
        self._settle(now)

    def next_timer(self, now: float) -> float | None:
        """When ``handle_timer`` is to be called, if nothing happens before; None for never."""
        if self.ended:
            return None
        times = [self._lookups.next_timer(), self._asking.until]
        if self._playout is not None and self._speaking is not None:
            times += [self._playout.next_timer(now), self._speaking.next_timer()]
        return min((time for time in times if time is not None), default=None)

    def end(self, reason: str, now: float) -> None:
        """The call is over, whoever ended it. The dialog's ``await`` raises ``HungUp``."""
        if self.ended:
            return
        if self._speaking is not None:
            self._speaking.cancel_all(now)
        self._lookups.cancel_all(now)
        if self._engine is not None and not self._engine.ended:
            try:
                self._engine.throw(HungUp(reason))
            except HungUp:
                pass
            except Exception as error:
                self._outbox.note(DialogFailed(_told(error), now))
            self._engine.close()
        self.ended = True
        self._outbox.note(CallEnded(reason, now))
        self._outbox.want(Close(self._outbox.origin, reason))

    def effects(self) -> list[Effect]:
        """What is to be done, in order."""
        return self._outbox.effects()

    def trace(self) -> list[TraceEvent]:
        """What happened, in order."""
        return self._outbox.trace()

    def _attach(self, event: StreamStarted, now: float) -> None:
        plan = self._plan
        self._outbox.origin = Origin(self.id, event.stream, self.generation + 1)
        self._playout = Playout(plan.capabilities, plan.make_live, plan.covers, plan.schedule)
        self._speaking = Speaking(plan, self._playout, self._lookups, self._outbox)
        started_at = (self._started_at + timedelta(seconds=now)).isoformat()
        self._outbox.note(CallStarted(self.id, event.stream, started_at, now))
        if self._engine is None:
            parameters = event.parameters
            line = Line(parameters.get("from", ""), parameters.get("to", ""), parameters)
            self._engine = Engine(plan.dialog(line))
            self._turns.begin("answer", now)
            self._drive(self._engine.start, now)

    def _digit(self, digit: str, now: float) -> None:
        self._outbox.note(DigitHeard(digit, now))
        self._ahead.append(digit)
        if self._playout is not None and self._playout.saying and self._may_interrupt():
            self._barge_in(now)
        if isinstance(self._waiting, Ask) and not (self._playout is not None and self._playout.saying):
            self._turns.begin("digit", now)
            self._answer(self._ahead.popleft(), now)

    def _may_interrupt(self) -> bool:
        assert self._playout is not None
        return all(self._bargein.get(utterance, True) for utterance in self._playout.unheard())

    def _barge_in(self, now: float) -> None:
        assert self._playout is not None
        cut = self._playout.clear(now)
        for message in (self._codec.clear(), self._codec.mark(cut.sentinel) if cut.sentinel else None):
            if message is not None:
                self._outbox.want(Send(self._outbox.origin, message))
        heard = " ".join(segment.text for segment in cut.heard if segment.text)
        private = any(segment.private for segment in cut.heard)
        self._outbox.note(BargedIn(cut.position, heard, private, now))
        if self._cover is not None and self._speaking is not None:
            self._cover = self._speaking.wait(now)

    def _lookup_ended(self, lookup: str, now: float) -> None:
        waiting = self._waiting
        if isinstance(waiting, Returned) and waiting.handle.id == lookup:
            self._release()
            self._turns.begin("value", now)
            self._continue(waiting, now)
        handle = self._lookups.handle(lookup)
        if self._speaking is not None and handle is not None:
            self._speaking.lookup_ended(handle, now)

    def _release(self) -> None:
        if self._cover is not None and self._speaking is not None:
            self._speaking.release(self._cover)
        self._cover = None

    def _answer(self, value: Any, now: float) -> None:
        assert self._engine is not None
        engine = self._engine
        self._asking.stop()
        self._waiting = None
        self._drive(lambda: engine.resume(value), now)

    def _continue(self, waiting: Returned, now: float) -> None:
        assert self._engine is not None
        engine, result = self._engine, self._lookups.result(waiting.handle)
        self._waiting = None
        if result is not None and result.error is not None:
            error = result.error
            self._drive(lambda: engine.throw(error), now)
        elif result is not None:
            self._drive(lambda: engine.resume(result.value), now)

    def _drive(self, step: Any, now: float) -> None:
        """Run the dialog until it waits; whatever it raises is contained here."""
        assert self._engine is not None
        engine = self._engine
        try:
            request = step()
            for _ in range(ENDLESS):
                if request is None:
                    self._hang_up = self._hang_up or "the dialog ended"
                    return
                waits, value = self._perform(request, now)
                if waits:
                    self._waiting = request
                    return
                if isinstance(request, Returned) and isinstance(value, IvrError):
                    request = engine.throw(value)
                else:
                    request = engine.resume(value)
            engine.close()
            raise DialogBroken(f"the dialog made {ENDLESS} requests and never waited for its caller")
        except HungUp:
            self._hang_up = "the dialog ended"
        except Exception as error:
            self._fail(error, now)

    def _perform(self, request: Request, now: float) -> tuple[bool, Any]:
        """Whether the dialog waits now, and otherwise what it is answered."""
        assert self._speaking is not None and self._playout is not None
        match request:
            case Say():
                self._say(request, now)
            case Entered(state=state):
                self._outbox.note(StateEntered(state, now))
            case Run():
                return False, self._lookups.start(request, now)
            case Drop():
                self._playout.drop(now)
            case Returned(handle=handle):
                result = self._lookups.result(handle)
                if result is None:
                    self._cover = self._speaking.wait(now)
                    return True, None
                return False, result.error or result.value
            case Ask(first_digit=seconds):
                if self._ahead and (not self._playout.saying or self._may_interrupt()):
                    self._turns.begin("digit", now)
                    return False, self._ahead.popleft()
                self._asking.start(seconds, now, saying=self._playout.saying)
                return True, None
            case Heard():
                return self._playout.saying, None
            case HangUp(reason=reason):
                self._hang_up = reason
                return True, None
        return False, None

    def _say(self, request: Say, now: float) -> None:
        assert self._speaking is not None
        prompt = self._plan.catalogue.prompt(request.prompt)
        bargein = request.bargein if request.bargein is not None else prompt is None or prompt.bargein
        if self._ahead and bargein:
            self._outbox.note(PromptSkipped(request.prompt, now))
            return
        self._bargein[self._speaking.say(request, now)] = bargein

    def _fail(self, error: Exception, now: float) -> None:
        """The dialog is broken: say the fallback, if there is one, and end the call."""
        self._outbox.note(DialogFailed(_told(error), now))
        self._waiting = None
        self._asking.stop()
        self._release()
        if self._speaking is not None:
            self._speaking.apologise(now)
        self._hang_up = "the dialog failed"

    def _settle(self, now: float) -> None:
        """React to what playout reports, until nothing more follows from it."""
        playout, speaking = self._playout, self._speaking
        if playout is None or speaking is None:
            return
        while not self.ended:
            self._send_due(playout, now)
            speaking.keep_completed()
            events = playout.events()
            for event in events:
                self._outbox.note(event)
                self._turns.see(event)
                if isinstance(event, Abandoned):
                    speaking.cancel(event.segment, now)
                elif isinstance(event, UtteranceHeard):
                    self._bargein.pop(event.utterance, None)
                    self._heard(event.at, now)
            if self._hang_up is not None and not playout.saying:
                self.end(self._hang_up, now)
            elif not events:
                return

    def _send_due(self, playout: Playout, now: float) -> None:
        for output in playout.due(now):
            if isinstance(output, Span):
                self._outbox.want(Play(self._outbox.origin, output))
            elif (message := self._codec.mark(output.name)) is not None:
                self._outbox.want(Send(self._outbox.origin, message))

    def _heard(self, at: float, now: float) -> None:
        assert self._playout is not None and self._engine is not None
        if self._playout.saying:
            return
        if isinstance(self._waiting, Heard):
            self._answer(None, now)
        elif isinstance(self._waiting, Ask):
            if self._ahead:
                self._turns.begin("digit", now)
                self._answer(self._ahead.popleft(), now)
            else:
                self._asking.words_ended(at)


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, IvrError) else f"{type(error).__name__}: {error}"
