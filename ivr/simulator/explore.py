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
from dataclasses import dataclass, field

from ivr.call.plan import CallPlan
from ivr.dialog.ladders import Event
from ivr.dialog.table import Menu, Record, SubDialog, Table
from ivr.dialog.ways import after_errors, failures, question_of, reached, ways
from ivr.project.project import Project
from ivr.simulator.emulated import Emulated
from ivr.simulator.explore_replay import SILENT, WRONG, Replay, Replayed
from ivr.simulator.explore_values import Tried
from ivr.simulator.listening import Ear
from ivr.testing.voices import SpeechScript
from ivr.trace.events import DialogFailed

MOST = 2000
"""Calls, unless more are asked for."""

Rung = tuple[str, str, int]


@dataclass(slots=True)
class Branch:
    """One path, and what followed its last choice."""

    path: tuple[str, ...]
    replayed: Replayed
    again: bool = False
    """It leads to what another branch shows."""
    below: list[Branch] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """What is wrong with it."""
        found = [f"dead air of {each.stop - each.start:.2f} s: {each.why}" for each in self.replayed.dead]
        for event in self.replayed.events:
            if isinstance(event, DialogFailed):
                found.append(f"the dialog raised {event.told}")
        if self.replayed.point is None and self.replayed.reason is None:
            found.append("the call never ends")
        return found + [f"not understood: {finding}" for finding in self.replayed.listened.misheard]


@dataclass(slots=True)
class Explored:
    """All of it."""

    root: Branch
    calls: int = 0
    left: int = 0
    """Paths that were not made, because there were too many."""
    states: set[str] = field(default_factory=set)
    """As ``Tried.shown`` names them; so are those of rungs."""
    rungs: set[Rung] = field(default_factory=set)
    said: set[str] = field(default_factory=set)
    unreached: dict[str, str] = field(default_factory=dict)
    """State of a table, as ``dialog.state``, and why no call came there."""
    unclimbed: dict[Rung, str] = field(default_factory=dict)
    unsaid: tuple[str, ...] = ()
    """Prompts that no call said."""

    def branches(self) -> list[Branch]:
        """All, from the root on."""
        found, ahead = [], deque([self.root])
        while ahead:
            branch = ahead.popleft()
            found.append(branch)
            ahead.extend(branch.below)
        return found


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
        self._cover(found)
        if found.unreached and not found.left:
            again = self._through(fine=True)
            self._cover(again)
            if len(again.unreached) < len(found.unreached):
                return again
        return found

    def _through(self, *, fine: bool) -> Explored:
        found = Explored(self._make(()), calls=1)
        self._note(found, found.root)
        seen: set[object] = set()
        ahead = deque([found.root])
        later: deque[Branch] = deque()
        while ahead or later:
            is_late = not ahead
            branch = (ahead or later).popleft()
            point = branch.replayed.point
            if point is None:
                continue
            place = (point.place, _facts(branch.path) if fine else ())
            key = (place, point.behind)
            if key in seen:
                branch.again = True
                continue
            if place in seen and not is_late:
                later.append(branch)
                continue
            seen |= {place, key}
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

    def _make(self, path: tuple[str, ...]) -> Branch:
        replay = Replay(self.tried, path)
        return Branch(path, replay.make(self.plan, self.gateway, self.voice, self.parameters, self.ear))

    def _note(self, found: Explored, branch: Branch) -> None:
        found.states.update(branch.replayed.states)
        found.rungs.update(branch.replayed.rungs)
        found.said |= branch.replayed.said

    def _cover(self, found: Explored) -> None:
        reachable = self._reachable()
        for table in self.project.tables.values():
            for name in table.states:
                if self.tried.shown(table.name, name) not in found.states:
                    found.unreached[f"{table.name}.{name}"] = self._why(table, name, reachable, found)
        rungs: list[Rung] = []
        for table in self.project.tables.values():
            come = [name for name in table.states if self.tried.shown(table.name, name) in found.states]
            rungs += [rung for name in come for rung in self._ladder(table, name)]
        for rung in rungs:
            if rung not in found.rungs:
                found.unclimbed[rung] = "no call came that far" if not found.left else "the bound cut it"
        # A lookup may also fail where nobody answers that, or a status has a branch of its own.
        found.rungs -= {rung for rung in found.rungs if rung[1] == Event.LOOKUP_FAILED}.difference(rungs)
        used = set(self.plan.catalogue.prompts)
        found.unsaid = tuple(sorted(used - found.said))

    def _reachable(self) -> dict[str, set[str]]:
        """By table, the states that its own ways and those of other tables lead to."""
        repertoire = self.project.repertoire
        start = self.project.settings.start
        found: dict[str, set[str]] = {}
        ahead = [start] if start in self.project.tables else list(self.project.tables)
        while ahead:
            name = ahead.pop()
            table = self.project.tables.get(name)
            if table is None or name in found:
                continue
            states = reached(table, repertoire)
            found[name] = set(states)
            for state in states.values():
                ahead += [way.target.dialog for way in ways(state, table, repertoire) if way.target.dialog]
                if isinstance(state.exit, SubDialog):
                    ahead.append(state.exit.dialog)
        return found

    def _why(self, table: Table, name: str, reachable: Mapping[str, set[str]], found: Explored) -> str:
        if name not in reachable.get(table.name, set()):
            return "nothing leads there"
        if found.left:
            return f"the bound of {self.most} calls cut it"
        leads = [
            f"{state.name} ({way.by}{' ' + way.label if way.label else ''})"
            for state in table.states.values()
            if self.tried.shown(table.name, state.name) in found.states
            for way in ways(state, table, self.project.repertoire)
            if way.target.state == name
        ]
        if not leads:
            return "only states that were not reached themselves lead there"
        return f"never true for what was tried: {', '.join(dict.fromkeys(leads))}; give values that make it so"

    def _ladder(self, table: Table, name: str) -> list[Rung]:
        """The errors in a row that a state answers until it is left: of its question, and of its lookup."""
        state, repertoire = table.states[name], self.project.repertoire
        shown = self.tried.shown(table.name, name)
        answered = failures(state, table, repertoire) if state.lookup is not None else []
        found: list[Rung] = [(shown, Event.LOOKUP_FAILED.value, count) for count, _ in enumerate(answered, 1)]
        question = question_of(state.exit)
        if question is None:
            return found
        for event in (Event.NO_INPUT, Event.NO_MATCH):
            if event is Event.NO_MATCH and not _can_err(state.exit):
                continue
            last = [int(way.label) for way in after_errors(event, question, table, repertoire)]
            found += [(shown, event.value, count) for count in range(1, max(last, default=0) + 1)]
        return found


def _can_err(exit: object) -> bool:
    """Whether there is an answer that is none."""
    return not isinstance(exit, Menu) or len({keys[0] for keys in exit.options}) < 16 or isinstance(exit, Record)


def _facts(path: tuple[str, ...]) -> tuple[str, ...]:
    """What of a path other people's answers decided, each once."""
    return tuple(dict.fromkeys(c for c in path if c not in (SILENT, WRONG) and not c.startswith("presses ")))
