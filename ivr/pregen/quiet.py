"""Clips that stay under the project's loudness, since their peaks leave no room for more. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from ivr.catalog.mistakes import listing
from ivr.errors import Problem, Severity
from ivr.media.finish import TOLERANCE
from ivr.phrases.lock import LockEntry
from ivr.project.sources import Sources

_ROUNDED = 0.005
"""LU by which the lock's figure may be off."""


def short_of(entry: LockEntry, target: float) -> float:
    """LU by which a clip that a build made stays under ``target``; 0.0 within ``TOLERANCE``."""
    if entry.origin == "own" or entry.level is None:
        return 0.0
    short = target - entry.level
    return short if short > TOLERANCE + _ROUNDED else 0.0


def quiet(sources: Sources, entries: Iterable[LockEntry]) -> list[Problem]:
    """One warning for all of them, at the loudness that is asked for, with one that all would reach."""
    target, levelled = sources.settings.loudness, [entry for entry in entries if entry.origin != "own"]
    short = {entry.clip: short_of(entry, target) for entry in sorted(levelled, key=lambda each: each.clip)}
    short = {name: by for name, by in short.items() if by}
    if not short:
        return []
    least, most = min(short.values()), max(short.values())
    by = f"{most:.1f}" if f"{least:.1f}" == f"{most:.1f}" else f"{least:.1f} to {most:.1f}"
    what = (
        f"{len(short):,} of {len(levelled):,} clips stay {by} LU under loudness {target:g}, because their peaks leave "
        f"no room for more: {listing(short)}"
    )
    remedy = f"set loudness to {math.floor(target - most)}, which all of them reach"
    return [replace(sources.written.problem(("loudness",), what, remedy, code="clip"), severity=Severity.WARNING)]
