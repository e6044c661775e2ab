"""What must hold for every call, whoever calls: it ends, nobody waits in silence, and the trace explains it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from random_callers import LONGEST, Made

from ivr.catalog.party import TransferOutcome
from ivr.dialog.commands import Act
from ivr.dialog.table import Branches, Collect, Confirm, Record, State, SubDialog, Table, Transfer
from ivr.dialog.ways import By, Way, obeyed, reached, ways
from ivr.project.project import Project
from ivr.testing.ear import dead_air
from ivr.trace.events import (
    CallEnded,
    DialogFailed,
    LookupEnded,
    LookupStarted,
    PromptSaid,
    RecordingEnded,
    StateEntered,
    SynthesisEnded,
    SynthesisStarted,
    TraceEvent,
    TransferEnded,
    TransferStarted,
)

PAIRS = ((LookupStarted, LookupEnded), (TransferStarted, TransferEnded), (SynthesisStarted, SynthesisEnded))


def wrong(project: Project, made: Made) -> list[str]:
    """All that is wrong with a call."""
    trace, phone = made.call.trace, made.call.phone
    found = list(phone.protocol_errors)
    if not isinstance(trace[-1], CallEnded):
        found.append(f"it goes on after {LONGEST:g} s")
    elif not trace[-1].reason:
        found.append("it ended without a reason")
    found += [f"the dialog raised {each.error}: {each.detail}" for each in trace if isinstance(each, DialogFailed)]
    for begun, ended in PAIRS:
        counted = Counter(type(event) for event in trace)
        if counted[begun] != counted[ended]:
            found.append(f"{counted[begun]} times {begun.__name__}, {counted[ended]} times {ended.__name__}")
    way = made.around.network.out
    dead = dead_air(phone.heard, trace, threshold=0.2 + 2 * way, path=way, opening=made.opening)
    found += [f"dead air from {each.start:.2f} s to {each.stop:.2f} s: {each.why}" for each in dead]
    return found + list(unexplained(project, trace))


def unexplained(project: Project, trace: Iterable[TraceEvent]) -> Iterator[str]:
    """States into which, by the reason that the trace gives, nothing leads from the state before."""
    tables = {name: table for table in project.tables.values() for name in table.states}
    been: list[str] = []
    for event in trace:
        if isinstance(event, StateEntered):
            before = been[-1] if been else None
            if not _leads(project, tables, before, event, been):
                yield f"nothing leads from {before} to {event.state} by '{event.why}'"
            been.append(event.state)


def _leads(
    project: Project, tables: dict[str, Table], before: str | None, event: StateEntered, been: list[str]
) -> bool:
    if before is None:
        return event.why == "start" and event.state == project.tables[project.settings.start].start
    table = tables[before]
    state = table.states[before]
    if isinstance(state.exit, SubDialog) and event.why == "start":
        return event.state == project.tables[state.exit.dialog].start
    commands = obeyed(state, table, project.repertoire)
    if event.why.removeprefix("command ") in commands and commands[event.why[-1]].act is Act.BACK:
        return event.state in been
    return any(
        _target(project, way) == event.state and _told(state, way, event.why)
        for way in ways(state, table, project.repertoire)
    )


def _target(project: Project, way: Way) -> str | None:
    return way.target.state if way.target.dialog is None else project.tables[way.target.dialog].start


def _told(state: State, way: Way, why: str) -> bool:
    """Whether ``why`` tells of that way."""
    word, _, rest = why.partition(" ")
    match way.by:
        case By.BRANCH:
            assert isinstance(state.exit, Branches)
            sources = [branch.when.source if branch.when else "else" for branch in state.exit.branches]
            return word == "branch" and sources[int(rest) - 1] == way.label
        case By.ANSWER if isinstance(state.exit, Confirm):
            return why == way.label.partition(" ")[0]
        case By.ANSWER:
            return word == ("typed" if isinstance(state.exit, Collect) else "recorded")
        case By.LOOKUP_FAILED:
            return word in ("lookup", "lookup_failed")
        case By.NO_INPUT | By.NO_MATCH | By.MAX_ERRORS:
            return word == way.by and rest.isdigit()
        case _:
            return why == f"{way.by} {way.label}".rstrip()


def came_to(trace: Iterable[TraceEvent]) -> Iterator[str]:
    """What a call came to, a word for each kind of thing."""
    for event in trace:
        match event:
            case StateEntered(state=state):
                yield f"state {state}"
            case PromptSaid(prompt=prompt):
                yield f"prompt {prompt}"
            case LookupEnded(name=name, outcome=outcome):
                yield f"lookup {name} {'returned' if outcome == 'returned' else 'failed'}"
            case TransferEnded(outcome=outcome):
                yield f"transfer {outcome}"
            case RecordingEnded(why=why):
                yield f"recording {why}"
            case _:
                pass


def to_come_to(
    project: Project, *, lookups: Iterable[str] = (), transfers: bool = False, records: bool = False
) -> set[str]:
    """What the callers of a project must come to: all of its tables, and what a dialog in Python is known to do."""
    tables = project.tables.values()
    states = {name: state for table in tables for name, state in reached(table, project.repertoire).items()}
    found = {f"state {name}" for name in states} | {f"prompt {name}" for name in project.catalogue().prompts}
    run = {state.lookup.run for state in states.values() if state.lookup is not None} | set(lookups)
    found |= {f"lookup {name} {outcome}" for name in run for outcome in ("returned", "failed")}
    if transfers or any(isinstance(state.exit, Transfer) for state in states.values()):
        found |= {f"transfer {outcome}" for outcome in (*TransferOutcome, "refused", "hung_up")}
    if records or any(isinstance(state.exit, Record) for state in states.values()):
        found |= {f"recording {why}" for why in ("key", "silence", "longest", "hang_up", "nothing")}
    return found
