"""The ledger against a far side whose queue is known to the sample: clocks that stand still, and sound that is held."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.gateways.codec import MarkKind
from ivr.playout.ledger import JITTER, LATE, OVERDUE, STANDSTILL, Ledger
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


@dataclass
class Told:
    """One run: what was resolved, and what was believed beside what was true."""

    ledger: Ledger
    far: FarSide
    placed: list[str] = field(default_factory=list)
    resolved: list[MarkResolved] = field(default_factory=list)
    truth_at: dict[str, int] = field(default_factory=dict)
    """What had really been played when a mark was resolved."""
    position_of: dict[str, int] = field(default_factory=dict)
    looks: list[tuple[float, int, int]] = field(default_factory=list)
    """When, what was believed, what was true."""


def run(far: FarSide, seconds: float, lead: float, *, reports: bool, holds: list[tuple[float, float]] = ()) -> Told:
    """Send so much sound, paced as playout does, with a mark at its start, every 400 ms and at its end."""
    ledger = Ledger(RATE, MarkKind.LOST_ON_CLEAR)
    told = Told(ledger, far)
    total, run_end, unmarked, held_since = round(seconds * RATE), -1.0, 0, None
    doors = deque(sorted([(at, "pause") for at, _ in holds] + [(at + length, "resume") for at, length in holds]))

    def mark(now: float) -> None:
        name = ledger.place_mark(now)
        told.placed.append(name)
        told.position_of[name] = ledger.sent
        far.send(name, now)

    def resolve(found: list[MarkResolved | None]) -> None:
        for each in found:
            if each is not None:
                told.resolved.append(each)
                told.truth_at[each.name] = far.played

    step = 0
    while step < 20_000 and (ledger.sent < total or len(told.resolved) < len(told.placed)):
        now = step * STEP
        step += 1
        far.tick(now)
        for what in far.came(now):
            if isinstance(what, int):
                ledger.reported(what, now)
            else:
                resolve([ledger.mark_reached(what, now)])
            ends_at = ledger.ends_at
            if ends_at is not None:
                run_end = max(run_end, ends_at - ledger.path)
        while doors and doors[0][0] <= now:
            _, door = doors.popleft()
            far.send(door, now)
            if door == "pause":
                ledger.hold(now)
                held_since = now
            else:
                ledger.go_on(now)
                run_end, held_since = run_end + now - held_since, None
        if held_since is None:
            while ledger.sent < total and run_end - now <= lead:
                if run_end < now:
                    run_end = now
                    mark(now)
                samples = min(MESSAGE, total - ledger.sent)
                ledger.send(samples, now)
                far.send(samples, now)
                run_end += samples / RATE
                unmarked += samples
                if unmarked >= MARK_EVERY or ledger.sent == total:
                    mark(now)
                    unmarked = 0
        if ledger.late(now) is not None and reports:
            ledger.asked()
            far.send("status", now)
        resolve(ledger.lost(now))
        told.looks.append((now, ledger.heard(now), far.played))
    return told


PATHS = st.sampled_from([0.0, 0.02, 0.06, 0.14])


def is_resolved_once(told: Told) -> None:
    assert sorted(mark.name for mark in told.resolved) == sorted(told.placed)
    assert told.ledger.next_timer() is None


@given(PATHS, PATHS, st.floats(0.5, 20.0), st.floats(0.0, 15.0), st.sampled_from([0.3, 1.0, 14.0]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_a_far_side_that_stands_still_resolves_no_mark_before_its_sound_was_heard(out, back, at, still, lead, reports):
    told = run(FarSide(out, back, [(at, still)]), 20.0, lead, reports=reports)
    is_resolved_once(told)
    positions = list(told.position_of.values())
    for mark in told.resolved:
        alone = sum(position > told.truth_at[mark.name] for position in positions) <= 1
        if reports or not alone:  # one mark alone may have been lost, where nobody tells
            assert told.truth_at[mark.name] >= told.position_of[mark.name], mark


@given(PATHS, PATHS, st.floats(0.5, 20.0), st.floats(0.0, 15.0), st.sampled_from([0.3, 1.0, 14.0]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_heard_follows_a_far_side_that_stands_still(out, back, at, still, lead, reports):
    told = run(FarSide(out, back, [(at, still)]), 20.0, lead, reports=reports)
    # It may run on to the next mark, and as long as an echo may be late; that is known a round trip later.
    ahead = MARK_EVERY + round((2 * (out + back) + JITTER) * RATE) + TICK
    for now, believed, true in told.looks:
        assert believed <= told.ledger.sent
        assert believed <= true + ahead, now
        if now < at or now > at + still + LATE + 2 * (out + back):
            assert abs(believed - true) <= 0.1 * RATE, now


@given(PATHS, st.lists(st.tuples(st.floats(0.3, 9.0), st.floats(0.05, 6.0)), max_size=3))
@settings(max_examples=150, deadline=None)
def test_sound_that_is_held_stands_still_in_the_ledger_too(path, wanted):
    holds, free = [], 0.0
    for at, length in sorted(wanted):
        if at >= free:
            holds.append((at, length))
            free = at + length + 0.1
    told = run(FarSide(path, path), 8.0, 0.3, reports=True, holds=holds)
    is_resolved_once(told)
    assert {mark.outcome for mark in told.resolved} == {Outcome.PLAYED}
    for now, believed, true in told.looks:
        assert abs(believed - true) <= 0.1 * RATE, now
    assert told.far.played == 8 * RATE


@given(PATHS, st.sets(st.integers(1, 30), max_size=12), st.booleans())
@settings(max_examples=100, deadline=None)
def test_marks_that_are_lost_one_by_one_are_given_up_when_they_are_overdue(path, lost, reports):
    lost = {number for number in lost if number + 1 not in lost and number - 1 not in lost}
    told = run(FarSide(path, path, lost=frozenset(lost)), 8.0, 0.3, reports=reports)
    is_resolved_once(told)
    for mark in told.resolved:
        number = int(mark.name.split(".")[1])
        assert (mark.outcome is Outcome.ESTIMATED) == (number in lost)
        if number in lost:
            ended_at = told.position_of[mark.name] / RATE
            assert mark.at <= ended_at + 4 * path + OVERDUE + 0.2


def test_a_far_side_that_answers_no_more_is_waited_for_once():
    told = run(FarSide(0.05, 0.05, lost=frozenset(range(10, 1000))), 40.0, 0.3, reports=False)
    is_resolved_once(told)
    given_up = [mark.at for mark in told.resolved if mark.outcome is Outcome.ESTIMATED]
    last_echo = max(mark.at for mark in told.resolved if mark.outcome is Outcome.PLAYED)
    assert min(given_up) >= last_echo + STANDSTILL
    assert max(given_up) <= 40.0 + OVERDUE + 0.5
