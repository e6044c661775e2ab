"""What is drawn of a dialog: its states, and the ways between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ivr.catalog.phrase import Catalogue
from ivr.dialog.commands import Commands
from ivr.dialog.ladders import END
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.table import State, Table
from ivr.dialog.ways import By, Way, after_hang_up, question_of, ways
from ivr.graph.told import again, bargein, label, notes
from ivr.project.settings.readback import STREAMS, ReadBackSettings
from ivr.trace.sound import Strategy

LADDERS = frozenset([By.NO_INPUT, By.NO_MATCH, By.MAX_ERRORS, By.LOOKUP_FAILED])
"""What is drawn dashed: the caller did not choose it."""
GONE = "the caller hangs up"


@dataclass(frozen=True, slots=True)
class Node:
    """A state, or another dialog that takes the call."""

    id: str
    kind: str
    """``menu``, ``goto`` … as the way out is written; ``over`` for another dialog."""
    say: tuple[tuple[str, Strategy], ...] = ()
    notes: tuple[str, ...] = ()
    """What it does beside: lookups, variables, a dialog that it runs, how it ends the call."""
    bargein: Mapping[str, str] = field(default_factory=dict)
    """What interrupts a prompt of ``say``, where that is not just any key."""


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


def graph_of(
    table: Table, repertoire: Repertoire, catalogue: Catalogue, read_back: ReadBackSettings = STREAMS
) -> Graph:
    """Everything that is drawn of ``table``; strategies are those of ``catalogue``, and of values ``read_back``."""
    nodes = {name: _node(state, table, repertoire, catalogue, read_back) for name, state in table.states.items()}
    found: dict[tuple[str, str, str], list[str]] = {}
    for state in table.states.values():
        for way in _drawn(state, table, repertoire):
            if way.target.dialog is not None:
                over = f"dialog {way.target.dialog}"
                nodes.setdefault(over, Node(over, "over"))
            target = way.target.state if way.target.dialog is None else f"dialog {way.target.dialog}"
            text = label(way, state)
            labels = found.setdefault((state.name, str(target), _style(way)), [])
            if text and text not in labels:
                labels.append(text)
    made = [Edge(one, other, ", ".join(labels), style) for (one, other, style), labels in found.items()]
    for state in table.states.values():
        made += [Edge(state.name, state.name, text, "ladder") for text in again(state, table, repertoire)]
    edges = (*made, *_gone(table, nodes))
    everywhere = (*_commands(table.commands), *_commands(repertoire.commands, table.commands))
    return Graph(table.name, table.start, tuple(nodes.values()), edges, everywhere)


def _gone(table: Table, nodes: dict[str, Node]) -> Iterator[Edge]:
    """What follows when the caller has hung up, of the dialog and of its states; their nodes are added."""
    scopes = {state.name: state.handlers for state in table.states.values()}
    for source, handlers in {**scopes, GONE: table.handlers}.items():
        target = after_hang_up(handlers)
        if target is None or target == END:
            continue
        if source == GONE:
            nodes[GONE] = Node(GONE, "event")
        if target.dialog is not None:
            nodes.setdefault(f"dialog {target.dialog}", Node(f"dialog {target.dialog}", "over"))
        to = target.state if target.dialog is None else f"dialog {target.dialog}"
        yield Edge(source, str(to), "" if source == GONE else "hangs up", "ladder")


def _drawn(state: State, table: Table, repertoire: Repertoire) -> Iterator[Way]:
    """Its ways to somewhere; commands only where they are its own."""
    for way in ways(state, table, repertoire):
        if way.target != END and (way.by is not By.COMMAND or way.label in state.commands):
            yield way


def _style(way: Way) -> str:
    return "ladder" if way.by in LADDERS else "command" if way.by is By.COMMAND else "way"


def _node(
    state: State, table: Table, repertoire: Repertoire, catalogue: Catalogue, read_back: ReadBackSettings
) -> Node:
    said = tuple((name, strategy(name, catalogue, read_back)) for name in state.say)
    interrupted = {name: told for name in state.say if (told := bargein(name, catalogue))}
    return Node(state.name, kind_of(state), said, tuple(_notes(state, table, repertoire)), interrupted)


def kind_of(state: State) -> str:
    """The way out of a state by its key in the file."""
    names = {"Branches": "branch", "SubDialog": "dialog", "HangUp": "hang_up"}
    name = type(state.exit).__name__
    return names.get(name, name.lower())


def _notes(state: State, table: Table, repertoire: Repertoire) -> Iterator[str]:
    yield from notes(state)
    if question_of(state.exit) is not None:
        for each in _commands(state.commands):
            if "→" not in each:
                yield f"command {each}"
    ends = [label(way, state) for way in ways(state, table, repertoire) if way.target == END and not _by_itself(way)]
    if ends:
        yield f"ends after {', '.join(dict.fromkeys(ends))}"


def _by_itself(way: Way) -> bool:
    """The box itself tells that the call ends there."""
    return way.by in (By.HANG_UP, By.RETURN)


def _commands(commands: Commands, hidden: Commands | None = None) -> Iterator[str]:
    for key, command in commands.items():
        if hidden is None or key not in hidden:
            target = command.target
            yield f"{key} → {target.state or target.dialog}" if target is not None else f"{key} {command.act.value}"


def strategy(name: str, catalogue: Catalogue, read_back: ReadBackSettings = STREAMS) -> Strategy:
    """How a prompt is said: from memory, with values from fragments, or with live words in it."""
    prompt = catalogue.prompt(name)
    names = {phrase for variant in prompt.variants for phrase in variant} if prompt is not None else set()
    phrases = [catalogue.phrases[each] for each in names]
    slots = [(phrase, slot) for phrase in phrases for slot in phrase.slots]
    if not slots:
        return Strategy.CLIP
    spliced = all(read_back.only_fragments(phrase.id, slot.kind, phrase.locale) for phrase, slot in slots)
    return Strategy.FRAGMENTS if spliced else Strategy.STREAM
