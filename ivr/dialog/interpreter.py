"""A table, run as a coroutine: it makes the same requests as a dialog that is written in Python."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ivr.catalog.party import Party, TransferOutcome
from ivr.dialog.awaited import awaited, unsayable
from ivr.dialog.conditions import evaluate, names
from ivr.dialog.facts import facts
from ivr.dialog.going_over import GoneOver
from ivr.dialog.ladders import NO_HANDLERS, Event, Target, select
from ivr.dialog.listen import Typed
from ivr.dialog.questions import Asked, Left, Scope, Tally, put
from ivr.dialog.recording import nothing_recorded, record, take
from ivr.dialog.requests import Handle, Run
from ivr.dialog.table import (
    Branches,
    Collect,
    Condition,
    Confirm,
    Goto,
    HangUp,
    LookupStep,
    Menu,
    Record,
    Return,
    State,
    SubDialog,
    Table,
    Transfer,
)
from ivr.dialog.values import fits, taken
from ivr.dialog.web import HttpRequest
from ivr.errors import (
    ConditionError,
    DialogBroken,
    HungUp,
    LocalGatewayError,
    TransferRefused,
    WrongValue,
)
from ivr.media.private import Private, reveal

if TYPE_CHECKING:
    from ivr.dialog.line import Line
    from ivr.dialog.repertoire import Repertoire


START = "start"
"""What leads to a dialog's first state where nothing else is told of it."""


async def interpret(
    table: Table, line: Line, repertoire: Repertoire, arguments: Mapping[str, Any], why: str = START
) -> Any:
    """Run a table from its first state until it returns or hangs up; what it returns.

    ``repertoire`` has the other dialogs and what holds for all of them; ``why`` is what led here. Raises ``GoneOver``
    for another dialog.
    """
    run = Interpreter(table, line, repertoire, dict(arguments))
    try:
        return await run.go(Target(table.start), why)
    except HungUp:
        await run.clean_up()
        raise


