"""What a run is given and what it gives: the load, the tally of all lines, and what the server used. Values."""

from __future__ import annotations

from dataclasses import dataclass, field

SECONDS = 10.0
"""How long a load is measured, where nothing else is said."""
CALL = 5.0
"""Seconds of a call, the same."""


@dataclass(frozen=True, slots=True)
class Load:
    """What to put on a server."""

    url: str
    lines: int
    seconds: float = SECONDS
    """How long it is measured, after every line was dialled."""
    call_seconds: float = CALL
    """Mean length of a call; one line's differ by a fifth."""
    keys: tuple[str, ...] = ()
    """What callers press; one of them at random."""
    settle: float = 1.0
    """Seconds that all lines run before they are measured."""
    seed: int = 1


@dataclass(slots=True)
class Tally:
    """What all lines saw. Lists of seconds; one entry for each event."""

    greeting: list[float] = field(default_factory=list)
    """``start`` sent to the first sound received."""
    clear: list[float] = field(default_factory=list)
    """Key sent, in the middle of words, to ``clear`` received."""
    prompt: list[float] = field(default_factory=list)
    """Key sent to the first sound of what follows it."""
    gaps: list[float] = field(default_factory=list)
    dialled: list[float] = field(default_factory=list)
    """When each call that was answered had been dialled, by ``ivr.capacity.line.clock``."""
    calls: int = 0
    """Calls that ended after they were answered."""
    connected: float = 0.0
    """Seconds of calls within the run."""
    pressed: int = 0
    """Keys."""
    unanswered: int = 0
    """Keys without an effect to the end of their call: its words may not be interrupted, or the server was too late."""
    refused: dict[str, int] = field(default_factory=dict)
    """Calls that were not answered, by what was said instead."""
    broken: dict[str, int] = field(default_factory=dict)
    """Calls that ended as neither side's script says, by what happened."""
    own: dict[str, int] = field(default_factory=dict)
    """Calls that the driver could not dial, for reasons of its own machine."""


@dataclass(slots=True)
class Board:
    """Where lines write: whoever holds it may put up another tally at any time."""

    tally: Tally = field(default_factory=Tally)


def count(counts: dict[str, int], what: str) -> None:
    """One more of ``what``."""
    counts[what] = counts.get(what, 0) + 1


@dataclass(frozen=True, slots=True)
class Usage:
    """What a server and all its children have used so far."""

    processor: float = 0.0
    """Seconds."""
    memory: int = 0
    """Bytes resident."""
    processes: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """What one run gave."""

    load: Load
    tally: Tally
    seconds: float
    late: tuple[float, ...]
    """Seconds by which each tick of the driver was late."""
    driver: float
    """Processor seconds of the driver in a second."""
    before: Usage
    after: Usage
