"""Delays as vectors: what may happen, in so many cases that are spread evenly. Nothing is drawn by chance.

A case is an index into every vector. Two delays that have nothing to do with each other are put in different orders,
those of two multiples of irrational numbers (a Kronecker sequence), so that each meets all values of the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ivr.project.profiles.distributions import Distribution

Vector = NDArray[np.float64]
CASES = 2048
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89)
PERCENTS = (50, 95, 99)


@lru_cache(4)
def always(value: float) -> Vector:
    """The same in every case. Shared, and not to be written to."""
    made = np.full(CASES, value)
    made.flags.writeable = False
    return made


@lru_cache(256)
def table(distribution: Distribution) -> Vector:
    """Its quantiles in rising order."""
    return np.array([distribution.at((index + 0.5) / CASES) for index in range(CASES)])


@lru_cache(len(_PRIMES))
def _order(dimension: int) -> NDArray[np.intp]:
    steps = (np.arange(CASES) + 0.5) * np.sqrt(_PRIMES[dimension])
    ranks = np.argsort(np.argsort(steps % 1.0, kind="stable"), kind="stable")
    return np.asarray(ranks, dtype=np.intp)


class Dice:
    """Orders that have nothing to do with each other, one after the other."""

    def __init__(self, used: int = 0) -> None:
        self.used = used

    def order(self) -> NDArray[np.intp]:
        """An order of their own, for vectors whose cases belong together."""
        self.used += 1
        return _order((self.used - 1) % len(_PRIMES))

    def ordered(self, rising: Vector) -> Vector:
        """The values of ``rising`` in an order of their own."""
        return rising[self.order()]

    def of(self, distribution: Distribution) -> Vector:
        """Its values in an order of their own."""
        return self.ordered(table(distribution))

    def uniform(self) -> Vector:
        """Evenly between 0 and 1."""
        return self.ordered((np.arange(CASES) + 0.5) / CASES)


Weighed = tuple[float, Vector]
"""A weight of any size, and values."""


def percentiles(weighed: Iterable[Weighed], percents: Sequence[int] = PERCENTS) -> dict[int, float]:
    """By nearest rank, of values that are weighed together; empty where nothing has a weight."""
    known = [(weight, values) for weight, values in weighed if weight > 0]
    if not known:
        return {}
    values = np.concatenate([each for _, each in known])
    shares = np.concatenate([np.full(len(each), weight / len(each)) for weight, each in known])
    rising = np.argsort(values, kind="stable")
    reached = np.cumsum(shares[rising])
    places = [np.searchsorted(reached, percent / 100 * reached[-1] * (1 - 1e-12)) for percent in percents]
    return {percent: float(values[rising[place]]) for percent, place in zip(percents, places, strict=True)}


def mean(weighed: Iterable[Weighed]) -> float:
    """Of values that are weighed together; 0 for none."""
    known = [(weight, float(values.mean())) for weight, values in weighed if weight > 0]
    total = sum(weight for weight, _ in known)
    return sum(weight * value for weight, value in known) / total if total else 0.0
