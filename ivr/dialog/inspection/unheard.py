"""Words and questions where the caller has hung up, each told at the step that leads there."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from ivr.catalog.source import Path, Source
from ivr.dialog.inspection.findings import Findings
from ivr.dialog.inspection.routes import Routes
from ivr.dialog.table import State, Table
from ivr.dialog.ways import By, Way, after_hang_up, left_behind, question_of, reached

_Step = tuple[str, Way]
"""A state, and the way that was taken out of it."""
_KEYS = {
    By.GOTO: ("goto",),
    By.BRANCH: ("branch",),
    By.DIALOG: ("dialog", "goto"),
    By.TRANSFER: ("transfer",),
}
"""Where below a state the way out stands, by what takes it."""


def check_unheard(routes: Routes, table: Table, findings: Findings) -> None:
    """Of one table. What comes after a question is not looked at: mend the way to that, and it is gone too."""
    source = routes.dialogs[table.name].source
    came: dict[str, _Step | None] = {name: None for name in left_behind(table, routes.reached[table.name])}
    came = {name: None for name in came if name in table.states}
    heard = table.states if table.name in routes.unsure else reached(table, routes.repertoire, table.start)
    ahead = deque(came)
    while ahead:
        name = ahead.popleft()
        state = table.states[name]
        if question_of(state.exit) is not None:
            if not state.vague:
                _asks(table, source, name, came, findings)
            continue
        if state.say and name not in heard:
            what = f"nobody hears this: '{name}' is come to when the caller has hung up"
            findings.warn(("states", name, "say"), "unheard", what, "remove it", key=True)
        for way in routes.ways[table.name][name]:
            to = way.target.state
            if to is not None and to in table.states and to not in came:
                came[to] = name, way
                ahead.append(to)


def _asks(table: Table, source: Source, name: str, came: Mapping[str, _Step | None], findings: Findings) -> None:
    names = [name]
    while (before := came[names[0]]) is not None:
        names.insert(0, before[0])
    last = came[name]
    what = f"'{name}' asks a caller who has hung up"
    remedy = "lead only to states that look up and set"
    if last is None:
        findings.error(_left(name, table), "unheard", what, remedy, key=True)
        return
    shown = ", ".join(f"'{each}'" for each in names)
    what += f", on the way {shown}"
    place = _place(table.states[last[0]], last[1], source)
    if last[1].by is By.LOOKUP_FAILED:
        what += f", when the lookup of '{last[0]}' fails"
        if place[0] == "on" or place[-1] == "lookup":
            remedy = f"give the lookup of '{last[0]}' a 'failed' of its own, to a state with hang_up"
    findings.error(place, "unheard", what, remedy)


def _left(name: str, table: Table) -> Path:
    """What leads there when the caller hangs up."""
    over = after_hang_up(table.handlers)
    if over is not None and over.state == name:
        return ("on", "hang_up")
    gone = ((state.name, after_hang_up(state.handlers)) for state in table.states.values())
    return next(("states", each, "on", "hang_up") for each, to in gone if to is not None and to.state == name)


def _place(state: State, way: Way, source: Source) -> Path:
    """Where the file has a way out of a state."""
    top: Path = ("states", state.name)
    if way.by is not By.LOOKUP_FAILED:
        return (*top, *_KEYS.get(way.by, ()))
    own: list[Path] = [(*top, "lookup", "on", way.label), (*top, "lookup", "failed"), (*top, "on", "lookup_failed")]
    found = [path for path in [*own, ("on", "lookup_failed")] if source.at(path) is not None]
    return found[0] if found else (*top, "lookup")
