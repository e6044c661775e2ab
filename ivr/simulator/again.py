"""A trace and a project: the call again, and whether it is still the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import takewhile
from math import inf
from typing import Any

import numpy as np

from ivr.call.plan import CallPlan, Wires, plan_calls
from ivr.call.voicing import dynamic_key
from ivr.gateways.codec import Capabilities
from ivr.media.clip import make_clip
from ivr.phrases.dynamic import DynamicClips
from ivr.project.project import Project
from ivr.simulator.behind import expressions, numbers_typed, others, plain_value
from ivr.simulator.keys import Keys, restored
from ivr.simulator.read_again import read_again
from ivr.simulator.recorded import Recorded, complete, recorded
from ivr.simulator.replay import Unanswered, replay
from ivr.simulator.undecided import NEAR, Undecided, undecided
from ivr.trace.difference import TOLERANCE, Difference, differences
from ivr.trace.doors import LookupCame
from ivr.trace.events import LocaleChosen, TraceEvent, TurnStarted

MOST = 50
"""Values that are tried in the place of stand-ins: as many runs of the call."""


class Verdict(Enum):
    """What a replay says."""

    SAME = "same"
    DIFFERS = "differs"
    UNDECIDED = "undecided"
    """A stand-in decided where the two go different ways, or may."""


@dataclass(frozen=True, slots=True)
class Again:
    """A call, and the same call today."""

    recorded: Sequence[TraceEvent]
    today: Sequence[TraceEvent]
    differences: Sequence[Difference]
    undecided: Sequence[Undecided]
    unanswered: Sequence[Unanswered]
    """What today's build asks for and the recording does not have."""
    until: float | None
    """Where the recording breaks off, seconds; None where its call ended."""
    keys: Keys
    assumed: Sequence[Undecided] = ()
    """Decisions by stand-ins that were taken as they were then, since some value of that shape leads there today."""

    @property
    def verdict(self) -> Verdict:
        """In one word."""
        if self.undecided:
            return Verdict.UNDECIDED
        if self.differences:
            return Verdict.DIFFERS
        return Verdict.UNDECIDED if self.assumed else Verdict.SAME


def again(
    project: Project, header: Mapping[str, Any], events: Sequence[TraceEvent], tolerance: float = TOLERANCE
) -> Again:
    """Run a recorded call through ``project`` and compare; times may differ by ``tolerance`` seconds.

    Raises ``TraceError`` for a trace that cannot be replayed; ``ClipError`` and ``ConfigError`` as ``plan_calls``.
    """
    told = recorded(header, events)
    keys = Keys() if told.shown else restored(events, project.tables.values())
    retold = _Retold(project, header, events, keys, tolerance, told.shown)
    run = retold.run({}, keys.known)
    assumed: list[Undecided] = []
    while run.undecided and (further := retold.further(run)) is not None:
        assumed += run.undecided
        run = further
    return Again(events, run.today, run.differences, run.undecided, run.unanswered, retold.until, keys, assumed)


_Instead = tuple[Mapping[str, str], Mapping[int, str]]
"""Values by their lookup, and keys by their place, to be tried."""


@dataclass(frozen=True, slots=True)
class _Run:
    """The call today, with some values in the place of stand-ins."""

    values: Mapping[str, str]
    keys: Mapping[int, str]
    today: Sequence[TraceEvent]
    differences: Sequence[Difference]
    undecided: Sequence[Undecided]
    unanswered: Sequence[Unanswered]

    @property
    def reach(self) -> float:
        """How far it is the same."""
        return self.differences[0].at if self.differences else inf


@dataclass(slots=True)
class _Retold:
    project: Project
    header: Mapping[str, Any]
    events: Sequence[TraceEvent]
    keys: Keys
    tolerance: float
    shown: bool
    until: float | None = field(init=False)
    _left: int = MOST

    def __post_init__(self) -> None:
        self.until = None if complete(self.events) else max(event.at for event in self.events)

    def run(self, values: Mapping[str, str], keys: Mapping[int, str]) -> _Run:
        told = recorded(self.header, self.events)  # a run takes what it is answered out of it
        made = replay(_plan(self.project, told, self.events), told, keys, values)
        until = self.until
        today = made.trace if until is None else [event for event in made.trace if event.at <= until]
        found = differences(self.events, today, self.tolerance)
        if until is not None:  # at its edge a recording that was cut off may lack what was not written any more
            found = [difference for difference in found if difference.at < until - self.tolerance]
        why = undecided(found[0], self.events, self.project.tables, self.keys, shown=self.shown) if found else []
        return _Run(values, keys, today, found, why, made.unanswered)

    def further(self, run: _Run) -> _Run | None:
        """The call with a value behind a stand-in by which it is the same for longer; None where none is found."""
        for values, keys in self._others(run):
            self._left -= 1
            if self._left < 0:
                break
            tried = self.run(values, keys)
            if tried.reach > run.reach + NEAR:
                return tried
        return None

    def _others(self, run: _Run) -> Iterator[_Instead]:
        """One of what came before ``run`` went another way is another, the last of it first."""
        sources = list(expressions(self.project.tables.values()))
        came: list[tuple[float, Iterator[_Instead]]] = [
            (self.events[typed[-1]].at, self._typed(run, typed, sources)) for typed in self.keys.typed if typed
        ]
        if not self.shown:
            private = [event for event in self.events if isinstance(event, LookupCame) and event.private]
            came += [(event.at, self._looked_up(run, event, sources)) for event in private]
        for at, found in sorted(came, key=lambda one: one[0], reverse=True):
            if at <= run.reach + NEAR:
                yield from found

    @staticmethod
    def _typed(run: _Run, places: Sequence[int], sources: Sequence[str]) -> Iterator[_Instead]:
        for number in numbers_typed(len(places), sources):
            yield run.values, {**run.keys, **dict(zip(places, number, strict=True))}

    @staticmethod
    def _looked_up(run: _Run, event: LookupCame, sources: Sequence[str]) -> Iterator[_Instead]:
        for value in others(run.values.get(event.lookup) or plain_value(event.value), sources):
            yield {**run.values, event.lookup: value}, run.keys


def _plan(project: Project, told: Recorded, events: Sequence[TraceEvent]) -> CallPlan:
    """Today's plan, with what the call found in the memory that it shared with others."""
    dynamic = DynamicClips()
    provider = told.stream.provider
    plan = plan_calls(project, told.capabilities, provider=provider, dynamic=dynamic)
    for text, samples in told.cached:
        for locale in plan.voices:
            hummed = np.full(samples, 0.05, dtype=np.float32)
            dynamic.put(dynamic_key(plan, text, locale), make_clip(hummed, plan.capabilities.out_format))
    if told.shown:
        return plan
    # The rules go by what the gateway said of the call, of which there are but stand-ins: the trace tells the outcome.
    before = takewhile(lambda event: not isinstance(event, TurnStarted), events)
    first = next((event.locale for event in before if isinstance(event, LocaleChosen)), project.settings.locale)

    def with_stand_ins(capabilities: Capabilities) -> CallPlan:
        over = plan.over(capabilities)
        values = read_again(over.read_back, told.read_back, capabilities.out_format)
        return replace(over, begins_in=lambda line: first, read_back=values)

    return Wires(with_stand_ins).plan(told.capabilities)
