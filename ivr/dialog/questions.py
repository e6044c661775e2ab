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
from typing import TYPE_CHECKING

from ivr.dialog.commands import Act, in_force
from ivr.dialog.ladders import END, PLATFORM, Event, Handlers, Rung, Target, select
from ivr.dialog.listen import Ended, Typed
from ivr.dialog.table import Collect, Confirm, Menu, Question, State
from ivr.dialog.values import fits
from ivr.media.private import Private

if TYPE_CHECKING:
    from ivr.dialog.interpreter import Interpreter


@dataclass(frozen=True, slots=True)
class Left:
    """A state was left for another place."""

    target: Target
    why: str


Answer = Callable[[Typed], Awaitable[Left | None]]
"""Where an answer leads; None where it is no answer to this question."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and what its answers do."""

    question: Question
    answer: Answer
    collects: bool = False
    """Digits are the answer itself, so that none of them is a command."""


def menu_answer(menu: Menu) -> Answer:
    """By the option that was typed."""

    async def answer(typed: Typed) -> Left | None:
        state = menu.options.get(typed.keys)
        return None if state is None else Left(Target(state), f"option {typed.keys}")

    return answer


def confirm_answer(confirm: Confirm) -> Answer:
    """Yes or no."""

    async def answer(typed: Typed) -> Left | None:
        if typed.keys not in confirm.keys:
            return None
        yes = typed.keys == confirm.keys[0]
        return Left(Target(confirm.yes if yes else confirm.no), "yes" if yes else "no")

    return answer


def typed_answer(run: Interpreter, collect: Collect) -> Answer:
    """What was typed, if it has the right length and the project finds it valid."""

    async def answer(typed: Typed) -> Left | None:
        if not collect.question.listen.least <= len(typed.keys) <= collect.question.listen.most:
            return None
        before = run.variables.get(collect.name)
        declared = run.table.variables.get(collect.name)
        if declared is not None and not fits(declared.kind, typed.keys):
            return None
        run.keep(collect.name, Private(typed.keys) if collect.private else typed.keys)
        if collect.valid is not None and not await run.holds(collect.valid):
            run.variables[collect.name] = before
            return None
        return Left(Target(collect.goto), f"typed {len(typed.keys)} keys")

    return answer


async def put(run: Interpreter, state: State, asked: Asked) -> Left:
    """Put a question whose words were said until it is answered or left."""
    question = asked.question
    commands = in_force(
        (state.commands, run.table.commands, run.library.commands),
        options=question.listen.options,
        collects=asked.collects,
        end=question.listen.end,
    )
    listen = replace(question.listen, commands=frozenset(commands))
    errors = _Errors(run, question)
    if not run.trail or run.trail[-1] != state.name:
        run.trail.append(state.name)
    while True:
        typed = await run.line.listen(listen)
        if typed is not None and typed.ended is Ended.COMMAND:
            command = commands[typed.keys]
            if command.act is Act.GO:
                return Left(command.target or END, f"command {typed.keys}")
            if command.act is Act.BACK and (before := _before(run)) is not None:
                return Left(Target(before), f"command {typed.keys}")
            await run.say(state.say, errors.attempt)
            continue
        if typed is not None and (left := await asked.answer(typed)) is not None:
            return left
        event = Event.NO_INPUT if typed is None else Event.NO_MATCH
        rung = errors.one_more(event)
        await run.say(rung.say)
        if rung.leave is not None:
            return Left(rung.leave, errors.why)
        if rung.reprompt:
            errors.attempt += 1
            await run.say(state.say, errors.attempt)


def _before(run: Interpreter) -> str | None:
    """The question before the one that is asked, taken off the trail: coming to it puts it there again."""
    if len(run.trail) < 2:
        return None
    run.trail.pop()
    return run.trail.pop()


class _Errors:
    """The errors of one question, and of the scopes around it."""

    def __init__(self, run: Interpreter, question: Question) -> None:
        self.attempt = 1
        self.why = ""
        """What led to the last rung."""
        self._run = run
        self._counts: Counter[Event] = Counter()
        self._scopes = (question.handlers, run.table.handlers, run.library.handlers, PLATFORM)

    def one_more(self, event: Event) -> Rung:
        """The rung for another error."""
        self._counts[event] += 1
        self._run.errors += 1
        self._run.line.memory.errors += 1
        counts = (self._counts.total(), self._run.errors, self._run.line.memory.errors)
        for scope, count in zip(self._scopes, counts, strict=False):
            if scope.limit is not None and count >= scope.limit:
                self._forget(scope)
                self.why = f"{Event.MAX_ERRORS} {count}"
                return scope.ladders[Event.MAX_ERRORS][0]
        self.why = f"{event} {self._counts[event]}"
        rung = select(event, self._counts[event], self._scopes)
        assert rung is not None, "the platform has a rung for every error"
        return rung

    def _forget(self, scope: Handlers) -> None:
        """What was too much begins anew where the call goes on."""
        if scope is self._run.table.handlers:
            self._run.errors = 0
        elif scope is self._run.library.handlers:
            self._run.line.memory.errors = 0
