"""A dialog's values before any call: types against slots, expressions and dialogs; calendars against their file."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from ivr.catalog.mistakes import listing, meant
from ivr.catalog.phrase import Catalogue
from ivr.catalog.source import Path, Source
from ivr.dialog import facts
from ivr.dialog.checks import conditions_of, prompts_said
from ivr.dialog.conditions import names
from ivr.dialog.dialog_file import DialogSource
from ivr.dialog.expression_checks import check_expressions
from ivr.dialog.samples import of_facts
from ivr.dialog.table import Collect, Record, State, SubDialog, Table
from ivr.dialog.values import SAID, Kind
from ivr.errors import Problem

TYPED = frozenset([Kind.DIGITS, Kind.TEXT, Kind.NUMBER, Kind.MONEY])
"""What keys can be."""
_CALENDAR = re.compile(r"\bhours\s*\.\s*(\w+)")


def check_values(
    dialogs: Mapping[str, DialogSource],
    calendars: Collection[str],
    catalogues: Mapping[str, Catalogue],
    given: Mapping[str, Collection[str] | None],
) -> list[Problem]:
    """Everything that is known to go wrong, in the order of the files.

    ``given``: by dialog, the variables that others may hand it; None: whatever they like.
    """
    found: set[Problem] = set()
    tables = {name: dialog.table for name, dialog in dialogs.items()}
    known = of_facts(calendars)
    for name, dialog in dialogs.items():
        found.update(check_expressions(dialog, known, given.get(name, ())))
        for state in dialog.table.states.values():
            found.update(_calendars(state, dialog.source, calendars))
            found.update(_handed_over(state, dialog.source, tables))
            if dialog.table.variables:
                found.update(_targets(state, dialog))
                found.update(_slots(state, dialog, catalogues))
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
