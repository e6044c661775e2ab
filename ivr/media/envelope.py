"""Gain over time, linear in dB between knots, and the search for the gains that bring both edges to a level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ivr.media.limit import limit
from ivr.media.loudness import Side, edge_bounds, ungated
from ivr.media.samples import Samples

Floats = npt.NDArray[np.float64]

_ROUNDS = 6
_NEAR = 0.05  # LU; the search is content here
_GRAIN = 32  # samples
_DAMPING = 1e-3  # keeps the step finite where both edges are the same speech


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A gain: ``db[i]`` at sample ``at[i]``, straight lines between, level before the first and after the last."""

    at: Floats
    db: Floats

    def over(self, start: int, stop: int) -> Floats:
        """The gain in dB of samples ``start`` to ``stop``."""
        return np.interp(np.arange(start, stop), self.at, self.db)

    def apply(self, samples: Samples, start: int, rate: int) -> Samples:
        """``samples``, the first of which stands at position ``start``, with this gain and limited."""
        gain = np.exp(self.over(start, start + len(samples)) * (np.log(10) / 20))
        return limit(samples * gain.astype(np.float32), rate)


@dataclass(frozen=True, slots=True)
class Knot:
    """A point of a shape: gain = fixed + head · (gain of the head) + tail · (gain of the tail), in dB."""

    at: float
    fixed: float = 0.0
    head: float = 0.0
    tail: float = 0.0


@dataclass(frozen=True, slots=True)
class Shape:
    """A curve whose head gain and tail gain are still free. At least one knot, in ascending order."""

    knots: tuple[Knot, ...]

    def curve(self, head: float, tail: float) -> Curve:
        """The curve with these gains (dB)."""
        at = np.array([knot.at for knot in self.knots], dtype=np.float64)
        return Curve(at, np.array([knot.fixed + knot.head * head + knot.tail * tail for knot in self.knots]))

    def shares(self, samples: Samples, start: int) -> Floats:
        """How much of the energy of ``samples``, which begin at ``start``, each free gain (head, tail) moves: 0 to 1.

        The gain moves slowly, so a few milliseconds count as one place.
        """
        at = [knot.at for knot in self.knots]
        energy = np.add.reduceat(np.square(samples, dtype=np.float64), np.arange(0, len(samples), _GRAIN))
        places = start + _GRAIN * (np.arange(len(energy)) + 0.5)
        rows = ([knot.head for knot in self.knots], [knot.tail for knot in self.knots])
        shares: Floats = np.stack([np.interp(places, at, row) for row in rows]) @ energy / energy.sum()
        return shares

    def until(self, position: float) -> Shape:
        """The same up to ``position``, and level from there on."""
        at = [knot.at for knot in self.knots]
        fixed, head, tail = (
            float(np.interp(position, at, [getattr(knot, part) for knot in self.knots]))
            for part in ("fixed", "head", "tail")
        )
        return Shape((*(knot for knot in self.knots if knot.at < position), Knot(position, fixed, head, tail)))

    def then(self, *knots: Knot) -> Shape:
        """The same with ``knots`` after it; those that do not lie after its end are left out."""
        return Shape((*self.knots, *(knot for knot in knots if knot.at > self.knots[-1].at)))

    @staticmethod
    def of(curve: Curve) -> Shape:
        """A curve with nothing free."""
        return Shape(tuple(Knot(float(at), float(db)) for at, db in zip(curve.at, curve.db, strict=True)))


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge to bring to the level, and samples ``start`` to ``stop`` that hold its speech."""

    side: Side
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """How low and how high the free gains may go, in dB."""

    head: tuple[float, float]
    tail: tuple[float, float]


def fit(
    shape: Shape,
    samples: Samples,
    rate: int,
    edges: Sequence[Edge],
    target: float,
    window: float,
    bounds: Bounds,
) -> tuple[float, float]:
    """The head and tail gain (dB) with which each edge's loudness is nearest ``target`` (LUFS), limiter included.

    Damped Gauss-Newton from the middle of the bounds: it measures the edges as they would be heard and steps by how
    much of their energy each free gain moves. Edges without speech have no say.
    """
    low, high = np.array([bounds.head, bounds.tail]).T
    gains = (low + high) / 2
    best, best_miss = gains, np.inf
    for _ in range(_ROUNDS):
        misses, slopes = [], []
        curve = shape.curve(*gains)
        for edge in edges:
            heard = curve.apply(samples[edge.start : edge.stop], edge.start, rate)
            start, stop = edge_bounds(heard, rate, edge.side, window)
            if start < stop:
                misses.append(target - ungated(heard[start:stop], rate))
                slopes.append(shape.shares(heard[start:stop], edge.start + start))
        worst = max(map(abs, misses), default=0.0)
        if worst < best_miss:
            best, best_miss = gains, worst
        if best_miss < _NEAR:
            break
        slope = np.array(slopes)
        step = slope.T @ np.linalg.solve(slope @ slope.T + _DAMPING * np.eye(len(slope)), np.array(misses))
        gains = np.clip(gains + step, low, high)
    return float(best[0]), float(best[1])
