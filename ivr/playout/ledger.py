"""The ledger: what was sent, when it is heard, and which mark says so.

Rules:

* Audio that is sent while the far side's queue is empty begins to sound one path later; otherwise it sounds behind
  what is queued. So what was sent falls into *stretches* that play without a break.
* A mark that comes back proves that its position was played one path earlier. Where the estimate was late it is
  corrected at once, where it was early by half: an echo can be delayed, it cannot come before its audio. By more than
  ``STOOD`` it tells of a far side whose clock stood still, and then all of it counts.
* While a mark is out, the estimate does not pass it by more than a round trip and ``JITTER``.
* Every mark is resolved exactly once: by its echo, by a clear, or ``OVERDUE`` seconds after it was expected.
* Echoes come in order. A mark behind which another came back was lost; where several are out and none came back, the
  far side more likely stands still, and they are given up after ``STANDSTILL``. A queue that the far side reports is
  the truth: what waits in it is not overdue.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from ivr.gateways.codec import MarkKind
from ivr.playout.stretches import Stretches
from ivr.timers import earliest
from ivr.trace.sound import MarkResolved, MarksLate, Outcome

DEFAULT_PATH = 0.060
"""Seconds one way, until the first mark tells: the low end of what carriers add to a media websocket."""

JITTER = 0.040
"""Seconds by which an echo may be late without the far side being late: two frames."""

STOOD = 0.2
"""Seconds; by less than that networks delay an echo now and then."""

OVERDUE = 2.0
"""Seconds after which a mark that did not come back no longer holds the dialog."""

LATE = 1.0
"""Seconds after which a mark that did not come back is said to be late, again after as long each time; networks that
deliver at all seldom take longer."""

STANDSTILL = 20.0
"""Seconds without a sign of progress after which a far side that has answered before is taken to answer no more."""

COARSE = 0.1
"""Seconds by which a reported queue must differ from the estimate to count: below that, marks know better."""


@dataclass(slots=True)
class _Mark:
    number: int
    position: int
    placed_at: float
    idle: bool
    """The far side's queue was empty: the echo measures the path."""
    spoiled: bool = False
    """It was out while the sound was held: it measures no path."""


