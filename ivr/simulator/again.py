"""A trace and a project: the call again, and whether it is still the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import takewhile
from typing import Any

import numpy as np

from ivr.call.plan import CallPlan, Wires, plan_calls
from ivr.call.speaking import dynamic_key
from ivr.media.clip import make_clip
from ivr.phrases.dynamic import DynamicClips
from ivr.project.project import Project
from ivr.simulator.keys import Keys, restored
from ivr.simulator.recorded import Recorded, complete, recorded
from ivr.simulator.replay import Unanswered, replay
from ivr.simulator.undecided import Undecided, undecided
from ivr.trace.difference import TOLERANCE, Difference, differences
from ivr.trace.events import LocaleChosen, TraceEvent, TurnStarted


class Verdict(Enum):
    """What a replay says."""

    SAME = "same"
    DIFFERS = "differs"
    UNDECIDED = "undecided"
    """A stand-in decided where the two went different ways."""


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

    @property
    def verdict(self) -> Verdict:
        """In one word."""
        if self.undecided:
            return Verdict.UNDECIDED
        return Verdict.DIFFERS if self.differences else Verdict.SAME


def again(
    project: Project, header: Mapping[str, Any], events: Sequence[TraceEvent], tolerance: float = TOLERANCE
) -> Again:
    """Run a recorded call through ``project`` and compare; times may differ by ``tolerance`` seconds.

    Raises ``TraceError`` for a trace that cannot be replayed; ``ClipError`` and ``ConfigError`` as ``plan_calls``.
    """
    told = recorded(header, events)
    plan = _plan(project, told, events)
    keys = Keys() if told.shown else restored(events, project.tables.values())
    made = replay(plan, told, keys.known)
    until = None if complete(events) else max(event.at for event in events)
    today = made.trace if until is None else [event for event in made.trace if event.at <= until]
    found = differences(events, today, tolerance)
    if until is not None:  # at its edge a recording that was cut off may lack what was not written any more
        found = [difference for difference in found if difference.at < until - tolerance]
    why = undecided(found[0], events, project.tables, keys, shown=told.shown) if found else []
    return Again(events, today, found, why, made.unanswered, until, keys)


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
    chosen = Wires(lambda capabilities: replace(plan.over(capabilities), begins_in=lambda line: first))
    return chosen.plan(told.capabilities)
