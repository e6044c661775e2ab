"""What the variables of a dialog can hold, as samples: by their declared types, else by all that gives them values.

A number may be whole or have decimals, which expressions keep apart: of a declared ``number`` it is looked at, too,
which of the two it can be. Of what comes from elsewhere (a lookup, another dialog) nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from math import prod
from typing import Any

from ivr.dialog import facts
from ivr.dialog.calendar import moment
from ivr.dialog.conditions import names, tried
from ivr.dialog.table import Collect, Record, SubDialog, Table
from ivr.dialog.values import DECIMALS, SAMPLES, WHOLE, Kind

MOST_TRIED = 500
"""Combinations of samples for one expression; where there are more, nothing is said of it."""
MOST_TEXTS = 4
"""Samples of a variable that are texts."""
KEYS = ("1", "20")
"""What a caller types, as a text."""
ANYTHING: tuple[Any, ...] = ()
"""No samples: nothing is known."""

Samples = Mapping[str, tuple[Any, ...]]
"""By variable."""


@dataclass(frozen=True, slots=True)
class Results:
    """What an expression gives for samples of what it reads."""

    values: tuple[Any, ...] = ()
    """Empty: its types fit no sample."""
    known: bool = True
    """False: nothing can be said."""


UNKNOWN = Results(known=False)


def results(source: str, samples: Samples, enough: Callable[[Any], bool] = lambda _: False) -> Results:
    """Of a correct expression; no more once one is ``enough``."""
    used = sorted(names(source))
    choices = [samples.get(name, ANYTHING) for name in used]
    if not all(choices) or prod(len(each) for each in choices) > MOST_TRIED:
        return UNKNOWN
    values: list[Any] = []
    for combination in product(*choices):
        try:
            values.append(tried(source, dict(zip(used, combination, strict=True))))
        except TypeError:
            continue
        except Exception:
            return UNKNOWN  # of a sample, such as a key that its mapping lacks
        if enough(values[-1]):
            break
    return Results(tuple(values))


def of_facts(calendars: Collection[str]) -> Samples:
    """``call``, ``now`` and ``hours``."""
    now, then = (moment(datetime(2026, month, month + 8, month + 7, tzinfo=UTC)) for month in (1, 12))
    later = {**then, "days": 1}
    hours = (
        {"open": True, "closes": later, "next": later, "holiday": "", "now": now},
        {"open": False, "closes": None, "next": None, "holiday": "Christmas", "now": then},
    )
    return {
        facts.CALL: tuple(
            {"caller": each, "called": each, "parameters": {}, "locale": "en-US"} for each in ("", "+1555")
        ),
        facts.NOW: (now, then),
        facts.HOURS: tuple(dict.fromkeys(calendars, each) for each in hours),
    }


def typed(table: Table, name: str) -> tuple[Any, ...]:
    """What keys come to in that variable."""
    declared = table.variables.get(name)
    if declared is None:
        return KEYS
    return tuple(each for each in WHOLE if each > 0) if declared.kind is Kind.NUMBER else SAMPLES.get(declared.kind, ())


def samples(table: Table, known: Samples, given: Collection[str] | None) -> Samples:
    """Of all variables of a dialog. ``known``: of facts; ``given``: names that others may hand it, None: any."""
    found = _Found(table, known)
    for name in _from_elsewhere(table, given):
        found.anything(name)
    for name, declared in table.variables.items():
        if declared.start is not None:
            found.add(name, [declared.start])
    for state in table.states.values():
        if isinstance(state.exit, Collect):
            found.add(state.exit.name, typed(table, state.exit.name))
    while found.changed:
        found.changed = False
        for state in table.states.values():
            for name, condition in state.assignments.items():
                found.set(name, condition.source)
    return found.samples


def _from_elsewhere(table: Table, given: Collection[str] | None) -> set[str]:
    """The variables whose values this dialog does not make itself."""
    states = list(table.states.values())
    found = {state.lookup.name for state in states if state.lookup is not None}
    found.update(s.exit.name for s in states if isinstance(s.exit, Record | SubDialog) and s.exit.name is not None)
    if given is None:
        assigned = {name for state in states for name in state.assignments}
        return found | assigned | {s.exit.name for s in states if isinstance(s.exit, Collect)} | {*table.variables}
    return found.union(given)


class _Found:
    """The samples so far; they grow until nothing is new."""

    def __init__(self, table: Table, known: Samples) -> None:
        self._kinds = {name: declared.kind for name, declared in table.variables.items()}
        self.samples: dict[str, tuple[Any, ...]] = dict(known)
        for name, kind in self._kinds.items():
            if kind is not Kind.NUMBER:
                self.samples[name] = SAMPLES.get(kind, ANYTHING)
        self._fixed = frozenset(self.samples)
        self._unknown = {name for name, values in self.samples.items() if not values}
        self._tried: dict[tuple[str, str], list[int]] = {}
        """How many samples there were of what an expression reads, when it was tried for a variable."""
        self.changed = True

    def anything(self, name: str) -> None:
        """It may hold whatever its type allows."""
        if name not in self._fixed and name not in self._unknown:
            self._unknown.add(name)
            self.changed = True
            self.samples[name] = SAMPLES[Kind.NUMBER] if self._kinds.get(name) is Kind.NUMBER else ANYTHING

    def set(self, name: str, source: str) -> None:
        """A state sets it."""
        if name in self._fixed or name in self._unknown or len(self.samples.get(name, ())) == self._most(name):
            return  # nothing new can come of it
        used = names(source)
        if any(not self.samples.get(each) and each not in self._unknown for each in used):
            return  # no value has come there yet
        sizes = [len(self.samples.get(each, ())) for each in sorted(used)]
        if self._tried.get((name, source)) == sizes and used.isdisjoint(self._unknown):
            return
        self._tried[name, source] = sizes
        found = results(source, self.samples)
        if found.known:
            self.add(name, found.values)
        else:
            self.anything(name)

    def add(self, name: str, values: Iterable[Any]) -> None:
        """It may be one of ``values``."""
        for value in values if name not in self._fixed else ():
            if name in self._unknown:
                return
            alike = self._alike(name, value)
            if alike is None:
                self.anything(name)
                return
            before = self.samples.get(name, ())
            fresh = [each for each in alike if not any(each == b and type(each) is type(b) for b in before)]
            if isinstance(value, str) and sum(isinstance(each, str) for each in before) >= MOST_TEXTS:
                fresh = []
            if fresh:
                self.samples[name] = (*before, *fresh)
                self.changed = True

    def _most(self, name: str) -> int:
        """Samples of a number, all of them."""
        return len(SAMPLES[Kind.NUMBER]) if self._kinds.get(name) is Kind.NUMBER else -1

    def _alike(self, name: str, value: Any) -> tuple[Any, ...] | None:
        """Samples of values like this one; None: they say too little of one another."""
        number = self._kinds.get(name) is Kind.NUMBER
        match value:
            case bool():
                return () if number else (True, False)
            case int():
                return WHOLE
            case str():
                return SAMPLES[Kind.NUMBER] if number else (value,)
            case list() | dict() | None:
                return () if number else None
        return DECIMALS  # float, and the Decimal that a file's 0.5 is
