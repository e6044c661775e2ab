"""What scenarios and profiles have lookups return, against the slots that say it: a call with it hears the fallback."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ivr.catalog.phrase import Catalogue
from ivr.catalog.source import Path, Source
from ivr.dialog.checks import conditions_of, prompts_said
from ivr.dialog.conditions import names
from ivr.dialog.inspection.unsayable import CODE, slots_said
from ivr.dialog.ladders import Event
from ivr.dialog.returned import UNTOLD, field, returned
from ivr.dialog.sayable import Constant, Hinted, refusal, remedy
from ivr.dialog.table import Collect, LookupStep, Record, State, SubDialog, Table
from ivr.dialog.values import Variable, taken
from ivr.errors import Problem, Severity, WrongValue

_NOWHERE = Source("", {})
_HANDED_ON = re.compile(r"([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)")
"""An expression that is a variable, or a field of one."""

Fields = tuple[str, ...]
"""Of a mapping, and of mappings within it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A value that no state can do anything with."""

    below: Fields
    """Which part of what the lookup answers it is."""
    what: str
    remedy: str

    def problem(self, source: Source, path: Path, more: int = 0) -> Problem:
        """A warning at the answer's ``path``; ``more``: so many others are refused alike."""
        others = f" ({more} more of its values alike)" if more else ""
        found = source.problem((*path, *self.below), self.what + others, self.remedy, code=CODE)
        return replace(found, severity=Severity.WARNING)


@dataclass(frozen=True, slots=True)
class _Said:
    prompt: str
    kind: str
    locale: str
    variable: str
    fields: Fields
    """What the variable holds of the answer."""


@dataclass(frozen=True, slots=True)
class _Use:
    """One state that looks it up."""

    name: str
    declared: Variable | None
    said: tuple[_Said, ...]
    """Wherever the dialog says what was looked up."""
    elsewhere: str | None
    """The state that a value leads to which cannot be said."""


class Answers:
    """Of one project."""

    def __init__(
        self,
        tables: Iterable[Table],
        catalogues: Mapping[str, Catalogue],
        functions: Mapping[str, Callable[..., Any]],
    ) -> None:
        self._uses: dict[str, list[_Use]] = {}
        for table in tables:
            for state in table.states.values():
                if state.lookup is not None:
                    hint = returned(functions.get(state.lookup.run))
                    use = _use(table, state, state.lookup, catalogues, hint)
                    self._uses.setdefault(state.lookup.run, []).append(use)

    def refused(self, lookup: str, value: Any, expected: Collection[str] = ()) -> Iterator[Refused]:
        """What of that answer no state that looks it up can do anything with.

        What a condition may see first gets no word, nor does null, which stands for no value, nor a value that leads
        to one of the states that are ``expected``, nor what the function's annotation tells already.
        """
        uses = self._uses.get(lookup, [])
        if not uses or value is None or any(use.elsewhere in expected for use in uses):
            return
        first, *others = [_refused(use, value) for use in uses]
        for fields, told in first.items():
            if all(fields in each for each in others):
                yield Refused(fields, *told)


def _refused(use: _Use, value: Any) -> dict[Fields, tuple[str, str]]:
    """By the part of the value: what is told of it."""
    if use.declared is not None:
        try:
            value = taken(use.declared.kind, value)
        except WrongValue as error:
            what = f"the lookup fails, by the type of '{use.name}': {error}"
            return {(): (what, "make it fit, or write an error instead")}
    found: dict[Fields, tuple[str, str]] = {}
    for fields in dict.fromkeys(each.fields for each in use.said):
        part = Constant(_within(value, fields))
        said = [each for each in use.said if each.fields == fields] if part.value is not None else []
        whys = [refusal(each.kind, each.locale, part) for each in said]
        if said and whys[0] is not None and None not in whys:
            one = said[0]
            what = f"'{one.prompt}' says '{one.variable}' as {one.kind}: {whys[0]}"
            found[fields] = what, remedy(one.kind, one.locale, part)
    return found


def _within(value: Any, fields: Fields) -> Any:
    for name in fields:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _use(table: Table, own: State, step: LookupStep, catalogues: Mapping[str, Catalogue], hint: Any) -> _Use:
    held = dict(_held(table, step.name))
    said = [
        _Said(prompt, slot.kind, locale, slot.name, fields)
        for prompts, variables in ((own.say, {step.name: ()}), (_all_said(table), held))
        for prompt in prompts
        for slot, locale in slots_said(prompt, catalogues.values())
        if (fields := variables.get(slot.name)) is not None
    ]
    untold = [each for each in dict.fromkeys(said) if not _told_by_type(each, hint)]
    leaves = [rung.leave.state for rung in own.handlers.ladders.get(Event.LOOKUP_FAILED, ()) if rung.leave is not None]
    return _Use(step.name, table.variables.get(step.name), tuple(untold), leaves[-1] if leaves else None)


def _held(table: Table, looked_up: str) -> Iterator[tuple[str, Fields]]:
    """The variables that hold the answer or a part of it, wherever they are said; none that a condition sees."""
    states = list(table.states.values())
    judged = {name for state in states for name in _judged(state)}
    made: dict[str, set[str]] = {}
    for state in states:
        for name, condition in state.assignments.items():
            made.setdefault(name, set()).add(condition.source.strip())
    asked = {_asks(state.exit) for state in states}
    if looked_up in judged:
        return
    if looked_up not in made and looked_up not in asked:
        yield looked_up, ()
    for name, sources in made.items():
        found = _HANDED_ON.fullmatch(next(iter(sources))) if len(sources) == 1 else None
        if found is not None and found[1] == looked_up and name not in judged | asked | {looked_up}:
            yield name, tuple(found[2].split(".")[1:])


def _judged(state: State) -> Iterator[str]:
    """What its conditions see; what is only handed on is seen by none."""
    handed_on = {id(each) for each in state.assignments.values() if _HANDED_ON.fullmatch(each.source.strip())}
    for _, condition in conditions_of(state):
        if id(condition) not in handed_on:
            yield from names(condition.source)


def _all_said(table: Table) -> Iterator[str]:
    for state in table.states.values():
        yield from (prompt for _, prompt in prompts_said(state, _NOWHERE))


def _told_by_type(said: _Said, hint: Any) -> bool:
    """Whether what the function is annotated to return can never be said there: that is an error of the dialog's."""
    for name in said.fields:
        hint = field(hint, name)
    return hint is not UNTOLD and refusal(said.kind, said.locale, Hinted(hint, "")) is not None


def _asks(exit: object) -> str | None:
    return exit.name if isinstance(exit, Collect | Record | SubDialog) else None
