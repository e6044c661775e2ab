"""The ledger: what was sent, when it is heard, and which mark says so.

Rules:

* Audio that is sent while the far side's queue is empty begins to sound one path later; otherwise it sounds behind
  what is queued. So what was sent falls into *stretches* that play without a break.
* A mark that comes back proves that its position was played one path earlier. Where the estimate was late it is
  corrected at once, where it was early by half: an echo can be delayed, it cannot come before its audio.
* While a mark is out, the estimate does not pass it by more than a round trip and ``JITTER``.
* Every mark is resolved exactly once: by its echo, by a clear, or ``OVERDUE`` seconds after it was expected.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from ivr.gateways.codec import MarkKind
from ivr.trace.sound import MarkResolved, Outcome

DEFAULT_PATH = 0.060
"""Seconds one way, until the first mark tells: the low end of what carriers add to a media websocket."""

JITTER = 0.040
"""Seconds by which an echo may be late without the far side being late: two frames."""

OVERDUE = 2.0
"""Seconds after which a mark that did not come back no longer holds the dialog."""


@dataclass(slots=True)
class _Stretch:
    start: int
    stop: int
    at: float
    """When ``start`` sounds at the far side, by our clock."""


@dataclass(frozen=True, slots=True)
class _Mark:
    position: int
    placed_at: float
    idle: bool
    """The far side's queue was empty: the echo measures the path."""


class Ledger:
    """One stream's account. Positions are samples since the stream began."""

    def __init__(self, rate: int, marks: MarkKind) -> None:
        self._rate = rate
        self._kind = marks
        self._stretches: deque[_Stretch] = deque()
        self._marks: dict[str, _Mark] = {}
        self._cleared: dict[str, tuple[Outcome, float]] = {}
        self._count = 0
        self._cut = 0
        self._echoed = 0
        self._dropped_until = 0
        self._round_trip: float | None = None
        self._look_at: float | None = None
        """When ``lost`` may have something to say; found anew where a mark comes, goes or is expected later."""
        self._look_again = False
        self.generation = 0
        """Counts clears; names of marks carry it, so that a late echo is told from a fresh one."""
        self.sent = 0
        """Samples handed to the gateway."""

    @property
    def path(self) -> float:
        """Seconds one way between us and the caller's ear, as far as is known."""
        return DEFAULT_PATH if self._round_trip is None else self._round_trip / 2

    @property
    def outstanding(self) -> int:
        """Samples that may wait over there, by what came back and not by any clock."""
        return self.sent - max(self._echoed, self._dropped_until)

    def send(self, samples: int, now: float) -> None:
        """Note that ``samples`` leave now."""
        if self.idle(now):
            self._stretches.append(_Stretch(self.sent, self.sent + samples, now + self.path))
        else:
            self._stretches[-1].stop += samples
        self.sent += samples
        while len(self._stretches) > 64:
            self._stretches.popleft()

    def idle(self, now: float) -> bool:
        """Whether the far side has played all it was sent."""
        last = self._stretches[-1] if self._stretches else None
        if last is None or last.stop != self.sent:  # a clear cut it short: nothing of it is queued
            return True
        return now + self.path > last.at + (last.stop - last.start) / self._rate

    def place_mark(self, now: float) -> str | None:
        """The name of a mark behind all that was sent, to be sent now; None where the gateway has no marks."""
        if self._kind is MarkKind.NONE:
            return None
        self._count += 1
        name = f"{self.generation}.{self._count}"
        self._marks[name] = _Mark(self.sent, now, self.idle(now))
        self._look_again = True
        return name

    def mark_reached(self, name: str, now: float) -> MarkResolved | None:
        """An echo came in; None for one that is unknown or was resolved before."""
        self._look_again = True
        if name in self._cleared:
            outcome, _ = self._cleared.pop(name)
            return MarkResolved(name, outcome, now)
        mark = self._marks.pop(name, None)
        if mark is None:
            return None
        self._echoed = max(self._echoed, mark.position)
        if mark.idle:
            self._learn_path(now - mark.placed_at)
        else:
            self._correct(mark.position, now - self.path)
        return MarkResolved(name, Outcome.PLAYED, now)

    def heard(self, now: float) -> int:
        """The position that the caller has reached."""
        position = self._cut
        for stretch in self._stretches:
            if now < stretch.at:
                break
            position = max(position, min(stretch.stop, stretch.start + round((now - stretch.at) * self._rate)))
        # Echoes come in order: one behind another that came back was lost, and says nothing.
        out = (mark for mark in self._marks.values() if not mark.idle and mark.position > self._echoed)
        waiting = next(out, None)
        if waiting is not None:
            late = 2 * self.path + JITTER
            position = min(position, max(self._cut, waiting.position + round(late * self._rate)))
        return min(position, self.sent)

    def when(self, position: int) -> float | None:
        """When ``position`` is heard, by our clock; None for what was never sent, or was cleared."""
        for stretch in self._stretches:
            if stretch.start <= position <= stretch.stop:
                return stretch.at + (position - stretch.start) / self._rate
        return None

    def clear(self, now: float) -> int:
        """What is queued over there is dropped now. Returns the position at which the caller's ear is cut off."""
        cut = self.heard(now + self.path)
        for name, mark in self._marks.items():
            expected = self.when(mark.position)
            played = expected is not None and expected <= now
            until = now + OVERDUE if self._kind is MarkKind.ECHO_ON_CLEAR else now
            self._cleared[name] = (Outcome.PLAYED if played else Outcome.CLEARED, until)
        self._marks.clear()
        while self._stretches and self._stretches[-1].start >= cut:
            self._stretches.pop()
        if self._stretches:
            self._stretches[-1].stop = min(self._stretches[-1].stop, cut)
        self._cut = cut
        self._dropped_until = self.sent
        self._look_again = True
        self.generation += 1
        return cut

    def lost(self, now: float) -> list[MarkResolved]:
        """Marks that are resolved without an echo by now: cleared ones that never come back, and overdue ones."""
        due = self.next_timer()
        if due is None or now < due:
            return []
        gone = [MarkResolved(name, outcome, now) for name, (outcome, until) in self._cleared.items() if now >= until]
        for resolved in gone:
            del self._cleared[resolved.name]
        for name in [name for name, mark in self._marks.items() if now >= self._overdue(mark)]:
            del self._marks[name]
            gone.append(MarkResolved(name, Outcome.ESTIMATED, now))
        self._look_again = True
        return gone

    def next_timer(self) -> float | None:
        """When ``lost`` has something to say, if nothing comes back before."""
        if self._look_again:
            times = [self._overdue(mark) for mark in self._marks.values()]
            times += [until for _, until in self._cleared.values()]
            self._look_at = min(times, default=None)
            self._look_again = False
        return self._look_at

    def _overdue(self, mark: _Mark) -> float:
        expected = self.when(mark.position)
        return max(mark.placed_at, expected if expected is not None else 0.0) + 2 * self.path + OVERDUE

    def _learn_path(self, round_trip: float) -> None:
        before = self.path
        known = self._round_trip
        self._round_trip = max(0.0, round_trip if known is None else min(known, round_trip))
        if self._stretches:
            self._stretches[-1].at += self.path - before

    def _correct(self, position: int, played_at: float) -> None:
        expected = self.when(position)
        if expected is None:
            return
        error = played_at - expected
        shift = error if error < 0 else error / 2
        for stretch in self._stretches:
            if stretch.stop >= position:
                stretch.at += shift
