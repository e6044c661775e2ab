"""A ring of samples between two threads, one that writes and one that reads: no lock, and no memory after the start.

The three positions are samples since the beginning, and each is written by one side alone: ``_written`` and
``_dropped`` by the writer, ``_read`` by the reader. So neither ever waits for the other, and what either sees of the
other is at worst a little old: the writer then finds less room than there is, and the reader fewer samples.
"""

from __future__ import annotations

from ivr.errors import AudioError
from ivr.media.samples import Samples, silence


class Ring:
    """Holds ``capacity`` samples; raises ``AudioError`` unless that is one or more."""

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise AudioError(f"a ring of {capacity} samples holds nothing: give it one or more")
        self.capacity = capacity
        self._buffer = silence(capacity)
        self._written = 0
        self._dropped = 0
        self._read = 0

    @property
    def written(self) -> int:
        """The position behind the last sample that was written."""
        return self._written

    @property
    def read(self) -> int:
        """The position behind the last sample that was read or passed over."""
        return self._read

    @property
    def filled(self) -> int:
        """Samples that wait to be read."""
        return max(0, self._written - max(self._read, self._dropped))

    @property
    def free(self) -> int:
        """Samples that can be written. What was dropped makes room once the reader has passed over it."""
        return self.capacity - (self._written - self._read)

    def write(self, samples: Samples) -> int:
        """Writer: put in as many as there is room for, and return how many those were."""
        count = min(len(samples), self.free)
        start = self._written % self.capacity
        first = min(count, self.capacity - start)
        self._buffer[start : start + first] = samples[:first]
        self._buffer[: count - first] = samples[first:count]
        self._written += count
        return count

    def drop(self) -> None:
        """Writer: nothing that waits is to be read any more."""
        self._dropped = self._written

    def take(self, out: Samples) -> int:
        """Reader: fill ``out``, with silence where there is no more. Returns how many samples came from the ring."""
        position = max(self._read, self._dropped)
        count = min(len(out), self._written - position)
        start = position % self.capacity
        first = min(count, self.capacity - start)
        out[:first] = self._buffer[start : start + first]
        out[first:count] = self._buffer[: count - first]
        out[count:] = 0
        self._read = position + count
        return count
