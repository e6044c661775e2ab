"""What the loudspeaker plays: a ring that the device's thread empties, the marks in it, and when they are heard.

The device's clock is the callback's own word: at ``now`` it takes a block whose first sample sounds ``delay`` seconds
later. A mark is behind a sample, so it is heard when that sample's turn has come. Its echo goes out one latency after
that, because the ledger takes half a round trip for the path: so the path comes out as the latency itself.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ivr.media.format import AudioFormat
from ivr.media.pcm import decode
from ivr.media.resample import Resampler
from ivr.media.ring import Ring
from ivr.media.samples import Samples

HOLDS = 4.0
"""Seconds that the ring holds. Playout's lead is a fraction of that; what is beyond ``HIGH`` is held back by it."""

HIGH = 2.0
"""Seconds that wait in the ring from which playout is held back: the device has stopped taking them."""

LOW = 0.5
"""Seconds at which it goes on."""

LAST = 0.030
"""Seconds left in the ring at which the resampler gives what it holds back: no more is coming, or it comes too late."""

SMOOTHING = 16
"""Blocks over which the device's delay is averaged: its reports jump by a period."""


class _Mark(NamedTuple):
    name: str
    position: int
    """Samples of the ring in front of it."""
    placed: int
    """Blocks that the device had taken by then. What is pushed next sounds in a later one, and so does the mark."""


class _Block(NamedTuple):
    """What the device has taken; replaced as a whole, so that our thread never sees half of it."""

    number: int
    start: int
    """Of its first sample that came from the ring, and behind its last: positions in the ring."""
    stop: int
    sounds_at: float
    whole: bool
    """It lacks nothing of what the device asked for."""


class Player:
    """``pull`` belongs to the device's thread, all else to ours. Times are in seconds, by one clock."""

    def __init__(self, format: AudioFormat, rate: int) -> None:
        """``format``: of the payloads; ``rate``: of the device, Hz."""
        self.format = format
        self.rate = rate
        self.latency = 0.0
        """Seconds from a block's callback to its sound, as the device reports it; smoothed."""
        self.blocks = 0
        """Callbacks so far: the sign of life."""
        self.played = 0
        """Samples that the device has asked for."""
        self.starved = 0
        """Blocks that found the ring empty in the middle of sound, known once the sound goes on."""
        self.lost = 0
        """Samples for which the ring had no room."""
        self.level = 0.0
        """The largest amplitude since somebody set it to zero."""
        self._ring = Ring(round(HOLDS * rate))
        self._resampler = Resampler(format.rate, rate)
        self._taken = 0
        self._base = 0
        self._marks: deque[_Mark] = deque()
        self._echoes: deque[tuple[str, float]] = deque()  # and when each is due
        self._until = 0.0
        self._pushed = 0
        self._last = self._sounding = _Block(0, 0, 0, 0.0, True)

    @property
    def waiting(self) -> float:
        """Seconds of sound in the ring."""
        return self._ring.filled / self.rate

    def push(self, payload: bytes, now: float) -> None:
        """Play behind all that waits."""
        self._count_starved(now)
        samples = decode(payload, self.format)
        self._taken += len(samples)
        self._until = max(self._until, now) + len(samples) / self.format.rate
        self._write(self._resampler.push(samples))

    def mark(self, name: str) -> None:
        """A mark behind all that was pushed."""
        position = self._base + -(-self._taken * self.rate // self.format.rate)
        self._marks.append(_Mark(name, position, self.blocks))

    def clear(self, now: float) -> None:
        """Drop what waits, and the marks in it. What the device has taken sounds on, one latency long."""
        self._note()
        self._ring.drop()
        self._resampler.reset()
        self._begin_anew()
        self._until = now
        self._marks.clear()

    def settle(self) -> None:
        """Give what the resampler holds back, where nothing follows that could lean on it."""
        if self._taken and self.waiting < LAST:
            self._write(self._resampler.finish())
            self._begin_anew()

    def reached(self, now: float) -> list[str]:
        """The marks whose echo is due, in order."""
        self._note()
        due: list[str] = []
        while self._echoes and self._echoes[0][1] <= now:
            due.append(self._echoes.popleft()[0])
        return due

    def pull(self, out: Samples, now: float, delay: float) -> None:
        """Fill the device's block, called at ``now``, which sounds ``delay`` seconds later. Waits for nothing."""
        self.latency += (delay - self.latency) / min(self.blocks + 1, SMOOTHING)
        count = self._ring.take(out)
        if count:
            self.level = max(self.level, float(out.max()), -float(out.min()))
        self.played += len(out)
        self.blocks += 1
        stop = self._ring.read
        block = _Block(self.blocks, stop - count, stop, now + delay, count == len(out))
        if count:
            self._sounding = block
        self._last = block

    def _note(self) -> None:
        """Reckon when the marks that the device has passed are heard."""
        last, sounding = self._last, self._sounding
        while self._marks and self._marks[0].position <= last.stop and self._marks[0].placed < last.number:
            mark = self._marks.popleft()
            block = sounding if mark.placed < sounding.number else last  # sounding: that one, or one before it
            heard_at = block.sounds_at + (mark.position - block.start) / self.rate
            self._echoes.append((mark.name, heard_at + self.latency))

    def _count_starved(self, now: float) -> None:
        """Before a push: the sound pushed so far lasts beyond ``now``; blocks that were not whole wanted this one."""
        last, sounding = self._last, self._sounding
        if now < self._until and sounding.number > self._pushed:
            self.starved += last.number - sounding.number + (not sounding.whole)
        self._pushed = self.blocks

    def _write(self, samples: Samples) -> None:
        self.lost += len(samples) - self._ring.write(samples)

    def _begin_anew(self) -> None:
        self._taken = 0
        self._base = self._ring.written


def each_channel(out: npt.NDArray[np.float32]) -> None:
    """Copy the first channel of a block to the others, in place."""
    if out.shape[1] > 1:
        out[:, 1:] = out[:, :1]
