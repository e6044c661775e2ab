"""Questions that a caller comes to from the beginning of a call, and hears nothing before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.dialog.inspection.findings import Findings
from ivr.dialog.inspection.routes import Place, Routes
from ivr.dialog.table import Branches, Goto, Record, Return, State, SubDialog
from ivr.dialog.ways import By, question_of


def check_unasked(routes: Routes, start: str, findings: Mapping[str, Findings]) -> None:
    """In all tables; ``start`` answers calls, and is in Python where it is none of them."""
    begins = routes.start(start)
    for dialog, name in _quiet(routes, begins) if begins is not None else ():
        state = routes.state((dialog, name))
        beeps = isinstance(state.exit, Record) and state.exit.beep
        if question_of(state.exit) is not None and not beeps:
            what = f"'{name}' asks, and the caller has heard nothing yet"
            findings[dialog].warn(("states", name), "unasked", what, "say what is asked: 'say: …'", key=True)


def _quiet(routes: Routes, start: Place) -> list[Place]:
    """The places that say nothing, and that some way without a word leads to."""
    found: set[Place] = set()
    ahead = [start]
    while ahead:
        place = ahead.pop()
        state = routes.state(place)
        if place in found or state.say or state.vague:
            continue
        found.add(place)
        ahead += _on(routes, place)
        exit = state.exit
        for runs in [place] if isinstance(exit, SubDialog) else found if isinstance(exit, Return) else ():
            ahead += _back(routes, runs, found)
    return [place for place in routes.places if place in found]


def _on(routes: Routes, place: Place) -> Iterator[Place]:
    """What follows without a word; what follows a question is not followed."""
    state = routes.state(place)
    if isinstance(state.exit, SubDialog) and (begins := routes.start(state.exit.dialog)) is not None:
        yield begins
    for way in routes.ways[place[0]][place[1]]:
        if way.said or not _at_once(state, way.by):
            continue
        for step in routes.to(place, way.target, way.by):
            if step.to is not None:
                yield step.to


def _back(routes: Routes, runs: Place, found: set[Place]) -> Iterator[Place]:
    """Where a state goes on whose dialog has returned without a word."""
    exit = routes.state(runs).exit
    if (
        isinstance(exit, SubDialog)
        and exit.goto in routes.tables[runs[0]].states
        and any(
            dialog == exit.dialog and isinstance(routes.state((dialog, name)).exit, Return) for dialog, name in found
        )
    ):
        yield (runs[0], exit.goto)


def _at_once(state: State, by: By) -> bool:
    return by is By.LOOKUP_FAILED or isinstance(state.exit, Goto | Branches)
