"""What exploring tries where keys do not decide: values of lookups, entries, and moments of the day."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
import typing
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import UnionType
from typing import Any

from ivr.catalog.sayas import say_as
from ivr.catalog.saying.kinds import SAYINGS
from ivr.dialog.calendar import Calendar
from ivr.dialog.listen import DIGITS, Listen
from ivr.dialog.table import Branches, Collect, Condition, State, Table
from ivr.dialog.values import Kind
from ivr.errors import SlotError
from ivr.project.project import Project
from ivr.simulator.driver import EPOCH, Answer

TAKES = 0.6
"""Seconds that a lookup takes: long enough that words must be said around it."""

_BY_TYPE: Mapping[Any, tuple[Any, ...]] = {
    bool: (True, False),
    int: (12, 0, -12),
    float: (12.5, 0.0, -12.5),
    Decimal: (Decimal("12.34"), Decimal(0), Decimal("-12.34")),
    str: ("something", ""),
    list: (["something"], []),
    dict: ({},),
    date: (date(2026, 11, 26),),
    time: (time(9, 30),),
    datetime: (datetime(2026, 11, 26, 9, 30),),
    timedelta: (timedelta(hours=1, minutes=30), timedelta(0)),
    type(None): (None,),
}
_BY_KIND: Mapping[Kind, tuple[Any, ...]] = {
    Kind.TEXT: _BY_TYPE[str],
    Kind.DIGITS: ("1234",),
    Kind.NUMBER: _BY_TYPE[int],
    Kind.MONEY: _BY_TYPE[Decimal],
    Kind.DATE: ("2026-11-26",),
    Kind.TIME: ("09:30",),
    Kind.YES_NO: _BY_TYPE[bool],
    Kind.LIST: _BY_TYPE[list],
    Kind.MAPPING: ({},),
}
_ANY = ("something", 12, True, False)
"""Where nothing tells the type."""
_TEXT = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_NUMBER = re.compile(r"-?\b\d+(?:\.\d+)?\b")


@dataclass(frozen=True, slots=True)
class Tried:
    """All that is tried in one project. Nothing of it is asked of the project's own code."""

    project: Project
    given: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """By lookup (``bank.balance``) or variable that is typed: what the author wants tried. A mapping with ``error`` or
    ``status`` is a failure."""

    def shown(self, dialog: str, state: str) -> str:
        """What a state is called: ``dialog.state`` where several tables have a state of that name."""
        several = sum(state in table.states for table in self.project.tables.values()) > 1
        return f"{dialog}.{state}" if several and dialog else state

    def answers(self, name: str, variable: Kind | None = None) -> dict[str, Answer]:
        """What a lookup may answer, by a label."""
        given = [*self.given.get(name, ())]
        values = [value for value in given if not _fails(value)] or self._values(name, variable)
        found = {f"{name} = {value!r}": Answer(value, TAKES) for value in values}
        found |= {f"{name} fails": Answer(None, TAKES, "exploring had it fail")}
        for failure in [*(value for value in given if _fails(value)), *({"error": why} for why in self._raised(name))]:
            error, status = failure.get("error"), failure.get("status")
            label = f"{name} fails: {error}" if error is not None else f"{name} answers {status}"
            found[label] = Answer(None, TAKES, error, status)
        for status in self._statuses(name):
            found[f"{name} answers {status}"] = Answer(None, TAKES, None, status)
        return found

    def entries(self, listen: Listen, state: State | None) -> dict[str, str]:
        """Keys to type where any will do, by a label: given ones, such as a condition mentions, and usual ones."""
        exit = None if state is None else state.exit
        found: list[str] = []
        if isinstance(exit, Collect):
            found += [str(value) for value in self.given.get(exit.name, ())]
            if exit.valid is not None:
                found += [text for text in _mentioned(exit.valid) if isinstance(text, str)]
        for size in sorted({listen.least, min(listen.most, 20)}):
            found += [("19800503" if size == 8 else "1234567890" * 2)[:size], "9" * size, "0" * size]
        good = [keys for keys in found if keys and set(keys) <= DIGITS and listen.least <= len(keys) <= listen.most]
        return {f"types {keys}": keys for keys in dict.fromkeys(good)}

    def moments(self) -> dict[str, datetime]:
        """Beginnings of calls at which calendars differ; the usual one where there are none."""
        found: dict[str, datetime] = {}
        for name, calendar in self.project.calendars.items():
            for label, at in _moments(calendar):
                found.setdefault(f"{name} {label}", at)
        return found or {"any time": EPOCH}

    def _values(self, name: str, kind: Kind | None) -> list[Any]:
        steps = [(table, state.lookup) for table, state in self._states() if state.lookup and state.lookup.run == name]
        for table, step in steps:
            declared = table.variables.get(step.name)
            kind = kind or (declared.kind if declared is not None else None)
        by_type = _BY_KIND[kind] if kind is not None else _of_function(self.project.functions.get(name))
        by_type = _said(by_type, self._kinds_said({step.name for _, step in steps}))
        mentioned = [value for table, step in steps for value in _compared(table, step.name)]
        return _unlike([*by_type, *(value for value in mentioned if _alike(value, by_type))])

    def _kinds_said(self, variables: Collection[str]) -> list[str]:
        """How phrases say them, other than as the texts that they are."""
        phrases = [phrase for each in self.project.catalogues.values() for phrase in each.phrases.values()]
        return sorted({slot.kind for each in phrases for slot in each.slots if slot.name in variables} - {"text"})

    def _statuses(self, name: str) -> list[int]:
        named = [
            on for _, state in self._states() if state.lookup and state.lookup.run == name for on in state.lookup.on
        ]
        return [int(status.lower().replace("x", "0")) for status in dict.fromkeys(named)]

    def _raised(self, name: str) -> list[str]:
        function = self.project.functions.get(name)
        return [] if function is None else list(dict.fromkeys(_raises(function)))

    def _states(self) -> Iterator[tuple[Table, State]]:
        for table in self.project.tables.values():
            for state in table.states.values():
                yield table, state


