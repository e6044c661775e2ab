"""The far side's clock, as far as it is known here: how long the way there is, and when each position sounds.

Rules:

* Audio that is sent while the far side's queue is empty begins to sound one path later; otherwise it sounds behind
  what is queued. So what was sent falls into *stretches* that play without a break.
* An echo proves that its position was played one path earlier. Where the estimate was late it is corrected at once,
  where it was early by half: an echo can be delayed, it cannot come before its audio. By more than ``STOOD`` it tells
  of a far side whose clock stood still, and then all of it counts.
"""

from __future__ import annotations

from ivr.playout.stretches import Stretches

DEFAULT_PATH = 0.060
"""Seconds one way, until the first mark tells: the low end of what carriers add to a media websocket."""

STOOD = 0.2
"""Seconds; by less than that networks delay an echo now and then."""

COARSE = 0.1
"""Seconds by which a reported queue must differ from the estimate to count: below that, marks know better."""


class FarClock:
    """Of one stream. Positions are samples since it began, times are seconds of our own clock."""

    def __init__(self, rate: int) -> None:
        self._stretches = Stretches(rate)
        self._held_at: float | None = None
        self._round_trip: float | None = None
        self.path = DEFAULT_PATH
        """Seconds one way between us and the caller's ear, as far as is known."""

    @property
    def held(self) -> bool:
        """It stands still over there, because we asked for it."""
        return self._held_at is not None

    def there(self, now: float) -> float:
        """The time at which the sound stands over there."""
        return now if self._held_at is None else min(now, self._held_at)

    def idle(self, sent: int, now: float) -> bool:
        """Whether the far side has played all of the ``sent`` samples."""
        ends_at = self._stretches.ends_at
        if ends_at is None or self._stretches.stop != sent:  # a clear cut it short: nothing of it is queued
            return True
        return self.there(now + self.path) > ends_at

    def runs_dry_at(self, sent: int) -> float | None:
        """When a message must leave to follow without a gap; None where nothing waits, or the sound is held."""
        ends_at = self._stretches.ends_at
        return None if ends_at is None or self.held or self._stretches.stop != sent else ends_at - self.path

    def send(self, position: int, samples: int, now: float) -> bool:
        """Audio leaves now that stands at ``position``. Returns whether it begins to sound in an empty queue."""
        if self.idle(position, now):
            self._stretches.begin(position, samples, now + self.path)
            return True
        self._stretches.extend(samples)
        return False

    def when(self, position: int) -> float | None:
        """When ``position`` is heard; None for what was never sent, or was cleared."""
        return self._stretches.when(position)

    def heard(self, now: float) -> int:
        """The position that was reached, by this clock alone."""
        return self._stretches.heard(self.there(now))

    def cut(self, position: int) -> None:
        """What lies behind ``position`` is never heard, and what comes next is not held."""
        self._stretches.cut(position)
        self._held_at = None

    def hold(self, now: float) -> None:
        """It is stopped by a message that leaves now."""
        self._held_at = now + self.path

    def go_on(self, now: float) -> float:
        """It goes on, by a message that leaves now. Returns for how long it stood still."""
        if self._held_at is None:
            return 0.0
        at, self._held_at = self._held_at, None
        seconds = now + self.path - at
        self._stretches.stand_still(at, seconds)
        return seconds

    def learn_path(self, round_trip: float) -> None:
        """The way there and back took so long for one echo; the shortest of all counts."""
        before = self.path
        known = self._round_trip
        self._round_trip = max(0.0, round_trip if known is None else min(known, round_trip))
        self.path = self._round_trip / 2
        self._stretches.move_last(self.path - before)
        if self._held_at is not None:
            self._held_at += self.path - before

    def echoed(self, position: int, now: float) -> None:
        """What came back now says that ``position`` was played one path earlier."""
        expected = self.when(position)
        if expected is not None:
            # While the sound stands still it was played before that, however long the way is that the echo took.
            error = self.there(now - self.path) - expected
            self._stretches.move(position, error if error < 0 or error > STOOD else error / 2)

    def reported(self, position: int, now: float, *, waiting: bool) -> None:
        """The far side said one path ago that it stood at ``position``, and whether more was ``waiting``."""
        at = now - self.path
        expected = self.when(position)
        # An empty queue may have been empty for long: its end was played by now at the latest.
        if expected is not None and (expected - at > COARSE or (at - expected > COARSE and waiting)):
            self._stretches.move(position, at - expected)
