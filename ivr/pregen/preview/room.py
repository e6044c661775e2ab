"""How much sound the page holds: who comes first is served, and beyond it players point at the files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ivr.trace.html.packed import packed


@dataclass(slots=True)
class Room:
    """Shares it out."""

    limit: int
    """Bytes, packed; with 0 the page has no sound of its own."""
    taken: int = 0
    refused: int = 0
    """How many sounds found no room. From the first on none does, so that nothing is made only to be thrown away."""

    def of(self, make: Callable[[], bytes]) -> str:
        """What ``make`` gives, packed; empty where there is no room for it."""
        found = packed(make()) if self.limit and not self.refused else ""
        if not found or self.taken + len(found) > self.limit:
            self.refused += 1
            return ""
        self.taken += len(found)
        return found
