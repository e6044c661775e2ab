"""Where each node of a row stands: near what it is joined to, and never on top of another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from ivr.graph.layers import Rows

ROUNDS = 10
GAP = 26.0
"""Pixels between two nodes of a row."""
BEND = 14.0
"""Pixels that an arrow takes in a row that it crosses."""


@dataclass(frozen=True, slots=True)
class Box:
    """Pixels; ``x`` and ``y`` are the upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Of its width."""
        return self.x + self.width / 2


def places(found: Rows, sizes: Mapping[str, tuple[float, float]], between: Mapping[int, float]) -> dict[str, Box]:
    """``sizes``: width and height of each node; ``between``: pixels below each row."""
    wide = {node: sizes[node][0] if node in sizes else BEND for row in found.rows for node in row}
    near: defaultdict[str, list[str]] = defaultdict(list)
    for chain in found.chains.values():
        for upper, lower in pairwise(chain):
            near[lower].append(upper)
            near[upper].append(lower)
    middle: dict[str, float] = {}
    for row in found.rows:
        _spread(row, dict.fromkeys(row, 0.0), wide, middle)
    for turn in range(ROUNDS):
        for row in found.rows if turn % 2 == 0 else found.rows[::-1]:
            wanted = {
                node: sum(middle[other] for other in near[node]) / len(near[node]) if near[node] else middle[node]
                for node in row
            }
            _spread(row, wanted, wide, middle)
    left = min((middle[node] - wide[node] / 2 for node in middle), default=0.0)
    boxes: dict[str, Box] = {}
    y = 0.0
    for index, row in enumerate(found.rows):
        tall = max((sizes[node][1] for node in row if node in sizes), default=0.0)
        for node in row:
            height = sizes[node][1] if node in sizes else tall
            boxes[node] = Box(middle[node] - wide[node] / 2 - left, y, wide[node], height)
        y += tall + between[index]
    return boxes


def _spread(row: list[str], wanted: Mapping[str, float], wide: Mapping[str, float], middle: dict[str, float]) -> None:
    """As near to what is wanted as the order and the widths allow: the mean of pushing right and of pushing left."""
    pushed: dict[str, float] = {}
    edge = float("-inf")
    for node in row:
        pushed[node] = max(wanted[node], edge + wide[node] / 2)
        edge = pushed[node] + wide[node] / 2 + GAP
    edge = float("inf")
    for node in reversed(row):
        left = min(wanted[node], edge - wide[node] / 2)
        edge = left - wide[node] / 2 - GAP
        middle[node] = (pushed[node] + left) / 2
