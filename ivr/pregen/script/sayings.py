"""In which order callers hear what a project says, as far as its tables tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.catalog.phrase import Catalogue
from ivr.dialog.cover import ROLES
from ivr.dialog.ladders import Event, Rung
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.table import State, Table
from ivr.dialog.ways import By, Way, climbed, failures, question_of, ways
from ivr.project.settings.settings import Settings

COVERS = "while callers wait"
ELSEWHERE = "elsewhere"
"""What no table says: the project's own code does, or nobody."""


@dataclass(frozen=True, slots=True)
class Saying:
    """Prompts that are said one behind the other."""

    dialog: str
    """Its name; ``COVERS`` or ``ELSEWHERE``."""
    where: str
    """The state, and what must happen there: ``main``, ``main, no_input 2``."""
    prompts: tuple[str, ...]


def sayings(repertoire: Repertoire, settings: Settings, catalogue: Catalogue) -> Iterator[Saying]:
    """All of them, each dialog from its start on; first the one that answers, and the covers and the rest at last."""
    tables = repertoire.tables
    ahead, seen = [settings.start, *sorted(tables)], set[str]()
    while ahead:
        name = ahead.pop(0)
        if name in seen or name not in tables:
            continue
        seen.add(name)
        table, run = tables[name], list[str]()
        for state in _in_order(table, repertoire, run):
            yield from _of_state(state, table, repertoire)
        ahead[:0] = run
    for role in ROLES:
        if phrase := getattr(settings.cover, role):
            yield Saying(COVERS, role, (phrase,))
    for prompt in (*catalogue.prompts, *catalogue.phrases):
        yield Saying(ELSEWHERE, "", (prompt,))


def _in_order(table: Table, repertoire: Repertoire, run: list[str]) -> Iterator[State]:
    """The states as a caller comes to them who takes the first way each time, then the next; those that nobody comes
    to behind. ``run`` is given the dialogs that it runs or goes over to."""
    ahead, seen = [*reversed(list(table.states)), table.start], set[str]()
    while ahead:
        name = ahead.pop()
        state = table.states.get(name)
        if state is None or name in seen:
            continue
        seen.add(name)
        yield state
        found = sorted(ways(state, table, repertoire), key=_late)
        run += [way.label for way in found if way.by is By.DIALOG]
        run += [way.target.dialog for way in found if way.target.dialog is not None]
        ahead += [way.target.state for way in reversed(found) if way.target.state is not None]


def _late(way: Way) -> bool:
    """Whether something must go wrong first."""
    return way.by in (By.NO_INPUT, By.NO_MATCH, By.MAX_ERRORS, By.LOOKUP_FAILED)


def _of_state(state: State, table: Table, repertoire: Repertoire) -> Iterator[Saying]:
    if state.say:
        yield Saying(table.name, state.name, state.say)
    for role, phrase in state.cover.phrases.items():
        yield Saying(table.name, f"{state.name}, {role}", (phrase,))
    ladders: list[tuple[str, list[Rung]]] = []
    question = question_of(state.exit)
    if question is not None:
        errors = (Event.NO_INPUT, Event.NO_MATCH)
        ladders += [(event.value, climbed(event, question, table, repertoire)) for event in errors]
    if state.lookup is not None:
        ladders.append((Event.LOOKUP_FAILED.value, failures(state, table, repertoire)))
    for event, rungs in ladders:
        for count, rung in enumerate(rungs, start=1):
            if rung.say:
                yield Saying(table.name, f"{state.name}, {event} {count}", rung.say)