class Interpreter:
    """One run of one table."""

    def __init__(self, table: Table, line: Line, repertoire: Repertoire, variables: dict[str, Any]) -> None:
        self.table = table
        self.line = line
        self.repertoire = repertoire
        self.variables: dict[str, Any] = {**nothing_recorded(table)}
        for name, declared in table.variables.items():
            if declared.start is not None:
                self.keep(name, declared.start)
        for name, value in variables.items():
            self.keep(name, value)
        self._scopes = (
            Scope(table.handlers, table.commands, Tally()),
            Scope(repertoire.handlers, repertoire.commands, line.tally),
        )
        self._trail: list[str] = []
        """The questions that were come to, for the way back; the last is the one that is asked."""
        self.at: State | None = None
        """The state that the dialog is in, once it is in one."""

    async def go(self, target: Target, why: str) -> Any:
        """On from ``target`` until the dialog returns; what it returns."""
        while True:
            if target.dialog is not None:
                raise GoneOver(target.dialog, why)
            if target.state is None:
                await self.line.hang_up()
            found = await self._perform(self.table.states[str(target.state)], why)
            if not isinstance(found, Left):
                return found
            target, why = found.target, found.why

    def keep(self, name: str, value: Any, where: str = "") -> None:
        """Give a variable a value. Raises ``DialogBroken`` where it is not of the type that was declared."""
        declared = self.table.variables.get(name)
        if declared is not None:
            try:
                bare = taken(declared.kind, value)
            except WrongValue as error:
                dialog = "" if where else f"dialog '{self.table.name}': "
                raise DialogBroken(f"{dialog}'{name}': {error}", where) from None
            value = Private(bare) if declared.private or isinstance(value, Private) else bare
        self.variables[name] = value

    async def clean_up(self) -> None:
        """The call has ended: the state's ladder for that, else the dialog's, may look things up, and not speak."""
        own = NO_HANDLERS if self.at is None else self.at.handlers
        rung = select(Event.HANG_UP, 1, (own, self.table.handlers))
        if rung is None or rung.leave is None:
            return
        if rung.leave.dialog is not None:
            await self.repertoire.run(rung.leave.dialog, self.line, {}, Event.HANG_UP.value)
        elif rung.leave.state is not None:
            await self.go(rung.leave, "hang_up")

    async def evaluate(self, condition: Condition, *, bare: bool = False) -> Any:
        """The value of an expression; waits for the lookups that it names. Private in, private out."""
        asked = names(condition.source)
        for name in sorted(asked & self.variables.keys()):
            await self.known(name)
        known = {**self.variables, **await facts(self, condition.source)}
        used = sorted(asked & known.keys())
        value = evaluate(condition, {name: reveal(known[name]) for name in used})
        private = any(isinstance(known[name], Private) for name in used)
        return Private(value) if private and not bare else value

    async def holds(self, condition: Condition) -> bool:
        """Whether a condition does. Raises ``ConditionError`` where it is neither true nor false."""
        value = await self.evaluate(condition, bare=True)
        if not isinstance(value, bool):
            what = "a condition must be true or false, compare the value with something"
            raise ConditionError(what, condition.where)
        return value

    async def say(self, prompts: tuple[str, ...], attempt: int = 1) -> None:
        """Prompts, with our variables in their slots."""
        for prompt in prompts:
            await self.line.say(prompt, attempt, None, **self.variables)

    async def unsayable(self, prompts: tuple[str, ...], attempt: int = 1) -> str:
        """Why they cannot be said with what our variables hold by now; empty where they can."""
        whys = [await self.line.unsayable(prompt, attempt, **self.variables) for prompt in prompts]
        return next(filter(None, whys), "")

    async def _perform(self, state: State, why: str) -> Any:
        """What comes of a state: ``Left`` where to go, else what the dialog returns."""
        self.at = state
        await self.line.entered(state.name, why, self.table.name)
        await self.line.cover(state.cover)
        for variable, condition in state.assignments.items():
            self.keep(variable, await self.evaluate(condition), condition.where)
        if state.lookup is not None:
            await self.look_up(state.lookup)
        if state.locale is not None:
            await self.line.speak(state.locale)
        if (elsewhere := await unsayable(self, state)) is not None:
            return elsewhere
        await self.say(state.say)
        if state.lookup is not None and (failed := await awaited(self, state, state.lookup)) is not None:
            return failed
        return await self._leave(state)

    async def _leave(self, state: State) -> Any:
        match state.exit:
            case Menu() | Collect() | Confirm() | Record() as question:
                return await self._ask(state, question)
            case Branches(branches=branches):
                for number, branch in enumerate(branches, 1):
                    if branch.when is None or await self.holds(branch.when):
                        return Left(Target(branch.goto), f"branch {number}")
                raise ConditionError(f"state '{state.name}': none of its branches applies")
            case Goto(state=name):
                return Left(Target(name), "goto")
            case SubDialog() as other:
                return await self._other(other)
            case Return(value=condition):
                return None if condition is None else await self.evaluate(condition)
            case Transfer() as transfer:
                return await self._transfer(transfer)
            case HangUp():
                return await self.line.hang_up()

    async def _ask(self, state: State, way: Menu | Collect | Confirm | Record) -> Left:
        if not self._trail or self._trail[-1] != state.name:
            self._trail.append(state.name)

        async def answer(given: Any) -> Left | None:
            return take(self, way, given) if isinstance(way, Record) else await self._answered(way, given)

        return await put(
            self.line,
            Asked(
                way.question,
                answer,
                words=partial(self.say, state.say),
                say=self.say,
                scopes=(Scope(way.question.handlers, state.commands, Tally()), *self._scopes),
                before=self._before,
                collects=isinstance(way, Collect),
                hear=partial(record, self, way) if isinstance(way, Record) else None,
            ),
        )

    async def _answered(self, way: Menu | Collect | Confirm, typed: Typed) -> Left | None:
        """Where an answer leads; None where it is none."""
        match way:
            case Menu(options=options):
                state = options.get(typed.keys)
                return None if state is None else Left(Target(state), f"option {typed.keys}")
            case Confirm(keys=keys):
                if typed.keys not in keys:
                    return None
                yes = typed.keys == keys[0]
                return Left(Target(way.yes if yes else way.no), "yes" if yes else "no")
            case Collect(name=name, question=question):
                if not typed.digits(question.listen.least, question.listen.most):
                    return None
                before = self.variables.get(name)
                declared = self.table.variables.get(name)
                if declared is not None and not fits(declared.kind, typed.keys):
                    return None
                self.keep(name, Private(typed.keys) if way.private else typed.keys)
                if way.valid is not None and not await self.holds(way.valid):
                    self.variables[name] = before
                    return None
                return Left(Target(way.goto), f"typed {len(typed.keys)} keys")

    def _before(self) -> Target | None:
        """The question before the one that is asked, taken off the trail: coming to it puts it there again."""
        if len(self._trail) < 2:
            return None
        self._trail.pop()
        return Target(self._trail.pop())

    async def _other(self, other: SubDialog) -> Left:
        arguments = {name: await self.evaluate(condition) for name, condition in other.arguments.items()}
        value = await self.repertoire.run_within(other.dialog, self.line, arguments)
        if other.name is not None:
            self.keep(other.name, value)
        return Left(Target(other.goto), f"dialog {other.dialog} returned")

    async def _transfer(self, transfer: Transfer) -> Any:
        to = transfer.to
        try:
            address = to.address if isinstance(to, Party) else await self.evaluate(to)
            outcome = await self.line.transfer(address, transfer.timeout)
        except (TransferRefused, LocalGatewayError):
            if transfer.failed is None:
                raise
            outcome = TransferOutcome.FAILED
        state = transfer.after(outcome)
        if state is None:
            return await self.line.hang_up()
        return Left(Target(state), f"transfer {outcome}")

    async def look_up(self, step: LookupStep) -> None:
        """Start a state's lookup; its variable holds the handle until somebody waits for the value."""
        request: HttpRequest | None = None
        if step.http is not None:
            request = await step.http.request(self.evaluate, step.timeout)
        keywords = {name: reveal(await self.evaluate(condition)) for name, condition in step.arguments.items()}
        declared = self.table.variables.get(step.name)
        private = step.private or (declared is not None and declared.private)
        kind = None if declared is None else declared.kind
        run = Run(step.run, request, (), keywords, step.timeout, private, kind)
        self.variables[step.name] = await self.line.look_up(run)

    async def known(self, name: str) -> None:
        """Wait for the variable's lookup, where it is one. Raises ``LookupFailed``."""
        value = self.variables[name]
        if isinstance(value, Handle):
            found = await value
            self.variables[name] = Private(found) if value.private else found
