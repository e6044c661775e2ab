"""A call as a picture: who sounded when, what was said how, where it was joined, and what was waited for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from ivr.media.private import stand_in
from ivr.media.samples import Samples
from ivr.trace import lanes, row
from ivr.trace.events import TraceEvent
from ivr.trace.jsonl import Mask
from ivr.trace.report import Percentiles, Summary, summary, turns
from ivr.trace.row import LEFT, PLOT, RIGHT, Page, Row, milliseconds
from ivr.trace.slack import slacks
from ivr.trace.sound import Strategy
from ivr.trace.stretches import stretches
from ivr.trace.svg import Drawing, width

SECONDS, ROWS = 16, 30
"""A row shows about so many seconds at most, unless that makes more than so many rows."""

STEPS = 2000
"""Steps of each waveform in the whole picture, where that is not too few for a row: keeps a minute under 300 kB."""

COLOURS = {
    Strategy.CLIP: ("#cfe3f5", "#2f6da6"),
    Strategy.CACHED: ("#cdebe4", "#1d7f6b"),
    Strategy.FRAGMENTS: ("#e0d6f2", "#6b4fa3"),
    Strategy.STREAM: ("#ffdcb0", "#c96a00"),
    Strategy.FILLER: ("#fff1a8", "#a08400"),
    Strategy.HOLD: ("#e9e2d2", "#86754c"),
    Strategy.STILL: ("#f5e6a3", "#94790f"),
    Strategy.FALLBACK: ("#f8cdd2", "#b3263a"),
    Strategy.SILENCE: ("#f6f6f6", "#bdbdbd"),
}
"""Fill and edge of the bars."""

STYLES = (
    "text{font-family:'Helvetica Neue',Arial,'DejaVu Sans',sans-serif;font-size:10.5px;fill:#222}"
    ".page{fill:#fff}.title{font-size:19px;font-weight:bold}.total{font-size:12.5px}.legend{font-size:11px}"
    ".lane{text-anchor:end;font-size:11px;fill:#555}.tick{text-anchor:middle;fill:#777}"
    ".grid{stroke:#e6e6e6}.middle{stroke:#d0d0d0}.caller{fill:#8e3a8e}.ours{fill:#3c4a5a}"
    ".listening{fill:#e8f5e4}.wait{fill:#ffd54d;fill-opacity:.6}"
    ".key{fill:#8e3a8e}.onkey{fill:#fff;text-anchor:middle;font-weight:bold;font-size:12px}"
    ".pole{stroke-width:1.2}.flag{stroke:none}.onflag{fill:#fff}"
    ".pole.turn{stroke:#1f5fbf}.flag.turn{fill:#1f5fbf}"
    ".pole.barge{stroke:#c2185b;stroke-dasharray:4 3}.flag.barge{fill:#c2185b}"
    ".pole.end{stroke:#666}.flag.end{fill:#666}"
    ".soundless{fill:#888;font-style:italic}.state{fill:#eceff3;stroke:#c3cad3;stroke-width:.8}.onstate{fill:#444}"
    ".slack{fill:#a9d5b4;fill-opacity:.8}.slack.low{fill:#efc0c4}"
    ".left.good{fill:#2e7d32}.left.bad{fill:#d50000;font-weight:bold}"
    ".dot{stroke:#fff;stroke-width:.6}.dot.good{fill:#2e7d32}.dot.bad{fill:#d50000}"
    ".bar{stroke-width:1}.silence{stroke-dasharray:3 2}"
    ".seam{stroke-width:1.6}.seam.good{stroke:#2e7d32}.seam.bad{stroke:#d50000}"
    ".figures.good{fill:#2e7d32}.figures.bad{fill:#d50000;font-weight:bold}"
    ".work.lookup{fill:#5b8def}.work.synthesis{fill:#e08a1e}.work.bad{stroke:#d50000;stroke-width:1.5}.first{fill:#222}"
    + "".join(f".{strategy.value}{{fill:{fill};stroke:{edge}}}" for strategy, (fill, edge) in COLOURS.items())
    + ".tint{fill-opacity:.5;stroke:none}"
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture, and where on it each row shows its seconds."""

    svg: str
    rows: tuple[tuple[float, float, float, float], ...]
    """First and last second, counted from the picture's beginning; upper and lower edge, pixels."""


