"""A scenario as values: what the caller does and expects, what the call comes by, and what must hold for all of it.

Durations are seconds. ``line`` is that of the scenario's file; 0 where a step was written in Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ivr.catalog.party import TransferOutcome
from ivr.media.samples import Samples
from ivr.simulator.driver import Answer
from ivr.testing.voices import ScriptedVoice
from ivr.trace.sound import Strategy

WITHIN = 20.0
"""Seconds in which what a step waits for must begin, where it does not say otherwise."""


@dataclass(frozen=True, slots=True)
class Hear:
    """Words must begin to sound in time; the step ends when the caller has heard them."""

    text: str | None = None
    """Words that follow each other; case, punctuation and covers between them do not count."""
    phrase: str | None = None
    """Or a phrase of the project, in any of its locales and with any values in its slots."""
    strategy: Strategy | None = None
    """How some of it was voiced; alone: any sound that was voiced so."""
    within: float = WITHIN
    """From the beginning of the step."""
    not_before: float = 0.0
    line: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """Time passes."""

    seconds: float
    line: int = 0


@dataclass(frozen=True, slots=True)
class Press:
    """Keys, one after the other."""

    keys: str
    held: float = 0.1
    """Of each key."""
    gap: float = 0.1
    """Between two keys."""
    line: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Speak:
    """The caller says something; the step ends when it was said."""

    samples: Samples
    rate: int
    name: str = ""
    """For people."""
    line: int = 0


@dataclass(frozen=True, slots=True)
class HangUp:
    """The caller hangs up."""

    after: float = 0.0
    """Since the beginning of the step."""
    at: float | None = None
    """Since the beginning of the call instead."""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Silent:
    """The caller stays silent until the dialog has noticed it so many times."""

    times: int = 1
    within: float = 120.0
    line: int = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """The other side ends the call."""

    within: float = WITHIN
    line: int = 0


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Something that the caller does into words, at one of three moments."""

    action: Press | Speak | HangUp
    at: str | None = None
    """When these words begin to sound."""
    after: float | None = None
    """So long after the next words began, or those that sound now."""
    sent: str | None = None
    """When the first sound of this phrase was sent, and before it is heard."""
    stops: bool = True
    """Whether the words must stop."""
    within: float = WITHIN
    """In which the moment must come."""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Xoff:
    """An Asterisk says XOFF now, and XON so much later: it takes no sound meanwhile. The step ends at once."""

    seconds: float
    line: int = 0


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same steps again and again."""

    times: int
    steps: tuple[Step, ...]
    line: int = 0


Step = Hear | Wait | Press | Speak | HangUp | Silent | Ended | Interrupt | Xoff | Repeat


def count(steps: Iterable[Step]) -> int:
    """How many there are when each loop is gone through."""
    return sum(step.times * count(step.steps) if isinstance(step, Repeat) else 1 for step in steps)


@dataclass(frozen=True, slots=True)
class Expect:
    """What must hold for the whole call; None: anything may."""

    states: tuple[str, ...] = ()
    """Visited in this order; others may stand between."""
    never: tuple[str, ...] = ()
    """States that are not visited."""
    digits: str | None = None
    """All keys that reached the dialog."""
    ttfa: float | None = None
    """The most of every turn."""
    dead_air: float | None = 0.2
    """Silence that nobody planned counts above this; None: it is not judged."""
    strategies: tuple[Strategy, ...] = ()
    """Each was used."""
    without: tuple[Strategy, ...] = ()
    """None was used."""
    characters: int | None = None
    """The most that is given to a voice while the call runs."""
    cost: float | None = None
    """The most that is paid for it, in the money of the profile's price."""
    outcome: str | None = None
    """Words of the reason why the call ended."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """By the name of a field, where it stands."""


@dataclass(frozen=True, slots=True)
class Line:
    """The way to the caller; what a gateway cannot have is an error of the file."""

    gateway: str = "twilio"
    """One of ``EMULATED``."""
    out: float = 0.0
    """From the runtime to the gateway."""
    back: float = 0.0
    jitter: float = 0.0
    """The mean of what is added to either way, exponential."""
    loss: float = 0.0
    """The part of the caller's sound that is lost, 0 to 1."""
    queue: float | None = None
    """Sound that the gateway keeps; what comes beyond it is dropped."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One caller, and what surrounds the call."""

    name: str
    steps: tuple[Step, ...]
    expect: Expect = Expect()
    line: Line | None = None
    """None: what the conditions say, over Twilio."""
    caller: str = "+15550100"
    called: str = "+15550199"
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What else the stream begins with."""
    lookups: Mapping[str, tuple[Answer, ...]] = field(default_factory=dict)
    """By name, one for each time in turn; the last one stays."""
    transfers: tuple[tuple[float, TransferOutcome | str], ...] | None = None
    """See ``Driver.transfers``; None: as the conditions say."""
    voice: ScriptedVoice | None = None
    started_at: datetime | None = None
    """With its zone; None: as the conditions say."""
    hangs_up: float | None = None
    """When the caller hangs up, whatever the step; those not reached then are no failures."""
    file: str = ""
    row: Mapping[str, Any] = field(default_factory=dict)
    """Of the table that it was filled in from."""
