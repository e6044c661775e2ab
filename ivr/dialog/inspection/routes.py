"""All dialogs of a project as one graph: from each state, every step that a call can take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ivr.dialog.commands import Act
from ivr.dialog.dialog_file import DialogSource
from ivr.dialog.ladders import Target
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.table import State, SubDialog, Table
from ivr.dialog.ways import By, left_behind, obeyed, question_of, reached, ways

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
        self.unsure = {name for name in self.tables if self._unsure(name)}
        """Those in which some state may be come to, or may give variables values, by a way that could not be read."""
        self.reached = {
            name: dict(table.states) if name in self.unsure else reached(table, repertoire, known=self.ways[name])
            for name, table in self.tables.items()
        }
        self.places: list[Place] = [
            (name, s) for name, table in self.tables.items() for s in table.states if s in self.reached[name]
        ]  # in the order of the files
        self.steps: Steps = {place: tuple(self._steps(place)) for place in self.places}

    def state(self, place: Place) -> State:
        """The state at a place."""
        return self.tables[place[0]].states[place[1]]

    def start(self, dialog: str) -> Place | None:
        """Where a table begins; None for a dialog in Python, or none, or where its start is not known."""
        table = self.tables.get(dialog)
        return None if table is None or table.start not in table.states else (dialog, table.start)

    def gone(self, dialog: str) -> Iterator[Step]:
        """The steps to a dialog that takes the call."""
        start = self.start(dialog)
        yield Step(By.DIALOG, start, over=start is not None)  # in Python it is not looked into

    def _unsure(self, name: str) -> bool:
        dialog, table = self.dialogs[name], self.tables[name]
        gone = [Target(state) for state in left_behind(table, table.states)]
        targets = [*gone, Target(table.start), *(way.target for found in self.ways[name].values() for way in found)]
        unknown = any(each.state is not None and each.state not in table.states for each in targets)
        return unknown or dialog.cuts.stateless or any(state.vague for state in table.states.values())

    def _steps(self, place: Place) -> Iterator[Step]:
        table, state = self.tables[place[0]], self.state(place)
        runs = state.exit.dialog if isinstance(state.exit, SubDialog) else None
        for way in self.ways[table.name][state.name]:
            yield from self.to(place, way.target, way.by, runs)
        question = question_of(state.exit)
        if question is not None and any(c.act is Act.BACK for c in obeyed(state, table, self.repertoire).values()):
            for name, other in self.reached[table.name].items():
                if name != state.name and question_of(other.exit) is not None:
                    yield Step(By.COMMAND, (table.name, name), back=True)

    def to(self, place: Place, target: Target, by: By, runs: str | None = None) -> Iterator[Step]:
        """The step from a place to a target; none where the target is not looked at."""
        if target.dialog is not None:
            yield from self.gone(target.dialog)
        elif target.state is not None and target.state not in self.tables[place[0]].states:
            yield from (Step(by, None), Step(by, None, returns=True))
        elif target.state is not None:
            if target.state in self.reached[place[0]]:
                yield Step(by, (place[0], target.state), runs=runs if by is By.DIALOG else None)
        else:
            yield Step(by, None, returns=by is By.RETURN)
