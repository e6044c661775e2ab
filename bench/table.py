"""The figures to hold, with what was seen of each and its ratio to the floor."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import NoReturn

from rich.console import Console
from rich.table import Table

from bench.rounds import Cell, limit, series
from ivr.capacity.figures import Figures

Read = Callable[[Figures], float | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; ``hold`` and ``aim`` are the most that it may be, now and in the end, None where nothing is asked."""

    what: str
    unit: str
    hold: float | None
    seen: float | None
    floor: float | None = None
    aim: float | None = None
    valid: bool = True

    @property
    def ratio(self) -> float | None:
        """To the floor."""
        return self.seen / self.floor if self.seen is not None and self.floor else None

    @property
    def outcome(self) -> str:
        """In a word."""
        if not self.valid:
            return "void"
        if self.seen is None:
            return "not seen"
        return "" if self.hold is None else "ok" if self.seen <= self.hold else "over"


def greeting(percent: int) -> Read:
    return lambda seen: _ms(seen.greeting.get(percent))


def clear(percent: int) -> Read:
    return lambda seen: _ms(seen.clear.get(percent))


def prompt(percent: int) -> Read:
    return lambda seen: _ms(seen.prompt.get(percent))


def _kilobytes(seen: Figures) -> float:
    return seen.memory_per_call / 1000


def rows(cells: Sequence[Cell]) -> list[Row]:
    """Everything that the rounds tell."""
    found: list[Row] = []
    for lines in sorted({cell.figures.lines for cell in cells}):
        found += _one(cells) if lines == 1 else _many(cells, lines)
    return found


def _one(cells: Sequence[Cell]) -> list[Row]:
    return [
        _row(cells, 1, "answer → greeting, p50", "ms", greeting(50)),
        _row(cells, 1, "answer → greeting, p99", "ms", greeting(99), hold=2.0, aim=2.0),
        _row(cells, 1, "digit → clear, p99", "ms", clear(99), hold=5.0, aim=5.0),
        _row(cells, 1, "digit → next prompt, p99", "ms", prompt(99), hold=10.0, aim=10.0),
    ]


def _many(cells: Sequence[Cell], lines: int) -> list[Row]:
    ours, floor = series(cells, "ours", lines), series(cells, "floor", lines)
    where = f"{lines} lines: "
    gaps = Row(
        where + "gaps, all rounds",
        "",
        0,
        ours.total(lambda seen: seen.gaps),
        floor.total(lambda seen: seen.gaps),
        0,
        ours.valid,
    )
    lost = ours.total(lambda seen: sum(seen.broken.values()) + sum(seen.refused.values()))
    return [
        gaps,
        Row(where + "calls refused or broken", "", 0, lost, None, 0, ours.valid),
        _row(cells, lines, where + "answer → greeting, p50", "ms", greeting(50)),
        _row(cells, lines, where + "answer → greeting, p99", "ms", greeting(99), hold=limit(lines) * 1000, aim=10.0),
        _row(cells, lines, where + "digit → clear, p99", "ms", clear(99), hold=10.0 if lines <= 100 else None, aim=5.0),
        _row(
            cells,
            lines,
            where + "digit → next prompt, p99",
            "ms",
            prompt(99),
            hold=15.0 if lines <= 100 else None,
            aim=10.0,
        ),
        _row(
            cells,
            lines,
            where + "processor per call-minute",
            "s",
            lambda seen: seen.per_call_minute,
            hold=0.25,
            aim=0.15,
        ),
        Row(where + "memory per call", "kB", 100, ours.median(_kilobytes), None, 100, ours.valid),
    ]


def _row(
    cells: Sequence[Cell],
    lines: int,
    what: str,
    unit: str,
    read: Read,
    *,
    hold: float | None = None,
    aim: float | None = None,
) -> Row:
    ours = series(cells, "ours", lines)
    floor = series(cells, "floor", lines).median(read)
    return Row(what, unit, hold, ours.median(read), floor, aim, ours.valid)


def judged(rows: Sequence[Row]) -> tuple[int, str]:
    """The status of the command, and why: 0 where everything holds, 1 for what is over, 3 for what is not known."""
    held = [row for row in rows if row.hold is not None]
    over = [f"{row.what} ({_figure(row.seen)}, to hold {row.hold:g})" for row in held if row.outcome == "over"]
    unknown = [row.what for row in held if row.outcome in ("void", "not seen")]
    if not held:
        unknown = ["nothing was measured"]
    said = [f"{what}: {'; '.join(these)}" for what, these in (("over", over), ("not known", unknown)) if these]
    return 1 if over else 3 if unknown else 0, ". ".join(said)


def show(rows: Sequence[Row], title: str) -> None:
    """As a table for people."""
    table = Table(title=title, title_justify="left")
    for column in ("what", "hold", "aim", "seen", "floor", "ratio", ""):
        table.add_column(column, justify="left" if column in ("what", "") else "right", no_wrap=True)
    for row in rows:
        bounds = (f"≤ {bound:g}" if bound is not None else "" for bound in (row.hold, row.aim))
        seen = (_figure(row.seen), _figure(row.floor), f"{row.ratio:.1f} ×" if row.ratio is not None else "")
        table.add_row(f"{row.what}{', ' if row.unit else ''}{row.unit}", *bounds, *seen, row.outcome)
    Console(highlight=False, width=120).print(table)


def _figure(value: float | None) -> str:
    return "" if value is None else str(value) if isinstance(value, int) else f"{value:.3f}"


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000


def tell(rows: Sequence[Row], title: str, *, as_json: bool) -> NoReturn:
    """Print them, for people or as JSON, and leave with their status; see ``judged``."""
    if as_json:
        print(json.dumps({"title": title, "rows": [asdict(row) | {"outcome": row.outcome} for row in rows]}, indent=2))
    else:
        show(rows, title)
    status, why = judged(rows)
    if why:
        print(f"bench: exit status {status}: {why}", file=sys.stderr)
    sys.exit(status)
