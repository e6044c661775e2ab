"""Values counted in steps of a tenth of a millisecond: percentiles of any number of them in bounded memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

STEP = 1e-4
"""Seconds, or a ten-thousandth of whatever is counted. What differs by less is the same."""


@dataclass(slots=True)
class Tally:
    """Adding and merging may happen in any order: what is told afterwards is the same."""

    counts: Counter[int] = field(default_factory=Counter)
    """How often, by value in steps."""

    def add(self, value: float) -> None:
        """One more."""
        self.counts[round(value / STEP)] += 1

    def merge(self, other: Tally) -> None:
        """All of another."""
        self.counts.update(other.counts)

    @property
    def number(self) -> int:
        """How many."""
        return self.counts.total()

    def percentile(self, percent: int) -> float:
        """By nearest rank, as ``ivr.trace.report.percentiles``; 0 for none."""
        rank = -(-percent * self.number // 100)
        for value, count in sorted(self.counts.items()):
            rank -= count
            if rank <= 0:
                return _value(value)
        return 0.0

    @property
    def most(self) -> float:
        """The largest; 0 for none."""
        return _value(max(self.counts, default=0))

    @property
    def total(self) -> float:
        """All of them together."""
        return _value(sum(value * count for value, count in self.counts.items()))

    @property
    def mean(self) -> float:
        """0 for none."""
        return round(self.total / self.number, 6) if self.number else 0.0

    def as_dict(self) -> dict[str, float]:
        """What reports and baselines hold of it."""
        return {
            "count": self.number,
            "mean": self.mean,
            **{f"p{percent}": self.percentile(percent) for percent in (50, 95, 99)},
            "max": self.most,
        }


def _value(steps: int) -> float:
    return round(steps * STEP, 4)
