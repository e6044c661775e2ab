"""The conversation: runs the dialog from one wait to the next, and knows what it waits for.

Rules:

* A digit that nobody waits for yet is kept, in order; the next question takes it, and what would be said before that
  question is skipped, unless the prompt may not be interrupted. Words that no question follows are said all the same.
  A question without type-ahead throws such digits away, and its words are said.
* A digit does not end the wait for a lookup, nor its cover.
* Whatever a dialog raises is contained: it is noted, the fallback is said, the call ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ivr.call.asking import Asking
from ivr.call.lookups import Lookups
from ivr.call.moving import HUNG_UP, Moving
from ivr.call.outbox import Outbox
from ivr.call.plan import CallPlan
from ivr.call.speaking import Speaking
from ivr.call.turns import Turns
from ivr.catalog.party import TransferOutcome
from ivr.dialog.engine import Engine
from ivr.dialog.line import Line
from ivr.dialog.listen import MOST_KEYS
from ivr.dialog.requests import Ask, Clock, Drop, Entered, HangUp, Heard, Request, Returned, Run, Say, Transfer
from ivr.errors import DialogBroken, HungUp, IvrError, LocalGatewayError
from ivr.media.private import raised_at
from ivr.playout.playout import Playout
from ivr.trace.events import DialogFailed, PromptSkipped, StateEntered
from ivr.trace.sound import UtteranceHeard

ENDLESS = 1000
"""Requests in a row without a wait, after which a dialog is taken to run for ever."""


class Conversation:
    """One dialog on one call; the stream under it may change."""

    def __init__(
        self,
        plan: CallPlan,
        lookups: Lookups,
        turns: Turns,
        outbox: Outbox,
        speaking: Speaking,
        playout: Playout,
        interrupt: Callable[[float], None],
        clock: Callable[[float], datetime],
    ) -> None:
        """``interrupt`` clears all that is queued and sounding, here and at the gateway; ``clock`` is wall time."""
        self._plan = plan
        self._lookups = lookups
        self._turns = turns
        self._outbox = outbox
        self._speaking = speaking
        self._playout = playout
        self._interrupt = interrupt
        self._clock = clock
        self._asking = Asking(outbox)
        self.moving = Moving(plan.allowed, outbox)
        self._engine: Engine | None = None
        self._waiting: Request | None = None
        self._cover: str | None = None
        self._ahead: deque[str] = deque()
        self._held_back: list[Say] = []
        self._protected: set[str] = set()
        """Utterances that a digit does not interrupt."""
        self.over: str | None = None
        """Why the call is to end once the last word was heard; None while the dialog goes on."""

    def start(self, line: Line, now: float) -> None:
        """The call was answered."""
        self._engine = Engine(self._plan.dialog(line))
        self._turns.begin("answer", now)
        self._drive(self._engine.start, now)

    def move_to(self, speaking: Speaking, playout: Playout, now: float) -> None:
        """Another stream carries the call from now on; what the old one had not said is not said again."""
        self._speaking, self._playout = speaking, playout
        self._protected.clear()
        if self._cover is not None:
            self._cover = speaking.wait(now)
        if isinstance(self._waiting, Heard):
            self._answer(None, now)
        elif isinstance(self._waiting, Ask):
            self._feed(now)
        elif isinstance(self._waiting, Transfer):
            self.moving.begin(now)

    def may_interrupt(self) -> bool:
        """Whether all that is queued or not yet heard may be interrupted; the last words before a call ends or is
        transferred never are.
        """
        last = self.over is not None or isinstance(self._waiting, Transfer)
        return not last and self._protected.isdisjoint(self._playout.unheard())

    def swallows(self, digit: str, now: float) -> bool:
        """Whether a key means nothing more: the caller closed an answer that was complete already."""
        return self._asking.swallows(digit, now)

    def digit(self, digit: str, now: float) -> None:
        """The caller pressed a key; what it interrupts has been cleared."""
        if len(self._ahead) < MOST_KEYS:
            self._ahead.append(digit)
        if self._cover is not None and self._cover not in self._playout.segments():
            self._cover = self._speaking.wait(now)
        if isinstance(self._waiting, Ask):
            self._take_back(now)
            if not self._playout.saying:
                self._feed(now)
        elif isinstance(self._waiting, Heard) and not self._playout.saying:
            self._answer(None, now)

    def heard(self, event: UtteranceHeard, now: float) -> None:
        """The caller has heard the end of an utterance."""
        self._protected.discard(event.utterance)
        if self._playout.saying and self._ahead and isinstance(self._waiting, Ask) and self.may_interrupt():
            # What held the digit has been heard; what is left may be interrupted by it.
            self._interrupt(now)
        if self._playout.saying:
            return
        if isinstance(self._waiting, Heard):
            self._answer(None, now)
        elif isinstance(self._waiting, Ask):
            self._feed(now, event.at)
        elif isinstance(self._waiting, Transfer):
            self.moving.begin(now)

    def lookup_ended(self, lookup: str, now: float) -> None:
        """A lookup returned or failed: first for the dialog that waits for it, then for the words that do."""
        waiting = self._waiting
        if isinstance(waiting, Returned) and waiting.handle.id == lookup:
            self._release()
            if not self._playout.saying:
                self._turns.begin("value", now)
            self._continue(waiting, now)
        handle = self._lookups.handle(lookup)
        if handle is not None:
            self._speaking.lookup_ended(handle, now)

    def transferred(self, result: TransferOutcome | LocalGatewayError, now: float) -> None:
        """A transfer is over, or could not begin."""
        if not self.moving.end(result.value if isinstance(result, TransferOutcome) else "refused", now):
            return
        assert self._engine is not None
        engine = self._engine
        self._ahead.clear()  # keys were for the other party
        self._waiting = None
        if isinstance(result, TransferOutcome):
            self._drive(lambda: engine.resume(result), now)
        else:
            self._drive(lambda: engine.throw(result), now)

    def handle_timer(self, now: float) -> None:
        """The caller may have been silent for too long."""
        if isinstance(self._waiting, Ask) and (over := self._asking.overdue(now)) is not None:
            self._turns.begin("no-input" if over == (None,) else "pause", now)
            self._answer(*over, now)

    def next_timer(self) -> float | None:
        """When silence becomes no input, or ends what was typed."""
        return self._asking.next_timer()

    def end(self, reason: str, now: float) -> None:
        """The call is over; the dialog may look things up, which nobody waits for, and may not speak."""
        self._asking.stop()
        if self.moving.under_way:
            self.moving.end(HUNG_UP, now)
        if self._engine is None or self._engine.ended:
            return
        try:
            request = self._engine.throw(HungUp(reason))
            for _ in range(ENDLESS):
                if request is None:
                    break
                request = self._farewell(self._engine, request, reason, now)
        except HungUp:
            pass
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self._outbox.note(DialogFailed(type(error).__name__, raised_at(error), str(error), now))
        self._engine.close()

    def _farewell(self, engine: Engine, request: Request, reason: str, now: float) -> Request | None:
        """What a dialog may still do when its call has ended."""
        match request:
            case Run():
                return engine.resume(self._lookups.leave(request, now))
            case Entered() | Clock():
                return engine.resume(self._perform(request, now)[1])
            case _:
                return engine.throw(HungUp(reason))

    def _release(self) -> None:
        if self._cover is not None:
            self._speaking.release(self._cover)
        self._cover = None

    def _feed(self, now: float, silent_since: float | None = None) -> None:
        """All words were heard: keys at hand are for the question; while they do not complete it, silence counts."""
        typed = self._asking.keys(self._ahead, now)
        if typed is not None:
            self._turns.begin("digit", now)
            self._answer(typed, now)
        else:
            self._asking.silent_from(now if silent_since is None else silent_since)

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

    def _drive(self, step: Callable[[], Request | None], now: float) -> None:
        """Run the dialog until it waits; whatever it raises is contained here."""
        assert self._engine is not None
        engine = self._engine
        try:
            request = step()
            for _ in range(ENDLESS):
                if request is None:
                    self._say_held_back(now)
                    self.over = self.over or "the dialog ended"
                    return
                waits, value = self._perform(request, now)
                if waits:
                    self._waiting = request
                    return
                failed = isinstance(request, Returned | Transfer) and isinstance(value, IvrError)
                request = engine.throw(value) if failed else engine.resume(value)
            self._playout.drop(now)
            raise DialogBroken(f"the dialog made {ENDLESS} requests and never waited for its caller")
        except HungUp:
            self.over = "the dialog ended"
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a dialog's own cancellation or exit is no reason to lose the call, or others
            engine.close()
            self._fail(error, now)

    def _perform(self, request: Request, now: float) -> tuple[bool, Any]:
        """Whether the dialog waits now, and otherwise what it is answered."""
        if isinstance(request, Heard | HangUp | Returned | Transfer):
            self._say_held_back(now)
        match request:
            case Say():
                self._say(request, now)
            case Entered(state=state, why=why):
                self._outbox.note(StateEntered(state, now, why))
            case Run():
                return False, self._lookups.start(request, now)
            case Clock():
                return False, self._clock(now)
            case Drop():
                self._playout.drop(now)
            case _:
                return self._wait(request, now)
        return False, None

    def _wait(self, request: Request, now: float) -> tuple[bool, Any]:
        match request:
            case Returned(handle=handle):
                result = self._lookups.result(handle)
                if result is None:
                    self._cover = self._speaking.wait(now)
                    return True, None
                return False, result.error or result.value
            case Ask():
                return self._ask(request, now)
            case Heard():
                return self._playout.saying, None
            case Transfer():
                return self._transfer(request, now)
            case HangUp(reason=reason):
                self.over = reason
        return True, None

    def _ask(self, request: Ask, now: float) -> tuple[bool, Any]:
        self._asking.start(request.listen)
        if not request.listen.type_ahead:
            self._ahead.clear()
            self._say_held_back(now)
        self._skip_held_back(now)
        if self._ahead:
            self._take_back(now)
            if self._playout.saying and self.may_interrupt():
                self._interrupt(now)
            if not self._playout.saying and (typed := self._asking.keys(self._ahead, now)) is not None:
                self._turns.begin("digit", now)
                return False, typed
        self._asking.wait(now, saying=self._playout.saying)
        return True, None

    def _transfer(self, request: Transfer, now: float) -> tuple[bool, Any]:
        refused = self.moving.ask(request, self._plan.capabilities.transfers)
        if refused is not None:
            return False, refused
        if not self._playout.saying:
            self.moving.begin(now)
        return True, None

    def _say(self, request: Say, now: float) -> None:
        prompt = self._plan.catalogue.prompt(request.prompt)
        bargein = request.bargein if request.bargein is not None else prompt is None or prompt.bargein
        if self._ahead and bargein:
            self._held_back.append(request)
            return
        self._skip_held_back(now)
        utterance = self._speaking.say(request, now)
        if not bargein:
            self._protect(utterance)

    def _protect(self, utterance: str) -> None:
        # What was dropped, or not said after all, is never heard: it is forgotten here.
        self._protected &= self._playout.unheard()
        self._protected.add(utterance)

    def _take_back(self, now: float) -> None:
        """A digit is at hand for the question: what has not begun before it, and may be skipped, is not said."""
        self._playout.take_back(self._playout.unheard() - self._protected, now)

    def _skip_held_back(self, now: float) -> None:
        for request in self._held_back:
            self._outbox.note(PromptSkipped(request.prompt, now))
        self._held_back.clear()

    def _say_held_back(self, now: float) -> None:
        held_back, self._held_back = self._held_back, []
        for request in held_back:
            self._speaking.say(request, now)

    def _fail(self, error: BaseException, now: float) -> None:
        """The dialog is broken: say the fallback, if there is one, and end the call."""
        self._outbox.note(DialogFailed(type(error).__name__, raised_at(error), str(error), now))
        self._waiting = None
        self._asking.stop()
        self._release()
        if not self._speaking.apologising and (fallback := self._speaking.apologise(now)) is not None:
            self._protect(fallback)
        self.over = "the dialog failed"
