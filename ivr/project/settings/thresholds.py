"""What a run of simulated calls must keep to, as people write it: ``ttfa.p95 <= 300ms``, ``dead_air.p99 == 0``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

from ivr.catalog.durations import seconds
from ivr.catalog.mistakes import meant, refuse, shown
from ivr.catalog.schema_marks import Written
from ivr.trace.sound import Strategy

TIMES = ("ttfa", "late", "dead_air")
"""Metrics in seconds."""
SCOPED = {"prompt": ("ttfa", "late"), "strategy": ("ttfa",)}
"""What there is of one prompt, and of one strategy."""
METRICS = (*TIMES, "characters", "cost", "broken")
OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    "==": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}
_WRITTEN = re.compile(r"\s*([A-Za-z0-9_.]+)\s*(<=|>=|==|<|>|=|≤)\s*(\S.*?)\s*")
_PERCENTILE = re.compile(r"p[1-9][0-9]?")
PATTERN = r"^ *((prompt|strategy)\.[a-z0-9_]+\.)?[a-z_]+\.(p[1-9][0-9]?|mean|max|calls) *(<=|<|==|>=|>) *[0-9].*$"


@dataclass(frozen=True, slots=True)
class Threshold:
    """One of them."""

    text: str
    """As it was written."""
    metric: str
    figure: str
    """``p95``, ``mean``, ``max`` or ``calls``."""
    operator: str
    limit: float
    """Seconds for times."""
    scope: str = ""
    """``prompt`` or ``strategy``; empty for all calls together."""
    name: str = ""

    def holds(self, value: float) -> bool:
        """Whether ``value`` keeps to it."""
        return OPERATORS[self.operator](value, self.limit)


def threshold(text: Any) -> Threshold:
    """Raises ``ValueError`` that says what to write, and at which character."""
    written = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
    if written is None:
        raise refuse(f"{shown(text)} is no threshold", "write 'ttfa.p95 <= 300ms' or 'dead_air.p99 == 0'")
    if written[2] not in OPERATORS:
        raise refuse(f"'{written[2]}' does not compare", f"write one of {' '.join(OPERATORS)}", written.start(2))
    scope, name, metric, figure = _measure(written[1], written.start(1))
    limit = _limit(written[3], metric in TIMES and figure != "calls", written.start(3))
    return Threshold(text.strip(), metric, figure, written[2], limit, scope, name)


def _measure(measure: str, start: int) -> tuple[str, str, str, str]:
    parts = measure.split(".")
    scope, name = "", ""
    if parts[0] in SCOPED and len(parts) == 4:
        scope, name = parts[0], parts[1]
        start += len(scope) + len(name) + 2
        parts = parts[2:]
    if len(parts) != 2:
        how = "write METRIC.FIGURE, prompt.NAME.METRIC.FIGURE or strategy.NAME.METRIC.FIGURE"
        raise refuse(f"'{measure}' is not what is measured", how, start)
    metric, figure = parts
    known = SCOPED[scope] if scope else METRICS
    if metric not in known:
        of = f" of one {scope}" if scope else ""
        raise refuse(f"there is no metric '{metric}'{of}", meant(metric, known, f"there is {', '.join(known)}"), start)
    counts = () if scope else {"dead_air": ("calls",), "broken": ("calls",)}.get(metric, ())
    allowed = counts if metric == "broken" else ("mean", "max", *counts)
    if figure not in allowed and (metric == "broken" or not _PERCENTILE.fullmatch(figure)):
        figures = ", ".join(allowed if metric == "broken" else ("p1 to p99", *allowed))
        raise refuse(f"'{metric}' has no figure '{figure}'", f"there is {figures}", start + len(metric) + 1)
    if scope == "strategy" and name not in (strategies := [each.value for each in Strategy]):
        there = f"there is {', '.join(strategies)}"
        raise refuse(f"there is no strategy '{name}'", meant(name, strategies, there), start - len(name) - 1)
    return scope, name, metric, figure


def _limit(text: str, time: bool, start: int) -> float:
    if time and text.strip() != "0":
        try:
            return seconds(text)
        except ValueError as error:
            raise refuse(
                f"{shown(text)} is no time", "write it as '300ms' or '1.5s'; 0 needs no unit", start
            ) from error
    try:
        return float(text)
    except ValueError:
        raise refuse(f"{shown(text)} is no number", "write a number, such as 0", start) from None


def _thresholds(value: Any) -> Any:
    if not isinstance(value, list):
        raise refuse(f"'thresholds' is {shown(value)}", "write a list: [ttfa.p95 <= 300ms, dead_air.p99 == 0]")
    return tuple(value)


Thresholds = Annotated[
    tuple[Annotated[Threshold, BeforeValidator(threshold), Written({"type": "string", "pattern": PATTERN})], ...],
    BeforeValidator(_thresholds),
]
"""``thresholds:`` of the settings."""
