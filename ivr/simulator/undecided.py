"""Where a stand-in keeps a replay from deciding: what a dialog decides by there is not in the trace.

Told from the project's tables: by which variables a state decides, and which of those hold a stand-in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ivr.dialog.conditions import names
from ivr.dialog.table import (
    Branches,
    Collect,
    Condition,
    Confirm,
    Menu,
    Record,
    Return,
    State,
    SubDialog,
    Table,
    Transfer,
)
from ivr.simulator.keys import Keys
from ivr.trace.difference import Difference
from ivr.trace.doors import LookupCame, MediaCame, StreamCame
from ivr.trace.events import LookupStarted, StateEntered, TraceEvent

NEAR = 0.001
"""Seconds before a difference in which what led to it happened: the work of one door takes no time."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """A decision that a replay cannot take."""

    at: float
    state: str
    why: str
    """By what it is taken."""


def undecided(
    first: Difference, events: Sequence[TraceEvent], tables: Mapping[str, Table], keys: Keys, *, shown: bool
) -> list[Undecided]:
    """Why the ``first`` difference may be the doing of a stand-in; empty where today's build itself differs."""
    at = first.at
    state = _state_at(events, at)
    why = []
    if any(isinstance(event, MediaCame) and event.since <= at for event in events) and _by_sound(first):
        why.append("the caller's sound, which is not in the trace")
    if not shown:
        why += _stand_ins(at, state, events, tables, keys)
    return [Undecided(at, state, reason) for reason in why]


def _by_sound(first: Difference) -> bool:
    step = first.recorded or first.today
    assert step is not None
    return step.kind in ("caller", "recording") or "speech" in step.what or "record" in step.what


def _stand_ins(
    at: float, state: str, events: Sequence[TraceEvent], tables: Mapping[str, Table], keys: Keys
) -> list[str]:
    near = [key.at for key in keys.unknown if key.at - NEAR <= at <= key.until + NEAR]
    why = [f"the key that was pressed at {came:.3f} s" for came in near]
    held = _held(events, tables)
    places = [table.states[state] for table in tables.values() if state in table.states]
    if not places and held:
        return [*why, "values that the dialog, which is in Python, may decide by"]
    used = set().union(*(_decides_by(place) for place in places))
    return why + [f"'{name}', {held[name]}" for name in sorted(used & held.keys())]


def _state_at(events: Iterable[TraceEvent], at: float) -> str:
    """The state that was left then, or that the call was in."""
    entered = [event.state for event in events if isinstance(event, StateEntered) and event.at < at - NEAR / 2]
    return entered[-1] if entered else ""


def _decides_by(state: State) -> set[str]:
    used = [*state.assignments.values()]
    match state.exit:
        case Branches(branches=branches):
            used += [branch.when for branch in branches if branch.when is not None]
        case Collect(valid=valid) if valid is not None:
            used.append(valid)
        case Transfer(to=Condition() as to):
            used.append(to)
        case Menu() | Confirm() | Record() | _:
            pass
    found = set().union(*(names(condition.source) for condition in used))
    if state.lookup is not None:
        found.add(state.lookup.name)  # one that fails on the type of its value leads elsewhere
    return found


def _held(events: Sequence[TraceEvent], tables: Mapping[str, Table]) -> dict[str, str]:
    """The variables that hold a stand-in, and whose it is."""
    private = {event.lookup for event in events if isinstance(event, LookupCame) and event.private}
    looked_up = {event.name for event in events if isinstance(event, LookupStarted) and event.lookup in private}
    held: dict[str, str] = {}
    if any(isinstance(event, StreamCame) and event.private and event.values for event in events):
        held["call"] = "what the gateway said of the call"
    states = [state for table in tables.values() for state in table.states.values()]
    for state in states:
        if state.lookup is not None and state.lookup.run in looked_up:
            held[state.lookup.name] = f"what {state.lookup.run} returned"
        if isinstance(state.exit, Collect):
            held[state.exit.name] = "what the caller typed"
    while more := {name: why for state in states for name, why in _passed_on(state, held, tables) if name not in held}:
        held |= more
    return held


def _passed_on(state: State, held: Mapping[str, str], tables: Mapping[str, Table]) -> list[tuple[str, str]]:
    """What a state makes of the variables that hold one."""

    def whose(condition: Condition) -> str | None:
        return next((held[name] for name in sorted(names(condition.source)) if name in held), None)

    made = [(name, whose(condition)) for name, condition in state.assignments.items()]
    if isinstance(state.exit, SubDialog):
        made += [(name, whose(condition)) for name, condition in state.exit.arguments.items()]
        other = tables.get(state.exit.dialog)
        exits = [] if other is None else [inner.exit for inner in other.states.values()]
        values = [way.value for way in exits if isinstance(way, Return) and way.value is not None]
        if state.exit.name is not None:
            made += [(state.exit.name, whose(value)) for value in values]
    return [(name, why) for name, why in made if why is not None]
