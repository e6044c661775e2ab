"""The ledger against a far side whose queue is known to the sample: clocks that stand still, and sound that is held."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.gateways.codec import MarkKind
from ivr.playout.ledger import JITTER, Ledger
from ivr.playout.marks import LATE, OVERDUE, STANDSTILL
from ivr.trace.sound import MarkResolved, Outcome

RATE, STEP, MESSAGE, MARK_EVERY = 8000, 0.020, 800, 3200
TICK = round(RATE * STEP)


@dataclass
class FarSide:
    """A queue that plays a frame a tick, unless it stands still; the ways there and back take ``out`` and ``back``."""

    out: float
    back: float
    still: list[tuple[float, float]] = field(default_factory=list)
    lost: frozenset[int] = frozenset()
    """Numbers of the marks that never come back."""
    arriving: deque = field(default_factory=deque)
    returning: deque = field(default_factory=deque)
    received: int = 0
    played: int = 0
    paused: bool = False
    marks: deque = field(default_factory=deque)
    history: list[tuple[float, int]] = field(default_factory=list)

    def send(self, what: object, now: float) -> None:
        self.arriving.append((now + self.out, what))

    def tick(self, now: float) -> None:
        while self.arriving and self.arriving[0][0] <= now + 1e-9:
            _, what = self.arriving.popleft()
            match what:
                case int():
                    self.received += what
                case str() if what in ("pause", "resume"):
                    self.paused = what == "pause"
                case "status":
                    self.returning.append((now + self.back, self.received - self.played))
                case str():
                    self.marks.append((self.received, what))
        if not self.paused and not any(start <= now < start + length for start, length in self.still):
            while self.marks and self.marks[0][0] <= self.played:
                _, name = self.marks.popleft()
                if int(name.split(".")[1]) not in self.lost:
                    self.returning.append((now + self.back, name))
            self.played = min(self.received, self.played + TICK)
        self.history.append((now, self.played))

    def came(self, now: float) -> list[object]:
        due = []
        while self.returning and self.returning[0][0] <= now + 1e-9:
            due.append(self.returning.popleft()[1])
        return due


class Told:
    """One run: so much sound, paced as playout does, with a mark at its start, every 400 ms and at its end."""

    def __init__(self, far: FarSide, seconds: float, lead: float, *, reports: bool, holds=()) -> None:
        self.ledger = Ledger(RATE, MarkKind.LOST_ON_CLEAR)
        self.far = far
        self.resolved: list[MarkResolved] = []
        self.truth_at: dict[str, int] = {}
        """What had really been played when a mark was resolved."""
        self.position_of: dict[str, int] = {}
        self.looks: list[tuple[float, int, int]] = []
        """When, what was believed, what was true."""
        self._total, self._lead, self._reports = round(seconds * RATE), lead, reports
        self._doors = deque(sorted([(at, True) for at, _ in holds] + [(at + length, False) for at, length in holds]))
        self._run_end, self._unmarked, self._held_since = -1.0, 0, None
        for step in range(20_000):
            if self.ledger.sent == self._total and len(self.resolved) == len(self.position_of):
                break
            self._step(step * STEP)

    def _step(self, now: float) -> None:
        self.far.tick(now)
        for what in self.far.came(now):
            self._take(what, now)
        while self._doors and self._doors[0][0] <= now:
            self._door(self._doors.popleft()[1], now)
        if self._held_since is None:
            self._send(now)
        if self.ledger.late(now) is not None and self._reports:
            self.ledger.asked()
            self.far.send("status", now)
        for each in self.ledger.lost(now):
            self._resolve(each)
        self.looks.append((now, self.ledger.heard(now), self.far.played))

    def _take(self, what: object, now: float) -> None:
        if isinstance(what, int):
            self.ledger.reported(what, now)
        else:
            self._resolve(self.ledger.mark_reached(what, now))
        if self.ledger.runs_dry_at is not None:
            self._run_end = max(self._run_end, self.ledger.runs_dry_at)

    def _door(self, hold: bool, now: float) -> None:
        if hold:
            self.ledger.hold(now)
            self._held_since = now
        else:
            self.ledger.go_on(now)
            self._run_end, self._held_since = self._run_end + now - self._held_since, None
        self.far.send("pause" if hold else "resume", now)

    def _send(self, now: float) -> None:
        while self.ledger.sent < self._total and self._run_end - now <= self._lead:
            if self._run_end < now:
                self._run_end = now
                self._mark(now)
            samples = min(MESSAGE, self._total - self.ledger.sent)
            self.ledger.send(samples, now)
            self.far.send(samples, now)
            self._run_end += samples / RATE
            self._unmarked += samples
            if self._unmarked >= MARK_EVERY or self.ledger.sent == self._total:
                self._mark(now)
                self._unmarked = 0

    def _mark(self, now: float) -> None:
        name = self.ledger.place_mark(now)
        self.position_of[name] = self.ledger.sent
        self.far.send(name, now)

    def _resolve(self, mark: MarkResolved | None) -> None:
        if mark is not None:
            self.resolved.append(mark)
            self.truth_at[mark.name] = self.far.played


PATHS = st.sampled_from([0.0, 0.02, 0.06, 0.14])


def is_resolved_once(told: Told) -> None:
    assert sorted(mark.name for mark in told.resolved) == sorted(told.position_of)
    assert told.ledger.next_timer() is None


@given(PATHS, PATHS, st.floats(0.5, 20.0), st.floats(0.0, 15.0), st.sampled_from([0.3, 1.0, 14.0]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_far_side_that_stands_still_resolves_no_mark_before_its_sound_was_heard(out, back, at, still, lead, reports):
    told = Told(FarSide(out, back, [(at, still)]), 20.0, lead, reports=reports)
    is_resolved_once(told)
    positions = list(told.position_of.values())
    for mark in told.resolved:
        alone = sum(position > told.truth_at[mark.name] for position in positions) <= 1
        if reports or not alone:  # one mark alone may have been lost, where nobody tells
            assert told.truth_at[mark.name] >= told.position_of[mark.name], mark


@given(PATHS, PATHS, st.floats(0.5, 20.0), st.floats(0.0, 15.0), st.sampled_from([0.3, 1.0, 14.0]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_heard_follows_a_far_side_that_stands_still(out, back, at, still, lead, reports):
    told = Told(FarSide(out, back, [(at, still)]), 20.0, lead, reports=reports)
    # It may run on to the next mark, and as long as an echo may be late; that is known a round trip later.
    ahead = MARK_EVERY + round((2 * (out + back) + JITTER) * RATE) + TICK
    for now, believed, true in told.looks:
        assert believed <= told.ledger.sent
        assert believed <= true + ahead, now
        if now < at or now > at + still + LATE + 2 * (out + back):
            assert abs(believed - true) <= 0.1 * RATE, now


@given(PATHS, st.lists(st.tuples(st.floats(0.3, 9.0), st.floats(0.05, 6.0)), max_size=3))
@settings(max_examples=60, deadline=None)
def test_sound_that_is_held_stands_still_in_the_ledger_too(path, wanted):
    holds, free = [], 0.0
    for at, length in sorted(wanted):
        if at >= free:
            holds.append((at, length))
            free = at + length + 0.1
    told = Told(FarSide(path, path), 8.0, 0.3, reports=True, holds=holds)
    is_resolved_once(told)
    assert {mark.outcome for mark in told.resolved} == {Outcome.PLAYED}
    for now, believed, true in told.looks:
        assert abs(believed - true) <= 0.1 * RATE, now
    assert told.far.played == 8 * RATE


@given(PATHS, st.sets(st.integers(1, 30), max_size=12), st.booleans())
@settings(max_examples=40, deadline=None)
def test_marks_that_are_lost_one_by_one_are_given_up_when_they_are_overdue(path, lost, reports):
    lost = {number for number in lost if number + 1 not in lost and number - 1 not in lost}
    told = Told(FarSide(path, path, lost=frozenset(lost)), 8.0, 0.3, reports=reports)
    is_resolved_once(told)
    for mark in told.resolved:
        number = int(mark.name.split(".")[1])
        assert (mark.outcome is Outcome.ESTIMATED) == (number in lost)
        if number in lost:
            ended_at = told.position_of[mark.name] / RATE
            assert mark.at <= ended_at + 4 * path + OVERDUE + 0.2


def test_a_far_side_that_answers_no_more_is_waited_for_once():
    told = Told(FarSide(0.05, 0.05, lost=frozenset(range(10, 1000))), 40.0, 0.3, reports=False)
    is_resolved_once(told)
    given_up = [mark.at for mark in told.resolved if mark.outcome is Outcome.ESTIMATED]
    last_echo = max(mark.at for mark in told.resolved if mark.outcome is Outcome.PLAYED)
    assert min(given_up) >= last_echo + STANDSTILL
    assert max(given_up) <= 40.0 + OVERDUE + 0.5
