"""A chart of lines against time to first audio and processor, ours and the floor, as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10

from bench.rounds import Cell, series
from bench.table import Read, greeting
from ivr.trace.svg import Drawing

WIDTH, PANEL, LEFT, TOP, BETWEEN = 760.0, 240.0, 70.0, 40.0, 70.0
RIGHT = 150.0
"""Pixels; the right margin carries the names of the lines."""
STYLES = (
    "text{font:12px sans-serif;fill:#333}.title{font-weight:bold}.tick{text-anchor:end}.lines{text-anchor:middle}"
    ".grid{stroke:#ddd}.axis{stroke:#333}.ours{stroke:#0b6;stroke-width:2}.floor{stroke:#888;stroke-width:2}"
    ".hold{stroke:#c33;stroke-dasharray:5 4}.dot-ours{fill:#0b6}.dot-floor{fill:#888}"
    ".faint{stroke-dasharray:2 3}rect{fill:#fff}"
)


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a panel."""

    name: str
    style: str
    points: tuple[tuple[float, float], ...]
    faint: bool = False


def chart(cells: Sequence[Cell], title: str) -> str:
    """The whole document. Void rounds are left out where others count."""
    lines = sorted({cell.figures.lines for cell in cells if cell.figures.lines > 1})
    times = [
        _curve(cells, server, lines, f"{server} p{percent}", greeting(percent), faint=percent == 50)
        for server in ("ours", "floor")
        for percent in (50, 99)
    ]
    processor = [
        _curve(cells, server, lines, server, lambda seen: seen.per_call_minute) for server in ("ours", "floor")
    ]
    drawing = Drawing()
    height = TOP + 2 * PANEL + 2 * BETWEEN
    drawing.rect(0, 0, WIDTH, height, "ground")
    _panel(drawing, TOP, "answer → first audio, ms", times, lines, hold=10.0)
    _panel(
        drawing, TOP + PANEL + BETWEEN, "processor-seconds per call-minute, all processes", processor, lines, hold=0.25
    )
    return drawing.document(WIDTH, height, title, STYLES)


def _curve(
    cells: Sequence[Cell], server: str, lines: Sequence[int], name: str, read: Read, *, faint: bool = False
) -> Curve:
    seen = ((each, series(cells, server, each).median(read)) for each in lines)
    return Curve(name, server, tuple((float(each), value) for each, value in seen if value is not None), faint)


def _panel(
    drawing: Drawing, top: float, title: str, curves: Sequence[Curve], lines: Sequence[int], *, hold: float
) -> None:
    most = max([hold, *(y for curve in curves for _, y in curve.points)]) * 1.1
    apart = _round(most / 5)
    right, bottom, far = WIDTH - RIGHT, top + PANEL, max(lines, default=1)

    def place(x: float, y: float) -> tuple[float, float]:
        return LEFT + (right - LEFT) * x / far, bottom - PANEL * y / most

    drawing.text(LEFT, top - 12, title, "title")
    for number in range(int(most / apart) + 1):
        _, y = place(0, apart * number)
        drawing.line(LEFT, y, right, y, "axis" if number == 0 else "grid")
        drawing.text(LEFT - 8, y + 4, f"{apart * number:g}", "tick")
    for each in lines:
        x, _ = place(each, 0)
        drawing.text(x, bottom + 18, str(each), "lines")
    drawing.text(LEFT, bottom + 36, "lines", "name")
    _, y = place(0, hold)
    drawing.line(LEFT, y, right, y, "hold", f"to hold: {hold:g}")
    labels: list[float] = []
    for curve in sorted(curves, key=lambda each: each.points[-1][1] if each.points else 0.0):
        placed = [place(*point) for point in curve.points]
        for (x1, y1), (x2, y2) in pairwise(placed):
            drawing.line(x1, y1, x2, y2, f"{curve.style} faint" if curve.faint else curve.style)
        for (x, y), (_, value) in zip(placed, curve.points, strict=True):
            drawing.circle(x, y, 3.5, f"dot-{curve.style}", f"{curve.name}: {value:.3f}")
        if placed:
            labels.append(min([placed[-1][1] + 4, *(label - 14 for label in labels)]))
            drawing.text(right + 10, labels[-1], curve.name, "name")


def _round(step: float) -> float:
    """The next 1, 2 or 5 of a power of ten."""
    power = 10.0 ** floor(log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step)
