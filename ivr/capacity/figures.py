"""A run in figures, and whether it counts at all. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ivr.capacity.run import Run, Usage
from ivr.trace.report import percentiles

LATE = 0.005
"""Seconds of lateness, 99th percentile, beyond which the driver no longer tells the server's lateness from its own."""

FULL = 0.9
"""Processor seconds a second from which the driver is at its own limit: it runs on one core."""

IDLE = 0.6
"""Processor seconds a second below which lateness is not the driver's own work."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds, unless a field says otherwise; percentiles by their number, empty where nothing was seen."""

    lines: int
    seconds: float
    calls: int
    greeting: Mapping[int, float]
    """The answer to the first sound."""
    clear: Mapping[int, float]
    prompt: Mapping[int, float]
    """A key to the first sound of what follows."""
    gaps: int
    worst_gap: float
    pressed: int
    unanswered: int
    refused: Mapping[str, int]
    broken: Mapping[str, int]
    processor: float
    """Cores' worth, of the server and all its children."""
    per_call_minute: float
    """Processor seconds."""
    memory_per_call: float
    """Bytes over the idle server, a line."""
    memory: int
    """Bytes of the server and all its children at the end."""
    processes: int
    driver: float
    """Cores' worth of the driver."""
    driver_late: float
    """99th percentile of how late it was."""
    void: str | None
    """Why this run counts for nothing; None where it does."""
    only_late: bool = False
    """It is void for the driver's lateness alone, which makes a server look worse than it is and never better."""

    @property
    def ttfa(self) -> float | None:
        """99th percentile of what callers waited for words, over greetings and prompts; the worse of the two."""
        return max((each[99] for each in (self.greeting, self.prompt) if each), default=None)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; percentiles are named ``p50`` and ``p99``."""
        plain = asdict(self)
        for name in ("greeting", "clear", "prompt"):
            plain[name] = {f"p{percent}": round(value, 6) for percent, value in plain[name].items()}
        return {name: round(value, 6) if isinstance(value, float) else value for name, value in plain.items()}


def figures(run: Run, idle: Usage) -> Figures:
    """``idle``: what the server used before the first of the lines."""
    tally = run.tally
    used = run.after.processor - run.before.processor
    late = percentiles(run.late, (99,)).get(99, 0.0)
    return Figures(
        lines=run.load.lines,
        seconds=run.seconds,
        calls=tally.calls,
        greeting=percentiles(tally.greeting, (50, 99)),
        clear=percentiles(tally.clear, (50, 99)),
        prompt=percentiles(tally.prompt, (50, 99)),
        gaps=len(tally.gaps),
        worst_gap=max(tally.gaps, default=0.0),
        pressed=tally.pressed,
        unanswered=tally.unanswered,
        refused=dict(tally.refused),
        broken=dict(tally.broken),
        processor=used / run.seconds,
        per_call_minute=60 * used / tally.connected if tally.connected > 0 else 0.0,
        memory_per_call=(run.after.memory - idle.memory) / run.load.lines,
        memory=run.after.memory,
        processes=run.after.processes,
        driver=run.driver,
        driver_late=late,
        void=_failed(run) or _late(run, late),
        only_late=_failed(run) is None and late > LATE,
    )


def _failed(run: Run) -> str | None:
    if run.tally.own:
        why, times = max(run.tally.own.items(), key=lambda each: each[1])
        return f"the driver could not dial {sum(run.tally.own.values())} calls ({why}, {times} times)"
    if run.driver >= FULL:
        return f"the driver's own core was {run.driver:.0%} busy"
    return None


def _late(run: Run, late: float) -> str | None:
    if late <= LATE:
        return None
    said = f"the driver was {late * 1000:.1f} ms late itself (99th percentile; {LATE * 1000:g} ms are allowed)"
    if run.driver < IDLE:
        said += f", and yet used only {run.driver:.0%} of a core: others keep this machine busy"
    return said
