"""How often a call comes to each state: a Markov chain over the ways out of states (``ivr.strategy.likely``).

A dialog that is run goes on where it was run from, if it returns at all; one that is gone over to does not. Of a dialog
in Python nothing is known but that it returns. A locale that a dialog chooses holds until the call ends, and not behind
the dialog's return.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ivr.dialog.table import State, SubDialog, Table
from ivr.dialog.ways import By
from ivr.strategy.likely import Chosen

Choices = Mapping[tuple[str, str], tuple[Chosen, ...]]
"""By dialog and state."""
ROUNDS = 200
"""In which dialogs that run each other settle how often they return."""
MOST_VISITS = 1e6


class Place(NamedTuple):
    """Where a call can be."""

    dialog: str
    state: str
    locale: str
    """In which the state speaks."""


@dataclass(frozen=True, slots=True)
class Visits:
    """What a call does on average."""

    places: Mapping[Place, float]
    """How often it comes to each; none where it never does."""
    endless: bool = False
    """Calls do not end by themselves, so that there is no average; each place then stands with 1."""


class Chain:
    """Of one project's tables."""

    def __init__(self, tables: Mapping[str, Table], choices: Choices) -> None:
        self._tables = tables
        self._choices = choices
        self._returns = dict.fromkeys(tables, 0.0)
        for _ in range(ROUNDS):
            before, self._returns = self._returns, {name: self._returning(table) for name, table in tables.items()}
            if all(abs(self._returns[name] - before[name]) < 1e-9 for name in before):
                break

    def start(self, dialog: str, locale: str) -> Place:
        """Where a dialog begins."""
        return self.at(dialog, self._tables[dialog].start, locale)

    def at(self, dialog: str, state: str, locale: str) -> Place:
        """A state that is come to from words in ``locale``."""
        return Place(dialog, state, self._tables[dialog].states[state].locale or locale)

    def visits(self, begins: Mapping[Place, float]) -> Visits:
        """``begins``: how likely a call begins at each place."""
        index: dict[Place, int] = {}
        ahead, onward = list(begins), []
        while ahead:
            place = ahead.pop()
            if place not in index:
                index[place] = len(index)
                onward.append(list(self._onward(place)))
                ahead += [target for target, _ in onward[-1]]
        flow, starts = np.eye(len(index)), np.zeros(len(index))
        for place, weight in begins.items():
            starts[index[place]] += weight
        for number, targets in enumerate(onward):
            for target, share in targets:
                flow[index[target], number] -= share
        try:
            found = np.linalg.solve(flow, starts)
        except np.linalg.LinAlgError:
            found = np.full(len(index), np.inf)
        if len(found) and not (np.isfinite(found).all() and found.min() > -1e-6 and found.max() < MOST_VISITS):
            return Visits(dict.fromkeys(index, 1.0), endless=True)
        return Visits({place: float(max(0.0, found[number])) for place, number in index.items()})

    def _returning(self, table: Table) -> float:
        """How likely a run of a dialog returns, if those that it runs do so as often as was found before."""
        index = {name: number for number, name in enumerate(table.states)}
        flow, ends = np.eye(len(index)), np.zeros(len(index))
        for name, number in index.items():
            ends[number] = sum(each.chance for each in self._choices[table.name, name] if each.way.by is By.RETURN)
            for target, share in self._within(table, table.states[name]):
                flow[number, index[target]] -= share
        try:
            found = np.linalg.solve(flow, ends)
        except np.linalg.LinAlgError:
            return 0.0
        return float(min(1.0, max(0.0, found[index[table.start]])))

    def _within(self, table: Table, state: State) -> Iterator[tuple[str, float]]:
        """To other states of the same dialog, maybe when another dialog has returned."""
        for each in self._choices[table.name, state.name]:
            target = each.way.target
            if target.state is not None and target.dialog is None:
                runs = state.exit if each.way.by is By.DIALOG and isinstance(state.exit, SubDialog) else None
                yield target.state, each.chance * (1.0 if runs is None else self._returns.get(runs.dialog, 1.0))

    def _onward(self, place: Place) -> Iterator[tuple[Place, float]]:
        """To all states that a call is in next."""
        dialog, name, locale = place
        state = self._tables[dialog].states[name]
        for target, share in self._within(self._tables[dialog], state):
            yield self.at(dialog, target, locale), share
        for each in self._choices[dialog, name]:
            over = each.way.target.dialog
            if each.way.by is By.DIALOG and isinstance(state.exit, SubDialog):
                over = state.exit.dialog
            if over is not None and over in self._tables:
                yield self.start(over, locale), each.chance
