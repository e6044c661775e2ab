"""Whether the files of a project have changed: their times and sizes, and nothing of what is in them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOMS = ("prompts", "audio")

DEEPEST = 8
"""Directories within one another; a link may lead in a circle."""

Fingerprint = Mapping[str, tuple[int, int, int]]
"""By path: nanoseconds of the last change, bytes, and the file itself, which a replaced one is not any more."""


def fingerprint(root: Path) -> Fingerprint:
    """Of the project in ``root``. A file that cannot be looked at is not there; what editors keep is left out."""
    return dict(found for room in ROOMS for found in _below(str(root / room), DEEPEST))


def _below(directory: str, depth: int) -> Iterator[tuple[str, tuple[int, int, int]]]:
    try:
        entries = list(os.scandir(directory))
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith((".", "__pycache__")) or entry.name.endswith(("~", ".tmp")):
            continue
        try:
            if entry.is_dir():
                if depth:
                    yield from _below(entry.path, depth - 1)
                continue
            facts = entry.stat()
        except OSError:
            continue
        yield entry.path, (facts.st_mtime_ns, facts.st_size, facts.st_ino)
