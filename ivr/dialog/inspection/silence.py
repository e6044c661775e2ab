"""What comes of a caller who presses nothing.

Errors add up over the questions of a dialog and of a call, and ``max_errors`` comes before rungs: what silence leads to
at a question depends on the errors that were made before it. So each state is looked at with the numbers with which
silence comes to it, beginning at every state with none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ivr.dialog.inspection.routes import Place, Routes, Step
from ivr.dialog.ladders import END, PLATFORM, Event, Handlers, Target, select
from ivr.dialog.table import Question
from ivr.dialog.ways import MOST_ERRORS, By, question_of


class Spot(NamedTuple):
    """A state, come to with that many errors."""

    place: Place
    in_dialog: int = 0
    """Of this run of its dialog; 0 where the dialog has no limit."""
    in_call: int = 0
    """0 where the project has no limit."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What some finite silence leads to."""

    ends: bool = False
    returns: frozenset[int] = frozenset()
    """The errors in the call with which the dialog returns."""


NOTHING = Outcome()


class Silence:
    """The least solution: what no finite way leads to does not come."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        self._found: dict[Spot, Outcome] = {}
        self._readers: defaultdict[Spot, set[Spot]] = defaultdict(set)
        self._waiting: list[Spot] = []
        for place in reversed(routes.places):
            self._of(Spot(place))
        while self._waiting:
            spot = self._waiting.pop()
            outcome = self._outcome(spot)
            if outcome != self._found[spot]:
                self._found[spot] = outcome
                self._waiting += self._readers[spot]

    @property
    def stuck(self) -> list[Spot]:
        """From where a call neither ends nor its dialog returns."""
        return [spot for spot, outcome in self._found.items() if not outcome.ends and not outcome.returns]

    def ahead(self, spot: Spot) -> list[Spot]:
        """What comes next, the start of a dialog that is run among it."""
        found: list[Spot] = []
        for step, after in self._steps(spot):
            start = self._run_by(step, after)
            if start is not None:
                found.append(start)
            found += self._next(spot, step, after)
        return list(dict.fromkeys(found))

    def _run_by(self, step: Step, after: Spot) -> Spot | None:
        """Where the dialog begins that a step runs; None where it runs none, or one in Python."""
        start = self._routes.start(step.runs) if step.runs else None
        return None if start is None else Spot(start, 0, after.in_call)

    def _of(self, spot: Spot, reader: Spot | None = None) -> Outcome:
        if spot not in self._found:
            self._found[spot] = NOTHING
            self._waiting.append(spot)
        if reader is not None:
            self._readers[spot].add(reader)
        return self._found[spot]

    def _outcome(self, spot: Spot) -> Outcome:
        ends, returns = False, set[int]()
        for step, after in self._steps(spot):
            start = self._run_by(step, after)
            ends |= step.runs is not None and (start is None or self._of(start, spot).ends)
            if step.to is None:
                ends |= not step.returns
                returns |= {after.in_call} if step.returns else set()
            for next_spot in self._next(spot, step, after):
                outcome = self._of(next_spot, spot)
                ends |= outcome.ends or (step.over and bool(outcome.returns))
                returns |= set() if step.over else outcome.returns
        return Outcome(ends, frozenset(returns))

    def _next(self, spot: Spot, step: Step, after: Spot) -> Iterator[Spot]:
        """Where a step leads, once the dialog that it runs has returned."""
        if step.to is None:
            return
        start = self._run_by(step, after)
        returned = (after.in_call,) if start is None else self._of(start, spot).returns
        for in_call in sorted(returned):
            yield Spot(step.to, 0 if step.over else after.in_dialog, in_call)

    def _steps(self, spot: Spot) -> Iterator[tuple[Step, Spot]]:
        """Each step that a silent caller can take, and the errors that there are after it."""
        state = self._routes.state(spot.place)
        question = question_of(state.exit)
        if question is None or state.vague:
            yield from ((step, spot) for step in self._routes.steps[spot.place])
            return
        yield from ((step, spot) for step in self._routes.steps[spot.place] if step.by is By.LOOKUP_FAILED)
        left = self._left(spot, question)
        if left is not None:
            target, by, after = left
            yield from ((step, after) for step in self._routes.to(spot.place, target, by))

    def _left(self, spot: Spot, question: Question) -> tuple[Target, By, Spot] | None:
        """How silence leaves a question, see ``questions.put``; None where it is asked for ever."""
        dialog, project = self._routes.tables[spot.place[0]].handlers, self._routes.repertoire.handlers
        for count in range(1, MOST_ERRORS):
            spot = _one_more(spot, dialog, project)
            limits = (
                (question.handlers, count, spot),
                (dialog, spot.in_dialog, spot._replace(in_dialog=0)),
                (project, spot.in_call, spot._replace(in_call=0)),
            )
            for scope, errors, after in limits:
                if scope.limit is not None and errors >= scope.limit:
                    return scope.ladders[Event.MAX_ERRORS][0].leave or END, By.MAX_ERRORS, after
            rung = select(Event.NO_INPUT, count, (question.handlers, dialog, project, PLATFORM))
            if rung is not None and rung.leave is not None:
                return rung.leave, By.NO_INPUT, spot
        return None


def _one_more(spot: Spot, dialog: Handlers, project: Handlers) -> Spot:
    """With another error; more than a limit are as many as the limit, where an inner scope takes each of them."""
    in_dialog = 0 if dialog.limit is None else min(dialog.limit, spot.in_dialog + 1)
    in_call = 0 if project.limit is None else min(project.limit, spot.in_call + 1)
    return spot._replace(in_dialog=in_dialog, in_call=in_call)