def picture(
    events: Sequence[TraceEvent],
    caller: Samples,
    ours: Samples,
    rate: int,
    *,
    title: str,
    offset: float = 0.0,
    mask: Mask = stand_in,
) -> str:
    """An SVG of its own, without scripts or fonts from elsewhere; rows of some seconds, one under the other.

    ``caller`` and ``ours`` are the two sides as the far end had them, from the same instant on and at ``rate`` Hz,
    which is that of the events' positions too; ``offset`` is the seconds from that instant to zero of the events'
    clock. Personal texts and digits are drawn as ``mask`` makes them.
    """
    found, called = stretches(events, rate), turns(events, mask)
    sound = (np.nan_to_num(caller), np.nan_to_num(ours))
    page = Page(events, called, found, *sound, rate, offset, mask, slacks=slacks(events, found.bars))
    return draw(page, title, STYLES).svg


def draw(page: Page, title: str, styles: str) -> Drawn:
    """``page`` as a file of its own, or without ``styles`` as a part of another that has them and a heading."""
    last = max((event.at for event in page.events), default=0.0) + page.offset
    total = max(1.0, len(page.caller) / page.rate, len(page.ours) / page.rate, last)
    rows = min(ROWS, ceil(total / SECONDS))
    seconds = ceil(total / rows + 1e-3)
    rows = ceil(total / seconds + 1e-6)
    page = replace(page, steps=max(200, min(520, STEPS // rows)))
    sheet = Drawing()
    y = _head(sheet, page, title if styles else "")
    places = []
    for index in range(rows):
        start, stop, top = index * seconds, (index + 1) * seconds, y
        y = _row(page, sheet, start, stop, top)
        places.append((float(start), float(stop), top, y))
        y += 14
    full = LEFT + PLOT + RIGHT
    whole = Drawing()
    whole.rect(0, 0, full, y, "page")
    whole.add(sheet)
    return Drawn(whole.document(full, y, title, styles), tuple(places))


def _row(page: Page, sheet: Drawing, start: float, stop: float, y: float) -> float:
    """Returns where the row ends."""
    content = Drawing()
    here = Row(page, content, start, stop)
    below = y + row.AXIS
    below += row.flags(here, below) + 2
    row.waveforms(here, below)
    below += row.CALLER + row.OURS
    below += lanes.segments(here, below)
    below += lanes.seams(here, below)
    below += lanes.slack(here, below)
    below += lanes.states(here, below)
    below += lanes.work(here, below, "lookup", "lookups")
    below += lanes.work(here, below, "synthesis", "syntheses")
    row.axis(Row(page, sheet, start, stop), y, below)
    sheet.add(content)
    return below


def _head(to: Drawing, page: Page, title: str) -> float:
    """Title, if any, figures and legend. Returns where they end."""
    y = 20.0
    if title:
        to.text(16, 28, title, "title")
        y = 50.0
    for index, line in enumerate(figures(summary(page.turns))):
        to.text(16, y + 18 * index, line, "total")
    _legend(to, page, y + 34)
    return y + 54


def figures(total: Summary) -> tuple[str, str]:
    """The line of the first audio and the line of the seams."""
    first = _percentiles(total.ttfa) or "none"
    joined = sum(of.count for of in total.seams.values())
    turned = f"{total.turns} turn{'' if total.turns == 1 else 's'}"
    covers = ", ".join(f"{count} × {name}" for name, count in total.covers.items() if count) or "none"
    worst = ""
    if joined:
        step = "" if total.worst_level_step is None else f", level step {lanes.signed(total.worst_level_step)} LU"
        worst = f"; worst gap {total.worst_gap} samples{step}, jump {total.worst_jump:.2f}"
    return (
        f"time to first audio over {turned}: {first}",
        f"{joined} seam{'' if joined == 1 else 's'}{worst}; covers: {covers}",
    )


def _percentiles(values: Percentiles) -> str:
    return " · ".join(f"p{percent} {milliseconds(value)}" for percent, value in values.items())


def _legend(to: Drawing, page: Page, y: float) -> None:
    x = 16.0
    used = {bar.strategy for bar in page.found.bars}
    swatches = [(f"bar {strategy.value}", strategy.value) for strategy in Strategy if strategy in used]
    swatches += [("listening", "waits for a key"), ("wait", "trigger to first audio")]
    swatches += [("work lookup", "lookup"), ("work synthesis", "synthesis"), ("first", "its first audio")]
    swatches += [("slack", "slack until live words came")] if page.slacks else []
    for style, name in swatches:
        wide = 2.0 if style == "first" else 16.0
        to.rect(x, y + 3 if "work" in style else y, wide, 5 if "work" in style else 11, style)
        to.text(x + wide + 5, y + 9.5, name, "legend")
        x += wide + width(name, 11) + 20
    for style, name in (("good", "seam: gap in samples, level step"), ("bad", "audible seam")):
        to.line(x + 1, y - 1, x + 1, y + 12, f"seam {style}")
        to.text(x + 7, y + 9.5, name, "legend")
        x += width(name, 11) + 22
