"""One row of the picture: some seconds of the call, with its axis, its flags and its two waveforms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from ivr.media.samples import Samples
from ivr.trace.events import BargedIn, CallEnded, DigitHeard, TraceEvent
from ivr.trace.jsonl import Mask
from ivr.trace.report import Turn
from ivr.trace.slack import Slack
from ivr.trace.stretches import Stretches
from ivr.trace.svg import Drawing, stacked, used, width

LEFT, PLOT, RIGHT = 96.0, 1284.0, 20.0
"""Widths: names of the lanes, seconds, margin."""

AXIS, FLAG, CALLER, OURS = 18.0, 17.0, 46.0, 76.0
"""Heights: the axis, each level of flags, the two waveforms."""

FLAG_LEVELS = 6
SMALL = 10.5
"""Pixels of the font of flags and labels."""

SOUNDLESS = "no recording of the call"

QUIET = 0.2
"""Peak below which a waveform is not made to fill its lane."""


@dataclass(frozen=True, slots=True)
class Page:
    """What every row shows a part of. Times in events, turns and stretches are of the call's clock."""

    events: Sequence[TraceEvent]
    turns: Sequence[Turn]
    found: Stretches
    caller: Samples
    ours: Samples
    rate: int
    offset: float
    """Seconds from the start of the sound, where the picture's axis begins, to the zero of the call's clock."""
    mask: Mask
    steps: int = 0
    """Steps of each waveform in one row; whoever draws the page decides them by its rows."""
    slacks: Sequence[Slack] = ()

    def shown(self, text: str, private: bool) -> str:
        """``text`` as strangers may see it."""
        return self.mask(text) if private else text


@dataclass(frozen=True, slots=True)
class Row:
    """``start`` to ``stop`` seconds of a page, on the axis of the picture."""

    page: Page
    to: Drawing
    start: float
    stop: float

    def x(self, at: float) -> float:
        """Where ``at``, of the call's clock, stands."""
        return LEFT + (at + self.page.offset - self.start) / (self.stop - self.start) * PLOT

    def holds(self, at: float) -> bool:
        """Whether ``at``, of the call's clock, is in this row."""
        return self.start <= at + self.page.offset < self.stop

    def clipped(self, start: float, stop: float) -> tuple[float, float] | None:
        """From where to where a stretch of the call's clock is seen here; None where it is not."""
        left, right = max(LEFT, self.x(start)), min(LEFT + PLOT, self.x(stop))
        return (left, right) if left < right else None

    def beside(self, x: float, room: float) -> float:
        """The left edge of a label ``room`` wide that is to begin at ``x`` and stay on the row."""
        return max(LEFT, min(x, LEFT + PLOT - room))


def axis(row: Row, y: float, bottom: float) -> None:
    """Seconds as numbers at ``y``, and as lines down to ``bottom``."""
    per_second = PLOT / (row.stop - row.start)
    step = next((step for step in (1, 2, 5, 10, 30) if step * per_second >= 40), 60)
    for second in range(ceil(row.start / step) * step, int(row.stop) + 1, step):
        x = row.x(second - row.page.offset)
        row.to.line(x, y + AXIS - 4, x, bottom, "grid")
        row.to.text(x, y + 10, f"{second} s", "tick")


@dataclass(frozen=True, slots=True)
class _Flag:
    at: float
    text: str
    style: str
    tip: str


def flags(row: Row, y: float) -> float:
    """Turns, interruptions and the end, as labels below ``y``. Returns their height."""
    placed = []
    for flag in _flags(row):
        room = width(flag.text, SMALL) + 12
        placed.append((row.beside(row.x(flag.at), room), room, flag))
    placed.sort(key=lambda place: place[2].at)
    levels = stacked([(left, left + room + 4) for left, room, _ in placed], FLAG_LEVELS)
    height = FLAG * used(levels)
    for (left, room, flag), level in zip(placed, levels, strict=True):
        x, top = row.x(flag.at), y + height - (0 if level is None else level + 1) * FLAG
        row.to.line(x, top, x, y + height + CALLER + OURS, f"pole {flag.style}", flag.tip)
        if level is None:
            continue
        row.to.rect(left, top, room, FLAG - 3, f"flag {flag.style}", flag.tip)
        row.to.text(left + 5, top + FLAG - 6.5, flag.text, "onflag", flag.tip)
    return height


