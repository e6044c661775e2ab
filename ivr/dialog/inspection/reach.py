"""States and dialogs that no call comes to, and dialogs that are named and do not exist."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from ivr.catalog.mistakes import listing, meant
from ivr.catalog.source import Path, Source
from ivr.dialog.checks import QUESTIONS, place
from ivr.dialog.commands import Commands
from ivr.dialog.dialog_file import DialogSource
from ivr.dialog.inspection.findings import Findings
from ivr.dialog.inspection.routes import Routes
from ivr.dialog.ladders import Event, Handlers
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.table import SubDialog
from ivr.dialog.ways import question_of

Named = tuple[Path, str]


def unknown_dialogs(dialog: DialogSource, known: Collection[str]) -> Iterator[Named]:
    """The dialogs that a table names and that are not ``known``, with their places."""
    table, source = dialog.table, dialog.source
    yield from _missing(_handlers(table.handlers, ("on",), source), known)
    yield from _missing(_commands(table.commands, ("commands",)), known)
    for state in table.states.values():
        top: Path = ("states", state.name)
        yield from _missing(_commands(state.commands, (*top, "commands")), known)
        yield from _missing(_handlers(state.handlers, (*top, "on"), source), known)
        if isinstance(state.exit, SubDialog):
            yield from _missing([((*top, "dialog", "run"), state.exit.dialog)], known)
        question = question_of(state.exit)
        if question is not None:
            yield from _missing(_handlers(question.handlers, (*top, QUESTIONS[type(state.exit)]), source), known)


def named_by_project(repertoire: Repertoire, source: Source, known: Collection[str]) -> Iterator[Named]:
    """The same for ``on`` and ``commands`` of the settings, whose file ``source`` is."""
    yield from _missing(_handlers(repertoire.handlers, ("on",), source), known)
    yield from _missing(_commands(repertoire.commands, ("commands",)), known)


def no_dialog(name: str, known: Collection[str], lookups: Collection[str] = ()) -> tuple[str, str]:
    """What is wrong with such a name, and the remedy. ``lookups``: functions that cannot be dialogs."""
    if name in lookups:
        remedy = (
            f"write it as 'async def {name.rpartition('.')[2]}(call)', or look it up: 'lookup: {{run: {name}, as: …}}'"
        )
        return f"'{name}' is no dialog: it is no async function that takes the call", remedy
    otherwise = f"the dialogs are {listing(sorted(known))}" if known else "write it under prompts/dialogs/"
    return f"no dialog '{name}'", meant(name, known, otherwise)


def _missing(found: Iterable[Named], known: Collection[str]) -> Iterator[Named]:
    return ((path, name) for path, name in found if name not in known)


def _handlers(handlers: Handlers, top: Path, source: Source) -> Iterator[Named]:
    for event in Event:
        for name in _over(handlers, event):
            yield place(name, (*top, event.value), source), name


def _over(handlers: Handlers, event: Event) -> list[str]:
    """The dialogs that a ladder goes over to."""
    left = [rung.leave for rung in handlers.ladders.get(event, ()) if rung.leave is not None]
    return list(dict.fromkeys(target.dialog for target in left if target.dialog is not None))


def _commands(commands: Commands, top: Path) -> Iterator[Named]:
    for key, command in commands.items():
        if command.target is not None and command.target.dialog is not None:
            yield (*top, key, "dialog"), command.target.dialog


def check_reach(routes: Routes, findings: Mapping[str, Findings]) -> None:
    """States that nothing leads to."""
    for name, table in routes.tables.items():
        for state in table.states:
            if state not in routes.reached[name]:
                remedy = f"lead to it, or remove it; the dialog starts at '{table.start}'"
                findings[name].warn(("states", state), "unreached", f"no way leads to '{state}'", remedy, key=True)


def check_unused(routes: Routes, start: str, mentioned: Collection[str], findings: Mapping[str, Findings]) -> None:
    """Dialogs that nothing runs. ``start`` answers calls; ``mentioned``: texts in the project's own code."""
    run = _called([start, *_of_project(routes.repertoire), *mentioned], routes)
    for name in routes.tables:
        if name not in run:
            remedy = "run it, go over to it, or remove its file"
            findings[name].warn(("dialog",), "unused-dialog", f"nothing runs the dialog '{name}'", remedy)


def bare_dialogs(routes: Routes, start: str) -> set[str]:
    """The dialogs that begin with nothing given: who answers, and whoever takes a call over."""
    found = {start, *_of_project(routes.repertoire)}
    for name in routes.tables:
        found |= _taking_over(routes, name)
    return found


def _of_project(repertoire: Repertoire) -> set[str]:
    """The dialogs that its ladders and commands go over to."""
    over = {name for event in Event for name in _over(repertoire.handlers, event)}
    return over | {name for _, name in _commands(repertoire.commands, ())}


def _taking_over(routes: Routes, name: str) -> set[str]:
    """The dialogs that a table goes over to."""
    table = routes.tables[name]
    found = set(_over(table.handlers, Event.HANG_UP))
    for state in routes.reached[name]:
        found |= set(_over(table.states[state].handlers, Event.HANG_UP))
        found |= {way.target.dialog for way in routes.ways[name][state] if way.target.dialog is not None}
    return found


def _called(ahead: list[str], routes: Routes) -> set[str]:
    found: set[str] = set()
    while ahead:
        name = ahead.pop()
        if name in found or name not in routes.tables:
            continue
        found.add(name)
        ahead += _taking_over(routes, name)
        ahead += [s.exit.dialog for s in routes.reached[name].values() if isinstance(s.exit, SubDialog)]
    return found
