"""Words and questions where the caller has hung up, each told at the step that leads there."""

from __future__ import annotations

from collections import deque

from ivr.catalog.source import Path
from ivr.dialog.inspection.findings import Findings
from ivr.dialog.inspection.routes import Routes
from ivr.dialog.ladders import Event, select
from ivr.dialog.table import State, Table
from ivr.dialog.ways import By, Way, question_of, reached

_KEYS = {
    By.GOTO: ("goto",),
    By.BRANCH: ("branch",),
    By.DIALOG: ("dialog", "goto"),
    By.TRANSFER: ("transfer",),
}
"""Where below a state the way out stands, by what takes it."""


def check_unheard(routes: Routes, table: Table, findings: Findings) -> None:
    """Of one table. What comes after a question is not looked at: mend the way to that, and it is gone too."""
    rung = select(Event.HANG_UP, 1, (table.handlers,))
    gone = rung.leave.state if rung is not None and rung.leave is not None else None
    if gone is None or gone not in table.states:
        return
    heard = table.states if table.name in routes.unsure else reached(table, routes.repertoire, table.start)
    came: dict[str, tuple[str, Way] | None] = {gone: None}
    ahead = deque(came)
    while ahead:
        name = ahead.popleft()
        state = table.states[name]
        if question_of(state.exit) is not None:
            if not state.vague:
                _asks(table, name, came, findings)
            continue
        if state.say and name not in heard:
            what = f"nobody hears this: '{name}' is come to when the caller has hung up"
            findings.warn(("states", name, "say"), "unheard", what, "remove it", key=True)
        for way in routes.ways[table.name][name]:
            to = way.target.state
            if to is not None and to in table.states and to not in came:
                came[to] = name, way
                ahead.append(to)


def _asks(table: Table, name: str, came: dict[str, tuple[str, Way] | None], findings: Findings) -> None:
    names = [name]
    while (before := came[names[0]]) is not None:
        names.insert(0, before[0])
    last = came[name]
    what = f"'{name}' asks a caller who has hung up"
    remedy = "lead only to states that look up and set"
    if last is None:
        findings.error(("on", "hang_up"), "unheard", what, remedy, key=True)
        return
    shown = ", ".join(f"'{each}'" for each in names)
    what += f", on the way {shown}"
    place = _place(table.states[last[0]], last[1], table)
    if last[1].by is By.LOOKUP_FAILED:
        what += f", when the lookup of '{last[0]}' fails"
        if place[-1] not in ("failed", last[1].label):
            remedy = f"give the lookup of '{last[0]}' a 'failed' of its own, to a state with hang_up"
    findings.error(place, "unheard", what, remedy)


def _place(state: State, way: Way, table: Table) -> Path:
    """Where the file has a way out of a state."""
    top: Path = ("states", state.name)
    if way.by is not By.LOOKUP_FAILED or state.lookup is None:
        return (*top, *_KEYS.get(way.by, ()))
    if way.label in state.lookup.on:
        return (*top, "lookup", "on", way.label)
    if state.lookup.failed is not None:
        return (*top, "lookup", "failed")
    return ("on", "lookup_failed") if Event.LOOKUP_FAILED in table.handlers.ladders else (*top, "lookup")
