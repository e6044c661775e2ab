"""Where the caller's sound stands in time: what did not come between two pieces of it, and when a piece was said.

Rules:

* Where the platform's timestamps run on while nothing comes, a gap is what they leave out. Where they count only sound
  that came, it shows by the time of arrival, from ``LATE`` on: networks hold sound back for less.
* Nothing comes from the future: no gap ends later than now.
* Positions never go backwards. What comes late for a place that was taken as silence stands behind that silence.
"""

from __future__ import annotations

LATE = 0.200
"""Seconds without sound after which the caller's side is taken to be silent. Telephones that send no silence stop at
once; over the internet sound is seldom held back for so long."""

ROUNDED = 0.030
"""Seconds by which timestamps may miss the sound before them: they are whole milliseconds, of frames up to 30 ms."""


class Timeline:
    """Of one stretch of listening, which begins ``now``. Positions are samples since then."""

    def __init__(self, rate: int, now: float, *, clocked: bool) -> None:
        """``clocked``: the timestamps run on while nothing comes."""
        self.position = 0
        """Behind the last sample that came, or that was taken as silence."""
        self._rate = rate
        self._clocked = clocked
        self._zero: float | None = None
        """The timestamp of position 0, in seconds."""
        self._silent = False
        """Nothing has come for so long that silence was taken for it."""
        self._offset = now
        """When position 0 was said, by our clock: no later than what came so far allows."""

    def place(self, samples: int, timestamp: int, now: float) -> int:
        """A piece comes; ``timestamp`` is in milliseconds. Returns the samples of silence that stand before it."""
        said = timestamp / 1000
        by_arrival = round((now - self._offset) * self._rate) - self.position - samples
        if self._clocked and self._zero is not None:
            missed = round((said - self._zero) * self._rate) - self.position
            missed = min(missed, by_arrival + round(LATE * self._rate)) if missed > ROUNDED * self._rate else 0
        else:
            missed = by_arrival if self._silent or by_arrival > LATE * self._rate else 0
        missed, self._silent = max(0, missed), False
        self.position += missed
        if self._zero is None or abs(said - self._zero - self.position / self._rate) > ROUNDED:
            self._zero = said - self.position / self._rate
        self.position += samples
        self._offset = min(self._offset, now - self.position / self._rate)
        return missed

    def idle(self, now: float) -> int:
        """Nothing has come for a while: the samples that are taken as silence now, which may be none."""
        missed = max(0, round((now - LATE - self._offset) * self._rate) - self.position)
        self.position += missed
        self._silent = self._silent or missed > 0
        return missed

    def catch_up(self, now: float) -> int:
        """Something begins with the sound that comes next: the same, but up to now where nothing is on its way."""
        missed = round((now - self._offset) * self._rate) - self.position
        missed = max(0, missed) if self._silent or missed > LATE * self._rate else 0
        self.position += missed
        return missed

    def clock(self, seconds: float) -> float:
        """When what stands ``seconds`` behind position 0 was said, by our clock."""
        return self._offset + seconds

    def told(self, seconds: float) -> float:
        """When ``idle`` will have come to that place, if nothing comes before."""
        return self.clock(seconds) + LATE
