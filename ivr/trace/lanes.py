"""The lanes below the waveforms: segments, the seams between them, and the lookups and syntheses behind them."""

from __future__ import annotations

from ivr.trace.row import LEFT, PLOT, SMALL, Row
from ivr.trace.sound import SeamJoined, Strategy
from ivr.trace.stretches import Bar, Work
from ivr.trace.svg import fitted, stacked, staggered, used, width, wrapped

STATE, BAR, SEAM, SLACK, WORK = 17.0, 36.0, 14.0, 44.0, 22.0
"""Heights: of states; of segments; of each level of seams; of the slack; of each level of work."""

SEAM_LEVELS, WORK_LEVELS = 6, 6
"""Labels that find no room on so many levels are left out; their tooltips stay."""

LOUD, CLICK = 1.0, 1.0
"""A level step (LU) and a jump ratio above these are heard as such."""

BOLD = 1.15
"""Times the width of plain letters."""

LABEL = 52
"""Most letters of a text beside a lookup or a synthesis."""


def states(row: Row, y: float) -> float:
    """What the dialog was doing, ahead of the words that it enqueued. Returns their height."""
    here = [(stay, seen) for stay in row.page.found.stays if (seen := row.clipped(stay.start, stay.stop)) is not None]
    if not here:
        return 0.0
    row.to.text(LEFT - 8, y + 12, "state", "lane")
    for stay, (left, right) in here:
        why = f", by {stay.why}" if stay.why else ""
        tip = f"state {stay.state} from {stay.start:.3f} s to {stay.stop:.3f} s{why}"
        row.to.rect(left, y + 2, right - left, STATE - 5, "state", tip)
        if label := fitted(stay.state, SMALL, right - left - 6):
            row.to.text(left + 4, y + 12, label, "onstate", tip)
    return STATE


def segments(row: Row, y: float) -> float:
    """Bars in the colours of their strategies. Returns their height."""
    row.to.text(LEFT - 8, y + BAR / 2 + 4, "segments", "lane")
    for bar in row.page.found.bars:
        seen = row.clipped(bar.start, bar.stop)
        if seen is None:
            continue
        left, right = seen
        text = row.page.shown(bar.text, bar.private) or bar.strategy.value
        tip = f"{bar.strategy.value} {bar.segment}, {bar.start:.3f} s to {bar.stop:.3f} s: {text}"
        row.to.rect(left, y + 2, right - left, BAR - 4, f"bar {bar.strategy.value}", tip)
        if bar.strategy is Strategy.SILENCE:
            continue
        lines = wrapped(_continued(row, bar, text), SMALL, right - left - 8, 2)
        first = y + 26 - 6 * len(lines)
        for index, label in enumerate(lines):
            row.to.text(left + 4, first + 12 * index, label, "onbar", tip)
    return BAR


def _continued(row: Row, bar: Bar, text: str) -> str:
    return text if row.holds(bar.start) else f"… {text}"


def seams(row: Row, y: float) -> float:
    """Ticks through the bars above ``y``, with their figures below it. Returns their height."""
    here = [joint for joint in row.page.found.joints if row.holds(joint.at)]
    if not here:
        return 4.0
    row.to.text(LEFT - 8, y + 11, "seams", "lane")
    labels = []
    for joint in here:
        bad = audible(joint.seam)
        label, x = figures(joint.seam), row.x(joint.at)
        room = width(label, SMALL * (BOLD if bad else 1.0)) + 6
        left = x + 3 if x + room <= LEFT + PLOT else x - room + 3
        labels.append((x, left, left + room, label, "bad" if bad else "good", _tip(joint.seam)))
    levels = stacked([(min(x, left), right) for x, left, right, *_ in labels], SEAM_LEVELS)
    for (x, left, _, label, style, tip), level in zip(labels, levels, strict=True):
        bottom = y if level is None else y + (level + 1) * SEAM
        row.to.line(x, y - BAR - 2, x, bottom - 2, f"seam {style}", tip)
        if level is not None:
            row.to.text(left, bottom - 3, label, f"figures {style}", tip)
    return used(levels) * SEAM + 4


def audible(seam: SeamJoined) -> bool:
    """Whether a caller may hear that two pieces were joined there."""
    return seam.gap > 0 or seam.jump > CLICK or (seam.level_step is not None and abs(seam.level_step) > LOUD)


def figures(seam: SeamJoined) -> str:
    """The seam in a few letters."""
    parts = [f"gap {seam.gap}"]
    if seam.level_step is not None:
        parts.append(f"{signed(seam.level_step)} LU")
    if seam.jump > CLICK:
        parts.append(f"jump {seam.jump:.1f}")
    return " · ".join(parts)


