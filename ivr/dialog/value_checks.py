"""A dialog's values before any call: types against slots, expressions and other dialogs; calendars against their file.

Expressions are tried with a sample of each declared type. What cannot be known so (a list's entries, a variable that
nobody declared) is left to the call.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice, product
from typing import Any

from ivr.catalog.mistakes import listing, meant
from ivr.catalog.phrase import Catalogue
from ivr.catalog.source import Path, Source
from ivr.dialog import facts
from ivr.dialog.calendar import moment
from ivr.dialog.checks import conditions_of, prompts_said
from ivr.dialog.conditions import names, tried
from ivr.dialog.dialog_file import DialogSource
from ivr.dialog.table import Branches, Collect, Condition, Record, State, SubDialog, Table
from ivr.dialog.values import SAID, SAMPLES, Kind, fits
from ivr.errors import Problem

MOST_TRIED = 64
"""Combinations of samples for one expression."""
TYPED = frozenset([Kind.DIGITS, Kind.TEXT, Kind.NUMBER, Kind.MONEY])
"""What keys can be."""
_TEXTS = frozenset([Kind.TEXT, Kind.DIGITS, Kind.DATE, Kind.TIME])
_NUMBERS = frozenset([Kind.NUMBER, Kind.MONEY])
_EQUALS = re.compile(r"(?<![\w.])([a-z]\w*)\s*(?:==|!=)\s*('[^']*'|\"[^\"]*\"|-?[0-9.]+|true|false)")
_WHOLE = re.compile(r"(?<![\w.])[0-9]+(?![\w.])")
_CALENDAR = re.compile(r"\bhours\s*\.\s*(\w+)")


def check_values(
    dialogs: Mapping[str, DialogSource], calendars: Collection[str], catalogues: Mapping[str, Catalogue]
) -> list[Problem]:
    """Everything that is known to go wrong, in the order of the files."""
    found: set[Problem] = set()
    tables = {name: dialog.table for name, dialog in dialogs.items()}
    for dialog in dialogs.values():
        for state in dialog.table.states.values():
            found.update(_calendars(state, dialog.source, calendars))
            found.update(_handed_over(state, dialog.source, tables))
            if dialog.table.variables:
                found.update(_targets(state, dialog))
                found.update(_slots(state, dialog, catalogues))
                found.update(_expressions(state, dialog, calendars))
    return sorted(found)


def _calendars(state: State, source: Source, calendars: Collection[str]) -> Iterator[Problem]:
    for path, condition in conditions_of(state):
        for name in _CALENDAR.finditer(condition.source) if facts.HOURS in names(condition.source) else ():
            if name[1] not in calendars:
                what = f"no calendar '{name[1]}' in prompts/hours.yaml"
                otherwise = f"there are {listing(sorted(calendars))}" if calendars else "write it there"
                yield source.problem(path, what, meant(name[1], calendars, otherwise), offset=name.start(1))


def named_calendars(dialogs: Mapping[str, DialogSource]) -> set[str]:
    """The calendars that expressions name."""
    states = (state for dialog in dialogs.values() for state in dialog.table.states.values())
    return {name for state in states for _, each in conditions_of(state) for name in _CALENDAR.findall(each.source)}


def _handed_over(state: State, source: Source, tables: Mapping[str, Table]) -> Iterator[Problem]:
    """What another dialog is given must be declared there, if it declares anything."""
    if not isinstance(state.exit, SubDialog) or state.exit.dialog not in tables:
        return
    declared = tables[state.exit.dialog].variables
    for name in state.exit.arguments if declared else ():
        if name not in declared:
            what = f"the dialog '{state.exit.dialog}' declares no variable '{name}'"
            path = ("states", state.name, "dialog", "with", name)
            yield source.problem(path, what, meant(name, declared, f"it has {listing(declared)}"), key=True)


def _targets(state: State, dialog: DialogSource) -> Iterator[Problem]:
    declared = dialog.table.variables
    for path, name in _written(state):
        if name not in declared:
            otherwise = f"declare it: 'variables: {{{name}: text}}'"
            at_key = path[-1] == name
            what = f"the dialog declares no variable '{name}'"
            yield dialog.source.problem(path, what, meant(name, declared, otherwise), key=at_key)
    match state.exit:
        case Collect(name=name) if name in declared and declared[name].kind not in TYPED:
            what = f"keys cannot be '{declared[name].kind}', which '{name}' is declared to be"
            path = ("states", state.name, "collect", "as")
            yield dialog.source.problem(path, what, "declare it as digits, or set another variable from it")
        case Record(name=name) if name in declared:
            what = f"a recording cannot be '{declared[name].kind}', which '{name}' is declared to be"
            path = ("states", state.name, "record", "as")
            yield dialog.source.problem(path, what, "take it out of 'variables': a recording needs no declaration")


def _written(state: State) -> Iterator[tuple[Path, str]]:
    """The variables that a state gives a value, with their places."""
    top: Path = ("states", state.name)
    for name in state.assignments:
        yield (*top, "set", name), name
    if state.lookup is not None:
        yield (*top, "lookup", "as"), state.lookup.name
    match state.exit:
        case Collect(name=name):
            yield (*top, "collect", "as"), name
        case SubDialog(name=str() as name):
            yield (*top, "dialog", "as"), name


def _slots(state: State, dialog: DialogSource, catalogues: Mapping[str, Catalogue]) -> Iterator[Problem]:
    declared = dialog.table.variables
    for path, said in prompts_said(state, dialog.source):
        for catalogue in catalogues.values():
            prompt = catalogue.prompt(said)
            phrases = {name for variant in prompt.variants for name in variant} if prompt is not None else ()
            for slot in (slot for name in phrases for slot in catalogue.phrases[name].slots):
                if slot.name in declared and slot.kind not in SAID[declared[slot.name].kind]:
                    kind = declared[slot.name].kind
                    what = f"'{said}' says '{slot.name}' as {slot.kind}, and it is declared to be {kind}"
                    ways = listing(sorted(SAID[kind]))
                    remedy = f"say it as {ways}" if ways else "say it by other phrases, chosen in a branch"
                    yield dialog.source.problem(path, what, remedy)


def _expressions(state: State, dialog: DialogSource, calendars: Collection[str]) -> Iterator[Problem]:
    table, source = dialog.table, dialog.source
    tests = _tests(state)
    for path, condition in conditions_of(state):
        if (unequal := _never_equal(condition, table)) is not None:
            yield source.problem(path, *unequal)
            continue
        results = _results(condition, table, calendars)
        if results is None:
            continue
        if not results:
            yield source.problem(path, f"the types do not fit ({_kinds(condition, table)})", _remedy(condition))
        elif path in tests and not any(isinstance(result, bool) for result in results):
            yield source.problem(path, "this is neither true nor false", "compare the value with something")
        elif path[-2:-1] == ("set",) and (declared := table.variables.get(str(path[-1]))) is not None:
            if not any(fits(declared.kind, result) for result in results):
                what = f"this never gives '{declared.kind}', which '{path[-1]}' is declared to be"
                yield source.problem(path, what, "convert it, or declare the variable otherwise")


def _tests(state: State) -> set[Path]:
    top: Path = ("states", state.name)
    branches = len(state.exit.branches) if isinstance(state.exit, Branches) else 0
    return {(*top, "collect", "valid"), *((*top, "branch", index, "if") for index in range(branches))}


def _results(condition: Condition, table: Table, calendars: Collection[str]) -> list[Any] | None:
    """What an expression gives for samples of its variables; None where that cannot be known."""
    used = sorted(names(condition.source))
    choices = [_samples(name, table, calendars) for name in used]
    results: list[Any] = []
    unknown = False
    for values in islice(product(*choices), MOST_TRIED):
        try:
            results.append(tried(condition.source, dict(zip(used, values, strict=True))))
        except TypeError:
            continue
        except Exception:
            unknown = True  # of a sample, such as a key that its mapping lacks
    return None if unknown or not all(choices) else results


def _samples(name: str, table: Table, calendars: Collection[str]) -> tuple[Any, ...]:
    now = moment(datetime(2026, 1, 1, tzinfo=UTC))
    match name:
        case facts.CALL:
            return ({"caller": "", "called": "", "parameters": {}, "locale": "en-US"},)
        case facts.NOW:
            return (now,)
        case facts.HOURS:
            later = {**now, "days": 1}
            one = {"open": True, "closes": later, "next": later, "holiday": "", "now": now}
            return (dict.fromkeys(calendars, one),)
    declared = table.variables.get(name)
    return () if declared is None else SAMPLES.get(declared.kind, ())


def _never_equal(condition: Condition, table: Table) -> tuple[str, str] | None:
    """CEL finds values of different types unequal without a word."""
    for found in _EQUALS.finditer(condition.source):
        declared = table.variables.get(found[1])
        literal = found[2]
        of_that = _TEXTS if literal[0] in "'\"" else frozenset([Kind.YES_NO]) if literal[0] in "tf" else _NUMBERS
        if declared is not None and declared.kind in SAMPLES and declared.kind not in of_that:
            bare = literal.strip("'\"")
            remedy = f"write '{bare}'"
            if declared.kind in _NUMBERS:
                number = fits(declared.kind, bare)
                remedy = (
                    f"write {bare}" if number else "compare it with a number, such as 12.5, or declare it otherwise"
                )
            if declared.kind is Kind.YES_NO:
                remedy = f"write {found[1]} or !{found[1]}"
            return f"'{found[1]}' is declared to be {declared.kind} and never equals {literal}", remedy
    return None


def _kinds(condition: Condition, table: Table) -> str:
    used = sorted(names(condition.source) & table.variables.keys())
    return ", ".join(f"'{name}' is {table.variables[name].kind}" for name in used) or "no variable is used"


def _remedy(condition: Condition) -> str:
    found = _WHOLE.search(condition.source)
    if found is not None and re.search(r"[-+*/%]", condition.source):
        return f"write {found[0]}.0 for {found[0]} beside money: + - * / want two of one type"
    return "compare and reckon with values of one type; int(), double() and string() convert"
