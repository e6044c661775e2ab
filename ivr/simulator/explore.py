"""Every branch of a project's dialogs, call by call in virtual time, and what no call came to.

Breadth first: a path of choices is made from the beginning of a call; where the call comes to a choice that was not
seen before (the same place in the same locale, with as many errors in a row), each of its choices is a path of its
own. A place in a dialog that others run is one for each way on from there; those that differ in that alone come last,
so that a bound cuts nothing else for them. What variables hold does not count as another place at first; where states
remain that nothing led to, it is gone through once more with the answers of lookups, entries and moments counted in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ivr.call.plan import CallPlan
from ivr.project.project import Project
from ivr.simulator.emulated import Emulated
from ivr.simulator.explore_behind import code_in
from ivr.simulator.explore_cover import Cover
from ivr.simulator.explore_differs import Difference, hung_up, minds_hang_ups, pressed
from ivr.simulator.explore_found import Branch, Explored
from ivr.simulator.explore_hasty import Hasty
from ivr.simulator.explore_replay import ROUNDS, SILENT, WRONG, Point, Replay, Replayed
from ivr.simulator.explore_values import Tried
from ivr.simulator.listening import Ear
from ivr.testing.voices import SpeechScript

MOST = 2000
"""Calls, unless more are asked for."""


@dataclass
class Explorer:
    """Goes through one project."""

    project: Project
    plan: CallPlan
    gateway: Emulated
    voice: SpeechScript
    parameters: Mapping[str, str]
    tried: Tried
    most: int = MOST
    ear: Ear | None = None
    """Who listens to each call; ``voice`` speaks then."""

    def run(self) -> Explored:
        """See the module."""
        found = self._through(fine=False)
        self._interrupt(found)
        self._cover(found)
        if found.unreached and not found.left:
            return self._finer(found)
        return found

    def _finer(self, found: Explored) -> Explored:
        """Once more with what values hold; what the bound cuts of that is missing in ``found`` too."""
        if found.calls >= self.most:
            found.left += 1
            self._cover(found)
            return found
        again = self._through(fine=True, made=found.calls)
        again.questions = found.questions
        self._interrupt(again)
        self._cover(again)
        if len(again.unreached) < len(found.unreached):
            return again
        found.calls, found.left = again.calls, again.left
        self._cover(found)
        return found

    def _through(self, *, fine: bool, made: int = 0) -> Explored:
        found = Explored(self._make(()), calls=made + 1)
        differed: set[str] = set()
        self._note(found, found.root)
        seen: set[object] = set()
        ahead = deque([found.root])
        later: deque[Branch] = deque()
        while ahead or later:
            is_late = not ahead
            branch = (ahead or later).popleft()
            point = branch.replayed.point
            if point is None:
                branch.again = branch.replayed.differed in differed
                differed |= {branch.replayed.differed} - {""}
                continue
            place = (point.place, self._facts(branch) if fine else ())
            key = (place, point.behind)
            if key in seen:
                branch.again = True
                if point.rounds >= ROUNDS:
                    found.loops.add(_loop(point))
                continue
            if place in seen and not is_late:
                later.append(branch)
                continue
            seen |= {place, key}
            if point.kind == "question" and point.first and not is_late:
                found.questions.append(branch)
            for choice in point.choices:
                if found.calls >= self.most:
                    found.left += 1
                    continue
                below = self._make((*branch.path, choice))
                found.calls += 1
                self._note(found, below)
                branch.below.append(below)
                ahead.append(below)
        return found

    def _interrupt(self, found: Explored) -> None:
        """Somebody who does not wait, at each question: a key into its words, and a hang-up where that may matter."""
        hang_ups = minds_hang_ups(self.project)
        for branch in found.questions:
            point = branch.replayed.point
            assert point is not None
            plain = next((below for below in branch.below if below.path[-1] in point.keys), None)
            if plain is not None:
                label = plain.path[-1]
                hasty = Hasty(point.keys[label])
                if (made := self._hasten(found, branch, hasty, "key")) is not None:
                    told = pressed(plain.replayed, made, hasty)
                    found.differs += [Difference(branch.path, label, what, wrong) for what, wrong in told]
            hasty = Hasty()
            if hang_ups and (made := self._hasten(found, branch, hasty, "hang-up")) is not None:
                told = hung_up(made, hasty)
                found.differs += [Difference(branch.path, "hangs up", what, wrong) for what, wrong in told]

    def _hasten(self, found: Explored, branch: Branch, hasty: Hasty, what: str) -> Replayed | None:
        """The call of ``branch`` again, with something done into its last words; None where nobody spoke."""
        if found.calls >= self.most:
            found.left += 1
            return None
        made = Replay(self.tried, branch.path, hasty).make(self.plan, self.gateway, self.voice, self.parameters)
        found.calls += 1
        if made.differed:
            if made.differed not in {each.replayed.differed for each in found.branches()}:
                did = f"presses {hasty.keys}" if hasty.keys else "hangs up"
                found.differs.append(Difference(branch.path, did, made.differed, wrong=True))
            return None
        if hasty.at is None:
            return None
        found.hasty[what] = found.hasty.get(what, 0) + 1
        found.states.update(made.states)
        found.said |= made.said
        return made

    def _make(self, path: tuple[str, ...]) -> Branch:
        replay = Replay(self.tried, path)
        return Branch(path, replay.make(self.plan, self.gateway, self.voice, self.parameters, self.ear))

    def _cover(self, found: Explored) -> None:
        Cover(self.project, self.tried, self.most).note(found, self.plan.catalogue.prompts)

    def _note(self, found: Explored, branch: Branch) -> None:
        found.states.update(branch.replayed.states)
        found.rungs.update(branch.replayed.rungs)
        found.said |= branch.replayed.said

    def _facts(self, branch: Branch) -> tuple[object, ...]:
        """What other people's answers decided, each once, and the states behind the beginning that set variables."""
        answers = dict.fromkeys(c for c in branch.path if c not in (SILENT, WRONG) and not c.startswith("presses "))
        return (*answers, frozenset(branch.replayed.states) & self._setting)

    @cached_property
    def _setting(self) -> frozenset[str]:
        """States that set a variable, as ``Tried.shown`` names them: a key may have led there."""
        tables = self.project.tables.values()
        return frozenset(
            self.tried.shown(table.name, state.name)
            for table in tables
            for state in table.states.values()
            if state.assignments
        )


def _loop(point: Point) -> str:
    code = code_in(point.behind)
    where = "" if code is None else f" in {code[1]}, prompts/{Path(code[0]).name}"
    return f"the {point.kind} behind {point.prompt or 'the beginning'}{where}"
