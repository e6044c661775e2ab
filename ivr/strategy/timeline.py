"""One way from what a caller did to the next question, in time: what is enqueued, waited for, heard and covered.

The rules are those of ``ivr.playout.covering``: what is late is covered ``MARGIN`` before the audio at hand ends, and
after the grace where nothing sounds; the filler once, then the hold loop, then the fallback after the patience.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass

import numpy as np

from ivr.strategy.covering import Covering, Late
from ivr.strategy.delays import Vector, always
from ivr.strategy.either import Either, Said, Value
from ivr.strategy.words import Handling, Piece

MARGIN = 0.100
"""Seconds before the end of the slack at which lateness is decided: one message."""
LEAVES = 0.100
"""Seconds that a hold loop takes to make way for words: what was sent of it, and its fade."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a value."""

    piece: Piece
    at_hand: Vector
    """Seconds from the moment when it is asked for, or its value is, until it is due."""
    needed: Vector
    """Seconds from there until the words can begin of who is meant to say it: the voice, or in ``fragments`` they."""
    known: Vector
    """Until its value is."""
    said: Said
    """By whom, and whether behind a cover."""


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

    def say(self, pieces: tuple[Piece, ...], values: Mapping[int, Value], covers: Covering | None) -> list[Told]:
        """Enqueue one prompt. ``values``: of its slots, by their places among ``pieces``."""
        if pieces:
            self._end = np.where(self._end > self.now, self._end + self._pause, self._end)
            self._pause = 0.0
            if pieces[-1].handling is None:
                self._pause, pieces = pieces[-1].seconds, pieces[:-1]
        told: list[Told] = []
        asked_at, started = self.now, False
        either = Either([value for place, value in values.items() if pieces[place].handling is Handling.EITHER])
        for place, piece in enumerate(pieces):
            starts = due = self.end
            if (value := values.get(place)) is not None:
                said = self._value(piece.handling, value, either, covers, started)
                starts, needed = said.starts, value.known if piece.handling is Handling.READ_BACK else value.begins
                told.append(Told(piece, due - asked_at, needed - asked_at, value.known - asked_at, said))
            if piece.handling is not None:
                self.first = np.minimum(self.first, starts)
                started = True
            self._end = starts + piece.seconds
        return told

    def _value(
        self, handling: Handling | None, value: Value, either: Either, covers: Covering | None, started: bool
    ) -> Said:
        """Who says a value that is due now, and when."""
        due = self.end
        if handling is Handling.EITHER:
            begins = self._begins(due, covers, started)
            urgent = np.where(due <= self.now, begins, due - MARGIN)
            return either.say(due, urgent, lambda ready: self._late(ready, due, covers, started))
        spliced = handling is Handling.READ_BACK
        found = self._late(value.known if spliced else value.begins, due, covers, started)
        known = (value.known <= found.given_up).astype(float)
        return Said(found.starts, found.covered, known * spliced, known * (not spliced))

    def wait(self, until: Vector, covers: Covering | None) -> None:
        """The dialog waits for a value."""
        if bool(np.all(until <= self.now)):
            return
        if covers is None:
            self.now = np.maximum(self.now, until)
            return
        until = np.minimum(until, self._begins(self.end, covers, False, waits=True) + covers.patience)
        found = self._late(until, self.end, covers, False, waits=True)
        self._end = np.where(found.covered > 0, found.starts, self._end)
        self.now = np.maximum(self.now, until)

    def gives_up(self, until: Vector, covers: Covering | None) -> None:
        """What was to be said behind these words is dropped, since its value failed at ``until``."""
        found = self._late(until, self.end, covers, True)
        self._end = np.where(found.covered > 0, found.starts, self._end)
        self.now = np.maximum(self.now, until)

    def _begins(self, due: Vector, covers: Covering | None, started: bool, *, waits: bool = False) -> Vector:
        """When a cover would begin, if nothing else is at hand; silence in a wait before counts."""
        dry, grace = (due <= self.now) | waits, 0.0 if started or covers is None else covers.grace
        return np.where(dry, np.maximum(self._end + grace, due), due)

    def _late(self, ready: Vector, due: Vector, covers: Covering | None, started: bool, *, waits: bool = False) -> Late:
        """When words that are ready then begin, and where a cover is heard before."""
        if covers is None:
            starts = np.maximum(due, ready)
            return Late(np.where(np.isfinite(starts), starts, due), np.zeros_like(due), always(np.inf))
        begins = self._begins(due, covers, started, waits=waits)
        late = ready > np.where((due <= self.now) | waits, begins, due - MARGIN)
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
        return Late(np.where(late, held, np.maximum(due, ready)), heard.astype(float), given_up)
