"""When a provider that was asked too often may be asked again, and by how many at once. Pure; all times are seconds.

A refusal shuts the gate for everybody: each further request would be refused too, and some providers punish it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient a build is."""

    first: float = 1.0
    """The first wait, where the provider does not say how long; each further one in a row is twice as long."""
    longest: float = 60.0
    """The longest of those."""
    patience: float = 600.0
    """Of refusals in a row, and for one phrase; after it a build asks no more. So also where one wait is longer."""
    most: int = 100
    """Refusals of one phrase for which it is asked again."""
    seed: int = 0
    """Of the chance by which waits differ, so that several builds do not all come back at once."""


class Gate:
    """Shared by all who ask one provider."""

    def __init__(self, width: int, pace: Pace, chance: Callable[[], float]) -> None:
        """``width``: requests at once, at the most. ``chance``: a number from 0 to 1."""
        self.width = width
        """Requests at once for now: half as many after each refusal, and one more after as many answers."""
        self.turn = 0
        """How often it was shut. What was asked in an earlier turn tells nothing about this one."""
        self.opens = 0.0
        self._most = width
        self._pace = pace
        self._chance = chance
        self._level = 0
        self._since: float | None = None
        self._answers = 0

    def shut(self, now: float) -> float:
        """How long it stays shut; 0 where it is open."""
        return max(self.opens - now, 0.0) if self.turn else 0.0

    @property
    def hopeless(self) -> bool:
        """Whether the provider refuses, or wants to be left alone, for longer than patience lasts."""
        return self._since is not None and self.opens - self._since > self._pace.patience

    def refused(self, turn: int, now: float, retry_after: float | None) -> None:
        """A request that was made in ``turn`` came too soon; the provider may have said for how long to wait."""
        if turn < self.turn:  # several were out when the first refusal came: that is one refusal
            self.opens = max(self.opens, now + (retry_after or 0.0))
            return
        self._since = now if self._since is None else self._since
        self.turn += 1
        self.width = max(1, self.width // 2)
        self._answers = 0
        self.opens = now + self._wait(retry_after)
        self._level += 1

    def answered(self, turn: int) -> None:
        """A request that was made in ``turn`` was not refused."""
        if turn < self.turn:
            return
        self._level, self._since = 0, None
        self._answers += 1
        if self._answers >= self.width:
            self.width, self._answers = min(self.width + 1, self._most), 0

    def _wait(self, retry_after: float | None) -> float:
        if retry_after is None:
            return backoff(self._pace, self._level, self._chance())
        # Who says "at once" again and again is not taken at his word.
        return max(retry_after, backoff(self._pace, self._level - 1, self._chance()) if self._level else 0.0)


def backoff(pace: Pace, attempt: int, chance: float) -> float:
    """The wait after ``attempt`` others, counted from 0: between half and the whole of ``first``, doubled each time."""
    return min(pace.longest, pace.first * 2.0 ** min(attempt, 60)) * (1 + chance) / 2
