"""What the variables of dialogs can hold at each state, as far as the files tell: from where it is put in, to its use.

Values go with the ways: from state to state, into dialogs that are run (``with``) and back (``as``). What nobody can
know before a call is ``ANYTHING``.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ivr.catalog.source import Path
from ivr.dialog.conditions import UNREAD, names, tried
from ivr.dialog.inspection.routes import Routes, Step
from ivr.dialog.inspection.values import Flow
from ivr.dialog.returned import UNTOLD, returned
from ivr.dialog.returned import field as field_of
from ivr.dialog.samples import Samples, of_facts, results, samples
from ivr.dialog.sayable import Constant, Held, Hinted, Keys
from ivr.dialog.table import Collect, Condition, LookupStep, Record, Return, State, SubDialog, Table
from ivr.dialog.values import fits, taken
from ivr.dialog.ways import By
from ivr.media.recording import Recording

ROUNDS = 10
"""How often dialogs are gone through until nothing new is handed over; after that nothing is said of any."""
DEEP = 4
"""Fields within one another that are followed."""
_FIELDS = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


@dataclass(frozen=True, slots=True)
class Put:
    """One value, and where it comes from. Two are the same where these places and fields are."""

    dialog: str
    path: Path
    held: Held | None = field(compare=False)
    """None: it may be anything."""
    fields: tuple[str, ...] = ()

    def within(self, fields: list[str]) -> Put:
        """What stands in it under those names, one below the other."""
        held = self.held
        if len(self.fields) + len(fields) > DEEP:
            return ANYTHING
        for name in fields:
            match held:
                case Constant(value=dict() as value) if name in value:
                    held = Constant(value[name])
                case Hinted(hint=hint, by=by):
                    held = Hinted(
                        field_of(hint, name), f"'{name}' of {by.removesuffix(' returns').removesuffix(' is')} is"
                    )
                case _:
                    return ANYTHING
        return replace(self, held=held, fields=(*self.fields, *fields)) if fields else self


ANYTHING = Put("", (), None)
_TOO_MANY = frozenset([Put("", ("",), None)])
MOST = 24
"""Values of one variable at one state; of more nothing is said, so that large dialogs take no time."""
Puts = Mapping[str, frozenset[Put]]
"""By variable; none for one that has no value yet."""


class PutIn:
    """Of all dialogs of a project."""

    def __init__(
        self, routes: Routes, flows: Mapping[str, Flow], mentioned: Collection[str], said: Collection[str]
    ) -> None:
        """``mentioned``: dialogs that the project's own code may run, with whatever it likes; ``said``: all slots."""
        self._routes = routes
        self._flows = flows
        self._mentioned = mentioned
        self._wanted = _wanted(routes.tables.values(), said)
        self._samples: dict[str, Samples] = {}
        self._values: dict[tuple[str, str], Held | None] = {}
        self._given: dict[str, dict[str, frozenset[Put]]] = {name: self._at_start(name) for name in flows}
        self._returned: dict[str, frozenset[Put]] = {}
        self.states: dict[tuple[str, str], Puts] = {}
        """What the words of a state find, by dialog and state."""
        for _ in range(ROUNDS):
            before = (dict(self._returned), {name: dict(each) for name, each in self._given.items()})
            for name in flows:
                self._solve(name)
            if before == (self._returned, self._given):
                return
        self.states = {}

    def _at_start(self, dialog: str) -> dict[str, frozenset[Put]]:
        """The values before the first state, but for those that tables hand over."""
        flow, table = self._flows[dialog], self._flows[dialog].table
        anyone = flow.given.anything or dialog in self._mentioned or dialog in self._routes.unsure
        names = self._wanted & {*table.variables, *flow.set, *flow.given.names}
        found = {name: frozenset([ANYTHING]) for name in names if anyone}
        for name, declared in table.variables.items():
            if declared.start is not None and name in self._wanted:
                start = Put(dialog, ("variables", name, "start"), Constant(declared.start))
                found[name] = found.get(name, frozenset()) | {start}
        return found

    def _solve(self, dialog: str) -> None:
        table = self._flows[dialog].table
        reached = self._routes.reached[dialog]
        entered: dict[str, Puts] = {table.start: self._given[dialog]} if table.start in reached else {}
        ahead, waiting = deque(entered), set(entered)
        while ahead:
            state = reached[ahead.popleft()]
            waiting.discard(state.name)
            said = self._performed(table, state, entered[state.name])
            self.states[dialog, state.name] = said
            self._hand_over(table, state, said)
            for step in self._routes.steps[dialog, state.name]:
                if step.to is None or step.over or step.to[1] not in reached:
                    continue
                found, to = self._left(table, state, step, said), step.to[1]
                joined = _joined(entered.get(to), found)
                if to not in entered or joined != entered[to]:
                    entered[to] = joined
                    if to not in waiting:
                        waiting.add(to)
                        ahead.append(to)

    def _performed(self, table: Table, state: State, before: Puts) -> Puts:
        """What the state's words find, once it has set its variables and begun its lookup."""
        known = dict(before)
        for name, condition in state.assignments.items():
            if name not in self._wanted:
                continue
            path: Path = ("states", state.name, "set", name)
            known[name] = self._kept(table, name, self._value(table, condition, known, path))
        if state.lookup is not None:
            name = state.lookup.name
            known[name] = self._kept(table, name, frozenset([self._looked_up(table, state, state.lookup)]))
        return known

    def _left(self, table: Table, state: State, step: Step, said: Puts) -> Puts:
        found = dict(said)
        if state.lookup is not None and step.by is By.LOOKUP_FAILED:
            found[state.lookup.name] = frozenset([ANYTHING])
        match state.exit:
            case Collect(name=name, question=question, valid=valid) if step.by is By.ANSWER:
                declared = table.variables.get(name)
                listen, kind = question.listen, None if declared is None else declared.kind
                held = Keys(listen.least, listen.most, valid is not None, kind)
                found[name] = frozenset([Put(table.name, ("states", state.name, "collect", "as"), held)])
            case Record(name=name) if step.by is By.ANSWER:
                recorded = Hinted(Recording, "what is recorded is a")
                found[name] = frozenset([Put(table.name, ("states", state.name, "record", "as"), recorded)])
            case SubDialog(name=str(name), dialog=other) if step.by is By.DIALOG:
                found[name] = self._kept(table, name, self._result(table, state, other))
        return found

    def _hand_over(self, table: Table, state: State, said: Puts) -> None:
        """What the state gives the dialog that it runs, and what it returns."""
        match state.exit:
            case SubDialog(dialog=other, arguments=arguments) if other in self._flows:
                for name, condition in arguments.items():
                    if name not in self._wanted:
                        continue
                    path: Path = ("states", state.name, "dialog", "with", name)
                    value = self._value(table, condition, said, path)
                    kept = self._kept(self._flows[other].table, name, value)
                    self._given[other][name] = self._given[other].get(name, frozenset()) | kept
            case Return(value=Condition() as condition):
                value = self._value(table, condition, said, ("states", state.name, "return", "value"))
                self._returned[table.name] = self._returned.get(table.name, frozenset()) | value

    def _result(self, table: Table, state: State, dialog: str) -> frozenset[Put]:
        if dialog in self._flows:
            unsure = dialog in self._routes.unsure
            return frozenset([ANYTHING]) if unsure else self._returned.get(dialog, frozenset())
        hint = returned(self._routes.repertoire.functions.get(dialog))
        held = None if hint is UNTOLD else Hinted(hint, f"'{dialog}' returns")
        return frozenset([Put(table.name, ("states", state.name, "dialog", "run"), held)])

    def _looked_up(self, table: Table, state: State, step: LookupStep) -> Put:
        hint = UNTOLD if step.http is not None else returned(self._routes.repertoire.functions.get(step.run))
        held = None if hint is UNTOLD else Hinted(hint, f"'{step.run}' returns")
        return Put(table.name, ("states", state.name, "lookup", "run"), held)

    def _kept(self, table: Table, name: str, value: frozenset[Put]) -> frozenset[Put]:
        """As a variable keeps it: what is declared of its type is told elsewhere, and constants are taken as it."""
        declared = table.variables.get(name)
        if declared is None:
            return value
        found: set[Put] = set()
        for put in value:
            match put.held:
                case Constant(value=constant) if fits(declared.kind, constant):
                    found.add(replace(put, held=Constant(taken(declared.kind, constant))))
                case _:
                    found.add(ANYTHING)
        return frozenset(found)

    def _value(self, table: Table, condition: Condition, known: Puts, path: Path) -> frozenset[Put]:
        source = condition.source.strip()
        if source == UNREAD:
            return frozenset([ANYTHING])
        base, *fields = source.split(".")
        if _FIELDS.fullmatch(source) and base in known:
            return frozenset(put.within(fields) for put in known[base])
        if (table.name, source) not in self._values:
            self._values[table.name, source] = self._reckoned(table, source)
        return frozenset([Put(table.name, path, self._values[table.name, source])])

    def _reckoned(self, table: Table, source: str) -> Held | None:
        if not names(source):
            try:
                return Constant(_plain(tried(source, {})))
            except Exception:  # it fails in every call, which is told of the expression
                return None
        if "?" in source:  # one of several, by a condition that samples need not come to
            return None
        if table.name not in self._samples:
            given = self._flows[table.name].given
            self._samples[table.name] = samples(table, of_facts(()), None if given.anything else given.names)
        found = results(source, self._samples[table.name])
        kinds = {type(value) for value in found.values} if found.known else set()
        one = kinds.pop() if len(kinds) == 1 else None
        return Hinted(one, "this is a") if one in (bool, int, float, list, dict) else None


def _joined(one: Puts | None, other: Puts) -> Puts:
    found = dict(one or {})
    for name, value in other.items():
        both = found.get(name, frozenset()) | value
        found[name] = _TOO_MANY if len(both) > MOST or both & _TOO_MANY else both
    return found


def _wanted(tables: Collection[Table], said: Collection[str]) -> set[str]:
    """The variables that are said, and those that these may be made of."""
    found, makers = set(said), defaultdict[str, set[str]](set)
    returns: set[str] = set()
    for state in (each for table in tables for each in table.states.values()):
        made = [*state.assignments.items()]
        if isinstance(state.exit, SubDialog):
            made += state.exit.arguments.items()
        for name, condition in made:
            makers[name].update(_base(condition))
        if isinstance(state.exit, Return) and state.exit.value is not None:
            returns.update(_base(state.exit.value))
    ahead = [*found, *returns]
    found.update(returns)
    while ahead:
        fresh = makers[ahead.pop()] - found
        found |= fresh
        ahead += fresh
    return found


def _base(condition: Condition) -> set[str]:
    """The variable that an expression hands on, or a field of it."""
    source = condition.source.strip()
    return {source.split(".")[0]} if _FIELDS.fullmatch(source) else set()


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value
