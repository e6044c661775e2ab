"""How long a hosted voice takes to its first sound, by a latency profile: with its faults, regions, hedge and retries.

What a profile's ``script`` does by the clock, and breakers that open because of it, are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from ivr.project.profiles.shapes import FaultShape, VoiceProfile
from ivr.project.settings.voice import VoiceSettings
from ivr.strategy.delays import Dice, Vector, always

AT_HAND = 0.120
"""Seconds of live speech that playout wants in hand before it begins (``ivr.playout.readiness.START_BUFFER``)."""
REFUSED = 0.050
"""Seconds to a refusal, as in the simulator."""
AGAIN = 0.250
"""Seconds before a call asks once more."""
LONGEST_WAIT = 5.0
"""Seconds that a refusal may ask for before the next attempt."""
PASSING = (408, 429)


@dataclass(frozen=True, slots=True)
class Sound:
    """Seconds from the request until live words can begin; infinite in those cases in which they never do."""

    begins: Vector
    """With all attempts that a call makes."""
    once: Vector
    """With the first one alone."""
    fails: Vector
    """When that one has failed; infinite where it sounds."""

    def ordered(self, dice: Dice) -> Sound:
        """Its cases in an order of their own."""
        order = dice.order()
        return Sound(self.begins[order], self.once[order], self.fails[order])


def first_sound(profile: VoiceProfile, settings: VoiceSettings) -> Sound:
    """Of one piece of live words; the soonest cases first."""
    dice = Dice()
    once, first_failed_at, wait = _regions(profile, settings, dice)
    begins, asked_at = once, np.where(np.isfinite(once), inf, first_failed_at + wait)
    for _ in range(settings.retries):
        found, failed_at, wait = _regions(profile, settings, dice)
        begins = np.where(np.isfinite(begins), begins, asked_at + found)
        asked_at = np.where(np.isfinite(begins), inf, asked_at + failed_at + wait)
    at_hand = AT_HAND / dice.of(profile.pace)
    fails = np.where(np.isfinite(once), inf, first_failed_at)
    order = np.argsort(begins + at_hand, kind="stable")
    return Sound((begins + at_hand)[order], (once + at_hand)[order], fails[order])


def _regions(profile: VoiceProfile, settings: VoiceSettings, dice: Dice) -> tuple[Vector, Vector, Vector]:
    """When the first of the regions sounds, else when the last has failed and how long to wait then."""
    hedge = inf if settings.hedge is None else settings.hedge
    begins, failed_at, wait, asked_at = always(inf), always(0.0), always(inf), always(0.0)
    for _ in range(profile.regions):
        after, well, again = _attempt(profile, settings, dice)
        ends = asked_at + after
        begins = np.where(well, np.minimum(begins, ends), begins)
        failed_at = np.maximum(failed_at, ends)
        wait = np.minimum(wait, again)
        asked_at = np.where(well, asked_at + hedge, np.minimum(asked_at + hedge, ends))
    return begins, failed_at, wait


def _attempt(profile: VoiceProfile, settings: VoiceSettings, dice: Dice) -> tuple[Vector, np.ndarray, Vector]:
    """Of one request: when it sounds or fails, whether it sounds, and how long to wait before the next."""
    drawn, after = dice.uniform(), dice.of(profile.first_audio)
    well, wait = np.ones(len(drawn), dtype=bool), np.full_like(drawn, AGAIN)
    for fault in profile.faults:
        struck = (drawn >= 0) & (drawn < fault.chance)
        drawn = np.where(struck, inf, drawn - fault.chance)
        after = np.where(struck, _struck(fault, after, settings), after)
        well &= ~(struck & _fails(fault))
        wait = np.where(struck, _wait(fault), wait)
    late = after > settings.first_audio
    return np.where(late, settings.first_audio, after), well & ~late, wait


def _struck(fault: FaultShape, after: Vector, settings: VoiceSettings) -> Vector:
    match fault.fault:
        case "slow":
            return after + fault.by
        case "stall" if not fault.after:
            return after + fault.lasts
        case "refused":
            return np.full_like(after, REFUSED)
        case "dead" if not fault.after:
            return np.full_like(after, settings.first_audio)
    return after


def _fails(fault: FaultShape) -> bool:
    """Before its first sound."""
    return fault.fault in ("empty", "refused") or (fault.fault in ("dead", "broken") and not fault.after)


def _wait(fault: FaultShape) -> float:
    if fault.fault != "refused":
        return AGAIN
    if fault.status < 500 and fault.status not in PASSING:
        return inf
    wait = max(AGAIN, fault.retry_after or 0.0)
    return wait if wait <= LONGEST_WAIT else inf
