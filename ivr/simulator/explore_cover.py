"""What no call of exploring came to, and why: states, rungs of ladders, prompts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ivr.dialog.ladders import Event
from ivr.dialog.table import Menu, Record, SubDialog, Table
from ivr.dialog.ways import after_errors, failures, question_of, reached, ways
from ivr.project.code.mentioned import Mentioned, mentioned
from ivr.project.disk.layout import PROMPTS
from ivr.project.project import Project
from ivr.simulator.explore_found import Explored, Rung
from ivr.simulator.explore_values import Tried


@dataclass(frozen=True)
class Cover:
    """Of one project."""

    project: Project
    tried: Tried
    most: int
    """Calls, at the most."""

    def note(self, found: Explored, prompts: Iterable[str]) -> None:
        """Write into ``found`` what of the tables, and of ``prompts``, no call came to, and why."""
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
        found.unsaid = tuple(sorted({*prompts, *self._named()} - found.said))

    def _named(self) -> set[str]:
        """The phrases that dialogs say by their own names."""
        names = set(self._code.texts)
        for table in self.project.tables.values():
            scopes = [table.handlers]
            for state in table.states.values():
                names.update(state.say)
                question = question_of(state.exit)
                scopes += [state.handlers, *([question.handlers] if question is not None else [])]
            names.update(name for scope in scopes for rungs in scope.ladders.values() for r in rungs for name in r.say)
        return {name for catalogue in self.project.catalogues.values() for name in catalogue.phrases if name in names}

    @cached_property
    def _code(self) -> Mentioned:
        return mentioned(self.project.root / PROMPTS)

    def _reachable(self) -> dict[str, set[str]]:
        """By table, the states that its own ways and those of other tables lead to."""
        repertoire = self.project.repertoire
        start = self.project.settings.start
        found: dict[str, set[str]] = {}
        ahead = [start]
        while ahead:
            name = ahead.pop()
            table = self.project.tables.get(name)
            if name in found:
                continue
            if table is None:  # Python, which may run what it names
                found[name] = set()
                ahead += [each for each in self.project.tables if self._code.unnamed or each in self._code.texts]
                continue
            states = reached(table, repertoire)
            found[name] = set(states)
            for state in states.values():
                ahead += [way.target.dialog for way in ways(state, table, repertoire) if way.target.dialog]
                if isinstance(state.exit, SubDialog):
                    ahead.append(state.exit.dialog)
        return found

    def _why(self, table: Table, name: str, reachable: Mapping[str, set[str]], found: Explored) -> str:
        if table.name not in reachable:
            return "nothing runs that dialog"
        if name not in reachable[table.name]:
            return "nothing leads there"
        if found.left:
            return f"the bound of {self.most} calls cut it"
        before = [
            (state, way)
            for state in table.states.values()
            if self.tried.shown(table.name, state.name) in found.states
            for way in ways(state, table, self.project.repertoire)
            if way.target.state == name
        ]
        if not before:
            return "only states that were not reached themselves lead there"
        asks = [state.name for state, _ in before if state.lookup is not None]
        if asks and name not in reached(table, self.project.repertoire, table.start):
            return f"the caller has hung up, and the lookup of {', '.join(dict.fromkeys(asks))} does not come back then"
        leads = [f"{state.name} ({way.by}{' ' + way.label if way.label else ''})" for state, way in before]
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
