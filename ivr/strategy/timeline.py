"""One way from what a caller did to the next question, in time: what is enqueued, waited for, heard and covered.

The rules are those of ``ivr.playout.track``: what is late is covered ``MARGIN`` before the audio at hand ends, and
after the grace where nothing sounds; the filler once, then the hold loop, then the fallback after the patience.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np

from ivr.dialog.cover import Cover
from ivr.project.settings import CoverSettings
from ivr.strategy.delays import Vector, always
from ivr.strategy.words import Piece, Words

MARGIN = 0.100
"""Seconds before the end of the slack at which lateness is decided: one message."""
LEAVES = 0.100
"""Seconds that a hold loop takes to make way for words: what was sent of it, and its fade."""


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


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a live segment."""

    piece: Piece
    at_hand: Vector
    """Seconds from the moment when it is asked for, or its value is, until it is due."""
    needed: Vector
    """Seconds from there until its words can begin."""
    covered: Vector
    """1 where a cover is heard before it, else 0."""


class Timeline:
    """Cases, as in ``ivr.strategy.delays``; times are seconds since the trigger."""

    def __init__(self) -> None:
        self.now = always(0.0)
        """Where the dialog is."""
        self.first = always(np.inf)
        """When the caller hears something for the first time."""
        self._end = always(0.0)
        self._pause = 0.0
        self._filled = always(0.0) > 0  # nowhere

    def copy(self) -> Timeline:
        """From here on another way; no vector is changed in place."""
        return copy(self)

    @property
    def end(self) -> Vector:
        """When all that was enqueued has been heard."""
        return np.maximum(self._end, self.now)

    @property
    def heard_until(self) -> Vector:
        """When all that was enqueued has been heard, with the pause behind it; before ``now`` it was silent since."""
        return self._end + self._pause * (self._end > self.now)

    def say(self, pieces: tuple[Piece, ...], ready: dict[str, Vector], covers: Covering | None) -> list[Told]:
        """Enqueue one prompt. ``ready``: by the name of a slot, when its words could begin."""
        if pieces:
            self._end = np.where(self._end > self.now, self._end + self._pause, self._end)
            self._pause = 0.0
            if pieces[-1].handling is None:
                self._pause, pieces = pieces[-1].seconds, pieces[:-1]
        told: list[Told] = []
        asked_at, started = self.now, False
        for piece in pieces:
            due = self.end
            if piece.slot is not None and piece.slot.name in ready:
                begins = ready[piece.slot.name]
                starts, covered = self._late(begins, due, covers, started)
                told.append(Told(piece, due - asked_at, begins - asked_at, covered))
            else:
                starts = due
            if piece.handling is not None:
                self.first = np.minimum(self.first, starts)
                started = True
            self._end = starts + piece.seconds
        return told

    def wait(self, until: Vector, covers: Covering | None) -> None:
        """The dialog waits for a value."""
        if bool(np.all(until <= self.now)):
            return
        if covers is None:
            self.now = np.maximum(self.now, until)
            return
        until = np.minimum(until, self.end + covers.grace + covers.patience)
        starts, covered = self._late(until, self.end, covers, False, waits=True)
        self._end = np.where(covered > 0, starts, self._end)
        self.now = np.maximum(self.now, until)

    def gives_up(self, until: Vector, covers: Covering | None) -> None:
        """What was to be said behind these words is dropped, since its value failed at ``until``."""
        starts, covered = self._late(until, self.end, covers, True)
        self._end = np.where(covered > 0, starts, self._end)
        self.now = np.maximum(self.now, until)

    def _late(
        self, ready: Vector, due: Vector, covers: Covering | None, started: bool, *, waits: bool = False
    ) -> tuple[Vector, Vector]:
        """When words that are ready then begin, and where a cover is heard before."""
        if covers is None:
            starts = np.maximum(due, ready)
            return np.where(np.isfinite(starts), starts, due), np.zeros_like(due)
        dry = (due <= self.now) | waits
        begins = np.where(dry, due + (0.0 if started else covers.grace), due)
        late = ready > np.where(dry, begins, due - MARGIN)
        given_up = begins + covers.patience
        lost = ready > given_up
        after = np.minimum(ready, given_up)
        if covers.filler is not None:
            filled = np.where(self._filled, begins, begins + covers.filler)
            self._filled = self._filled | late
        else:
            filled = begins
        held = np.where(after > filled, after + LEAVES * covers.hold, filled)
        heard = late if covers.sounds else late & lost
        self.first = np.where(heard, np.minimum(self.first, begins if covers.sounds else given_up), self.first)
        return np.where(late, held, np.maximum(due, ready)), heard.astype(float)
