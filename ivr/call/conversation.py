"""The conversation: answers what the dialog asks for, and knows what it waits for.

Rules:

* A digit that nobody waits for yet is kept, in order; the next question takes it, and what would be said before that
  question is skipped, unless the prompt may not be interrupted. Words that no question follows are said all the same.
  A question without type-ahead throws such digits away, and its words are said.
* Speech interrupts words that allow it, and the dialog waits in the question behind them. Speech that began before
  such words interrupts none of them.
* A digit does not end the wait for a lookup, nor its cover.
* The words before a transfer are heard to their end, and nobody listens to the caller until it is over: keys that are
  pressed meanwhile are for the other party.
* Whatever a dialog raises is contained: it is noted, the fallback is said, the call ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from ivr.call.asking import Asking
from ivr.call.cover import Cover
from ivr.call.ears import Ears
from ivr.call.heed import Heed
from ivr.call.lookups import Lookups
from ivr.call.message import Message
from ivr.call.moving import Moving
from ivr.call.outbox import Outbox
from ivr.call.plan import CallPlan
from ivr.call.running import Running
from ivr.call.saying import Saying
from ivr.call.speaking import Speaking
from ivr.call.turns import Turns
from ivr.catalog.bargein import By
from ivr.catalog.party import TransferOutcome
from ivr.dialog.line import Line
from ivr.dialog.listen import MOST_KEYS, Typed
from ivr.dialog.requests import (
    Ask,
    Clock,
    Covered,
    Drop,
    Entered,
    HangUp,
    Heard,
    Record,
    Request,
    Returned,
    Run,
    Say,
    Sayable,
    Speak,
    Spoke,
    Transfer,
)
from ivr.errors import HungUp, LocalGatewayError
from ivr.gateways.events import MediaReceived
from ivr.listening.events import SpeechEvent, SpeechStarted
from ivr.listening.recorder import Over
from ivr.media.recording import Recording
from ivr.playout.playout import Playout
from ivr.timers import earliest
from ivr.trace.events import DialogFailed, StateEntered
from ivr.trace.sound import UtteranceHeard


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
        interrupt: Callable[[By, float], None],
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
        self._saying = Saying(outbox, speaking, playout)
        self._ears = Ears(plan, outbox)
        self._message = Message(self._ears, outbox)
        self._moving = Moving(plan.allowed, outbox)
        self._running = Running(self._perform, self._ended)
        self._cover = Cover()
        self._ahead: deque[str] = deque()
        self._heed = Heed()
        self.over: str | None = None
        """Why the call is to end once the last word was heard; None while the dialog goes on."""
        self.away = False
        """No stream carries the call: what is said waits, and silence does not count."""

    def start(self, line: Line, now: float) -> None:
        """The call was answered."""
        own = self._plan.catalogue.locale
        line.locale = own if self._plan.begins_in is None else self._plan.begins_in(line)
        if line.locale != own:
            self._speaking.speak(line.locale, now)
        self._turns.begin("answer", now)
        self._running.start(self._plan.dialog(line), now)

    def move_to(self, plan: CallPlan, speaking: Speaking, playout: Playout, now: float) -> None:
        """Another stream carries the call from now on; what the old one had not said is not said again."""
        self._plan = plan
        over = self._message.stop(Over.STREAM, now)
        self._hear(self._ears.move_to(plan, now), now)
        speaking.take_over(self._speaking)
        self._speaking, self._playout = speaking, playout
        self._saying.move_to(speaking, playout)
        self._cover.again(speaking, playout, now)
        if over is not None:
            self._recorded(*over, now)
        else:
            self._quiet(now)

    def leave(self, speaking: Speaking, playout: Playout, now: float) -> None:
        """No stream carries the call until ``come_back``; what is said meanwhile is kept in ``playout``."""
        self.away = True
        self.move_to(self._plan, speaking, playout, now)

    def come_back(self, now: float) -> None:
        """A stream carries the call; nothing changes where one has all the while."""
        if self.away:
            self.away = False
            if not self._moving.under_way:
                self._turns.begin("return", now)
            self._quiet(now)

    def transferred(self, result: TransferOutcome | LocalGatewayError, now: float) -> None:
        """A transfer is over, or could not begin."""
        if not self._moving.end(result.value if isinstance(result, TransferOutcome) else "refused", now):
            return
        self._ahead.clear()  # keys were for the other party
        if not self.away:
            self._turns.begin("return", now)
        self._answer(result, now)

    @property
    def _last_words(self) -> bool:
        """What sounds are the last words before the call ends or is transferred."""
        return self.over is not None or isinstance(self._waiting, Transfer)

    def may_interrupt(self, by: By, now: float) -> bool:
        """Whether all that is queued or not yet heard may be interrupted; the last words never are."""
        return not self._last_words and self._saying.may_interrupt(by, now)

    def listens(self, now: float) -> bool:
        """Whether the caller's sound is wanted from now on."""
        heeds = self._heed.minds and (isinstance(self._waiting, Ask) or self._saying.wants(By.SPEECH))
        wanted = (heeds or isinstance(self._waiting, Record)) and not (self._last_words or self.away)
        if wanted or self._ears.open:
            self._hear(self._ears.listen(wanted, now, over_words=self._playout.saying), now)
        return wanted

    def sound(self, media: MediaReceived, now: float) -> None:
        """A piece of the caller's sound, where it is wanted."""
        self._hear(self._ears.receive(media.payload, media.timestamp, now), now)

    def swallows(self, digit: str, now: float) -> bool:
        """Whether a key means nothing more: the caller closed an answer that was complete already."""
        return self._asking.swallows(digit, now)

    def digit(self, digit: str, now: float) -> None:
        """The caller pressed a key; what it interrupts has been cleared."""
        if isinstance(self._waiting, Record):
            if (over := self._message.key(digit, now)) is not None:
                self._recorded(*over, now)
            else:
                self._quiet(now)
            return
        if len(self._ahead) < MOST_KEYS:
            self._ahead.append(digit)
        self._cover.again(self._speaking, self._playout, now)
        if isinstance(self._waiting, Ask):
            self._saying.take_back(now)
        self._quiet(now)

    def heard(self, event: UtteranceHeard, now: float) -> None:
        """The caller has heard the end of an utterance."""
        self._saying.heard(event.utterance)
        self._interrupt_now(now)  # what held the digit or the speech may have been heard
        self._quiet(now, event.at)

    def lookup_ended(self, lookup: str, now: float) -> None:
        """A lookup returned or failed: first for the dialog that waits for it, then for the words that do."""
        waiting = self._waiting
        if isinstance(waiting, Returned) and waiting.handle.id == lookup:
            self._cover.end(self._speaking)
            if not self._playout.saying:
                self._turns.begin("value", now)
            if (result := self._lookups.result(waiting.handle)) is not None:
                self._answer(result.error or result.value, now)
        handle = self._lookups.handle(lookup)
        if handle is not None:
            self._speaking.lookup_ended(handle, now)

    def gave_up(self, segment: str, now: float) -> None:
        """The caller's patience is over: what the dialog waits for under that cover has failed."""
        if self._cover.covers(segment) and isinstance(waiting := self._waiting, Returned):
            self._lookups.give_up(waiting.handle, now)
            self.lookup_ended(waiting.handle.id, now)

    def handle_timer(self, now: float) -> None:
        """The caller may have been silent for too long, or interrupts what may be interrupted only now."""
        self._hear(self._ears.handle_timer(now), now)
        if self._interrupt_now(now):
            self._quiet(now)
        self._moving.handle_timer(now)
        if isinstance(self._waiting, Ask) and (over := self._asking.overdue(now)) is not None:
            self._turns.begin("no-input" if over == (None,) else "pause", now)
            self._answer(*over, now)

    def next_timer(self) -> float | None:
        """When silence becomes no input or ends something, words may be interrupted, or the call is to be moved."""
        by = self._interrupts
        opens_at = self._saying.open_at(by) if by is not None and self._playout.saying else None
        return earliest(self._asking.next_timer(), self._ears.next_timer(), self._moving.next_timer(), opens_at)

    def end(self, reason: str, now: float) -> None:
        """The call is over; the dialog may look things up, which nobody waits for, and may not speak."""
        self._asking.stop()
        recorded = self._message.stop(Over.HANG_UP, now) or ()
        self._moving.hang_up(now)
        leave = partial(self._lookups.leave, now=now)
        broken = self._running.hang_up(lambda: HungUp(reason, *recorded), leave, now)
        if broken is not None:
            self._outbox.note(broken)
        self._interrupt = _nobody

    def _hear(self, events: list[SpeechEvent], now: float) -> None:
        """The caller begins to speak, or stops, or a recording is over."""
        for event in events:
            begins = isinstance(event, SpeechStarted)
            self._heed.speech(begins, saying=self._playout.saying)
            self._asking.speech(begins, now if begins else event.at)
        if events and self._interrupt_now(now):
            self._quiet(now)
        if (over := self._message.over(now)) is not None:
            self._recorded(*over, now)

    @property
    def _interrupts(self) -> By | None:
        """What would interrupt the words that sound, if it may."""
        by: By | None = None
        if self._ahead and isinstance(self._waiting, Ask):
            by = By.DIGIT
        elif self._heed.talking_over:
            by = By.SPEECH
        return None if by is None or self._last_words else by

    def _interrupt_now(self, now: float) -> bool:
        """Interrupt, if something waits for that and may do it by now."""
        by = self._interrupts
        if by is None or not self._playout.saying or not self.may_interrupt(by, now):
            return False
        self._heed.talking_over = False
        self._interrupt(by, now)
        self._cover.again(self._speaking, self._playout, now)
        return True

    def _quiet(self, now: float, since: float | None = None) -> None:
        """Where all words were heard, or cut off, what waited for that goes on."""
        if self._playout.saying or self.away:
            return
        match self._waiting:
            case Heard():
                if self._ears.speaking:
                    self._turns.begin("speech", now)
                self._answer(None, now)
            case Ask():
                self._feed(now, since)
            case Record():
                self._hear(self._message.quiet(self._speaking, self._saying, now), now)
            case Transfer():
                self._moving.heard(self._plan.capabilities.linger, now)

    @property
    def _waiting(self) -> Request | None:
        return self._running.waiting

    def _recorded(self, value: Recording | Typed | None, now: float) -> None:
        self._turns.begin("recording", now)
        self._answer(value, now)

    def _feed(self, now: float, silent_since: float | None = None) -> None:
        """All words were heard: keys at hand are for the question; while they do not complete it, silence counts."""
        typed = self._asking.keys(self._ahead, now)
        if typed is not None:
            self._turns.begin("digit", now)
            self._answer(typed, now)
        else:
            self._asking.silent_from(now if silent_since is None else silent_since)

    def _answer(self, value: Any, now: float) -> None:
        self._asking.stop()
        if isinstance(self._waiting, Ask | Record | Transfer):
            self._heed.answered()
        self._running.resume(value, now)

    def _perform(self, request: Request, now: float) -> tuple[bool, Any]:
        """Whether the dialog waits now, and otherwise what it is answered."""
        match request:
            case Say():
                self._heed.words(self._saying.say(request, now, ahead=bool(self._ahead)))
            case Entered(state=state, why=why):
                self._outbox.note(StateEntered(state, now, why))
            case Run():
                return False, self._lookups.start(request, now)
            case Speak(locale=locale):
                self._speaking.speak(locale, now)
            case Covered(cover=cover):
                self._speaking.cover_by(cover, now)
            case Clock() | Spoke() | Sayable():
                return False, self._told(request, now)
            case Drop():
                self._playout.drop(now)
            case Ask():
                return self._ask(request, now)
            case Record():
                return self._record(request, now)
            case Returned() | Heard() | Transfer() | HangUp():
                self._saying.say_held_back(now)
                return self._wait(request, now)
        return False, None

    def _told(self, request: Clock | Spoke | Sayable, now: float) -> Any:
        match request:
            case Clock():
                return self._clock(now)
            case Spoke():
                return self._heed.spoke
            case Sayable(say=words):
                return self._speaking.sayable(words)

    def _wait(self, request: Returned | Heard | Transfer | HangUp, now: float) -> tuple[bool, Any]:
        match request:
            case Returned(handle=handle):
                result = self._lookups.result(handle)
                if result is None:
                    self._cover.begin(self._speaking, now)
                    return True, None
                return False, result.error or result.value
            case Heard():
                return self._playout.saying, None
            case Transfer():
                if (refused := self._moving.ask(request, self._plan.capabilities.transfers)) is not None:
                    return False, refused
                self._wait_quietly(request, now)
            case HangUp(reason=reason):
                self.over = reason
        return True, None

    def _ask(self, request: Ask, now: float) -> tuple[bool, Any]:
        self._heed.words()
        self._asking.start(request.listen)
        if not request.listen.type_ahead:
            self._ahead.clear()
            self._saying.say_held_back(now)
        self._saying.skip_held_back(now)
        if self._ahead:
            self._saying.take_back(now)
            if self._playout.saying and self.may_interrupt(By.DIGIT, now):
                self._interrupt(By.DIGIT, now)
            if not self._playout.saying and (typed := self._asking.keys(self._ahead, now)) is not None:
                self._turns.begin("digit", now)
                self._heed.answered()
                return False, typed
        self._asking.wait(now, saying=self._playout.saying or self.away)
        return True, None

    def _record(self, request: Record, now: float) -> tuple[bool, Any]:
        self._heed.words()
        command = self._message.want(request, self._ahead)
        self._ahead.clear()
        if command is not None:
            self._saying.skip_held_back(now)
            self._turns.begin("digit", now)
            return False, command
        self._saying.say_held_back(now)
        self._wait_quietly(request, now)
        return True, None

    def _wait_quietly(self, request: Request, now: float) -> None:
        """The dialog waits for what begins when all words were heard, which may be now."""
        self._running.waiting = request
        self._quiet(now)

    def _ended(self, how: DialogFailed | HungUp | None, now: float) -> None:
        """The dialog is over. One that is broken: say the fallback, if there is one, and end the call."""
        if how is None:
            self._saying.say_held_back(now)
        if not isinstance(how, DialogFailed):
            self.over = self.over or "the dialog ended"
            return
        self._outbox.note(how)
        self._asking.stop()
        self._cover.end(self._speaking)
        if not self._speaking.apologising:
            self._saying.protect(self._speaking.apologise(now))
        self.over = "the dialog failed"


def _nobody(by: By, now: float) -> None:
    """Who is interrupted when the call is over: it is let go of, so that its memory is free at once."""
