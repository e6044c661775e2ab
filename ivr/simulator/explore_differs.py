"""What follows something that was done into words, held against what follows it behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ivr.dialog.ladders import Event
from ivr.dialog.table import SubDialog, Table
from ivr.dialog.ways import ways
from ivr.project.project import Project
from ivr.simulator.explore_hasty import INTO, Hasty
from ivr.simulator.explore_replay import Point, Replayed
from ivr.testing.ear import DeadAir
from ivr.trace.events import DialogFailed, LookupStarted

_NUMBER = re.compile(r"[\d.]+")


@dataclass(frozen=True, slots=True)
class Difference:
    """Of one call."""

    path: tuple[str, ...]
    did: str
    """Into the words behind the path: ``presses 1``, ``hangs up``."""
    what: str
    wrong: bool = False


def pressed(plain: Replayed, made: Replayed, hasty: Hasty) -> Iterator[tuple[str, bool]]:
    """What is different where keys were pressed into words, each with whether it is wrong."""
    for prompt in hasty.cut:
        yield f"cuts '{prompt}', which may not be interrupted", True
    yield from _wrong(made, hasty, plain)
    if hasty.free and not hasty.interrupted:
        yield "the words go on, though keys may interrupt them", False
    if plain.states != made.states:
        same = next(
            (n for n, (a, b) in enumerate(zip(plain.states, made.states, strict=False)) if a != b),
            min(len(plain.states), len(made.states)),
        )
        there, usual = _listed(made.states[same:]), _listed(plain.states[same:])
        yield f"goes to {there}, and behind the words to {usual}", False
    elif _place(plain.point) != _place(made.point) and made.reason != "the dialog failed":
        yield f"comes to {_end(made)}, and behind the words to {_end(plain)}", False


def hung_up(made: Replayed, hasty: Hasty) -> Iterator[tuple[str, bool]]:
    """What goes on behind a hang-up, each with whether it is wrong."""
    yield from _wrong(made, hasty, None)
    after = made.states[hasty.states :]
    looked_up = [e.name for e in made.events if isinstance(e, LookupStarted) and e.at >= (hasty.at or 0.0)]
    done = [*(f"[{state}]" for state in after), *looked_up]
    if done:
        yield f"then {', '.join(done)}", False


def minds_hang_ups(project: Project) -> bool:
    """Whether any dialog may do something once the caller has hung up; what one in Python does nobody can tell."""
    tables = project.tables
    scopes = [project.repertoire.handlers, *(table.handlers for table in tables.values())]
    scopes += [state.handlers for table in tables.values() for state in table.states.values()]
    if any(Event.HANG_UP in scope.ladders for scope in scopes):
        return True
    run = {project.settings.start, *(name for table in tables.values() for name in _run(table, project))}
    return not run <= tables.keys()


def _run(table: Table, project: Project) -> Iterator[str]:
    for state in table.states.values():
        if isinstance(state.exit, SubDialog):
            yield state.exit.dialog
        for way in ways(state, table, project.repertoire):
            if way.target.dialog is not None:
                yield way.target.dialog


def _wrong(made: Replayed, hasty: Hasty, plain: Replayed | None) -> Iterator[tuple[str, bool]]:
    """What the plain branch has not; that is told where it stands."""
    usual = () if plain is None else plain.events
    known = {event.told for event in usual if isinstance(event, DialogFailed)}
    for event in made.events:
        if isinstance(event, DialogFailed) and event.told not in known:
            yield f"the dialog raised {event.told}", True
    for each in made.dead:
        if each.start >= (hasty.at or 0.0) and not any(_alike(each, other) for other in (plain.dead if plain else ())):
            yield f"dead air of {each.stop - each.start:.2f} s: {each.why}", True
    if made.point is None and made.reason is None:
        yield "the call never ends", True


def _alike(one: DeadAir, other: DeadAir) -> bool:
    """As long, for the same reason but for its times."""
    longer = (one.stop - one.start) - (other.stop - other.start)
    return abs(longer) <= INTO and _NUMBER.sub("", one.why) == _NUMBER.sub("", other.why)


def _place(point: Point | None) -> object:
    """Without the round, which a question that was answered before its time does not count in."""
    return None if point is None else (point.place[:-1], point.behind)


def _end(replayed: Replayed) -> str:
    point = replayed.point
    if point is None:
        return f"the end ({replayed.reason})"
    return f"a {point.kind} {f'in {point.state}' if point.state else f'behind {point.prompt}'}"


def _listed(states: Sequence[str]) -> str:
    return ", ".join(f"[{state}]" for state in states) or "no other state"
