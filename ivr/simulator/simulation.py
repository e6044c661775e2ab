"""One call from its first message to its end, in virtual time: the very same ``Call`` that answers a real gateway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ivr.call.plan import CallPlan
from ivr.simulator.conditions import Conditions
from ivr.simulator.driver import Driver, SpeechDesk
from ivr.simulator.emulated import Emulated, Phone
from ivr.trace.events import CallEnded, TraceEvent

LONGEST = 1800.0
"""Virtual seconds after which a call that does not end is left."""


@dataclass(frozen=True, slots=True)
class Tracing:
    """What the trace of a call is to tell."""

    id: str = "sim"
    """What it calls the call."""
    record: bool = False
    """It tells what `ivr replay` needs as well."""


class Caller(Protocol):
    """Who telephones. Reacts to what happens by ``driver.at`` and ``driver.say``; never to what the runtime intends."""

    def begin(self, driver: Driver, phone: Phone) -> None:
        """The call is about to be made."""
        ...

    def see(self, event: TraceEvent, now: float) -> None:
        """Something happened in the call."""
        ...


@dataclass(frozen=True)
class Simulated:
    """What came of it."""

    trace: Sequence[TraceEvent]
    phone: Phone
    seconds: float
    """Virtual seconds until it ended."""

    @property
    def reason(self) -> str | None:
        """Why the call ended; None where it did not."""
        return next((event.reason for event in self.trace if isinstance(event, CallEnded)), None)


def simulate(
    plan: CallPlan,
    gateway: Emulated,
    conditions: Conditions,
    caller: Caller,
    parameters: Mapping[str, str],
    longest: float = LONGEST,
    *,
    audio: bool = True,
    record: bool = False,
) -> Simulated:
    """Make one call. ``plan`` is the project's for the gateway's capabilities; see ``plan_calls``. Without
    ``audio`` no sound of ours is put on the wire; the trace is the same, and what the phone heard is lengths.
    ``record``: the trace tells what `ivr replay` needs as well."""
    driver, phone = prepared(plan, gateway, conditions, caller, parameters, audio=audio, tracing=Tracing(record=record))
    driver.run(longest)
    return Simulated(driver.trace, phone, driver.now)


def prepared(
    plan: CallPlan,
    gateway: Emulated,
    conditions: Conditions,
    caller: Caller,
    parameters: Mapping[str, str],
    desk: SpeechDesk | None = None,
    *,
    audio: bool = True,
    tracing: Tracing = Tracing(),
) -> tuple[Driver, Phone]:
    """The call before its first message, for whoever drives several at once; ``desk`` and so on as in ``Driver``."""
    phone = gateway.far_end(parameters, conditions.network)
    driver = Driver(
        plan,
        gateway.codec(),
        phone,
        conditions.voice,
        conditions.lookups,
        caller.see,
        conditions.transfers,
        conditions.started_at,
        record=tracing.record,
        id=tracing.id,
        desk=desk,
        audio=audio,
    )
    caller.begin(driver, phone)
    return driver, phone
