"""Steps that wait for words: hearing them in time, and the moment at which to interrupt them."""

from __future__ import annotations

from ivr.simulator.scenario.model import Hear, Interrupt
from ivr.simulator.scenario.situation import Script, Situation, StepFailed, Until
from ivr.simulator.scenario.words import EDGE, Found, Pattern, Words, words_of

UNFOLDS = 60.0
"""Seconds in which words that began in time must have been said to their end."""


def hear(step: Hear, at: Situation) -> Script:
    """See ``Hear``."""
    began, since = at.now, at.cursor
    patterns = _patterns(step, at)
    earliest, latest = began + step.not_before, began + step.within

    def look(now: float) -> bool | float:
        found = _find(step, patterns, at.words, since)
        if found is None or not found.whole:
            return False
        if (found.begins < earliest - EDGE and step.not_before) or found.begins > latest + EDGE:
            return True
        if step.strategy is not None and not patterns:
            return now >= found.begins or found.begins
        return (now >= found.ends - EDGE and _sure(found, now)) or (found.ends if found.ends > now else False)

    got = yield Until(look, latest)
    found = _find(step, patterns, at.words, since)
    if got is False and found is not None and found.begins <= latest:
        got = yield Until(look, at.now + UNFOLDS)
        found = _find(step, patterns, at.words, since)
    if got is not True or found is None:
        why = f"; {at.ended()}" if got is None else ""
        raise StepFailed(f"heard instead: {at.words.heard(began, at.now)}{why}")
    after = found.begins - began
    if step.not_before and found.begins < earliest - EDGE:
        raise StepFailed(f"they began too early, {after:.2f} s after the step, at {found.begins:.2f} s")
    if found.begins > latest + EDGE:
        instead = at.words.heard(began, at.now)
        raise StepFailed(f"they began too late, {after:.2f} s after the step; heard before: {instead}")
    if step.strategy is not None and step.strategy not in found.strategies:
        voiced = ", ".join(sorted(found.strategies))
        raise StepFailed(f"they were voiced as {voiced} at {found.begins:.2f} s")
    at.cursor = found.begins + EDGE if not patterns else found.ends
    return f"from {found.begins:.2f} s to {found.ends:.2f} s" if patterns else f"from {found.begins:.2f} s"


def moment(step: Interrupt, at: Situation) -> Script:
    """Wait for it; returns what it was, in words."""
    began, since = at.now, at.cursor
    latest = began + step.within

    def look(now: float) -> bool | float:
        due = _due(step, at, began, since)
        return due if due is not None and due > now else due is not None

    got = yield Until(look, latest)
    if got is not True:
        why = f"; {at.ended()}" if got is None else ""
        raise StepFailed(f"the moment did not come; heard instead: {at.words.heard(began, at.now)}{why}")
    at.check_alive()
    return f"at {at.now:.2f} s"


def _due(step: Interrupt, at: Situation, began: float, since: float) -> float | None:
    """When the moment is; None while that is not known."""
    if step.at is not None:
        found = at.words.find(words_of(step.at), since)
        return None if found is None or not found.whole else found.begins
    if step.sent is not None:
        found = next(filter(None, (at.words.find(each, since) for each in at.sayable.patterns(step.sent))), None)
        if found is None:
            return None
        if found.begins <= at.now:
            raise StepFailed(f"{step.sent} was heard at {found.begins:.2f} s, as soon as it was sent")
        return (found.first.sent + found.begins) / 2
    piece = at.words.sounding(began) or at.words.next(began)
    return None if piece is None else piece.begins + (step.after or 0.0)


def _patterns(step: Hear, at: Situation) -> tuple[Pattern, ...]:
    if step.phrase is not None:
        return at.sayable.patterns(step.phrase)
    return () if step.text is None else (words_of(step.text),)


def _find(step: Hear, patterns: tuple[Pattern, ...], words: Words, since: float) -> Found | None:
    if not patterns:
        return words.voiced(step.strategy, since) if step.strategy is not None else None
    found = [
        place
        for pattern in patterns
        for covers in (False, True)
        if (place := words.find(pattern, since, covers=covers)) is not None
    ]
    return min(found, key=lambda place: (not place.whole, place.begins), default=None)


def _sure(found: Found, now: float) -> bool:
    """Live words end later than guessed, as long as more of them may come."""
    return found.last.settled or found.ends < found.last.ends <= now
