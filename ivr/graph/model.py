"""What is drawn of a dialog: its states, and the ways between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.catalog.phrase import Catalogue
from ivr.dialog.commands import Commands
from ivr.dialog.ladders import END, Event, select
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.table import State, SubDialog, Table
from ivr.dialog.ways import By, Way, question_of, ways
from ivr.trace.sound import Strategy

LADDERS = frozenset([By.NO_INPUT, By.NO_MATCH, By.MAX_ERRORS, By.LOOKUP_FAILED])
"""What is drawn dashed: the caller did not choose it."""


@dataclass(frozen=True, slots=True)
class Node:
    """A state, or another dialog that takes the call."""

    id: str
    kind: str
    """``menu``, ``goto`` … as the way out is written; ``over`` for another dialog."""
    say: tuple[tuple[str, Strategy], ...] = ()
    notes: tuple[str, ...] = ()
    """What it does beside: lookups, variables, a dialog that it runs, how it ends the call."""


@dataclass(frozen=True, slots=True)
class Edge:
    """From one node to another; several ways may be one edge."""

    source: str
    target: str
    label: str
    style: str
    """``way``, ``ladder`` or ``command``."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Of one dialog."""

    dialog: str
    start: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    everywhere: tuple[str, ...]
    """Commands that hold at all its questions."""


def graph_of(table: Table, repertoire: Repertoire, catalogue: Catalogue) -> Graph:
    """Everything that is drawn of ``table``; strategies are those of ``catalogue``."""
    nodes = {name: _node(state, table, repertoire, catalogue) for name, state in table.states.items()}
    found: dict[tuple[str, str, str], list[str]] = {}
    for state in table.states.values():
        for way in _drawn(state, table, repertoire):
            if way.target.dialog is not None:
                over = f"dialog {way.target.dialog}"
                nodes.setdefault(over, Node(over, "over"))
            target = way.target.state if way.target.dialog is None else f"dialog {way.target.dialog}"
            label = _label(way)
            labels = found.setdefault((state.name, str(target), _style(way)), [])
            if label and label not in labels:
                labels.append(label)
    gone = select(Event.HANG_UP, 1, (table.handlers,))
    if gone is not None and gone.leave is not None and gone.leave.state is not None:
        nodes["the caller hangs up"] = Node("the caller hangs up", "event")
        found["the caller hangs up", gone.leave.state, "ladder"] = []
    edges = tuple(Edge(one, other, ", ".join(labels), style) for (one, other, style), labels in found.items())
    everywhere = (*_commands(table.commands), *_commands(repertoire.commands, table.commands))
    return Graph(table.name, table.start, tuple(nodes.values()), edges, everywhere)


def _drawn(state: State, table: Table, repertoire: Repertoire) -> Iterator[Way]:
    """Its ways to somewhere; commands only where they are its own."""
    for way in ways(state, table, repertoire):
        if way.target != END and (way.by is not By.COMMAND or way.label in state.commands):
            yield way


def _style(way: Way) -> str:
    return "ladder" if way.by in LADDERS else "command" if way.by is By.COMMAND else "way"


def _label(way: Way) -> str:
    match way.by:
        case By.GOTO | By.DIALOG:
            return ""
        case By.OPTION | By.COMMAND | By.BRANCH:
            return way.label
        case By.ANSWER:
            return way.label or "typed"
    return f"{way.by.value.replace('_', ' ')} {way.label}".strip()


def _node(state: State, table: Table, repertoire: Repertoire, catalogue: Catalogue) -> Node:
    said = tuple((name, strategy(name, catalogue)) for name in state.say)
    return Node(state.name, kind_of(state), said, tuple(_notes(state, table, repertoire)))


def kind_of(state: State) -> str:
    """The way out of a state by its key in the file."""
    names = {"Branches": "branch", "SubDialog": "dialog", "HangUp": "hang_up"}
    name = type(state.exit).__name__
    return names.get(name, name.lower())


def _notes(state: State, table: Table, repertoire: Repertoire) -> Iterator[str]:
    if state.assignments:
        yield f"set {', '.join(state.assignments)}"
    if state.lookup is not None:
        yield f"lookup {state.lookup.run} as {state.lookup.name}"
    if told := str(state.cover):
        yield f"covered by {told}"
    if isinstance(state.exit, SubDialog):
        given = f" with {', '.join(state.exit.arguments)}" if state.exit.arguments else ""
        kept = f" as {state.exit.name}" if state.exit.name else ""
        yield f"runs {state.exit.dialog}{given}{kept}"
    question = question_of(state.exit)
    if question is None:
        return
    name = getattr(state.exit, "name", None)
    if name is not None:
        least, most = question.listen.least, question.listen.most
        yield f"{least if least == most else f'{least}-{most}'} keys as {name}"
    for each in _commands(state.commands):
        if "→" not in each:
            yield f"command {each}"
    ends = [_label(way) for way in ways(state, table, repertoire) if way.target == END]
    if ends:
        yield f"ends after {', '.join(ends)}"


def _commands(commands: Commands, hidden: Commands | None = None) -> Iterator[str]:
    for key, command in commands.items():
        if hidden is None or key not in hidden:
            target = command.target
            yield f"{key} → {target.state or target.dialog}" if target is not None else f"{key} {command.act.value}"


def strategy(name: str, catalogue: Catalogue) -> Strategy:
    """How a prompt is said: from memory, or with live words in it."""
    prompt = catalogue.prompt(name)
    phrases = {phrase for variant in prompt.variants for phrase in variant} if prompt is not None else set()
    return Strategy.STREAM if any(catalogue.phrases[phrase].slots for phrase in phrases) else Strategy.CLIP
