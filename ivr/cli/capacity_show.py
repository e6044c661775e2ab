"""What ``ivr capacity`` prints: a line for each step, a table, and the same as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from ivr.capacity.figures import Figures
from ivr.capacity.search import Search, Verdict

COLUMNS = (
    "lines",
    "calls",
    "greeting p99",
    "clear p99",
    "prompt p99",
    "gaps",
    "processor",
    "s/call-min",
    "kB/call",
    "",
)


def told(seen: Figures, judged: Verdict) -> str:
    """One line of progress."""
    return f"{seen.lines:5d} lines: {_outcome(judged)}"


def show(steps: Sequence[tuple[Figures, Verdict]], said: str) -> None:
    """The table of all steps, and the sentence."""
    table = Table(
        title="to greeting, clear, next prompt: p99, ms; processor: cores, and seconds a call-minute; kB a call",
        title_justify="left",
    )
    for column in COLUMNS:
        table.add_column(column, justify="right" if column else "left")
    for seen, judged in sorted(steps, key=lambda each: each[0].lines):
        table.add_row(
            str(seen.lines),
            str(seen.calls),
            *(_ms(each) for each in (seen.greeting, seen.clear, seen.prompt)),
            str(seen.gaps),
            f"{seen.processor:.2f}",
            f"{seen.per_call_minute:.3f}",
            f"{seen.memory_per_call / 1000:.0f}",
            "holds" if judged.holds else "void" if judged.void is not None else judged.reasons[0].partition(":")[0],
        )
    Console(highlight=False).print(table)
    print(said)


def as_json(steps: Sequence[tuple[Figures, Verdict]], search: Search, said: str) -> Mapping[str, Any]:
    """The whole answer."""
    return {
        "holds": search.holds,
        "gives": list(search.gives.reasons) if search.gives is not None else None,
        "gives_at": search.gives.lines if search.gives is not None else None,
        "void": search.void.void if search.void is not None else None,
        "said": said,
        "steps": [{**seen.as_dict(), "holds": judged.holds, "reasons": list(judged.reasons)} for seen, judged in steps],
    }


def _outcome(judged: Verdict) -> str:
    if judged.void is not None:
        return f"void, {judged.void}"
    return "holds" if judged.holds else f"gives: {'; '.join(judged.reasons)}"


def _ms(percentiles: Mapping[int, float]) -> str:
    return f"{percentiles[99] * 1000:.1f}" if percentiles else "–"
