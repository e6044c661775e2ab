"""All dialogs of a project as one graph: from each state, every step that a call can take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ivr.dialog.commands import Act
from ivr.dialog.dialog_file import DialogSource
from ivr.dialog.inspection.components import loops
from ivr.dialog.ladders import END, Event, Handlers, Target, select
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.table import State, SubDialog, Table
from ivr.dialog.ways import By, after_errors, obeyed, question_of, reached, ways

Place = tuple[str, str]
"""A dialog and its state."""


@dataclass(frozen=True, slots=True)
class Step:
    """From a state to the next."""

    by: By
    to: Place | None
    """None: the call ends; where ``returns``, the dialog."""
    returns: bool = False
    over: bool = False
    """Another dialog takes the call for good."""
    runs: str | None = None
    """The dialog that must return before."""
    back: bool = False
    """To a question that was come to before."""


Steps = Mapping[Place, tuple[Step, ...]]
Follow = Callable[[Place], tuple[Step, ...]]
"""The steps that count from a place; to no step leads what an outside event ends, see ``Routes.ends``."""


class Routes:
    """Of the reached states of every table."""

    def __init__(self, dialogs: Mapping[str, DialogSource], repertoire: Repertoire) -> None:
        self.dialogs = dialogs
        self.repertoire = repertoire
        self.tables: Mapping[str, Table] = {name: dialog.table for name, dialog in dialogs.items()}
        self.ways = {
            name: {state.name: tuple(ways(state, table, repertoire)) for state in table.states.values()}
            for name, table in self.tables.items()
        }
        self.reached = {name: reached(table, repertoire, known=self.ways[name]) for name, table in self.tables.items()}
        self.places: list[Place] = [
            (name, s) for name, table in self.tables.items() for s in table.states if s in self.reached[name]
        ]  # in the order of the files
        self.steps: Steps = {place: tuple(self._steps(place)) for place in self.places}
        self.silent: Steps = {place: tuple(self._silent(place)) for place in self.places}
        self._with_limits()

    def state(self, place: Place) -> State:
        """The state at a place."""
        return self.tables[place[0]].states[place[1]]

    def start(self, dialog: str) -> Place | None:
        """Where a table begins; None for a dialog in Python, or none."""
        table = self.tables.get(dialog)
        return None if table is None else (dialog, table.start)

    def gone(self, dialog: str) -> Iterator[Step]:
        """The steps to a dialog that takes the call."""
        start = self.start(dialog)
        if start is not None:
            yield Step(By.DIALOG, start, over=True)
        elif dialog not in self.tables:
            yield Step(By.DIALOG, None)  # in Python: it is not looked into

    def _steps(self, place: Place) -> Iterator[Step]:
        table, state = self.tables[place[0]], self.state(place)
        runs = state.exit.dialog if isinstance(state.exit, SubDialog) else None
        for way in self.ways[table.name][state.name]:
            yield from self._step(place, way.target, way.by, runs)
        question = question_of(state.exit)
        if question is not None and any(c.act is Act.BACK for c in obeyed(state, table, self.repertoire).values()):
            for name, other in self.reached[table.name].items():
                if name != state.name and question_of(other.exit) is not None:
                    yield Step(By.COMMAND, (table.name, name), back=True)

    def _step(self, place: Place, target: Target, by: By, runs: str | None = None) -> Iterator[Step]:
        if target.dialog is not None:
            yield from self.gone(target.dialog)
        elif target.state is not None:
            if target.state in self.reached[place[0]]:
                yield Step(by, (place[0], target.state), runs=runs if by is By.DIALOG else None)
        else:
            yield Step(by, None, returns=by is By.RETURN)

    def _silent(self, place: Place) -> Iterator[Step]:
        """The steps of a caller who presses nothing."""
        table, state = self.tables[place[0]], self.state(place)
        question = question_of(state.exit)
        if question is None:
            yield from self.steps[place]
            return
        yield from (step for step in self.steps[place] if step.by is By.LOOKUP_FAILED)
        for way in after_errors(Event.NO_INPUT, question, table, self.repertoire):
            yield from self._step(place, way.target, way.by)

    def _with_limits(self) -> None:
        """Errors add up over the questions of a dialog, and of a call: who goes round comes to their limits."""
        silent = dict(self.silent)
        for name, table in self.tables.items():
            inside = [place for place in self.places if place[0] == name]

            def after(place: Place, name: str = name) -> list[Place]:
                return [s.to for s in self.silent[place] if s.to is not None and s.to[0] == name and not s.over]

            for loop in loops(inside, after):
                for place in loop:
                    silent[place] += tuple(self._limited(place, table.handlers))
        for place in self.places:
            inner = self.tables[place[0]].handlers
            silent[place] += tuple(self._limited(place, self.repertoire.handlers, inner))
        self.silent = silent

    def _limited(self, place: Place, scope: Handlers, *inner: Handlers) -> Iterator[Step]:
        """The step to a scope's limit; a scope within it whose limit is 1 takes every error before."""
        question = question_of(self.state(place).exit)
        if question is None or any(each.limit == 1 for each in (question.handlers, *inner)):
            return
        if scope.limit is not None:
            rung = scope.ladders[Event.MAX_ERRORS][0]
            yield from self._step(place, rung.leave or END, By.MAX_ERRORS)


def waits_for_lookup(state: State, table: Table, repertoire: Repertoire) -> bool:
    """Whether a state is left only when its lookup has returned."""
    if state.lookup is None:
        return False
    rung = select(Event.LOOKUP_FAILED, 1, (table.handlers, repertoire.handlers))
    return state.lookup.failed is not None or (rung is not None and rung.leave is not None)