def _flags(row: Row) -> list[_Flag]:
    found = []
    for turn in row.page.turns:
        if turn.ttfa is None:
            text = f"{turn.trigger}: nothing heard for it"
        else:
            text = f"{turn.trigger}: first audio {milliseconds(turn.ttfa)}, {turn.strategy}"
        states = f"; states: {', '.join(turn.states)}" if turn.states else ""
        tip = f"turn at {turn.at:.3f} s after {turn.trigger}{states}"
        found.append(_Flag(turn.at, text, "turn", f"{tip}; heard: {turn.heard}" if turn.heard else tip))
    for event in row.page.events:
        match event:
            case BargedIn(heard=heard, private=private, at=at, by=by):
                tip = f"interrupted at {at:.3f} s, after: {row.page.shown(heard, private)}"
                found.append(_Flag(at, "barge-in" if by == "digit" else f"barge-in by {by}", "barge", tip))
            case CallEnded(reason=reason, at=at):
                found.append(_Flag(at, f"end: {reason}", "end", f"the call ended at {at:.3f} s: {reason}"))
    return [flag for flag in found if row.holds(flag.at)]


def waveforms(row: Row, y: float) -> None:
    """The caller with the keys pressed, and what the caller hears below."""
    page = row.page
    row.to.text(LEFT - 8, y + CALLER / 2 + 4, "caller", "lane")
    for start, stop in page.found.listening:
        if (seen := row.clipped(start, stop)) is not None:
            tip = f"waits for a key from {start:.2f} s to {stop:.2f} s"
            row.to.rect(seen[0], y, seen[1] - seen[0], CALLER, "listening", tip)
    _wave(row, page.caller, y, CALLER, "caller")
    for event in page.events:
        if isinstance(event, DigitHeard) and row.holds(event.at):
            digit = page.shown(event.digit, event.private)
            row.to.circle(row.x(event.at), y + 10, 9, "key", f"key {digit} at {event.at:.3f} s")
            row.to.text(row.x(event.at), y + 14, digit, "onkey")
    y += CALLER
    row.to.text(LEFT - 8, y + OURS / 2 + 4, "caller hears", "lane")
    for bar in page.found.bars:
        if (seen := row.clipped(bar.start, bar.stop)) is not None:
            row.to.rect(seen[0], y + 2, seen[1] - seen[0], OURS - 2, f"tint {bar.strategy.value}")
    for turn in page.turns:
        if turn.ttfa is not None and (seen := row.clipped(turn.at, turn.at + turn.ttfa)) is not None:
            row.to.rect(seen[0], y, seen[1] - seen[0], OURS, "wait", f"first audio after {milliseconds(turn.ttfa)}")
    _wave(row, page.ours, y, OURS, "ours")
    if not len(page.ours) and not len(page.caller):
        row.to.text(LEFT + PLOT - width(SOUNDLESS, SMALL), y + 12, SOUNDLESS, "soundless")


def milliseconds(seconds: float) -> str:
    """For labels: whole milliseconds, or tenths of a few."""
    return f"{seconds * 1000:.{1 if seconds < 0.01 else 0}f} ms"


def _wave(row: Row, samples: Samples, y: float, height: float, style: str) -> None:
    """The least and the greatest sample of each step, as one outline."""
    edges = np.linspace(row.start, row.stop, row.page.steps + 1) * row.page.rate
    edges = np.clip(np.round(edges).astype(int), 0, len(samples))
    filled = int(np.count_nonzero(np.diff(edges)))
    middle, half = y + height / 2, height / 2 - 2
    row.to.line(LEFT, middle, LEFT + PLOT, middle, "middle")
    if not filled:
        return
    peak = max(QUIET, float(np.max(np.abs(samples))))
    sound = samples[: edges[filled]]
    high = middle - np.maximum.reduceat(sound, edges[:filled]) / peak * half - 0.3
    low = middle - np.minimum.reduceat(sound, edges[:filled]) / peak * half + 0.3
    step = PLOT / row.page.steps
    outline = [(LEFT + (column + 0.5) * step, float(high[column])) for column in range(filled)]
    outline += [(LEFT + (column + 0.5) * step, float(low[column])) for column in reversed(range(filled))]
    row.to.path(_thinned(outline), style)


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Without the points inside a level stretch: most of a call is silence on one side."""
    heights = [round(y, 1) for _, y in points]
    ends = {0, len(points) - 1}
    return [
        point
        for index, point in enumerate(points)
        if index in ends or not heights[index - 1] == heights[index] == heights[index + 1]
    ]
