"""Expressions of a dialog that fail in every call that comes to them, found by samples of what they read.

What cannot be known so (a list's entries, what a lookup returns) is left to the call, and one sample that fits
is enough.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from ivr.catalog.party import HOW, party
from ivr.catalog.source import Path
from ivr.dialog.checks import conditions_of
from ivr.dialog.conditions import names
from ivr.dialog.dialog_file import DialogSource
from ivr.dialog.expression_text import Sort, words
from ivr.dialog.samples import Samples, results, samples, typed
from ivr.dialog.table import Branches, Collect, Condition, State, Table
from ivr.dialog.values import Kind, fits
from ivr.errors import Problem

_RECKONED = frozenset("+-*/%")
_NO_PARTY = (bool, float, list, dict, type(None))


def check_expressions(dialog: DialogSource, known: Samples, given: Collection[str] | None) -> Iterator[Problem]:
    """Of one dialog. ``known``: samples of facts; ``given``: names that others may hand it, None: any."""
    states = dialog.table.states.values()
    if not any(True for state in states for _ in conditions_of(state)):
        return
    found = samples(dialog.table, known, given)
    for state in states:
        tests = _tests(state)
        for path, condition in conditions_of(state):
            here = {**found, **_own(state, path, dialog.table)}
            for what, remedy in _faults(path, condition, dialog.table, here, test=path in tests):
                yield dialog.source.problem(path, what, remedy)


def _own(state: State, path: Path, table: Table) -> Samples:
    """What an answer's own test sees in its variable: what was typed, whatever else sets it."""
    if isinstance(state.exit, Collect) and path[2:] == ("collect", "valid"):
        return {state.exit.name: typed(table, state.exit.name)}
    return {}


def _faults(path: Path, condition: Condition, table: Table, known: Samples, *, test: bool) -> Iterator[tuple[str, str]]:
    source = condition.source
    if (unequal := _never_equal(source, table, known)) is not None:
        yield unequal
        return
    declared = table.variables.get(str(path[3])) if path[2] == "set" else None

    def right(value: Any) -> bool:
        if test:
            return isinstance(value, bool)
        if declared is not None:
            return fits(declared.kind, value)
        return path[2:] != ("transfer", "to") or _may_be_party(value, source)

    found = results(source, known, right)
    if not found.known or any(right(value) for value in found.values):
        return
    if not found.values:
        yield f"the types do not fit ({_kinds(source, table, known)})", _remedy(source, table, known)
    elif test:
        yield "this is neither true nor false", "compare the value with something"
    elif declared is not None:
        what = f"this never gives '{declared.kind}', which '{path[3]}' is declared to be"
        yield what, "convert it, or declare the variable otherwise"
    else:
        yield "nobody can be called at what this gives", HOW


def _tests(state: State) -> set[Path]:
    top: Path = ("states", state.name)
    branches = len(state.exit.branches) if isinstance(state.exit, Branches) else 0
    return {(*top, "collect", "valid"), *((*top, "branch", index, "if") for index in range(branches))}


def _may_be_party(value: Any, source: str) -> bool:
    """A text of a variable's sample stands for any other; one of a constant is what it is."""
    if names(source):
        return not isinstance(value, _NO_PARTY)
    return party(str(value)) is not None


def _never_equal(source: str, table: Table, known: Samples) -> tuple[str, str] | None:
    """CEL finds values of different types unequal without a word."""
    for name, literal in _compared(source):
        values = known.get(name, ())
        kinds = {_kind(value) for value in values}
        other = "text" if literal[-1] in "'\"" else "yes_no" if literal in ("true", "false") else "number"
        if not kinds or None in kinds or other in kinds:
            continue
        bare = literal.strip(chr(39) + chr(34))
        remedy = f"write {bare}" if kinds == {"number"} else f"write '{literal}'"
        if kinds == {"number"} and not fits(Kind.NUMBER, bare):
            remedy = "compare it with a number, such as 12.5, or declare it otherwise"
        if kinds == {"yes_no"}:
            remedy = f"write {name} or !{name}"
        declared = table.variables.get(name)
        is_said = f"is declared to be {declared.kind}" if declared is not None else f"is {_word(values)}"
        return f"'{name}' {is_said} and never equals {literal}", remedy
    return None


def _kind(value: Any) -> str | None:
    match value:
        case bool():
            return "yes_no"
        case int() | float():
            return "number"
        case str():
            return "text"
    return None


def _compared(source: str) -> Iterator[tuple[str, str]]:
    """The variables that stand beside == or != and a literal, with it."""
    found = words(source)
    free = names(source)
    for index, word in enumerate(found):
        if word.text not in ("==", "!=") or word.sort is not Sort.SIGN:
            continue
        for name, before, at, step in ((index - 1, index - 2, index + 1, 1), (index + 1, index + 2, index - 1, -1)):
            minus = step > 0 and found[at].text == "-"
            literal, beyond = found[at + minus], found[at + minus + step].text
            is_literal = literal.sort in (Sort.TEXT, Sort.NUMBER) or literal.text in ("true", "false")
            alone = not {found[before].text, beyond} & {*_RECKONED, *".![", "(" if step < 0 else "."}
            if found[name].text in free and found[name].sort is Sort.NAME and is_literal and alone:
                yield found[name].text, f"{'-' if minus else ''}{literal.text}"


def _kinds(source: str, table: Table, known: Samples) -> str:
    shown: list[str] = []
    for name in sorted(names(source)):
        declared = table.variables.get(name)
        if declared is not None and not (declared.kind is Kind.NUMBER and len({type(v) for v in known[name]}) == 1):
            shown.append(f"'{name}' is {declared.kind}")
        elif name in known and (declared is not None or all(_kind(value) is not None for value in known[name])):
            shown.append(f"'{name}' is {_word(known[name])}")
    return ", ".join(shown) or "no variable is used"


def _word(values: tuple[Any, ...]) -> str:
    """``a text``, or what else all of them are."""
    called = {bool: "true or false", int: "a whole number", float: "a number with decimals", str: "a text"}
    return " or ".join(dict.fromkeys(called[type(value)] for value in values))


def _remedy(source: str, table: Table, known: Samples) -> str:
    keys = [name for name in sorted(names(source)) if name not in table.variables and _only(str, known.get(name, ()))]
    if keys and any(isinstance(s.exit, Collect) and s.exit.name == keys[0] for s in table.states.values()):
        return f"write int({keys[0]}), or declare it: 'variables: {{{keys[0]}: number}}'"
    numbers = [word.text for word in words(source) if word.sort is Sort.NUMBER]
    whole = next((text for text in numbers if text.isdecimal()), None)
    decimals = next((text for text in numbers if re.fullmatch(r"[0-9]+\.[0-9]+", text)), None)
    if any(word.text in _RECKONED and word.sort is Sort.SIGN for word in words(source)):
        two = "+ - * / want two of one type"
        wholes = [name for name in sorted(names(source)) if _only(int, known.get(name, ()))]
        if decimals is not None and wholes:
            return f"write double({wholes[0]}) beside {decimals}: {two}"
        if whole is not None and any(_only(float, known.get(name, ())) for name in names(source)):
            return f"write {whole}.0 for {whole} beside what has decimals: {two}"
    return "compare and reckon with values of one type; int(), double() and string() convert"


def _only(kind: type, values: tuple[Any, ...]) -> bool:
    return bool(values) and all(type(value) is kind for value in values)
