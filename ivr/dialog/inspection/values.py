"""Which variables have a value at each state: on every way there, on some, or on none."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from operator import and_, or_

from ivr.catalog.phrase import Catalogue
from ivr.catalog.source import Path
from ivr.dialog.checks import conditions_of, prompts_said, slots_of
from ivr.dialog.conditions import names
from ivr.dialog.inspection.findings import Findings
from ivr.dialog.inspection.routes import Routes, Step
from ivr.dialog.recording import nothing_recorded
from ivr.dialog.table import Collect, Record, State, SubDialog, Table
from ivr.dialog.ways import By, after_hang_up

Edges = dict[str, list[tuple[str, frozenset[str]]]]
"""From a state to others, with what has a value once that step was taken."""
Join = Callable[[frozenset[str], frozenset[str]], frozenset[str]]

SHOWN = 5
"""States of a way that a message names."""


@dataclass(frozen=True, slots=True)
class Use:
    """A variable that a state needs."""

    name: str
    path: Path
    offset: int
    what: str
    """Who needs it: ``slot 'amount' of prompt 'balance'``."""
    own: frozenset[str]
    """What the state itself has given values to before."""


@dataclass(frozen=True, slots=True)
class Given:
    """What those who run a dialog give it; that one of them gives too little is told where it stands."""

    names: frozenset[str] = frozenset()
    always: bool = True
    """False: the dialog also answers calls, or is gone over to, with nothing given."""
    anything: bool = False
    """It is run from Python, or by nobody: it may be given whatever it wants."""


def uses(state: State, routes: Routes, dialog: str, catalogues: Collection[Catalogue]) -> Iterator[Use]:
    """The variables that a state needs, each with what the state has set before."""
    source = routes.dialogs[dialog].source
    known: set[str] = set()
    for path, condition in conditions_of(state):
        setting = path[2] == "set"
        looked_up = path[2] not in ("set", "lookup") and state.lookup is not None
        typed = isinstance(state.exit, Collect) and path[2] == "collect"
        own = known | ({state.lookup.name} if looked_up and state.lookup is not None else set())
        own |= {state.exit.name} if typed and isinstance(state.exit, Collect) else set()
        for name in sorted(names(condition.source)):
            found = re.search(rf"\b{name}\b", condition.source)
            yield Use(name, path, found.start() if found else 0, f"'{name}'", frozenset(own))
        if setting:
            known.add(str(path[3]))
    for path, prompt in prompts_said(state, source):
        failed = path[2] == "on"  # words behind a failure, where the value is not to be had
        said = known | ({state.lookup.name} if state.lookup is not None and not failed else set())
        for slot in dict.fromkeys(slot for catalogue in catalogues for slot in slots_of(prompt, catalogue)):
            yield Use(slot, path, 0, f"slot '{slot}' of prompt '{prompt}'", frozenset(said))


def set_on(state: State, step: Step) -> frozenset[str]:
    """The variables that have a value once a step was taken."""
    found = set(state.assignments)
    if state.lookup is not None and step.by is not By.LOOKUP_FAILED:
        found.add(state.lookup.name)
    match state.exit:
        case Collect(name=name) | Record(name=name) if step.by is By.ANSWER:
            found.add(name)
        case SubDialog(name=str(name)) if step.by is By.DIALOG and not step.over:
            found.add(name)
    return frozenset(found)


def begun(table: Table) -> frozenset[str]:
    """The variables that have a value before the first state: declared ones with a start, and recordings (null)."""
    started = (name for name, declared in table.variables.items() if declared.start is not None)
    return frozenset(nothing_recorded(table)).union(started)


class Flow:
    """Of one dialog: what has a value when a state is come to."""

    def __init__(self, routes: Routes, dialog: str, given: Given) -> None:
        self.routes = routes
        self.table = routes.tables[dialog]
        self._states = routes.reached[dialog]
        self._edges = self._found(lambda step: True)
        self._onwards = self._found(lambda step: not step.back)
        """Who goes back has what he had at that question before, and more."""
        self.given = given
        own = begun(self.table)
        self.roots = {self.table.start: own | given.names if given.always else own}
        self.roots = {name: known for name, known in self.roots.items() if name in self._states}
        gone = after_hang_up(self.table.handlers)
        self.gone = gone.state if gone is not None and gone.state in self._states else None
        if self.gone is not None:
            self.roots[self.gone] = own
        self.set = frozenset[str]().union(*(known for edges in self._edges.values() for _, known in edges))
        """By any state."""
        everything = self.set | given.names | own
        self.always = self._solved(self.roots, everything, and_, self._onwards)
        beginning = {self.table.start: given.names | own} | ({self.gone: everything} if self.gone else {})
        self.sometimes = self._solved(beginning, frozenset(), or_, self._edges)
        if dialog in routes.unsure:
            self.sometimes = dict.fromkeys(self._states, everything)
        self.inside = self._solved(dict.fromkeys(self.roots, own), frozenset(), or_, self._edges)
        """What the dialog itself has given values to, on some way."""

    def way_without(self, variable: str, goal: str) -> list[str]:
        """The states of a shortest way to ``goal`` on which ``variable`` gets no value."""
        came: dict[str, str | None] = {root: None for root, known in self.roots.items() if variable not in known}
        ahead = deque(came)
        while ahead and goal not in came:
            name = ahead.popleft()
            for other, known in self._onwards[name]:
                if variable not in known and other not in came:
                    came[other] = name
                    ahead.append(other)
        way: list[str] = []
        at: str | None = goal if goal in came else None
        while at is not None:
            way.append(at)
            at = came[at]
        return way[::-1]

    def _found(self, counts: Callable[[Step], bool]) -> Edges:
        found: Edges = {}
        for name, state in self._states.items():
            steps = (
                []
                if state.vague
                else [
                    s for s in self.routes.steps[self.table.name, name] if s.to is not None and not s.over and counts(s)
                ]
            )
            found[name] = list(dict.fromkeys((str(s.to and s.to[1]), set_on(state, s)) for s in steps))
            gone = after_hang_up(state.handlers)
            if gone is not None and gone.state is not None and gone.state in self._states and not state.vague:
                found[name].append((gone.state, frozenset(state.assignments)))
        return found

    def _solved(
        self, roots: Mapping[str, frozenset[str]], others: frozenset[str], join: Join, edges: Edges
    ) -> dict[str, frozenset[str]]:
        found = {name: roots.get(name, others) for name in self._states}
        waiting = deque(self._states)
        while waiting:
            name = waiting.popleft()
            for other, known in edges[name]:
                joined = join(found[other], found[name] | known)
                if joined != found[other]:
                    found[other] = joined
                    waiting.append(other)
        return found


def check_values(flow: Flow, catalogues: Collection[Catalogue], findings: Findings) -> None:
    """Uses of variables that the dialog gives values to somewhere, and not on every way to the use.

    Variables that get no value anywhere are a matter of ``ivr.dialog.checks``; of those that are declared nobody else
    tells where a dialog begins with nothing given.
    """
    dialog = flow.table.name
    if flow.given.anything or flow.routes.dialogs[dialog].cuts.undeclared:
        return
    known = flow.set | flow.given.names
    if not flow.given.always and dialog not in flow.routes.unsure:
        known |= flow.table.variables.keys()
    for name, state in flow.routes.reached[dialog].items():
        for use in uses(state, flow.routes, dialog, catalogues):
            if use.name not in known or use.name in use.own | flow.always[name]:
                continue
            remedy = f"set it or look it up on every way to '{name}'"
            if use.name not in flow.sometimes[name]:
                what = f"{use.what} has no value yet on any way to '{name}'"
                findings.error(use.path, "no-value", what, remedy, offset=use.offset)
                continue
            findings.warn(
                use.path,
                "no-value",
                f"{use.what} has no value {_on_the_way(flow, use.name, name)}",
                remedy,
                offset=use.offset,
            )


def _on_the_way(flow: Flow, variable: str, goal: str) -> str:
    way = flow.way_without(variable, goal)
    if len(way) < 2:
        return "when the caller hangs up" if goal == flow.gone else "where it is not given by whoever runs the dialog"
    shown = [f"'{name}'" for name in way]
    if len(shown) > SHOWN:
        shown = [*shown[: SHOWN - 2], "…", *shown[-2:]]
    return f"on the way {', '.join(shown)}"
