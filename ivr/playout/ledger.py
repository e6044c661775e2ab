"""The ledger: what was sent, when it is heard, and which mark says so.

``FarClock`` says when a position sounds, ``Marks`` what came back and sets the clock right. Here they are held against
each other: while a mark is out, the estimate does not pass it by more than a round trip and ``JITTER``.
"""

from __future__ import annotations

from collections import deque

from ivr.gateways.codec import MarkKind
from ivr.playout.far_clock import FarClock
from ivr.playout.marks import Marks
from ivr.trace.sound import MarkResolved, MarksLate

JITTER = 0.040
"""Seconds by which an echo may be late without the far side being late: two frames."""


class Ledger:
    """One stream's account. Positions are samples since the stream began."""

    def __init__(self, rate: int, marks: MarkKind) -> None:
        self._rate = rate
        self._clock = FarClock(rate)
        self._marks = Marks(marks, self._clock)
        self._asked: deque[int | None] = deque()
        self._cut = 0
        self._dropped_until = 0
        self._timer: float | None = None
        self._timer_known = False
        """``_timer`` is ``next_timer``; forgotten by whatever may change it, since it is asked for all the time."""
        self.sent = 0
        """Samples handed to the gateway."""

    @property
    def path(self) -> float:
        """Seconds one way between us and the caller's ear, as far as is known."""
        return self._clock.path

    @property
    def outstanding(self) -> int:
        """Samples that may wait over there, by what came back and not by any clock."""
        return self.sent - max(self._marks.echoed, self._dropped_until)

    @property
    def answers(self) -> bool:
        """Whether marks come back: ``outstanding`` shrinks as sound is heard."""
        return self._marks.answers

    @property
    def held(self) -> bool:
        """The sound stands still over there, because we asked for it."""
        return self._clock.held

    @property
    def runs_dry_at(self) -> float | None:
        """When a message must leave to follow without a gap; None where nothing waits, or the sound is held."""
        return self._clock.runs_dry_at(self.sent)

    def send(self, samples: int, now: float) -> None:
        """Note that ``samples`` leave now."""
        if self._clock.send(self.sent, samples, now):
            self._timer_known = False
            self._marks.moved_at = now
        self.sent += samples

    def idle(self, now: float) -> bool:
        """Whether the far side has played all it was sent."""
        return self._clock.idle(self.sent, now)

    def place_mark(self, now: float) -> str | None:
        """The name of a mark behind all that was sent, to be sent now; None where the gateway has no marks."""
        self._timer_known = False
        return self._marks.place(self.sent, now, idle=self._clock.idle(self.sent, now))

    def mark_reached(self, name: str, now: float) -> MarkResolved | None:
        """An echo came in; None for one that is unknown or was resolved before."""
        self._timer_known = False
        return self._marks.reached(name, now)

    def asked(self) -> None:
        """The far side is asked now how much waits in its queue."""
        self._asked.append(None if self.held else self.sent)

    def reported(self, waiting: int, now: float) -> None:
        """It answers: ``waiting`` samples. What nobody asked for says nothing, since what it counts is not known."""
        self._timer_known = False
        sent = self._asked.popleft() if self._asked else None
        if sent is not None:
            position = max(self._cut, sent - waiting)
            self._marks.reported(position, now)
            self._clock.reported(position, now, waiting=waiting > 0)

    def heard(self, now: float) -> int:
        """The position that the caller has reached."""
        position = max(self._cut, self._clock.heard(now))
        waited_for = self._marks.waited_for()
        if waited_for is not None:
            late = 2 * self.path + JITTER
            position = min(position, max(self._cut, waited_for + round(late * self._rate)))
        return min(position, self.sent)

    def when(self, position: int) -> float | None:
        """When ``position`` is heard, by our clock; None for what was never sent, or was cleared."""
        return self._clock.when(position)

    def hold(self, now: float) -> None:
        """What sounds over there is stopped where it is, by a message that leaves now."""
        self._timer_known = False
        if not self.held:
            self._clock.hold(now)
            self._marks.hold()
            self._disregard_reports()

    def go_on(self, now: float) -> None:
        """It goes on from there, by a message that leaves now."""
        self._timer_known = False
        if self.held:
            self._marks.go_on(self._clock.go_on(now), now)

    def clear(self, now: float) -> int:
        """What is queued over there is dropped now. Returns the position at which the caller's ear is cut off."""
        self._timer_known = False
        self._cut = self.heard(now + self.path)
        self._marks.clear(now)
        self._clock.cut(self._cut)
        self._disregard_reports()
        self._dropped_until = self.sent
        return self._cut

    def lost(self, now: float) -> list[MarkResolved]:
        """Marks that are resolved without an echo by now: cleared ones that never come back, and overdue ones."""
        if not self._is_due(now):
            return []
        self._timer_known = False
        return self._marks.lost(now)

    def late(self, now: float) -> MarksLate | None:
        """That marks are late by now; once every second while they are."""
        late = self._marks.late(now) if self._is_due(now) else None
        self._timer_known = self._timer_known and late is None
        return late

    def next_timer(self) -> float | None:
        """When ``lost`` or ``late`` has something to say, if nothing comes back before."""
        if not self._timer_known:
            self._timer, self._timer_known = self._marks.next_timer(), True
        return self._timer

    def _is_due(self, now: float) -> bool:
        timer = self.next_timer()
        return timer is not None and now >= timer

    def _disregard_reports(self) -> None:
        """What is on its way was asked of a queue that was another."""
        self._asked = deque(None for _ in self._asked)
