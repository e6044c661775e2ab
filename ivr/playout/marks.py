"""The marks of one stream: which are out, which came back, and which do not come back any more.

Rules:

* Every mark is resolved exactly once: by its echo, by a clear, or ``OVERDUE`` seconds after it was expected.
* Echoes come in order. A mark behind which another came back was lost; where several are out and none came back, the
  far side more likely stands still, and they are given up after ``STANDSTILL``. A queue that the far side reports is
  the truth: what waits in it is not overdue.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ivr.gateways.codec import MarkKind
from ivr.playout.far_clock import FarClock
from ivr.timers import earliest
from ivr.trace.sound import MarkResolved, MarksLate, Outcome

OVERDUE = 2.0
"""Seconds after which a mark that did not come back no longer holds the dialog."""

LATE = 1.0
"""Seconds after which a mark that did not come back is said to be late, again after as long each time; networks that
deliver at all seldom take longer."""

STANDSTILL = 20.0
"""Seconds without a sign of progress after which a far side that has answered before is taken to answer no more."""


@dataclass(slots=True)
class _Mark:
    number: int
    position: int
    placed_at: float
    idle: bool
    """The far side's queue was empty: the echo measures the path."""
    spoiled: bool = False
    """It was out while the sound was held: it measures no path."""


class Marks:
    """Of one stream. Positions are samples since it began, times are seconds."""

    def __init__(self, kind: MarkKind, clock: FarClock) -> None:
        """What comes back sets ``clock`` right."""
        self._kind = kind
        self._clock = clock
        self._out: dict[str, _Mark] = {}
        self._given_up: dict[str, _Mark] = {}
        self._cleared: dict[str, tuple[Outcome, float]] = {}
        self._count = 0
        self._clears = 0
        self._echoed_number = 0
        self._late_told_at = 0.0
        self.echoed = 0
        """The furthest position that the far side is known to have reached."""
        self.answers = False
        """Whether marks come back."""
        self.moved_at = 0.0
        """When the far side last gave a sign of progress, or was given something to do."""

    def place(self, position: int, now: float, *, idle: bool) -> str | None:
        """The name of a mark at ``position``; None where the gateway has no marks.

        ``idle``: the far side's queue is empty. The name carries the number of clears, so that a late echo is told from
        a fresh one.
        """
        if self._kind is MarkKind.NONE:
            return None
        self._count += 1
        name = f"{self._clears}.{self._count}"
        self._out[name] = _Mark(self._count, position, now, idle)
        return name

    def reached(self, name: str, now: float) -> MarkResolved | None:
        """An echo came in; None for one that is unknown or was resolved before."""
        if name in self._cleared:
            outcome, _ = self._cleared.pop(name)
            return MarkResolved(name, outcome, now)
        given_up = self._given_up.pop(name, None)
        mark = self._out.pop(name, given_up)
        if mark is None:
            return None
        self.echoed = max(self.echoed, mark.position)
        self._echoed_number = max(self._echoed_number, mark.number)
        self.answers, self.moved_at = True, now
        took = now - mark.placed_at
        # What comes while the sound is held left before it stood still; what took longer was a standstill and no path.
        if mark.idle and (self._clock.held or not mark.spoiled) and took <= OVERDUE:
            self._clock.learn_path(took)
        else:
            self._clock.echoed(mark.position, now)
        return MarkResolved(name, Outcome.PLAYED, now) if given_up is None else None

    def reported(self, position: int, now: float) -> None:
        """The far side says that it has reached ``position``."""
        if position > self.echoed:
            self.echoed, self.moved_at = position, now

    def waited_for(self) -> int | None:
        """The position of the first that is out and tells what was heard; None where there is none."""
        # Echoes come in order: one behind another that came back was lost, and says nothing.
        out = (mark.position for mark in self._out.values() if not mark.idle and mark.position > self.echoed)
        return next(out, None)

    def hold(self) -> None:
        """What sounds over there is stopped where it is."""
        # One that stands before all sound waits for none, so that nothing holds it up.
        self._out = {name: replace(mark, spoiled=mark.position > 0) for name, mark in self._out.items()}

    def go_on(self, seconds: float, now: float) -> None:
        """It goes on, after so long."""
        self.moved_at = now
        self._out = {
            name: replace(mark, placed_at=mark.placed_at + (seconds if mark.position > 0 else 0.0))
            for name, mark in self._out.items()
        }

    def clear(self, now: float) -> None:
        """What is queued over there is dropped now, before the clock knows of it."""
        for name, mark in self._out.items():
            expected = self._clock.when(mark.position)
            played = expected is not None and expected <= self._clock.there(now)
            until = now + OVERDUE if self._kind is MarkKind.ECHO_ON_CLEAR else now
            self._cleared[name] = (Outcome.PLAYED if played else Outcome.CLEARED, until)
        self._out.clear()
        self._given_up.clear()
        self._clears += 1

    def lost(self, now: float) -> list[MarkResolved]:
        """Marks that are resolved without an echo by now: cleared ones that never come back, and overdue ones."""
        gone = [MarkResolved(name, outcome, now) for name, (outcome, until) in self._cleared.items() if now >= until]
        for resolved in gone:
            del self._cleared[resolved.name]
        while (at := self._given_up_at()) is not None and now >= at:
            name, mark = next(iter(self._out.items()))
            self._given_up[name] = self._out.pop(name)
            self.answers = self.answers and mark.number < self._echoed_number
            gone.append(MarkResolved(name, Outcome.ESTIMATED, now))
        return gone

    def late(self, now: float) -> MarksLate | None:
        """That marks are late by now; once every ``LATE`` seconds while they are."""
        at = self._late_at()
        if at is None or now < at:
            return None
        self._late_told_at = now
        waiting = [mark for mark in self._out.values() if not self._overtaken(mark)]
        return MarksLate(len(waiting), now - self._expected(waiting[0]), now)

    def next_timer(self) -> float | None:
        """When ``lost`` or ``late`` has something to say, if nothing comes back before."""
        times = [until for _, until in self._cleared.values()] if self._cleared else []
        return earliest(self._late_at(), None if self._late_first else self._given_up_at(), *times)

    @property
    def _late_first(self) -> bool:
        """The oldest mark is waited for and not told to be late: that comes before it is given up, as ``LATE`` does."""
        oldest = next(iter(self._out.values()), None)
        return oldest is not None and not self._overtaken(oldest) and self._late_told_at <= oldest.placed_at

    def _overtaken(self, mark: _Mark) -> bool:
        """Another came back from behind it, or the far side has reported to be past it; so are all that are older."""
        return mark.number < self._echoed_number or mark.position <= self.echoed

    def _expected(self, mark: _Mark) -> float:
        """When the echo of a mark is expected."""
        expected = self._clock.when(mark.position)
        return max(mark.placed_at, expected if expected is not None else 0.0) + 2 * self._clock.path

    def _given_up_at(self) -> float | None:
        """When the oldest mark is, of those that are out; the others are later. Never while the sound is held."""
        if not self._out or self._clock.held:
            return None
        oldest = next(iter(self._out.values()))
        overdue = self._expected(oldest) + OVERDUE
        patient = self.answers and len(self._out) > 1 and not self._overtaken(oldest)
        return max(overdue, self.moved_at + STANDSTILL) if patient else overdue

    def _late_at(self) -> float | None:
        """When the oldest mark that was not overtaken is late, or late for so long again."""
        if not self._clock.held:
            for mark in self._out.values():
                if not self._overtaken(mark):
                    return max(self._expected(mark), self._late_told_at) + LATE
        return None
