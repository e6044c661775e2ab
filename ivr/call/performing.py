"""What a dialog asks for, and what comes of it at once: it is done, answered, or waited for.

Rules:

* A digit that nobody waits for yet is kept, in order; the next question takes it, and what would be said before that
  question is skipped, unless the prompt may not be interrupted. Words that no question follows are said all the same.
  A question without type-ahead throws such digits away, and its words are said.
* The words before a transfer are heard to their end, and nobody listens to the caller until it is over: keys that are
  pressed meanwhile are for the other party.
* Whatever a dialog raises is contained: it is noted, the fallback is said, the call ends.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ivr.call.interrupting import Interrupting
from ivr.call.parts import Parts
from ivr.call.waiting import Waiting
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
from ivr.errors import HungUp
from ivr.trace.events import DialogFailed, StateEntered


class Performing:
    """Of one call; see ``Running``."""

    def __init__(
        self, parts: Parts, interrupting: Interrupting, waiting: Waiting, clock: Callable[[float], datetime]
    ) -> None:
        """``clock`` is wall time."""
        self._parts = parts
        self._interrupting = interrupting
        self._waiting = waiting
        self._clock = clock

    def perform(self, request: Request, now: float) -> tuple[bool, Any]:
        """Whether the dialog waits now, and otherwise what it is answered."""
        parts = self._parts
        match request:
            case Say():
                parts.heed.words(parts.saying.say(request, now, ahead=bool(parts.ahead)))
            case Entered(state=state, why=why):
                parts.saying.entered()
                parts.outbox.note(StateEntered(state, now, why))
            case Run():
                return False, parts.lookups.start(request, now)
            case Speak(locale=locale):
                parts.speaking.speak(locale, now)
            case Covered(cover=cover):
                parts.speaking.cover_by(cover, now)
            case Clock() | Spoke() | Sayable():
                return False, self._told(request, now)
            case Drop(own=own):
                parts.playout.drop(now, parts.saying.own if own else None)
            case Ask():
                return self._ask(request, now)
            case Record():
                return self._record(request, now)
            case Returned() | Heard() | Transfer() | HangUp():
                parts.saying.say_held_back(now)
                return self._wait(request, now)
        return False, None

    def ended(self, how: DialogFailed | HungUp | None, now: float) -> None:
        """The dialog is over. One that is broken: say the fallback, if there is one, and end the call."""
        parts = self._parts
        if how is None:
            parts.saying.say_held_back(now)
        if not isinstance(how, DialogFailed):
            parts.over = parts.over or "the dialog ended"
            return
        parts.outbox.note(how)
        parts.asking.stop()
        parts.cover.end(parts.speaking)
        if not parts.speaking.apologising:
            parts.saying.protect(parts.speaking.apologise(now))
        parts.over = "the dialog failed"

    def _told(self, request: Clock | Spoke | Sayable, now: float) -> Any:
        match request:
            case Clock():
                return self._clock(now)
            case Spoke():
                return self._parts.heed.spoke
            case Sayable(say=words):
                return self._parts.speaking.unsayable(words)

    def _wait(self, request: Returned | Heard | Transfer | HangUp, now: float) -> tuple[bool, Any]:
        parts = self._parts
        match request:
            case Returned(handle=handle):
                result = parts.lookups.result(handle)
                if result is None:
                    parts.cover.begin(parts.speaking, now)
                    return True, None
                return False, result.error or result.value
            case Heard():
                return parts.playout.saying, None
            case Transfer():
                if (refused := parts.moving.ask(request, parts.plan.capabilities.transfers)) is not None:
                    return False, refused
                self._wait_quietly(request, now)
            case HangUp(reason=reason):
                parts.over = reason
        return True, None

    def _ask(self, request: Ask, now: float) -> tuple[bool, Any]:
        parts = self._parts
        parts.heed.words()
        parts.asking.start(request.listen)
        if not request.listen.type_ahead:
            parts.ahead.clear()
            parts.saying.say_held_back(now)
        parts.saying.skip_held_back(now)
        if parts.ahead:
            parts.saying.take_back(now)
            self._interrupting.typed_ahead(now)
            if not parts.playout.saying and (typed := parts.asking.keys(parts.ahead, now)) is not None:
                parts.turns.begin("digit", now)
                parts.heed.answered()
                return False, typed
        parts.asking.wait(now, saying=parts.playout.saying or parts.away)
        return True, None

    def _record(self, request: Record, now: float) -> tuple[bool, Any]:
        parts = self._parts
        parts.heed.words()
        command = parts.message.want(request, parts.ahead)
        parts.ahead.clear()
        if command is not None:
            parts.saying.skip_held_back(now)
            parts.turns.begin("digit", now)
            return False, command
        parts.saying.say_held_back(now)
        self._wait_quietly(request, now)
        return True, None

    def _wait_quietly(self, request: Request, now: float) -> None:
        """The dialog waits for what begins when all words were heard, which may be now."""
        self._parts.running.waiting = request
        self._waiting.quiet(now)
