"""One question, put to the caller until it is answered or left: the form interpretation of VoiceXML 2.0 for one field.

Rules (docs/dialog.md has them as a table, with what differs from VoiceXML):

* Each silence or wrong answer takes a rung (``ladders.select``). A rung without a target says its words, then those of
  the question as its next attempt, and the question is put again.
* Before that, a scope whose errors are too many takes its ``max_errors``, the innermost first.
* A command is no error. Repeat says the question's words as the same attempt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from ivr.dialog.commands import Act, Commands, in_force
from ivr.dialog.ladders import PLATFORM, Event, Handlers, Rung, Target, select
from ivr.dialog.listen import Ended, Typed
from ivr.dialog.table import Question

if TYPE_CHECKING:
    from ivr.dialog.line import Line

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Left:
    """A state or question was left for another place."""

    target: Target
    why: str


@dataclass(slots=True)
class Tally:
    """No-inputs and no-matches of one question, one run of a dialog, or one call."""

    errors: int = 0


@dataclass(frozen=True, slots=True)
class Scope:
    """What holds in a question, a dialog or a project, and the errors that were made in it."""

    handlers: Handlers
    commands: Commands
    tally: Tally


@dataclass(frozen=True, slots=True)
class Asked(Generic[Found]):
    """A question, and what its answers do. Its words were said for the first time before it is put."""

    question: Question
    answer: Callable[[Typed], Awaitable[Found | None]]
    """What an answer comes to; None where it is no answer to this question."""
    words: Callable[[int], Awaitable[None]]
    """Says the question's own words, as that attempt."""
    say: Callable[[tuple[str, ...]], Awaitable[None]]
    """Says the words of a rung."""
    scopes: tuple[Scope, ...]
    """Innermost first; the question's own is the first."""
    before: Callable[[], Target | None] = lambda: None
    """The question before this one, for the way back."""
    collects: bool = False
    """Digits are the answer itself, so that none of them is a command."""


async def put(line: Line, asked: Asked[Found]) -> Found | Left:
    """Put a question until it is answered or left; what the answer came to, or where to go on."""
    listen = asked.question.listen
    commands = in_force(
        [scope.commands for scope in asked.scopes], options=listen.options, collects=asked.collects, end=listen.end
    )
    listen = replace(listen, commands=frozenset(commands))
    errors = _Errors(asked.scopes)
    while True:
        typed = await line.listen(listen)
        if typed is not None and typed.ended is Ended.COMMAND:
            command = commands[typed.keys]
            target = asked.before() if command.act is Act.BACK else command.target
            if target is not None:
                return Left(target, f"command {typed.keys}")
            await asked.words(errors.attempt)
            continue
        if typed is not None and (found := await asked.answer(typed)) is not None:
            return found
        rung = errors.one_more(Event.NO_INPUT if typed is None else Event.NO_MATCH)
        await asked.say(rung.say)
        if rung.leave is not None:
            return Left(rung.leave, errors.why)
        if rung.reprompt:
            errors.attempt += 1
            await asked.words(errors.attempt)


class _Errors:
    """The errors of one question, and of the scopes around it."""

    def __init__(self, scopes: tuple[Scope, ...]) -> None:
        self.attempt = 1
        self.why = ""
        """What led to the last rung."""
        self._counts: Counter[Event] = Counter()
        self._scopes = scopes
        self._handlers = (*(scope.handlers for scope in scopes), PLATFORM)

    def one_more(self, event: Event) -> Rung:
        """The rung for another error."""
        self._counts[event] += 1
        for scope in self._scopes:
            scope.tally.errors += 1
        for scope in self._scopes:
            errors, limit = scope.tally.errors, scope.handlers.limit
            if limit is not None and errors >= limit:
                scope.tally.errors = 0  # what was too much begins anew where the call goes on
                self.why = f"{Event.MAX_ERRORS} {errors}"
                return scope.handlers.ladders[Event.MAX_ERRORS][0]
        self.why = f"{event} {self._counts[event]}"
        rung = select(event, self._counts[event], self._handlers)
        assert rung is not None, "the platform has a rung for every error"
        return rung
