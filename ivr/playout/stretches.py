"""The clock of what was sent: stretches that play without a break, and when each of them sounds at the far side.

Positions are samples since the stream began; times are seconds of our clock.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

KEPT = 64
"""Stretches that are remembered: those before are long over."""


@dataclass(slots=True)
class _Stretch:
    start: int
    stop: int
    at: float
    """When ``start`` sounds."""


class Stretches:
    """Of one stream, in the order of their positions; none begins before the one before it has ended."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._all: deque[_Stretch] = deque()

    @property
    def stop(self) -> int | None:
        """The position at which the last one ends; None where there is none."""
        return self._all[-1].stop if self._all else None

    @property
    def ends_at(self) -> float | None:
        """When the last one ends."""
        return self._end(self._all[-1]) if self._all else None

    def begin(self, position: int, samples: int, at: float) -> None:
        """A new one, which begins to sound at ``at``."""
        self._all.append(_Stretch(position, position + samples, at))
        while len(self._all) > KEPT:
            self._all.popleft()

    def extend(self, samples: int) -> None:
        """More behind the last one, without a break."""
        self._all[-1].stop += samples

    def when(self, position: int) -> float | None:
        """When ``position`` is heard; None for what is in no stretch."""
        for stretch in self._all:
            if stretch.start <= position <= stretch.stop:
                return stretch.at + (position - stretch.start) / self._rate
        return None

    def heard(self, at: float) -> int:
        """The position that was reached by ``at``; 0 before the first."""
        position = 0
        for stretch in self._all:
            if at < stretch.at:
                break
            position = max(position, min(stretch.stop, stretch.start + round((at - stretch.at) * self._rate)))
        return position

    def cut(self, position: int) -> None:
        """What lies behind ``position`` is never heard."""
        while self._all and self._all[-1].start >= position:
            self._all.pop()
        if self._all:
            self._all[-1].stop = min(self._all[-1].stop, position)

    def move(self, position: int, by: float) -> None:
        """The stretch that ``position`` stands in sounds so much later, and what is queued behind it as it must; or so
        much earlier, with all behind it."""
        for stretch in self._all:
            if stretch.stop >= position:
                stretch.at += by
                if by > 0:
                    break
        self._keep_apart()

    def move_last(self, by: float) -> None:
        """The last one sounds so much later, or earlier."""
        if self._all:
            self._all[-1].at += by
            self._keep_apart()

    def stand_still(self, at: float, seconds: float) -> None:
        """From ``at`` on nothing sounded for so long: what was heard before stays where it was, the rest moves."""
        moved: deque[_Stretch] = deque()
        for stretch in self._all:
            if self._end(stretch) <= at:
                moved.append(stretch)
            elif stretch.at >= at:
                moved.append(_Stretch(stretch.start, stretch.stop, stretch.at + seconds))
            else:
                reached = stretch.start + round((at - stretch.at) * self._rate)
                moved.append(_Stretch(stretch.start, reached, stretch.at))
                moved.append(_Stretch(reached, stretch.stop, at + seconds))
        self._all = moved

    def _end(self, stretch: _Stretch) -> float:
        return stretch.at + (stretch.stop - stretch.start) / self._rate

    def _keep_apart(self) -> None:
        before: _Stretch | None = None
        for stretch in self._all:
            if before is not None:
                stretch.at = max(stretch.at, self._end(before))
            before = stretch
