"""The queue in which a far end holds sound until the caller hears it: in order, sample-exact, no gap of its own."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from ivr.testing.heard import Heard, Sound


class PlayQueue:
    """Sound that waits to be heard: see ``Heard``. Times are far-side seconds."""

    def __init__(self, rate: int, most: float = inf) -> None:
        """``rate`` in Hz; a message that would make more than ``most`` seconds wait is dropped whole."""
        self.heard = Heard(rate)
        """What the caller heard."""
        self.messages = 0
        """Messages that were queued."""
        self.samples = 0
        """Samples that were queued."""
        self.longest = 0.0
        """Most seconds of sound that ever waited."""
        self.dropped: list[tuple[float, int]] = []
        """For each message that was dropped: when, and its samples."""
        self.ends_at = -inf
        """When all that was queued has been heard."""
        self._rate = rate
        self._most = most
        self._run_start = 0.0
        self._run_samples = 0

    def put(self, sound: Sound, at: float) -> None:
        """Queue the sound of one message, which arrives at ``at``."""
        if self._fits((len(sound),), at):
            self._queue(sound, at)

    def count(self, samples: Sequence[int], at: float) -> None:
        """Queue messages that arrive together at ``at``, of which only the samples of each are known."""
        if fitting := self._fits(samples, at):
            self._queue(range(fitting), at)

    def _fits(self, samples: Sequence[int], at: float) -> int:
        """Samples of those messages that find room; the others are dropped."""
        if self.ends_at <= at:
            self._run_start, self._run_samples, self.ends_at = at, 0, at
        if self._most == inf:
            self.messages += len(samples)
            return sum(samples)
        waiting, fitting = round((self.ends_at - at) * self._rate), 0
        for each in samples:
            if waiting + fitting + each > self._most * self._rate:
                self.dropped.append((at, each))
            else:
                fitting += each
                self.messages += 1
        return fitting

    def _queue(self, sound: Sound, at: float) -> None:
        self.heard.append(self.ends_at, sound)
        self._run_samples += len(sound)
        # From the start of the run, so that rounding does not add up over a long one.
        self.ends_at = self._run_start + self._run_samples / self._rate
        self.samples += len(sound)
        self.longest = max(self.longest, self.ends_at - at)

    def stop(self, at: float) -> int:
        """Play no more of what is queued. Returns the samples that are dropped by it."""
        self.ends_at = min(self.ends_at, at)
        return self.heard.cut(at)
