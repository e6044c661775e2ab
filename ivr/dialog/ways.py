"""Where a state can lead, and by what: for checks, pictures, and whoever explores a dialog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ivr.catalog.party import TransferOutcome
from ivr.dialog.commands import Act, Commands, in_force
from ivr.dialog.ladders import END, PLATFORM, Event, Handlers, Rung, Target, select, select_failed
from ivr.dialog.table import (
    Branches,
    Collect,
    Confirm,
    Exit,
    Goto,
    HangUp,
    Menu,
    Question,
    Record,
    Return,
    State,
    SubDialog,
    Table,
    Transfer,
)

if TYPE_CHECKING:
    from ivr.dialog.repertoire import Repertoire

ANYWHERE = Target(state="")
"""No state has this name. A target that is no state of its table stands for any, and for the end."""
MOST_ERRORS = 25
"""Errors in a row after which every ladder that a file can write has been climbed."""


class By(StrEnum):
    """What makes a caller take a way."""

    OPTION = "option"
    ANSWER = "answer"
    """What was typed or recorded, or the yes or no of a confirmation."""
    COMMAND = "command"
    NO_INPUT = "no_input"
    NO_MATCH = "no_match"
    MAX_ERRORS = "max_errors"
    LOOKUP_FAILED = "lookup_failed"
    BRANCH = "branch"
    GOTO = "goto"
    DIALOG = "dialog"
    """Another dialog was run, and has returned."""
    TRANSFER = "transfer"
    """What came of it."""
    RETURN = "return"
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a state."""

    target: Target
    """``END`` where the call ends or the dialog returns."""
    by: By
    label: str = ""
    """The key, the number of the error, or the condition."""
    said: tuple[str, ...] = ()
    """Prompts that a ladder says before."""


def ways(state: State, table: Table, repertoire: Repertoire) -> Iterator[Way]:
    """All ways out of ``state``, its own first."""
    if state.lookup is not None:
        yield from _lookup_failed(state, table, repertoire)
    yield from _exits(state.exit)
    question = question_of(state.exit)
    if question is not None:
        yield from _commands(state, table, repertoire)
        yield from dict.fromkeys(_errors(question, table, repertoire))
    if state.vague:
        yield Way(ANYWHERE, By.GOTO)


def question_of(exit: Exit) -> Question | None:
    """The question that a way out asks; None where it asks none."""
    return exit.question if isinstance(exit, Menu | Collect | Confirm | Record) else None


def reached(
    table: Table, repertoire: Repertoire, start: str | None = None, known: Mapping[str, Sequence[Way]] | None = None
) -> dict[str, State]:
    """The states that ``start`` leads to, itself among them; left out, the table's own start and the ends of calls.

    ``known``: the ways of each state, where they were found before.
    """
    found: dict[str, State] = {}
    ahead = [start or table.start]
    if start is None and (gone := after_hang_up(table.handlers)) is not None and gone.state is not None:
        ahead.append(gone.state)
    while ahead:
        name = ahead.pop()
        state = table.states.get(name)
        if state is None or name in found:
            continue
        found[name] = state
        if start is None and (gone := after_hang_up(state.handlers)) is not None and gone.state is not None:
            ahead.append(gone.state)
        found_ways = ways(state, table, repertoire) if known is None else known[name]
        ahead += [way.target.state for way in found_ways if way.target.state is not None]
    return found


def _exits(exit: Exit) -> Iterator[Way]:
    match exit:
        case Menu(options=options):
            for keys, state in options.items():
                yield Way(Target(state), By.OPTION, keys)
        case Collect(goto=state) | Record(goto=state):
            yield Way(Target(state), By.ANSWER)
        case Confirm(yes=yes, no=no, keys=keys):
            yield Way(Target(yes), By.ANSWER, f"yes {keys[0]}")
            yield Way(Target(no), By.ANSWER, f"no {keys[1]}")
        case Branches(branches=branches):
            for branch in branches:
                yield Way(Target(branch.goto), By.BRANCH, branch.when.source if branch.when else "else")
        case Goto(state=state):
            yield Way(Target(state), By.GOTO)
        case SubDialog(goto=state, dialog=dialog):
            yield Way(Target(state), By.DIALOG, dialog)
        case Transfer() as transfer:
            yield from _transferred(transfer)
        case Return():
            yield Way(END, By.RETURN)
        case HangUp():
            yield Way(END, By.HANG_UP)


def _transferred(transfer: Transfer) -> Iterator[Way]:
    for outcome in TransferOutcome:
        after = transfer.after(outcome)
        yield Way(END if after is None else Target(after), By.TRANSFER, outcome.value)


