"""What can come of a call from each state on: it ends, or its dialog returns to the one that ran it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from ivr.dialog.inspection.routes import Place, Routes, Step, Steps


class Outcomes:
    """The least solution: what no finite way leads to does not come.

    ``arrived`` says at which places it does not matter any more what follows.
    """

    def __init__(self, routes: Routes, steps: Steps, arrived: Callable[[Place], bool] = lambda _: False) -> None:
        self._routes = routes
        self._steps = steps
        self.ends: set[Place] = set()
        self.returns: set[Place] = set()
        behind = self._dependents()
        waiting = list(routes.places)
        while waiting:
            place = waiting.pop()
            ends = place not in self.ends and (arrived(place) or any(self._ends(s) for s in steps[place]))
            returns = place not in self.returns and any(self._returns(s) for s in steps[place])
            if ends:
                self.ends.add(place)
            if returns:
                self.returns.add(place)
            if ends or returns:
                waiting += behind[place]

    @property
    def stuck(self) -> list[Place]:
        """The places from which nothing of the two ever comes."""
        return [place for place in self._routes.places if place not in self.ends and place not in self.returns]

    def comes_back(self, dialog: str) -> bool:
        """Whether a dialog can return. One in Python is taken to."""
        start = self._routes.start(dialog)
        return start is None or start in self.returns

    def ahead(self, place: Place) -> list[Place]:
        """The places that come next, those of a dialog that is run among them."""
        found = [step.to for step in self._steps[place] if step.to is not None and self._passes(step)]
        found += [start for step in self._steps[place] if step.runs and (start := self._routes.start(step.runs))]
        return list(dict.fromkeys(found))

    def _passes(self, step: Step) -> bool:
        return step.runs is None or self.comes_back(step.runs)

    def _ends(self, step: Step) -> bool:
        if step.runs is not None:
            start = self._routes.start(step.runs)
            if start is None or start in self.ends:
                return True
        if step.to is None:
            return not step.returns
        done = step.to in self.ends or (step.over and step.to in self.returns)
        return done and self._passes(step)

    def _returns(self, step: Step) -> bool:
        if step.to is None:
            return step.returns
        return not step.over and step.to in self.returns and self._passes(step)

    def _dependents(self) -> dict[Place, list[Place]]:
        behind: defaultdict[Place, list[Place]] = defaultdict(list)
        for place in self._routes.places:
            for other in self._touched(place):
                behind[other].append(place)
        return behind

    def _touched(self, place: Place) -> Iterator[Place]:
        for step in self._steps[place]:
            if step.to is not None:
                yield step.to
            if step.runs is not None and (start := self._routes.start(step.runs)) is not None:
                yield start
