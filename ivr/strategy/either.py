"""Values that the voice says where it is there in time, and fragments where not: ``readback: {mode: auto}``.

The rules are those of ``ivr.playout.instead``: what is chosen for the first value of an utterance holds for all of
them, and the voice must be ready with each. A first attempt that fails is the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ivr.strategy.covering import Late
from ivr.strategy.delays import Vector, always
from ivr.strategy.voice import Sound

Cases = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Value:
    """Of one slot, in seconds since the trigger."""

    known: Vector
    """When its value is."""
    sound: Sound
    """From there on, where a voice says it."""

    @property
    def begins(self) -> Vector:
        """When a voice can, that is asked again where it fails."""
        return self.known + self.sound.begins

    @property
    def once(self) -> Vector:
        """When a voice can, that is asked once."""
        return self.known + self.sound.once


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a value."""

    starts: Vector
    covered: Vector
    """1 where a cover is heard before it, else 0."""
    fragments: Vector
    """1 where fragments say it."""
    asked: Vector
    """1 where the voice is asked for it."""


class Either:
    """The values of one utterance, in their order."""

    def __init__(self, values: Sequence[Value]) -> None:
        self._left = list(values)
        self._stream: Cases = always(0.0) > 0  # nowhere
        self._fragments: Cases = always(0.0) > 0
        self._chosen_at = always(np.inf)

    def say(self, due: Vector, urgent: Vector, late: Callable[[Vector], Late]) -> Said:
        """The next one. ``urgent``: when a cover would begin; ``late``: of what is ready then."""
        value, streams, spliced = self._left[0], self._stream, self._fragments
        found = late(np.where(streams, value.begins, value.known))
        known = value.known <= found.given_up
        undecided = known & ~(streams | spliced)
        at = np.where(value.known > urgent, found.starts, np.minimum(urgent, value.known + value.sound.fails))
        together = np.max([each.once for each in self._left], axis=0)
        in_time = together <= at
        asked = np.where(spliced, value.known <= self._chosen_at, known)
        chosen = np.maximum(due, np.where(in_time, together, at))
        starts = np.where(undecided & (value.known <= urgent), chosen, found.starts)
        self._chosen_at = np.where(undecided, at, self._chosen_at)
        self._stream = streams | (undecided & in_time)
        self._fragments = spliced | (undecided & ~in_time)
        self._left = self._left[1:]
        return Said(starts, found.covered, (known & self._fragments).astype(float), asked.astype(float))