def _lookup_failed(state: State, table: Table, repertoire: Repertoire) -> Iterator[Way]:
    assert state.lookup is not None
    for status, target in state.lookup.on.items():
        yield Way(Target(target), By.LOOKUP_FAILED, status)
    rungs = failures(state, table, repertoire)
    if rungs and (leave := rungs[-1].leave) is not None:
        yield Way(leave, By.LOOKUP_FAILED, str(len(rungs)), rungs[-1].say)


def failures(state: State, table: Table, repertoire: Repertoire) -> list[Rung]:
    """The rungs that a lookup takes that fails again and again, one for each time, up to the one that leaves.

    Empty where nobody answers its failure.
    """
    found: list[Rung] = []
    for count in range(1, MOST_ERRORS):
        rung = select_failed(count, (state.handlers, table.handlers, repertoire.handlers))
        if rung is None or (found and found[-1].leave is not None):
            break
        found.append(rung)
    return found


def climbed(event: Event, question: Question, table: Table, repertoire: Repertoire) -> list[Rung]:
    """The same of one error that a caller makes again and again at a question."""
    scopes: tuple[Handlers, ...] = (question.handlers, table.handlers, repertoire.handlers, PLATFORM)
    limits = [scope.ladders[Event.MAX_ERRORS][0] for scope in scopes if scope.limit is not None]
    found: list[Rung] = []
    for count in range(1, MOST_ERRORS):
        rung = next((rung for rung in limits if count >= rung.count), None) or select(event, count, scopes)
        assert rung is not None, "the platform has a rung for every error"
        found.append(rung)
        if rung.leave is not None:
            break
    return found


def waits_for_lookup(state: State, table: Table, repertoire: Repertoire) -> bool:
    """Whether a state is left only when its lookup has returned: where somebody answers its failure."""
    if state.lookup is None:
        return False
    return bool(state.lookup.on) or bool(failures(state, table, repertoire))


def after_hang_up(handlers: Handlers) -> Target | None:
    """Where one scope leads when the caller has hung up; None where it says nothing of that."""
    rung = select(Event.HANG_UP, 1, (handlers,))
    return None if rung is None else rung.leave or END


def obeyed(state: State, table: Table, repertoire: Repertoire) -> Commands:
    """The commands that a state's question obeys; none where it asks none."""
    question = question_of(state.exit)
    if question is None:
        return {}
    scopes = (state.commands, table.commands, repertoire.commands)
    collects = isinstance(state.exit, Collect)
    return in_force(scopes, options=question.listen.options, collects=collects, end=question.listen.end)


def _commands(state: State, table: Table, repertoire: Repertoire) -> Iterator[Way]:
    for key, command in obeyed(state, table, repertoire).items():
        if command.act is Act.GO and command.target is not None:
            yield Way(command.target, By.COMMAND, key)


def _errors(question: Question, table: Table, repertoire: Repertoire) -> Iterator[Way]:
    """Of one error again and again, and of both in turn, also at the questions before."""
    yield from after_errors(Event.NO_INPUT, question, table, repertoire)
    yield from after_errors(Event.NO_MATCH, question, table, repertoire)
    for scope in (question.handlers, table.handlers, repertoire.handlers):
        if scope.limit is not None:
            rung = scope.ladders[Event.MAX_ERRORS][0]
            yield Way(rung.leave or END, By.MAX_ERRORS, str(rung.count), rung.say)


def after_errors(event: Event, question: Question, table: Table, repertoire: Repertoire) -> Iterator[Way]:
    """The rungs that leave, up to the first that a caller who makes this error again and again comes to."""
    scopes: tuple[Handlers, ...] = (question.handlers, table.handlers, repertoire.handlers, PLATFORM)
    limits = [scope.ladders[Event.MAX_ERRORS][0] for scope in scopes if scope.limit is not None]
    for count in range(1, MOST_ERRORS):
        for rung in limits:
            if count >= rung.count:
                yield Way(rung.leave or END, By.MAX_ERRORS, str(count), rung.say)
                return
        found = select(event, count, scopes)
        if found is not None and found.leave is not None:
            yield Way(found.leave, By(event.value), str(count), found.say)
            return


def left_behind(table: Table, states: Iterable[str]) -> list[str]:
    """The states that the ends of calls lead to: those that the dialog names, and those that some of ``states`` do."""
    scopes = [table.handlers, *(table.states[name].handlers for name in states)]
    targets = [target.state for scope in scopes if (target := after_hang_up(scope)) is not None]
    return list(dict.fromkeys(state for state in targets if state is not None))
