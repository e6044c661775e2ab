"""``prompts/dialogs/*.yaml``: a dialog as a table of states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ivr.catalog.mistakes import nearest
from ivr.catalog.party import is_literal, party
from ivr.catalog.salvage import beside, salvage
from ivr.catalog.source import Path, Source, check, read
from ivr.dialog.conditions import UNREAD, fault
from ivr.dialog.cover import USUAL
from ivr.dialog.cuts import WHOLE, Cuts
from ivr.dialog.fields import Names, said
from ivr.dialog.ladder_shapes import commands, handlers
from ivr.dialog.ladders import Event, Handlers, Rung, Target
from ivr.dialog.listen import Listen
from ivr.dialog.record_shape import RecordShape, made
from ivr.dialog.shapes import (
    BranchShape,
    CollectShape,
    ConfirmShape,
    DialogShape,
    LookupShape,
    MenuShape,
    QuestionShape,
    StateShape,
    SubDialogShape,
    TransferShape,
)
from ivr.dialog.table import (
    Branch,
    Branches,
    Collect,
    Condition,
    Confirm,
    Exit,
    Goto,
    HangUp,
    LookupStep,
    Menu,
    Question,
    Return,
    State,
    SubDialog,
    Table,
    Transfer,
)
from ivr.dialog.variable_shapes import variables
from ivr.dialog.web import SLOT
from ivr.dialog.web_shapes import HttpLookupShape
from ivr.dialog.web_step import HttpStep
from ivr.errors import Problem

EXITS = ("menu", "collect", "confirm", "record", "branch", "goto", "dialog", "return", "transfer", "hang_up")
"""The ways out of a state; it has exactly one."""


_KEYS = frozenset(field.alias or name for name, field in StateShape.model_fields.items())


@dataclass(frozen=True, slots=True)
class DialogSource:
    """A dialog and the file that it was read from, whose positions the checks against other files need."""

    table: Table
    source: Source
    cuts: Cuts = WHOLE
    """What could not be read; such a table is looked at, and never run."""
    right: bool = True
    """Whether nothing is wrong with the file by itself."""

    def unread(self, path: Path, code: str, *, warning: bool = False) -> bool:
        """See ``ivr.dialog.inspection.findings.Unread``: whether what stands there must not be judged."""
        if code == "rung-order":
            return beside(path, self.cuts.paths)
        state = self.table.states.get(str(path[1])) if path[:1] == ("states",) else None
        vague = state is not None and state.vague
        return vague or self.cuts.mute(path, code) or (warning and self.cuts.ignoring)


def read_dialog(text: str, file: str) -> tuple[DialogSource | None, list[Problem]]:
    """The dialog of one file, or everything that is wrong with it, in the order of the file."""
    dialog, problems = read_dialog_leniently(text, file)
    return (None if problems else dialog), problems


def read_dialog_leniently(text: str, file: str) -> tuple[DialogSource | None, list[Problem]]:
    """The same, and what could be read of the dialog where something is wrong; None where nothing could."""
    source = read(text, file)
    if not source.places:
        return None, list(source.problems)
    states = source.at(("states",))
    names = Names(states if isinstance(states, dict) else (), lenient=not isinstance(states, dict))
    shape, found = check(DialogShape, source, context=names)
    wrong_ways = dict(_ways_out(source))
    problems = {*source.problems, *found, *wrong_ways.values()}
    if shape is not None and not problems:
        return DialogSource(_table(shape, source, WHOLE), source), []
    left = salvage(DialogShape, source, replace(names, lenient=True), _instead)
    if left is None:
        return None, sorted(problems)
    cuts = Cuts(left.cuts.union(wrong_ways, [()] if source.problems else []))
    return DialogSource(_table(left.shape, source, cuts), source, cuts, right=False), sorted(
        problems.union(left.problems)
    )


def _instead(path: Path) -> Any:
    """What stands for what is missing or wrong, where a dialog cannot be without it."""
    match path:
        case ("dialog",):
            return "unnamed"
        case ("start",):
            return ""
        case ("states", _):
            return {"hang_up": "yes"}
        case ("states", _, "collect", "digits"):
            return "1-40"
        case (*_, "max_errors", "limit"):
            return "4"
    return None


def _table(shape: DialogShape, source: Source, cuts: Cuts) -> Table:
    made = {name: _State(name, source, cuts).made(state) for name, state in shape.states.items()}
    name = source.file if cuts.nameless else shape.dialog
    declared = {} if cuts.undeclared else variables(shape.variables)
    return Table(name, shape.start, made, handlers(shape.on), commands(shape.commands), declared)


def _ways_out(source: Source) -> Iterator[tuple[Path, Problem]]:
    """Mistakes of whole states, read from the bare values, so that they show beside mistakes within the states."""
    states = source.at(("states",))
    for name, state in states.items() if isinstance(states, dict) else ():
        if not isinstance(state, dict):
            continue
        path: Path = ("states", name)
        exits = [key for key in state if key in EXITS and not (key == "hang_up" and state[key] in ("no", "false"))]
        if not exits and _misspelt(state).isdisjoint(EXITS):
            remedy = f"give it one of {', '.join(EXITS)}"
            yield path, source.problem(path, f"state '{name}' leads nowhere", remedy, key=True)
        for extra in exits[1:]:
            what = f"state '{name}' has both {exits[0]} and {extra}"
            yield (*path, extra), source.problem((*path, extra), what, f"keep one of {', '.join(EXITS)}", key=True)
        yield from _open_branches(source, (*path, "branch"))
        yield from _failures(source, path, state)


def _misspelt(state: Mapping[str, Any]) -> set[str | None]:
    """What was meant by keys that no state has."""
    return {nearest(key, _KEYS) for key in state if key not in _KEYS}


def _open_branches(source: Source, path: Path) -> Iterator[tuple[Path, Problem]]:
    entries = source.at(path)
    for index, entry in enumerate(entries) if isinstance(entries, list) else ():
        last = index == len(entries) - 1
        if not isinstance(entry, dict) or "goto" not in entry:
            continue
        if last and "if" in entry:
            what = "no entry applies when this condition is false"
            yield (*path, index), source.problem((*path, index), what, "add '- goto: …'")
        if not last and set(entry) == {"goto"}:
            what = "the entries after this one are never reached"
            yield (*path, index), source.problem((*path, index), what, "give it an 'if'")


def _failures(source: Source, path: Path, state: Mapping[str, Any]) -> Iterator[tuple[Path, Problem]]:
    on, lookup = state.get("on"), state.get("lookup")
    if not isinstance(on, dict) or "lookup_failed" not in on:
        return
    place = (*path, "on", "lookup_failed")
    if lookup is None and "lookup" not in _misspelt(state):
        remedy = "remove it, or give the state a lookup"
        yield place, source.problem(place, "the state looks nothing up", remedy, key=True)
    elif isinstance(lookup, dict) and "failed" in lookup:
        what = "the state has both 'failed' and 'lookup_failed'"
        remedy = "keep one: 'failed: s' is short for 'lookup_failed: {goto: s}'"
        yield place, source.problem(place, what, remedy, key=True)


class _State:
    """Makes one state out of its shape."""

    def __init__(self, name: str, source: Source, cuts: Cuts) -> None:
        self._name = name
        self._path: Path = ("states", name)
        self._source = source
        self._cuts = cuts

    def made(self, shape: StateShape) -> State:
        return State(
            name=self._name,
            exit=self._exit(shape),
            assignments=self._conditions(shape.assignments, "set"),
            lookup=self._lookup(shape.lookup) if shape.lookup else None,
            locale=shape.locale,
            say=said(shape.say),
            commands=commands(shape.commands),
            cover=USUAL if shape.cover is None else shape.cover.made(),
            vague=self._cuts.vague(self._name, shape),
            handlers=_own(shape),
            where=self._where(self._source.position(self._path, key=True)),
        )

    def _exit(self, shape: StateShape) -> Exit:
        match shape:
            case StateShape(menu=MenuShape() as menu):
                return Menu(dict(menu.options), _question(menu, _choice(menu, menu.options)))
            case StateShape(collect=CollectShape() as collect):
                return self._collect(collect)
            case StateShape(confirm=ConfirmShape() as confirm):
                keys = (confirm.keys.yes, confirm.keys.no)
                return Confirm(confirm.yes, confirm.no, keys, _question(confirm, _choice(confirm, keys)))
            case StateShape(record=RecordShape() as record):
                return made(record)
            case StateShape(branch=list() as entries):
                return Branches(tuple(self._branch(entry, index) for index, entry in enumerate(entries)))
            case StateShape(goto=str() as state):
                return Goto(state)
            case StateShape(dialog=SubDialogShape() as other):
                arguments = self._conditions(other.arguments, "dialog", "with")
                return SubDialog(other.run, other.goto, arguments, other.name)
            case StateShape(transfer=TransferShape() as transfer):
                return self._transfer(transfer)
        if shape.back is not None:
            return Return(self._condition(shape.back.value, "return", "value") if shape.back.value else None)
        return HangUp()

    def _transfer(self, shape: TransferShape) -> Transfer:
        constant = party(shape.to) if is_literal(shape.to) else None
        to = constant or self._condition(shape.to, "transfer", "to")
        return Transfer(to, shape.timeout, shape.busy, shape.no_answer, shape.failed, shape.goto)

    def _collect(self, shape: CollectShape) -> Collect:
        end = shape.end or ("#" if shape.digits.least < shape.digits.most else "")
        listen = _listen(shape, least=shape.digits.least, most=shape.digits.most, end=end)
        valid = self._condition(shape.valid, "collect", "valid") if shape.valid is not None else None
        return Collect(shape.name, shape.goto, _question(shape, listen), valid, shape.private)

    def _lookup(self, shape: LookupShape | HttpLookupShape) -> LookupStep:
        if isinstance(shape, HttpLookupShape):
            step = self._http(shape)
            return LookupStep(step.name, shape.name, {}, shape.timeout, shape.private, step, dict(shape.on))
        arguments = self._conditions(shape.arguments, "lookup", "with")
        return LookupStep(shape.run, shape.name, arguments, shape.timeout, shape.private)

    def _http(self, shape: HttpLookupShape) -> HttpStep:
        place = ("lookup", shape.method.lower())
        slots = {slot: self._condition(slot, *place) for slot in SLOT.findall(shape.url)}
        query = self._conditions(shape.query, "lookup", "query")
        body = self._tree(shape.body, "lookup", "body")
        return HttpStep(shape.method, shape.url, slots, dict(shape.headers), query, body, shape.path, shape.retries)

    def _tree(self, written: Any, *path: str | int) -> Any:
        match written:
            case dict():
                return {key: self._tree(value, *path, key) for key, value in written.items()}
            case list():
                return [self._tree(value, *path, index) for index, value in enumerate(written)]
        return None if written is None else self._condition(written, *path)

    def _branch(self, shape: BranchShape, index: int) -> Branch:
        return Branch(shape.goto, self._condition(shape.when, "branch", index, "if") if shape.when else None)

    def _conditions(self, expressions: Mapping[str, str], *path: str) -> dict[str, Condition]:
        return {name: self._condition(text, *path, name) for name, text in expressions.items()}

    def _condition(self, text: str, *path: str | int) -> Condition:
        where = self._where(self._source.position((*self._path, *path)))
        return Condition(text if fault(text) is None else UNREAD, where)

    def _where(self, position: tuple[int, int]) -> str:
        line, column = position
        return f"{self._source.file}:{line}:{column}"


def _own(shape: StateShape) -> Handlers:
    """The ladders of a state."""
    if shape.lookup is None or shape.lookup.failed is None:
        return handlers(shape.on)
    short = (Rung(leave=Target(shape.lookup.failed)),)
    return Handlers({**handlers(shape.on).ladders, Event.LOOKUP_FAILED: short})


def _choice(shape: QuestionShape, options: Mapping[str, object] | tuple[str, ...]) -> Listen:
    return _listen(shape, options=frozenset(options))


def _listen(
    shape: QuestionShape, *, least: int = 1, most: int = 1, end: str = "", options: frozenset[str] = frozenset()
) -> Listen:
    return Listen(
        least=least,
        most=most,
        end=end,
        options=options,
        first=shape.first_digit,
        between=shape.next_digit,
        within=shape.in_all,
        type_ahead=shape.type_ahead,
    )


def _question(shape: QuestionShape, listen: Listen) -> Question:
    return Question(listen, shape.handlers())
