"""Where a value of a file stands."""

from __future__ import annotations

from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Keys and list indexes from the top of the file to a value."""

MAX_NODES = 100_000
"""Values of one file with its aliases expanded: a few lines of aliases can otherwise name billions."""
MAX_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value and its key stand; lines and columns count from 1."""

    key: tuple[int, int]
    value: tuple[int, int]
    inside: int | None
    """Characters from ``value`` to the text itself (1 behind a quote); None where the file writes it differently."""
    quoted: bool = False
    """A text by how it is written: in quotes, or as a block."""
