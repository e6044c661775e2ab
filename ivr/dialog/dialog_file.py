"""``prompts/dialogs/*.yaml``: a dialog as a table of states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ivr.catalog.source import Path, Source, check, read
from ivr.dialog.shapes import BranchShape, DialogShape, LookupShape, MenuShape, Names, RetryShape, StateShape
from ivr.dialog.table import Branch, Condition, LookupStep, Menu, Retry, State, Table
from ivr.errors import Problem

EXITS = ("menu", "branch", "goto", "hang_up")
"""The ways out of a state; it has exactly one."""


@dataclass(frozen=True, slots=True)
class DialogSource:
    """A dialog and the file that it was read from, whose positions the checks against other files need."""

    table: Table
    source: Source


def read_dialog(text: str, file: str) -> tuple[DialogSource | None, list[Problem]]:
    """The dialog of one file, or everything that is wrong with it, in the order of the file."""
    source = read(text, file)
    if not source.places:
        return None, list(source.problems)
    states = source.at(("states",))
    names = Names(states if isinstance(states, dict) else ())
    shape, problems = check(DialogShape, source, context=names)
    problems = sorted([*source.problems, *problems, *_ways_out(source)])
    if shape is None or problems:
        return None, problems
    made = {name: _state(name, state, source) for name, state in shape.states.items()}
    return DialogSource(Table(shape.dialog, shape.start, made), source), []


def _ways_out(source: Source) -> Iterator[Problem]:
    """Mistakes of whole states, read from the bare values, so that they show beside mistakes within the states."""
    states = source.at(("states",))
    for name, state in states.items() if isinstance(states, dict) else ():
        if not isinstance(state, dict):
            continue
        path: Path = ("states", name)
        exits = [key for key in state if key in EXITS and not (key == "hang_up" and state[key] in ("no", "false"))]
        if not exits:
            remedy = f"give it one of {', '.join(EXITS)}"
            yield source.problem(path, f"state '{name}' leads nowhere", remedy, key=True)
        for extra in exits[1:]:
            what = f"state '{name}' has both {exits[0]} and {extra}"
            yield source.problem((*path, extra), what, f"keep one of {', '.join(EXITS)}", key=True)
        yield from _open_branches(source, (*path, "branch"))


def _open_branches(source: Source, path: Path) -> Iterator[Problem]:
    entries = source.at(path)
    for index, entry in enumerate(entries) if isinstance(entries, list) else ():
        last = index == len(entries) - 1
        if not isinstance(entry, dict) or "goto" not in entry:
            continue
        if last and "if" in entry:
            yield source.problem((*path, index), "no entry applies when this condition is false", "add '- goto: …'")
        if not last and set(entry) == {"goto"}:
            yield source.problem((*path, index), "the entries after this one are never reached", "give it an 'if'")


def _state(name: str, shape: StateShape, source: Source) -> State:
    path: Path = ("states", name)
    branches = enumerate(shape.branch or ())
    return State(
        name=name,
        assignments=_conditions(shape.assignments, (*path, "set"), source),
        lookup=_lookup(shape.lookup, (*path, "lookup"), source) if shape.lookup else None,
        say=(shape.say,) if isinstance(shape.say, str) else tuple(shape.say or ()),
        menu=_menu(shape.menu) if shape.menu else None,
        branches=tuple(_branch(entry, (*path, "branch", index), source) for index, entry in branches),
        goto=shape.goto,
        hang_up=shape.hang_up,
    )


def _lookup(shape: LookupShape, path: Path, source: Source) -> LookupStep:
    arguments = _conditions(shape.arguments, (*path, "with"), source)
    return LookupStep(shape.run, shape.name, arguments, shape.timeout, shape.private, shape.failed)


def _menu(shape: MenuShape) -> Menu:
    return Menu(dict(shape.options), shape.first_digit, _retry(shape.no_input), _retry(shape.no_match))


def _retry(shape: RetryShape) -> Retry:
    return Retry(shape.say, shape.goto, shape.limit)


def _branch(shape: BranchShape, path: Path, source: Source) -> Branch:
    return Branch(shape.goto, _condition(shape.when, (*path, "if"), source) if shape.when is not None else None)


def _conditions(expressions: Mapping[str, str], path: Path, source: Source) -> dict[str, Condition]:
    return {name: _condition(text, (*path, name), source) for name, text in expressions.items()}


def _condition(text: str, path: Path, source: Source) -> Condition:
    line, column = source.position(path)
    return Condition(text, f"{source.file}:{line}:{column}")
