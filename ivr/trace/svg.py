"""The little of SVG 1.1 that pictures of calls and dialogs need. Lengths are pixels, y grows downwards."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from math import inf
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may hold, however it is escaped (section 2.2)."""

_NARROW, _WIDE = frozenset("iljtfrI.,:;'|!()[] "), frozenset("mwMW@%—…")


def safe(text: str) -> str:
    """``text`` as the content of an element or of an attribute in double quotes."""
    return escape(_NOT_XML.sub("\ufffd", text), {'"': "&quot;"})


def width(text: str, size: float) -> float:
    """About how wide ``text`` is in a sans-serif font of ``size`` pixels; on the generous side."""
    return size * sum(_em(character) for character in text)


def fitted(text: str, size: float, room: float) -> str:
    """``text``, or as much of it as fits ``room`` with an ellipsis; empty when not even three letters do."""
    if width(text, size) <= room:
        return text
    room -= width("…", size)
    kept = 0
    while kept < len(text) and (room := room - size * _em(text[kept])) >= 0:
        kept += 1
    return text[:kept].rstrip() + "…" if kept >= 3 else ""


def wrapped(text: str, size: float, room: float, lines: int) -> list[str]:
    """``text`` broken between words into at most so many lines of ``room`` pixels; the last one as ``fitted``."""
    words = text.split()
    broken: list[str] = []
    while words and len(broken) < lines - 1:
        taken = 1
        while taken < len(words) and width(" ".join(words[: taken + 1]), size) <= room:
            taken += 1
        if width(" ".join(words[:taken]), size) > room:
            break  # one word that is too long by itself
        broken.append(" ".join(words[:taken]))
        words = words[taken:]
    last = fitted(" ".join(words), size, room)
    return [*broken, last] if last else broken


def staggered(extents: list[tuple[float, float]], levels: int) -> list[int | None]:
    """For each (left, right), in order of left, the first level where it overlaps nothing; None where all are full."""
    ends: list[float] = [-inf] * levels
    chosen: list[int | None] = []
    for left, right in extents:
        free = next((level for level, end in enumerate(ends) if end <= left), None)
        if free is not None:
            ends[free] = right
        chosen.append(free)
    return chosen


def stacked(extents: list[tuple[float, float]], levels: int) -> list[int | None]:
    """For each (left, right), in order, a level away from the thing it labels, farther than those it would cover.

    A label hangs on a line from its left edge to the thing; nothing that stands nearer is in that line's way. None
    where that would be farther than ``levels`` allow.
    """
    chosen: list[int | None] = []
    for index in reversed(range(len(extents))):
        after = zip(extents[index + 1 :], chosen, strict=True)
        covered = [level for (left, _), level in after if left < extents[index][1] and level is not None]
        level = max(covered, default=-1) + 1
        chosen.insert(0, level if level < levels else None)
    return chosen


def used(levels: list[int | None]) -> int:
    """How many levels must be drawn; one where there is nothing to draw."""
    return max((level for level in levels if level is not None), default=0) + 1


class Drawing:
    """Collects elements; ``style`` names a class of the style sheet that ``document`` is given."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def add(self, other: Drawing) -> None:
        """All of ``other``, on top of what is here."""
        self._parts.extend(other._parts)

    def rect(self, x: float, y: float, width: float, height: float, style: str, tip: str = "") -> None:
        """A box, never thinner than a pixel, with a tooltip."""
        place = f'x="{_n(x)}" y="{_n(y)}" width="{_n(max(width, 1.0))}" height="{_n(height)}"'
        self._add("rect", place, style, tip)

    def line(self, x1: float, y1: float, x2: float, y2: float, style: str, tip: str = "") -> None:
        """A straight line."""
        self._add("line", f'x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"', style, tip)

    def circle(self, x: float, y: float, radius: float, style: str, tip: str = "") -> None:
        """A disc."""
        self._add("circle", f'cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"', style, tip)

    def path(self, points: list[tuple[float, float]], style: str) -> None:
        """A closed outline."""
        if points:
            self._add("path", f'd="M{" ".join(f"{_n(x)},{_n(y)}" for x, y in points)}Z"', style, "")

    def curve(self, points: Sequence[tuple[float, float]], style: str, tip: str = "") -> None:
        """A line through points from above to below, that comes and leaves each of them upright."""
        place = f"M{_n(points[0][0])},{_n(points[0][1])}"
        for (x1, y1), (x2, y2) in pairwise(points):
            half = (y1 + y2) / 2
            place += f"C{_n(x1)},{_n(half)} {_n(x2)},{_n(half)} {_n(x2)},{_n(y2)}"
        self._add("path", f'd="{place}"', style, tip)

    def text(self, x: float, y: float, text: str, style: str, tip: str = "") -> None:
        """One line of text that begins at ``x`` (or as its style's anchor says) and stands on ``y``."""
        title = f"<title>{safe(tip)}</title>" if tip else ""
        self._parts.append(f'<text x="{_n(x)}" y="{_n(y)}" class="{style}">{title}{safe(text)}</text>')

    def document(self, width: float, height: float, title: str, styles: str) -> str:
        """The whole as a file of its own; without ``styles`` as a part of a page that has them."""
        sheet = f"<style>{styles}</style>\n" if styles else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(width)}" height="{_n(height)}" '
            f'viewBox="0 0 {_n(width)} {_n(height)}" role="img">\n'
            f"<title>{safe(title)}</title>\n{sheet}" + "\n".join(self._parts) + "\n</svg>\n"
        )

    def _add(self, element: str, place: str, style: str, tip: str) -> None:
        end = f"><title>{safe(tip)}</title></{element}>" if tip else "/>"
        self._parts.append(f'<{element} {place} class="{style}"{end}')


def _em(character: str) -> float:
    if east_asian_width(character) in "WF":
        return 1.0
    if character in _NARROW:
        return 0.36
    return 0.95 if character in _WIDE else 0.68 if character.isupper() else 0.6


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
