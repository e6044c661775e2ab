"""Arrows from box to box, each with a place of its own at both ends, and their labels."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from ivr.graph.layers import Arrow, Rows
from ivr.graph.model import Edge
from ivr.graph.places import Box
from ivr.trace.svg import Drawing, fitted, width, wrapped

Point = tuple[float, float]

LABEL = 170.0
"""Pixels of a line of a label at most."""
LABEL_LINES = 4
"""Of one label; what is more stands in its tip."""
LABEL_LINE = 13.0
"""Pixels from one line to the next."""
LEVELS = 12
"""Lines below a box before labels begin at the top again."""
TIP = 7.0
BESIDE = 5.0
"""Pixels between two arrows with the same ends."""


class Arrows:
    """Of one drawing."""

    def __init__(self, found: Rows, boxes: Mapping[str, Box], edges: Sequence[Edge]) -> None:
        self._found = found
        self._boxes = boxes
        self._edges = [edge for edge in edges if (edge.source, edge.target) in found.chains]
        beside = Counter[Arrow]()
        self._lines: dict[int, list[Point]] = {}
        for index, edge in enumerate(self._edges):
            self._lines[index] = self._points(edge, BESIDE * beside[self._arrow(edge)])
            beside[self._arrow(edge)] += 1
        self._apart()

    def draw(self, below: Drawing, above: Drawing) -> None:
        """Lines into one drawing, labels into the other, which is to lie on top."""
        levels: defaultdict[str, int] = defaultdict(int)
        for index, edge in enumerate(self._edges):
            points = self._lines[index]
            up = (edge.source, edge.target) in self._found.turned
            below.curve(points, f"arrow {edge.style}", edge.label)
            _tip(below, points[0] if up else points[-1], up, edge.style)
            if edge.label:
                levels[edge.source] += _label(above, edge, points[::-1] if up else points, levels[edge.source], up)

    def _points(self, edge: Edge, aside: float) -> list[Point]:
        """From above to below; the two ends are moved apart later."""
        chain = self._found.chains[edge.source, edge.target]
        points: list[Point] = []
        for node in chain:
            box = self._boxes[node]
            if node not in self._found.bends:
                points.append((box.middle, box.y + box.height if node == chain[0] else box.y))
            else:
                points += [(box.middle + aside, box.y), (box.middle + aside, box.y + box.height)]
        return points

    def _apart(self) -> None:
        """Each arrow at a box gets its share of the box's edge, in the order of where it goes."""
        ends: defaultdict[tuple[str, bool], list[int]] = defaultdict(list)
        for index, edge in enumerate(self._edges):
            chain = self._found.chains[self._arrow(edge)]
            ends[chain[0], True].append(index)
            ends[chain[-1], False].append(index)
        for (node, leaves), indexes in ends.items():
            box = self._boxes[node]
            near, far = (0, 1) if leaves else (-1, -2)
            indexes.sort(key=lambda index: self._lines[index][far][0])
            for place, index in enumerate(indexes, 1):
                x = box.x + box.width * place / (len(indexes) + 1)
                self._lines[index][near] = (x, self._lines[index][near][1])

    @staticmethod
    def _arrow(edge: Edge) -> Arrow:
        return edge.source, edge.target


def _tip(to: Drawing, at: Point, up: bool, style: str) -> None:
    x, y = at
    back = TIP if up else -TIP
    to.path([(x, y), (x - TIP / 2, y + back), (x + TIP / 2, y + back)], f"tip {style}")


def lines(edge: Edge) -> list[str]:
    """Its label, line by line."""
    return wrapped(" ".join(_pieces(edge.label)), 10.5, LABEL, LABEL_LINES)


def _pieces(text: str) -> Iterator[str]:
    """Its words; one that is wider than a line, such as a long name in an expression, in parts."""
    for word in text.split():
        while width(word, 10.5) > LABEL:
            fits = max(1, len(fitted(word, 10.5, LABEL)) - 1)
            cut = max((word.rfind(mark, 1, fits) + 1 for mark in "._"), default=0) or fits
            yield word[:cut]
            word = word[cut:]
        yield word


def _label(to: Drawing, edge: Edge, points: list[Point], level: int, up: bool) -> int:
    """Beside the source, farther than the last, so that those of one box do not cover each other; how many lines."""
    written = lines(edge)
    (x, y), (far_x, far_y) = points[0], points[1]
    level = level % LEVELS
    middle = 18.0 + LABEL_LINE * (level + (len(written) - 1) / 2)
    share = min(0.8, middle / max(1.0, abs(far_y - y)))
    eased = share * share * (3 - 2 * share)
    x += (far_x - x) * eased
    for number, text in enumerate(written):
        way = 18.0 + LABEL_LINE * (level + (len(written) - 1 - number if up else number))
        line = y - way if up else y + way
        wide = width(text, 10.5) + 6
        to.rect(x - wide / 2, line - 9.5, wide, 12.5, "under")
        to.text(x, line, text, f"label {edge.style}", edge.label)
    return len(written)
