"""Distributions of a latency profile, as values: each answers the quantile of a probability. Nothing is drawn here.

A draw is the quantile of a uniform number (inversion), so that one number always gives one value: what is drawn does
not depend on how a library makes its normal numbers, and a longer delay in one profile is a longer one in all.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from math import exp, log
from statistics import NormalDist
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from ivr.catalog.durations import Seconds, between, seconds
from ivr.catalog.mistakes import refuse
from ivr.catalog.schema_marks import SCALAR, Written

DIGITS = 6
"""Of a second: what is drawn is rounded to that, so that a last bit of a machine's ``log`` decides nothing."""
MOST_BUCKETS = 1000
_NORMAL = NormalDist()
_P95 = _NORMAL.inv_cdf(0.95)


@dataclass(frozen=True, slots=True)
class Constant:
    """Always the same."""

    value: float

    def at(self, probability: float) -> float:
        """The value that ``probability`` of all do not exceed; above 0 and below 1."""
        return self.value


@dataclass(frozen=True, slots=True)
class Normal:
    """The bell; what would be below 0 is 0."""

    mean: float
    deviation: float

    def at(self, probability: float) -> float:
        """See ``Constant``."""
        return round(max(0.0, self.mean + self.deviation * _NORMAL.inv_cdf(probability)), DIGITS)


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Most are near the median, few are several times as long: what networks and services do."""

    median: float
    sigma: float
    """Of the logarithm."""

    def at(self, probability: float) -> float:
        """See ``Constant``."""
        return round(self.median * exp(self.sigma * _NORMAL.inv_cdf(probability)), DIGITS)


@dataclass(frozen=True, slots=True)
class Histogram:
    """As it was recorded: counts by upper bound, evenly spread between a bound and the one before."""

    bounds: tuple[float, ...]
    """Rising."""
    shares: tuple[float, ...]
    """Of all that lies up to each bound; the last is 1."""

    def at(self, probability: float) -> float:
        """See ``Constant``."""
        index = bisect_left(self.shares, probability)
        low, high = (self.bounds[index - 1] if index else 0.0), self.bounds[index]
        below = self.shares[index - 1] if index else 0.0
        return round(low + (high - low) * (probability - below) / (self.shares[index] - below), DIGITS)


Distribution = Constant | Normal | LogNormal | Histogram

Quantity = TypeVar("Quantity")


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Normal(_Shape, Generic[Quantity]):
    normal: Quantity
    deviation: Quantity


class _LogNormal(_Shape, Generic[Quantity]):
    lognormal: Quantity
    p95: Quantity


def _made(shape: Any) -> Any:
    match shape:
        case _Normal():
            return Normal(shape.normal, shape.deviation)
        case _LogNormal():
            if not 0 < shape.lognormal <= shape.p95:
                raise refuse(
                    "p95 is below the median, or that is 0", "make lognormal above 0, and p95 at least as long"
                )
            return LogNormal(shape.lognormal, log(shape.p95 / shape.lognormal) / _P95)
        case float():
            return Constant(shape)
        case _:
            return _histogram(shape.histogram)


def _histogram(counts: dict[float, int]) -> Histogram:
    rising = {bound: count for bound, count in sorted(counts.items()) if count}
    if not rising:
        raise refuse("the histogram counts nothing", "write '200ms: 17' for each upper bound and what lies below it")
    total = sum(rising.values())
    return Histogram(tuple(rising), tuple(part / total for part in accumulate(rising.values())))


def _kind(value: Any) -> str:
    for key in ("normal", "lognormal", "histogram"):
        if isinstance(value, dict) and key in value:
            return f"({key})"
    return "(normal)" if isinstance(value, dict) else "(constant)"


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise refuse("this is no number", "write a number, such as 4 or 3.5") from None


Delay = Annotated[Seconds, between(0, 600)]
Factor = Annotated[float, BeforeValidator(_number), Field(gt=0, le=1000), Written(SCALAR)]
_Count = Annotated[int, Field(ge=0)]


class NormalDelay(_Normal[Delay]):
    """``{normal: 300ms, deviation: 80ms}``."""


class LogNormalDelay(_LogNormal[Delay]):
    """``{lognormal: 300ms, p95: 900ms}``: the median, and what 95 % do not exceed."""


class HistogramOfDelays(_Shape):
    """``{histogram: {200ms: 17, 400ms: 60, 1s: 3}}``."""

    histogram: Annotated[
        dict[Annotated[float, BeforeValidator(seconds), between(0, 600)], _Count], Field(max_length=MOST_BUCKETS)
    ]


class NormalFactor(_Normal[Factor]):
    """``{normal: 4, deviation: 1}``."""


class LogNormalFactor(_LogNormal[Factor]):
    """``{lognormal: 4, p95: 9}``."""


class HistogramOfFactors(_Shape):
    """``{histogram: {2: 1, 4: 60}}``."""

    histogram: Annotated[dict[Factor, _Count], Field(max_length=MOST_BUCKETS)]


def mostly(most: float) -> AfterValidator:
    """A bound of delays, in seconds: 95 % of them are within it."""

    def bounded(value: Distribution) -> Distribution:
        if (found := value.at(0.95)) > most:
            told = f"{found:g} s is" if isinstance(value, Constant) else f"its 95th percentile, {found:g} s, is"
            raise refuse(f"{told} out of range", f"give 0 s to {most:g} s")
        return value

    return AfterValidator(bounded)


if TYPE_CHECKING:  # what the shapes become, which no union of shapes can say of itself
    Delays = Distribution
    """A distribution of seconds as a file has it."""
    Factors = Distribution
    """The same of plain numbers."""
else:
    Delays = Annotated[
        Annotated[Delay, Tag("(constant)")]
        | Annotated[NormalDelay, Tag("(normal)")]
        | Annotated[LogNormalDelay, Tag("(lognormal)")]
        | Annotated[HistogramOfDelays, Tag("(histogram)")],
        Discriminator(_kind),
        AfterValidator(_made),
    ]

    Factors = Annotated[
        Annotated[Factor, Tag("(constant)")]
        | Annotated[NormalFactor, Tag("(normal)")]
        | Annotated[LogNormalFactor, Tag("(lognormal)")]
        | Annotated[HistogramOfFactors, Tag("(histogram)")],
        Discriminator(_kind),
        AfterValidator(_made),
    ]
