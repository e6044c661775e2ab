"""What dialogs give each other: variables that are needed and not given, and given and not used."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ivr.catalog.mistakes import meant
from ivr.catalog.phrase import Catalogue
from ivr.dialog.checks import conditions_of
from ivr.dialog.conditions import UNREAD
from ivr.dialog.inspection.findings import Findings
from ivr.dialog.inspection.routes import Routes
from ivr.dialog.inspection.values import Flow, Given, uses
from ivr.dialog.table import State, SubDialog, Table


def runs(tables: Mapping[str, Table], dialog: str) -> Iterator[tuple[str, State, SubDialog]]:
    """The states that run a dialog, with their own dialogs."""
    for name, table in tables.items():
        for state in table.states.values():
            if isinstance(state.exit, SubDialog) and state.exit.dialog == dialog:
                yield name, state, state.exit


def given(tables: Mapping[str, Table], dialog: str) -> frozenset[str]:
    """Everything that any state gives a dialog."""
    return frozenset[str]().union(*(exit.arguments for _, _, exit in runs(tables, dialog)))


def given_to(
    routes: Routes, dialog: str, bare: Collection[str], mentioned: Collection[str], *, whole: bool = True
) -> Given:
    """``bare``: dialogs that answer calls or are gone over to, and so are given nothing; ``whole``: all are known.

    ``mentioned``: those that the project's own code may run.
    """
    names = given(routes.tables, dialog)
    if dialog in mentioned:
        names |= routes.tables[dialog].variables.keys()
    run = any(runs(routes.tables, dialog))
    return Given(
        names, dialog not in bare, anything=dialog not in bare and (dialog in mentioned or not (run and whole))
    )


def check_arguments(
    routes: Routes,
    flows: Mapping[str, Flow],
    catalogues: Collection[Catalogue],
    findings: Mapping[str, Findings],
    *,
    all_slots: bool = True,
) -> None:
    """At each state that runs a table; not ``all_slots``: some phrase may use more than is known."""
    for dialog, flow in flows.items():
        if dialog in routes.unsure:
            continue
        unread = not all_slots or any(
            c.source == UNREAD for state in flow.table.states.values() for _, c in conditions_of(state)
        )
        used, needed = _wanted(routes, dialog, flow, catalogues)
        for name, state, exit in runs(routes.tables, dialog):
            tell = findings[name]
            path = ("states", state.name, "dialog")
            for argument in exit.arguments:
                if argument not in used and not unread:
                    remedy = meant(argument, needed - exit.arguments.keys(), "remove it")
                    what = f"the dialog '{dialog}' never uses '{argument}'"
                    tell.warn((*path, "with", argument), "unused-argument", what, remedy, key=True)
            for variable in sorted(needed - exit.arguments.keys()):
                what = f"the dialog '{dialog}' needs '{variable}', and is not given it"
                tell.error((*path, "run"), "no-argument", what, f"add 'with: {{{variable}: …}}'")


def _wanted(routes: Routes, dialog: str, flow: Flow, catalogues: Collection[Catalogue]) -> tuple[set[str], set[str]]:
    """The variables that a dialog uses at all, and those that it cannot do without from outside."""
    used: set[str] = set()
    needed: set[str] = set()
    from_outside = given(routes.tables, dialog) | (routes.tables[dialog].variables.keys() - flow.set)
    for name, state in routes.reached[dialog].items():
        for use in uses(state, routes, dialog, catalogues):
            used.add(use.name)
            inside = flow.inside[name]
            if use.name in from_outside and use.name not in use.own and use.name not in inside:
                needed.add(use.name)
    return used, needed
