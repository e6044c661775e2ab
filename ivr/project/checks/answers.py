"""What scenarios and profiles have lookups return, against the slots that say it: a call with it hears the fallback."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ivr.catalog.phrase import Catalogue
from ivr.catalog.source import Path, Source
from ivr.dialog.checks import conditions_of, prompts_said
from ivr.dialog.conditions import names
from ivr.dialog.inspection.unsayable import CODE, slots_said
from ivr.dialog.ladders import Event
from ivr.dialog.sayable import Constant, refusal, remedy
from ivr.dialog.table import Collect, LookupStep, Record, State, SubDialog, Table
from ivr.dialog.values import Variable, taken
from ivr.errors import Problem, Severity, WrongValue

_NOWHERE = Source("", {})


@dataclass(frozen=True, slots=True)
class _Use:
    """One state that looks it up."""

    name: str
    declared: Variable | None
    said: tuple[tuple[str, str, str], ...]
    """Prompt, kind of the slot and locale, wherever the dialog says what was looked up."""
    elsewhere: str | None
    """The state that a value leads to which cannot be said."""


class Answers:
    """Of one project."""

    def __init__(self, tables: Iterable[Table], catalogues: Mapping[str, Catalogue]) -> None:
        self._uses: dict[str, list[_Use]] = {}
        for table in tables:
            for state in table.states.values():
                if state.lookup is not None:
                    self._uses.setdefault(state.lookup.run, []).append(_use(table, state, state.lookup, catalogues))

    def wrong(
        self, lookup: str, value: Any, path: Path, source: Source, expected: Collection[str] = ()
    ) -> Iterator[Problem]:
        """A warning where no state that looks it up can do anything with that value.

        What a condition may see first gets no word, nor does null, which stands for no value, nor a value that leads
        to one of the states that are ``expected``.
        """
        uses = self._uses.get(lookup, [])
        if any(use.elsewhere in expected for use in uses):
            return
        found = [told for use in uses if (told := _refused(use, value)) is not None]
        if value is not None and uses and len(found) == len(uses):
            yield replace(source.problem(path, *found[0], code=CODE), severity=Severity.WARNING)


def _refused(use: _Use, value: Any) -> tuple[str, str] | None:
    if use.declared is not None:
        try:
            value = taken(use.declared.kind, value)
        except WrongValue as error:
            return f"the lookup fails, by the type of '{use.name}': {error}", "make it fit, or write an error instead"
    whys = [(each, refusal(each[1], each[2], Constant(value))) for each in use.said]
    told = [(each, why) for each, why in whys if why is not None]
    if not whys or len(told) < len(whys):
        return None
    (prompt, kind, locale), why = told[0]
    return f"'{prompt}' says '{use.name}' as {kind}: {why}", remedy(kind, locale, Constant(value))


def _use(table: Table, own: State, step: LookupStep, catalogues: Mapping[str, Catalogue]) -> _Use:
    states = table.states.values()
    set_otherwise = any(step.name in state.assignments or _asks(state.exit) == step.name for state in states)
    judged = any(step.name in names(each.source) for state in states for _, each in conditions_of(state))
    prompts = [*own.say]
    if not (set_otherwise or judged):
        prompts += [prompt for state in states for _, prompt in prompts_said(state, _NOWHERE)]
    said = [
        (prompt, slot.kind, locale)
        for prompt in prompts
        for slot, locale in slots_said(prompt, catalogues.values())
        if slot.name == step.name
    ]
    leaves = [rung.leave.state for rung in own.handlers.ladders.get(Event.LOOKUP_FAILED, ()) if rung.leave is not None]
    declared = table.variables.get(step.name)
    return _Use(step.name, declared, tuple(dict.fromkeys(said)), leaves[-1] if leaves else None)


def _asks(exit: object) -> str | None:
    return exit.name if isinstance(exit, Collect | Record | SubDialog) else None
