"""Quiet within sound: one measure for what a clip holds and for what a caller heard."""

from __future__ import annotations

import numpy as np

from ivr.media.samples import Samples

BLOCK = 0.010
"""Seconds in one block of the measure."""
QUIET = -50.0
"""RMS in dBFS below which a block is quiet: a telephone line's own noise lies there."""
INSIDE, EDGE = 0.05, 0.15
"""Seconds from which quiet inside a clip, and at its head or tail, is told: every clip has a little at its edges."""


def quiet_blocks(samples: Samples, rate: int, below: float = QUIET) -> list[tuple[int, int]]:
    """First block and the one behind the last of each quiet stretch; a last block that is not whole is left out."""
    block = round(rate * BLOCK)
    blocks = samples[: len(samples) // block * block].reshape(-1, block)
    quiet = np.mean(np.square(blocks), axis=1) < 10 ** (below / 10)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], quiet, [False])).astype(np.int8)))
    return [(int(first), int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def quiet_within(samples: Samples, rate: int) -> tuple[float, ...]:
    """Seconds of each quiet stretch: at the head, inside in order, at the tail.

    The first and last are 0 where the sound begins and ends at once; none at all where nothing in it is quiet for long.
    """
    count = len(samples) // round(rate * BLOCK)
    head, tail, inside = 0.0, 0.0, []
    for first, last in quiet_blocks(samples, rate):
        seconds = round((last - first) * BLOCK, 3)
        if first == 0:
            head = seconds if seconds >= EDGE else 0.0
        elif last == count:
            tail = seconds if seconds >= EDGE else 0.0
        elif seconds >= INSIDE:
            inside.append(seconds)
    return (head, *inside, tail) if head or tail or inside else ()
