"""What covers lateness in a state, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.dialog.cover import Cover
from ivr.project.settings.settings import CoverSettings
from ivr.strategy.delays import Vector
from ivr.strategy.words import Words


@dataclass(frozen=True, slots=True)
class Covering:
    """What covers lateness: lengths in seconds, None for a phrase that there is not."""

    grace: float
    patience: float
    filler: float | None
    hold: bool
    fallback: float | None

    @property
    def sounds(self) -> bool:
        """Whether anything is heard of it before the patience is over."""
        return self.filler is not None or self.hold


@dataclass(frozen=True, slots=True)
class Late:
    """Of words that are ready at some time and due at another."""

    starts: Vector
    """When they begin, or the fallback in their place."""
    covered: Vector
    """1 where a cover is heard before, else 0."""
    given_up: Vector
    """When they would be; infinite where nothing covers them."""


def covering(settings: CoverSettings, cover: Cover, words: Words) -> Covering | None:
    """Of a state, in the locale of ``words``; None where the project covers nothing."""
    if not settings.enabled:
        return None
    filler = settings.filler if cover.filler is None else cover.filler
    hold = settings.hold if cover.hold is None else cover.hold
    fallback = settings.fallback if cover.fallback is None else cover.fallback
    return Covering(
        settings.grace if cover.grace is None else cover.grace,
        settings.patience if cover.patience is None else cover.patience,
        words.sounds(filler) if filler else None,
        bool(hold),
        words.sounds(fallback) if fallback else None,
    )
