"""What the picture of a call shows, as plain values for JSON.

Times are seconds on the call's clock, as those of the trace; texts and keys stay as they stand there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ivr.trace.events import BargedIn, DigitHeard, TraceEvent
from ivr.trace.lanes import audible
from ivr.trace.rate import rate
from ivr.trace.report import Turn
from ivr.trace.slack import Slack, slacks
from ivr.trace.sound import Underrun
from ivr.trace.stretches import Bar, Joint, Stay, Work, stretches
from ivr.trace.worst import CallFigures

Told = Mapping[str, Any]


def told(name: str, events: Sequence[TraceEvent], figures: CallFigures) -> Told:
    """One call; docs/timeline.md names the members."""
    per_second = rate(events)
    found = stretches(events, per_second)
    work = {kind: [_work(item) for item in found.work if item.kind == kind] for kind in ("lookup", "synthesis")}
    return {
        "name": name,
        "call": figures.call,
        "started_at": figures.started_at,
        "length": _seconds(figures.length),
        "ended": figures.ended,
        "rate": per_second,
        "ttfa": _seconds(figures.ttfa),
        "dead_air": _seconds(figures.dead_air),
        "audible_seams": figures.audible,
        "turns": [_turn(turn) for turn in figures.turns],
        "states": [_state(stay) for stay in found.stays],
        "segments": [_segment(bar) for bar in found.bars],
        "seams": [_seam(joint) for joint in found.joints],
        "underruns": [_underrun(event) for event in events if isinstance(event, Underrun)],
        "slack": [_slack(each) for each in slacks(events, found.bars)],
        "digits": [_digit(event) for event in events if isinstance(event, DigitHeard)],
        "barge_ins": [_barge_in(event) for event in events if isinstance(event, BargedIn)],
        "listening": [_between(start, stop) for start, stop in found.listening],
        "lookups": work["lookup"],
        "syntheses": work["synthesis"],
    }


def _turn(turn: Turn) -> Told:
    return {
        "at": _seconds(turn.at),
        "trigger": turn.trigger,
        "ttfa": _seconds(turn.ttfa),
        "strategy": turn.strategy,
        "heard": turn.heard,
        "private": turn.private,
    }


def _state(stay: Stay) -> Told:
    return {"state": stay.state, "why": stay.why, **_between(stay.start, stay.stop)}


def _segment(bar: Bar) -> Told:
    about = {"segment": bar.segment, "strategy": bar.strategy.value}
    return {**about, **_between(bar.start, bar.stop), "text": bar.text, "private": bar.private}


def _seam(joint: Joint) -> Told:
    seam = joint.seam
    return {
        "at": _seconds(joint.at),
        "before": seam.before,
        "after": seam.after,
        "strategy": seam.strategy.value,
        "gap": seam.gap,
        "level_step": None if seam.level_step is None else round(seam.level_step, 2),
        "jump": round(seam.jump, 2),
        "slack": _seconds(seam.slack),
        "audible": audible(seam),
    }


def _underrun(event: Underrun) -> Told:
    return {"at": _seconds(event.at), "segment": event.segment, "gap": event.samples}


def _slack(slack: Slack) -> Told:
    lines = [
        {**_between(start, stop), "from": _seconds(high), "to": _seconds(low)}
        for start, high, stop, low in slack.lines()
    ]
    return {"segment": slack.segment, "arrived": slack.arrived, "left": _seconds(slack.left), "lines": lines}


def _digit(event: DigitHeard) -> Told:
    return {"at": _seconds(event.at), "digit": event.digit, "private": event.private}


def _barge_in(event: BargedIn) -> Told:
    return {"at": _seconds(event.at), "by": event.by, "heard": event.heard, "private": event.private}


def _work(item: Work) -> Told:
    return {
        "name": item.name,
        **_between(item.start, item.stop),
        "first_audio": _seconds(item.first),
        "attempt": item.attempt,
        "outcome": item.outcome,
        "detail": item.detail,
        "private": item.private or item.detail_private,
    }


def _between(start: float, end: float) -> Told:
    return {"start": _seconds(start), "end": _seconds(end)}


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
