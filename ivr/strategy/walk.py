"""Walks all ways from what a caller does to the next question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import heappop, heappush
from itertools import count

from ivr.dialog.ladders import Target
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.table import Branches, Goto, Return, State, SubDialog, Transfer
from ivr.dialog.ways import By, question_of, waits_for_lookup
from ivr.dialog.web_step import conditions
from ivr.strategy.chain import Choices, Place
from ivr.strategy.covering import Covering
from ivr.strategy.likely import Chosen
from ivr.strategy.path import Path
from ivr.strategy.saying import Saying
from ivr.strategy.turns import ladder, says

MOST_STEPS, STEPS_EACH = 4_000, 10
"""States that are come to in all, and for each state that there is; of more ways the least likely are left out."""
DEEPEST = 60
"""States between two questions."""
LEAST = 1e-7
"""Ways that a call takes more seldom are left out."""


class Walk:
    """Through the tables of one project."""

    def __init__(
        self, repertoire: Repertoire, choices: Choices, weights: Mapping[Place, float], saying: Saying
    ) -> None:
        """``weights``: how often a call comes to each state."""
        self._repertoire = repertoire
        self._tables = repertoire.tables
        self._choices = choices
        self._weights = weights
        self._saying = saying
        self._begins: Mapping[Place, float] = {}
        self._ahead: list[tuple[float, int, Path, str, str]] = []
        """A heap: the likeliest way first, and of two alike the older one."""
        self._count = count()
        self.cut = False
        """There were too many ways."""

    def run(self, begins: Mapping[Place, float]) -> None:
        """``begins``: where calls do, and how often."""
        self._begins = begins
        for place, weight in begins.items():
            self._enter(Path(weight, place.locale), place.dialog)
        for place, weight in self._weights.items():
            for chosen in self._choices[place.dialog, place.state]:
                self._begin(place, chosen, weight * chosen.chance)
        for _ in range(MOST_STEPS + STEPS_EACH * len(self._choices)):
            if not self._ahead:
                return
            _, _, path, dialog, name = heappop(self._ahead)
            self._perform(path, dialog, self._tables[dialog].states[name])
        self.cut = bool(self._ahead)

    def _begin(self, place: Place, chosen: Chosen, weight: float) -> None:
        """A caller does something, or a transfer is over, or a dialog in Python."""
        table = self._tables[place.dialog]
        state = table.states[place.state]
        python = isinstance(state.exit, SubDialog) and state.exit.dialog not in self._tables
        waits = question_of(state.exit) is not None or isinstance(state.exit, Transfer) or python
        if not waits or chosen.way.by is By.LOOKUP_FAILED:
            return
        path = Path(weight, place.locale)
        for key, _ in ladder(place.dialog, state, chosen, table, self._repertoire):
            path = Path(weight, place.locale)
            self._saying.say(path, key, state)
        self._to(path, place.dialog, chosen.way.target)

    def _to(self, path: Path, dialog: str, target: Target) -> None:
        """On to a state, or to another dialog for good."""
        if target.dialog is not None:
            path.stack = ()
            self._enter(path, target.dialog)
        elif target.state is not None:
            self._go(path, dialog, target.state)

    def _enter(self, path: Path, dialog: str) -> None:
        """Run a dialog, if it is a table."""
        path.running = {}
        if dialog in self._tables:
            self._go(path, dialog, self._tables[dialog].start)

    def _go(self, path: Path, dialog: str, state: str) -> None:
        path.depth += 1
        self.cut = self.cut or path.depth > DEEPEST
        if path.weight >= LEAST and path.depth <= DEEPEST:
            heappush(self._ahead, (-path.weight, next(self._count), path, dialog, state))

    def _perform(self, path: Path, dialog: str, state: State) -> None:
        """As ``Interpreter`` does."""
        saying, table, step = self._saying, self._tables[dialog], state.lookup
        path.locale = state.locale or path.locale
        covers = saying.covers(path, state)
        saying.known(path, state.assignments.values(), covers)
        awaited = step is not None and waits_for_lookup(state, table, self._repertoire)
        if step is not None:
            asked = () if step.http is None else (step.http.slots, step.http.query, step.http.body)
            saying.known(path, conditions([step.arguments, *asked]), covers)
            saying.start(path, step)
        if step is not None and awaited:
            failing = [way for way in self._choices[dialog, state.name] if way.way.by is By.LOOKUP_FAILED]
            for way in failing:
                lost = path.fork(way.chance)
                saying.fail(lost, dialog, state, step, ladder(dialog, state, way, table, self._repertoire))
                self._to(lost, dialog, way.way.target)
            path.weight *= 1 - sum(way.chance for way in failing)
        saying.say(path, says(dialog, state), state)
        if step is not None and awaited:
            saying.wait(path, step.name, covers)
        self._leave(path, dialog, state, covers)

    def _leave(self, path: Path, dialog: str, state: State, covers: Covering | None) -> None:
        """On, but for a question, a transfer and the end."""
        match state.exit:
            case Goto(state=name):
                self._go(path, dialog, name)
            case Branches(branches=branches):
                for branch in branches:
                    self._saying.known(path, [branch.when] if branch.when else (), covers)
                    self._go(path.fork(1 / len(branches)), dialog, branch.goto)
            case SubDialog(dialog=other, arguments=arguments, goto=goto):
                self._saying.known(path, arguments.values(), covers)
                path.stack = (*path.stack, (dialog, goto))
                self._enter(path, other)
            case Return(value=value):
                self._saying.known(path, [value] if value else (), covers)
                self._return(path, dialog)
            case _:
                pass

    def _return(self, path: Path, dialog: str) -> None:
        path.running = {}
        if path.stack:
            (caller, goto), path.stack = path.stack[-1], path.stack[:-1]
            self._go(path, caller, goto)
            return
        callers = list(self._callers(dialog))
        runs = sum(weight for _, _, weight in callers) + self._for_good(dialog)
        for caller, goto, weight in callers:
            if weight:
                self._go(path.fork(weight / runs), caller, goto)

    def _callers(self, dialog: str) -> Iterator[tuple[str, str, float]]:
        """Where a dialog is run that has asked something meanwhile."""
        for place, weight in self._weights.items():
            exit = self._tables[place.dialog].states[place.state].exit
            if isinstance(exit, SubDialog) and exit.dialog == dialog:
                yield place.dialog, exit.goto, weight

    def _for_good(self, dialog: str) -> float:
        """How often a call runs a dialog that nobody waits for: with its return the call ends."""
        found = sum(weight for place, weight in self._begins.items() if place.dialog == dialog)
        for place, weight in self._weights.items():
            ways = self._choices[place.dialog, place.state]
            found += sum(weight * each.chance for each in ways if each.way.target.dialog == dialog)
        return found
