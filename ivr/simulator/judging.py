"""Whether a run keeps to the project's thresholds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ivr.project.settings.prices import Price
from ivr.project.settings.thresholds import TIMES, Threshold
from ivr.simulator.paying import shown as amount
from ivr.simulator.tally import Tally
from ivr.simulator.totals import Totals


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one threshold."""

    threshold: Threshold
    value: float | None
    """None where nothing of the kind happened: that keeps to no threshold, since it tells nothing."""

    @property
    def holds(self) -> bool:
        """Whether it is kept."""
        return self.value is not None and self.threshold.holds(self.value)

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.threshold.text}: nothing of the kind was seen in these calls"
        time = self.threshold.metric in TIMES and self.threshold.figure != "calls"
        money = self.threshold.metric == "cost"
        told = shown(self.value) if time else amount(self.value) if money else f"{self.value:g}"
        return f"{self.threshold.text}: it is {told}"


def judged(thresholds: Iterable[Threshold], totals: Totals, price: Price | None = None) -> list[Verdict]:
    """A verdict for each, in their order. ``price``: of the voice."""
    return [Verdict(each, measured(each, totals, price)) for each in thresholds]


def measured(threshold: Threshold, totals: Totals, price: Price | None = None) -> float | None:
    """The figure that it is about."""
    if threshold.metric == "cost":
        return None if price is None else _cost(threshold.figure, totals.call_characters, price)
    if threshold.figure == "calls":
        found = totals.quiet if threshold.metric == "dead_air" else totals.broken
        return len({each.call for each in found})
    tally = _tally(threshold, totals)
    if tally is None or not tally.number:
        return None
    match threshold.figure:
        case "mean":
            return tally.mean
        case "max":
            return tally.most
    return tally.percentile(int(threshold.figure[1:]))


def shown(seconds: float) -> str:
    """A time as people read it: milliseconds, to a tenth where there are any."""
    return f"{round(seconds * 1000, 1):g} ms"


def _cost(figure: str, characters: Tally, price: Price) -> float | None:
    """Exact, since each character costs the same: the dearest call is the one with the most of them."""
    if not characters.number:
        return None
    if figure == "mean":
        return float(price.of(round(characters.total)) / characters.number)
    return float(price.of(round(characters.most if figure == "max" else characters.percentile(int(figure[1:])))))


def _tally(threshold: Threshold, totals: Totals) -> Tally | None:
    if threshold.scope == "strategy":
        return totals.by_strategy.get(threshold.name)
    if threshold.scope == "prompt":
        prompt = totals.prompts.get(threshold.name)
        return None if prompt is None else prompt.ttfa if threshold.metric == "ttfa" else prompt.late
    match threshold.metric:
        case "ttfa":
            return totals.ttfa
        case "late":
            return totals.late
        case "dead_air":
            return totals.dead_air
    return totals.call_characters
