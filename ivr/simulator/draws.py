"""Numbers from a seed: the only chance there is in a simulation.

Of numpy only the bits are used, of ``SeedSequence`` and ``PCG64``, which it promises never to change (NEP 19); uniform
numbers, choices and distributions are made of them here. One seed gives the same on every version of numpy and Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

from numpy.random import PCG64, SeedSequence

from ivr.project.profiles.distributions import Distribution

Item = TypeVar("Item")


class Draws:
    """A stream of its own for each key: what one purpose draws moves no other purpose's numbers."""

    def __init__(self, seed: int, *key: int) -> None:
        """``seed`` and ``key``: whole numbers from 0."""
        self._bits = PCG64(SeedSequence(seed, spawn_key=key))

    def uniform(self) -> float:
        """Between 0 and 1, never either: the middle of one of 2**52 steps."""
        return ((int(self._bits.random_raw()) >> 12) + 0.5) * 2.0**-52

    def of(self, distribution: Distribution) -> float:
        """One value of it."""
        return distribution.at(self.uniform())

    def between(self, low: float, high: float) -> float:
        """Evenly."""
        return low + (high - low) * self.uniform()

    def chance(self, probability: float) -> bool:
        """Whether it comes to pass. A number is used up in any case."""
        return self.uniform() < probability

    def one_of(self, items: Sequence[Item]) -> Item:
        """Each as often as the others."""
        return items[int(self.uniform() * len(items))]

    def weighed(self, weights: Sequence[float]) -> int:
        """An index, as often as its weight says; their sum must not be 0."""
        sums = list(accumulate(weights))
        point = self.uniform() * sums[-1]
        return next(index for index, reached in enumerate(sums) if point < reached)
