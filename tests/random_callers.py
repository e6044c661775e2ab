"""Callers who do anything at any time, on the projects that ship; and what must hold for every one of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from talker import speech

from ivr.call.plan import CallPlan, plan_calls
from ivr.catalog.party import TransferOutcome
from ivr.gateways.twilio import TWILIO, TwilioCodec
from ivr.project.load import load
from ivr.simulator.driver import EPOCH, Answer, Driver
from ivr.testing.ear import DeadAir, dead_air
from ivr.testing.twilio import TwilioFarEnd
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import CallEnded, DialogFailed, StateEntered, TraceEvent

KEYS = "0123456789*#"
LONGEST = 1800.0
"""Virtual seconds within which every caller's call has ended by itself."""


@dataclass(frozen=True)
class Caller:
    """What one caller does, and what the world does meanwhile."""

    presses: list[tuple[float, str]]
    """Keys, each so many seconds behind the one before."""
    hangs_up: float | None
    lookups: Mapping[str, Answer]
    voice: ScriptedVoice = field(default_factory=ScriptedVoice)
    transfers: list[tuple[float, TransferOutcome | str]] = field(default_factory=list)
    says: tuple[float, float] | None = None
    """When the caller begins to speak, and for how long."""
    at: datetime = EPOCH
    """Wall time of the call's beginning."""


def callers(values: Mapping[str, list[Any]]) -> st.SearchStrategy[Caller]:
    """Any caller of a project whose lookups, by name, return one of ``values`` or fail."""
    outcomes: st.SearchStrategy[TransferOutcome | str] = st.sampled_from([*TransferOutcome, "it cannot"])
    transfer = st.tuples(st.floats(0.5, 20.0), outcomes)
    wait = st.one_of(st.floats(0.0, 0.4), st.floats(0.4, 12.0))

    def answers(of: list[Any]) -> st.SearchStrategy[Answer]:
        delay = st.one_of(st.floats(0.0, 0.5), st.floats(0.5, 15.0))
        good = st.builds(Answer, st.sampled_from(of), delay)
        return st.one_of(good, good, st.builds(Answer, st.none(), delay, st.just("it is down")))

    return st.builds(
        Caller,
        st.lists(st.tuples(wait, st.sampled_from(KEYS)), max_size=14),
        st.one_of(st.none(), st.none(), st.floats(0.0, 40.0)),
        st.fixed_dictionaries({name: answers(of) for name, of in values.items()}),
        st.builds(ScriptedVoice, st.sampled_from([0.05, 0.3, 1.5]), st.sampled_from([8.0, 1.5])),
        st.lists(transfer, min_size=4, max_size=4),
        st.one_of(st.none(), st.tuples(st.floats(0.0, 60.0), st.floats(0.2, 8.0))),
        st.sampled_from([EPOCH, datetime(2026, 11, 25, 15, 0, tzinfo=UTC), datetime(2026, 11, 26, 15, 0, tzinfo=UTC)]),
    )


@cache
def plan_of(project: Path) -> CallPlan:
    """A plan of a project's start dialog, whose voice is scripted."""
    loaded = load(project, os.environ)
    return plan_calls(loaded, TWILIO, provider="scripted")


@dataclass
class Call:
    """One call that was driven to its end."""

    driver: Driver
    far: TwilioFarEnd
    trace: list[TraceEvent]

    @property
    def dead_air(self) -> list[DeadAir]:
        """Silence that nobody planned."""
        return dead_air(self.far.heard, self.trace)


def call(plan: CallPlan, caller: Caller) -> Call:
    """That caller's call."""
    far = TwilioFarEnd("MZ1", "CA1", {"from": "+15550100", "to": "+15550199"})
    driver = Driver(
        plan,
        TwilioCodec(),
        far,
        caller.voice,
        caller.lookups,
        transfers=caller.transfers,
        started_at=caller.at,
    )
    if caller.says is not None:
        driver.say(caller.says[0], speech(caller.says[1]))
    at = 0.0
    for wait, key in caller.presses:
        at += wait
        driver.at(at, lambda now, key=key: far.press(key, now))
    if caller.hangs_up is not None:
        driver.at(caller.hangs_up, far.hang_up)
    trace = driver.run(LONGEST)
    far.handle_timer(driver.now + 0.001)
    return Call(driver, far, trace)


def judge(made: Call) -> None:
    """It has ended with a reason, nobody waited in silence, nothing broke, and each state tells what led to it."""
    last = made.trace[-1]
    assert isinstance(last, CallEnded), f"it goes on after {LONGEST} s"
    assert last.reason
    assert [event for event in made.trace if isinstance(event, DialogFailed)] == []
    assert made.dead_air == []
    assert all(event.why for event in made.trace if isinstance(event, StateEntered))