def signed(number: float) -> str:
    """With its sign and one digit behind the point; nothing is +0.0."""
    return f"{round(number, 1) + 0.0:+.1f}".replace("-", "−")


def _tip(seam: SeamJoined) -> str:
    step = "unknown" if seam.level_step is None else f"{seam.level_step:+.2f} LU"
    slack = "" if seam.slack is None else f", live audio {seam.slack:.2f} s before it was due"
    return (
        f"seam {seam.before} to {seam.after}: gap {seam.gap} samples, level step {step}, "
        f"jump {seam.jump:.2f} times the steps beside it{slack}"
    )


def slack(row: Row, y: float) -> float:
    """Audio still to be heard while live words were on their way, as it ran down. Returns its height."""
    found = row.page.slacks
    highest = max([0.1, *(high for each in found for _, high, _, _ in each.lines())])
    here = [(each, line) for each in found for line in each.lines() if row.clipped(line[0], line[2]) is not None]
    if not here:
        return 0.0
    zero, scale = y + SLACK - 8, (SLACK - 14) / highest
    row.to.text(LEFT - 8, y + SLACK / 2 + 4, "slack", "lane")
    row.to.line(LEFT, zero, LEFT + PLOT, zero, "middle")
    for _, (start, high, stop, _) in here:
        empty = min(stop, max(start, start + high))
        if (seen := row.clipped(start, empty)) is not None:
            # It falls by a second a second.
            slope = [(x, zero - (row.x(start + high) - x) / PLOT * (row.stop - row.start) * scale) for x in seen]
            row.to.path([(seen[0], zero), *slope, (seen[1], zero)], "slack")
        if (seen := row.clipped(empty, stop)) is not None:
            row.to.rect(seen[0], zero, seen[1] - seen[0], 5, "slack low", f"nothing at hand for {stop - empty:.2f} s")
    for each in dict.fromkeys(each for each, _ in here):
        if row.holds(each.stop):
            label = f"{each.left:.2f} s".replace("-", "−") if each.arrived else "failed"
            style = "good" if each.left > 0 and each.arrived else "bad"
            x = row.x(each.stop)
            tip = f"{each.segment}: first audio {_early(each.left)}" if each.arrived else "no audio came"
            row.to.circle(x, zero - max(0.0, each.left) * scale, 2.5, f"dot {style}", tip)
            row.to.text(row.beside(x + 6, width(label, SMALL)), zero - 2, label, f"left {style}", tip)
    return SLACK


def _early(seconds: float) -> str:
    return f"{abs(seconds):.3f} s {'before' if seconds > 0 else 'after'} it was due"


def work(row: Row, y: float, kind: str, name: str) -> float:
    """Thin bars from start to end, one under the other where they overlap. Returns their height."""
    here = []
    for item in row.page.found.work:
        seen = row.clipped(item.start, max(item.stop, item.start + 0.001)) if item.kind == kind else None
        if seen is not None:
            label = _label(row, item)
            room = width(label, SMALL)
            left = row.beside(seen[0], room)
            here.append((left, max(seen[1], left + room), seen, label, item))
    if not here:
        return 0.0
    here.sort(key=lambda place: place[0])
    row.to.text(LEFT - 8, y + 13, name, "lane")
    levels = staggered([(left, right + 8) for left, right, *_ in here], WORK_LEVELS)
    for (left, _, seen, label, item), level in zip(here, levels, strict=True):
        top = y + (WORK_LEVELS - 1 if level is None else level) * WORK
        tip = f"{item.start:.3f} s to {item.stop:.3f} s: {label}"
        if level is not None:
            row.to.text(left, top + 11, label, "onwork", tip)
        style = f"work {kind}" if item.outcome in ("returned", "done") else f"work {kind} bad"
        row.to.rect(seen[0], top + 14, seen[1] - seen[0], 5, style, tip)
        if item.first is not None and row.holds(item.first):
            row.to.rect(row.x(item.first) - 1, top + 12, 2, 9, "first", f"first audio at {item.first:.3f} s")
    return used(levels) * WORK


def _label(row: Row, item: Work) -> str:
    name = row.page.shown(item.name, item.private)
    name = name if len(name) <= LABEL else name[: LABEL - 1].rstrip() + "…"
    detail = row.page.shown(item.detail, item.detail_private)
    detail = detail if len(detail) <= LABEL else detail[: LABEL - 1].rstrip() + "…"
    quoted = f"“{name}”" if item.kind == "synthesis" else name
    again = f" (attempt {item.attempt})" if item.attempt > 1 else ""
    ended = "" if item.outcome == "done" else f" {item.outcome}"
    return f"{quoted}{again}{ended}{': ' + detail if detail else ''}, {item.stop - item.start:.2f} s"