class Ledger:
    """One stream's account. Positions are samples since the stream began."""

    def __init__(self, rate: int, marks: MarkKind) -> None:
        self._rate = rate
        self._kind = marks
        self._stretches = Stretches(rate)
        self._marks: dict[str, _Mark] = {}
        self._given_up: dict[str, _Mark] = {}
        self._cleared: dict[str, tuple[Outcome, float]] = {}
        self._asked: deque[int | None] = deque()
        self._count = 0
        self._cut = 0
        self._echoed = 0
        self._echoed_number = 0
        self._answers = False
        self._moved_at = 0.0
        self._late_told_at = 0.0
        self._held_at: float | None = None
        self._dropped_until = 0
        self._round_trip: float | None = None
        self._timer: float | None = None
        self._timer_known = False
        """``_timer`` is ``next_timer``; forgotten by whatever may change it, since it is asked for all the time."""
        self.path = DEFAULT_PATH
        """Seconds one way between us and the caller's ear, as far as is known."""
        self.generation = 0
        """Counts clears; names of marks carry it, so that a late echo is told from a fresh one."""
        self.sent = 0
        """Samples handed to the gateway."""

    @property
    def outstanding(self) -> int:
        """Samples that may wait over there, by what came back and not by any clock."""
        return self.sent - max(self._echoed, self._dropped_until)

    @property
    def answers(self) -> bool:
        """Whether marks come back: ``outstanding`` shrinks as sound is heard."""
        return self._answers

    @property
    def held(self) -> bool:
        """The sound stands still over there, because we asked for it."""
        return self._held_at is not None

    @property
    def runs_dry_at(self) -> float | None:
        """When a message must leave to follow without a gap; None where nothing waits, or the sound is held."""
        ends_at = self._stretches.ends_at
        return None if ends_at is None or self.held or self._stretches.stop != self.sent else ends_at - self.path

    def send(self, samples: int, now: float) -> None:
        """Note that ``samples`` leave now."""
        if self.idle(now):
            self._timer_known = False
            self._stretches.begin(self.sent, samples, now + self.path)
            self._moved_at = now
        else:
            self._stretches.extend(samples)
        self.sent += samples

    def idle(self, now: float) -> bool:
        """Whether the far side has played all it was sent."""
        ends_at = self._stretches.ends_at
        if ends_at is None or self._stretches.stop != self.sent:  # a clear cut it short: nothing of it is queued
            return True
        return self._there(now + self.path) > ends_at

    def place_mark(self, now: float) -> str | None:
        """The name of a mark behind all that was sent, to be sent now; None where the gateway has no marks."""
        if self._kind is MarkKind.NONE:
            return None
        self._timer_known = False
        self._count += 1
        name = f"{self.generation}.{self._count}"
        self._marks[name] = _Mark(self._count, self.sent, now, self.idle(now))
        return name

    def mark_reached(self, name: str, now: float) -> MarkResolved | None:
        """An echo came in; None for one that is unknown or was resolved before."""
        self._timer_known = False
        if name in self._cleared:
            outcome, _ = self._cleared.pop(name)
            return MarkResolved(name, outcome, now)
        given_up = self._given_up.pop(name, None)
        mark = self._marks.pop(name, given_up)
        if mark is None:
            return None
        self._echoed = max(self._echoed, mark.position)
        self._echoed_number = max(self._echoed_number, mark.number)
        self._answers, self._moved_at = True, now
        took = now - mark.placed_at
        # What comes while the sound is held left before it stood still; what took longer was a standstill and no path.
        if mark.idle and (self.held or not mark.spoiled) and took <= OVERDUE:
            self._learn_path(took)
        else:
            # Nor was it played after that, however long the way is that it took.
            self._correct(mark.position, self._there(now - self.path))
        return MarkResolved(name, Outcome.PLAYED, now) if given_up is None else None

    def asked(self) -> None:
        """The far side is asked now how much waits in its queue."""
        self._asked.append(None if self.held else self.sent)

    def reported(self, waiting: int, now: float) -> None:
        """It answers: ``waiting`` samples. What nobody asked for says nothing, since what it counts is not known."""
        self._timer_known = False
        sent = self._asked.popleft() if self._asked else None
        if sent is None:
            return
        position, at = max(self._cut, sent - waiting), now - self.path
        expected = self._stretches.when(position)
        if position > self._echoed:
            self._echoed, self._moved_at = position, now
        # An empty queue may have been empty for long: its end was played by now at the latest.
        if expected is not None and (expected - at > COARSE or (at - expected > COARSE and waiting)):
            self._stretches.move(position, at - expected)

    def heard(self, now: float) -> int:
        """The position that the caller has reached."""
        position = max(self._cut, self._stretches.heard(self._there(now)))
        # Echoes come in order: one behind another that came back was lost, and says nothing.
        out = (mark for mark in self._marks.values() if not mark.idle and mark.position > self._echoed)
        waiting = next(out, None)
        if waiting is not None:
            late = 2 * self.path + JITTER
            position = min(position, max(self._cut, waiting.position + round(late * self._rate)))
        return min(position, self.sent)

    def when(self, position: int) -> float | None:
        """When ``position`` is heard, by our clock; None for what was never sent, or was cleared."""
        return self._stretches.when(position)

    def hold(self, now: float) -> None:
        """What sounds over there is stopped where it is, by a message that leaves now."""
        self._timer_known = False
        if self._held_at is None:
            self._held_at = now + self.path
            self._disregard_reports()
            # One that stands before all sound waits for none, so that nothing holds it up.
            self._marks = {name: replace(mark, spoiled=mark.position > 0) for name, mark in self._marks.items()}

    def go_on(self, now: float) -> None:
        """It goes on from there, by a message that leaves now."""
        self._timer_known = False
        if self._held_at is None:
            return
        at, self._held_at = self._held_at, None
        seconds = now + self.path - at
        self._stretches.stand_still(at, seconds)
        self._moved_at = now
        self._marks = {
            name: replace(mark, placed_at=mark.placed_at + (seconds if mark.position > 0 else 0.0))
            for name, mark in self._marks.items()
        }

    def clear(self, now: float) -> int:
        """What is queued over there is dropped now. Returns the position at which the caller's ear is cut off."""
        self._timer_known = False
        cut = self.heard(now + self.path)
        for name, mark in self._marks.items():
            expected = self.when(mark.position)
            played = expected is not None and expected <= self._there(now)
            until = now + OVERDUE if self._kind is MarkKind.ECHO_ON_CLEAR else now
            self._cleared[name] = (Outcome.PLAYED if played else Outcome.CLEARED, until)
        self._marks.clear()
        self._given_up.clear()
        self._stretches.cut(cut)
        self._cut = cut
        self._held_at = None
        self._disregard_reports()
        self._dropped_until = self.sent
        self.generation += 1
        return cut

    def lost(self, now: float) -> list[MarkResolved]:
        """Marks that are resolved without an echo by now: cleared ones that never come back, and overdue ones."""
        if not self._is_due(now):
            return []
        self._timer_known = False
        gone = [MarkResolved(name, outcome, now) for name, (outcome, until) in self._cleared.items() if now >= until]
        for resolved in gone:
            del self._cleared[resolved.name]
        while (at := self._given_up_at()) is not None and now >= at:
            name, mark = next(iter(self._marks.items()))
            self._given_up[name] = self._marks.pop(name)
            self._answers = self._answers and mark.number < self._echoed_number
            gone.append(MarkResolved(name, Outcome.ESTIMATED, now))
        return gone

    def late(self, now: float) -> MarksLate | None:
        """That marks are late by now; once every ``LATE`` seconds while they are."""
        at = self._late_at() if self._is_due(now) else None
        if at is None or now < at:
            return None
        self._timer_known = False
        self._late_told_at = now
        waiting = [mark for mark in self._marks.values() if not self._overtaken(mark)]
        return MarksLate(len(waiting), now - self._expected(waiting[0]), now)

    def next_timer(self) -> float | None:
        """When ``lost`` or ``late`` has something to say, if nothing comes back before."""
        if not self._timer_known:
            times = [until for _, until in self._cleared.values()] if self._cleared else []
            self._timer, self._timer_known = earliest(self._late_at(), self._given_up_at(), *times), True
        return self._timer

    def _is_due(self, now: float) -> bool:
        timer = self.next_timer()
        return timer is not None and now >= timer

    def _there(self, now: float) -> float:
        """The time at which the sound stands over there."""
        return now if self._held_at is None else min(now, self._held_at)

    def _disregard_reports(self) -> None:
        """What is on its way was asked of a queue that was another."""
        self._asked = deque(None for _ in self._asked)

    def _overtaken(self, mark: _Mark) -> bool:
        """Another came back from behind it, or the far side has reported to be past it; so are all that are older."""
        return mark.number < self._echoed_number or mark.position <= self._echoed

    def _expected(self, mark: _Mark) -> float:
        """When the echo of a mark is expected."""
        expected = self.when(mark.position)
        return max(mark.placed_at, expected if expected is not None else 0.0) + 2 * self.path

    def _given_up_at(self) -> float | None:
        """When the oldest mark is, of those that are out; the others are later. Never while the sound is held."""
        if not self._marks or self._held_at is not None:
            return None
        oldest = next(iter(self._marks.values()))
        overdue = self._expected(oldest) + OVERDUE
        patient = self._answers and len(self._marks) > 1 and not self._overtaken(oldest)
        return max(overdue, self._moved_at + STANDSTILL) if patient else overdue

    def _late_at(self) -> float | None:
        """When the oldest mark that was not overtaken is late, or late for so long again."""
        if self._held_at is None:
            for mark in self._marks.values():
                if not self._overtaken(mark):
                    return max(self._expected(mark), self._late_told_at) + LATE
        return None

    def _learn_path(self, round_trip: float) -> None:
        before = self.path
        known = self._round_trip
        self._round_trip = max(0.0, round_trip if known is None else min(known, round_trip))
        self.path = self._round_trip / 2
        self._stretches.move_last(self.path - before)
        if self._held_at is not None:
            self._held_at += self.path - before

    def _correct(self, position: int, played_at: float) -> None:
        expected = self.when(position)
        if expected is not None:
            error = played_at - expected
            self._stretches.move(position, error if error < 0 or error > STOOD else error / 2)