def _said(values: Sequence[Any], kinds: Sequence[str]) -> tuple[Any, ...]:
    """Without texts and numbers that the slots cannot say; in their place, examples. Of a known type others stay."""
    if not kinds:
        return tuple(values)
    examples = [SAYINGS[kind].example for kind in kinds] if any(isinstance(value, str) for value in values) else []
    texts = [each if isinstance(each, str) or values is _ANY else str(each) for each in examples]
    stay = [value for value in values if values is not _ANY and not _comes_in_many(value)]
    made_up = [value for value in values if _comes_in_many(value)] + texts
    return tuple(stay + [each for each in made_up if all(_can_say(kind, each) for kind in kinds)]) or tuple(values)


def _comes_in_many(value: Any) -> bool:
    return isinstance(value, str | int | float | Decimal | timedelta) and not isinstance(value, bool)


def _can_say(kind: str, value: Any) -> bool:
    try:
        say_as("", kind, value)
    except SlotError:
        return False
    return True


def _fails(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and value.keys() <= {"error", "status"}


def _alike(value: Any, others: Sequence[Any]) -> bool:
    """Whether a constant may be of their type: a text beside texts, a number beside numbers."""
    texts = any(isinstance(other, str) for other in others)
    numbers = any(isinstance(other, int | float | Decimal) and not isinstance(other, bool) for other in others)
    return texts if isinstance(value, str) else numbers


def _unlike(values: list[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if not any(value == other and isinstance(value, bool) is isinstance(other, bool) for other in found):
            found.append(value)
    return found


def _of_function(function: Callable[..., Any] | None) -> tuple[Any, ...]:
    try:
        returns = typing.get_type_hints(function).get("return") if function is not None else None
    except Exception:  # annotations are the project's own code; names in them may not be there
        returns = None
    return _of_type(returns) or _ANY


def _of_type(returns: Any) -> tuple[Any, ...]:
    origin = typing.get_origin(returns)
    if origin is typing.Literal:
        return typing.get_args(returns)
    if origin in (typing.Union, UnionType):
        return tuple(value for each in typing.get_args(returns) for value in _of_type(each))
    return _BY_TYPE.get(origin or returns, ())


def _compared(table: Table, variable: str) -> Iterator[Any]:
    """Constants in conditions that name the variable."""
    for state in table.states.values():
        if isinstance(state.exit, Branches):
            for branch in state.exit.branches:
                if branch.when is not None and re.search(rf"\b{variable}\b", branch.when.source):
                    yield from _mentioned(branch.when)


def _mentioned(condition: Condition) -> Iterator[Any]:
    for double, single in _TEXT.findall(condition.source):
        yield double or single
    for number in _NUMBER.findall(_TEXT.sub("", condition.source)):
        for step in (-1, 0, 1):
            yield float(number) + step if "." in number else int(number) + step


def _raises(function: Callable[..., Any]) -> Iterator[str]:
    """Texts of the errors that a function's own lines raise; read, never run."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            first = node.exc.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def _moments(calendar: Calendar) -> Iterator[tuple[str, datetime]]:
    start = EPOCH.astimezone(calendar.zone)
    opens = calendar.next_opening(start)
    if opens is not None:
        yield "open", opens + timedelta(minutes=1)
    noons = [datetime.combine(start.date() + timedelta(ahead), time(12), calendar.zone) for ahead in range(366)]
    closed = next((at for at in noons if not calendar.open(at) and not calendar.holiday(at.date())), None)
    if closed is not None:
        yield "closed", closed
    holiday = next((at for at in noons if calendar.holiday(at.date()) and not calendar.open(at)), None)
    if holiday is not None:
        yield "on a holiday", holiday
    night = next((at + timedelta(hours=15) for at in noons if not calendar.open(at + timedelta(hours=15))), None)
    if closed is None and night is not None:
        yield "closed", night
