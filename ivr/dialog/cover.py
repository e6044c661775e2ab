"""What covers the waits of one state, or of a part of a dialog in Python, where its project's covers do not fit."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from ivr.errors import DialogBroken

EVERY = (1.0, 600.0)
GRACE = (0.0, 5.0)
PATIENCE = (0.1, 600.0)
"""Seconds, both ends included, that these times may be."""
ROLES = ("filler", "hold", "still", "fallback")
"""What names a phrase."""
_TIMES = {"every": EVERY, "grace": GRACE, "patience": PATIENCE}


def _within(value: Any, low: float, high: float) -> bool:
    return value is None or (isinstance(value, int | float) and low <= value <= high)


def _told(value: str | float) -> str:
    return (value or "no") if isinstance(value, str) else f"{value:g} s"


@dataclass(frozen=True, slots=True)
class Cover:
    """As ``cover:`` of the project, which stands in for what is None; times are seconds.

    Phrases are named; an empty text is none at all. Raises ``DialogBroken`` for what is no name or out of range.
    """

    filler: str | None = None
    hold: str | None = None
    still: str | None = None
    every: float | None = None
    fallback: str | None = None
    grace: float | None = None
    patience: float | None = None

    def __post_init__(self) -> None:
        for role in ROLES:
            if not isinstance(getattr(self, role), str | None):
                raise DialogBroken(f"Cover({role}=…) is no text: name a phrase of fixed words, or '' for none")
        for name, (low, high) in _TIMES.items():
            if not _within(getattr(self, name), low, high):
                raise DialogBroken(f"Cover({name}=…) is out of range: give {low:g} to {high:g} seconds, as a number")

    @property
    def phrases(self) -> dict[str, str]:
        """Those that it names, by their role."""
        return {role: name for role in ROLES if (name := getattr(self, role))}

    def __str__(self) -> str:
        """``hold music, filler no, patience 20 s``: what is otherwise than in the project."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return ", ".join(f"{name} {_told(value)}" for name, value in given.items() if value is not None)


USUAL = Cover()
"""As the project covers."""
