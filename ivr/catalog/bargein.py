"""What may interrupt a prompt, and from when on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ivr.errors import DialogBroken


class By(StrEnum):
    """What interrupts."""

    DIGIT = "digit"
    SPEECH = "speech"


@dataclass(frozen=True, slots=True)
class BargeIn:
    """A prompt's policy. What does not interrupt it is kept if it is a digit, and is nothing if it is speech."""

    by: frozenset[By] = frozenset({By.DIGIT})
    after: float = 0.0
    """Seconds of the prompt that are heard before anything interrupts it."""


USUAL = BargeIn()
NEVER = BargeIn(frozenset())

POLICIES = {
    "yes": USUAL.by,
    "no": NEVER.by,
    "digit": USUAL.by,
    "speech": frozenset({By.SPEECH}),
    "any": frozenset({By.DIGIT, By.SPEECH}),
}
"""By the word that a file has for each."""


def bargein(given: BargeIn | bool | str) -> BargeIn:
    """A policy by its word, or by yes and no as Python has them. Raises ``DialogBroken`` for another word."""
    if isinstance(given, BargeIn):
        return given
    word = given if isinstance(given, str) else "yes" if given else "no"
    if word not in POLICIES:
        raise DialogBroken(f"bargein={{}}: use True, False, or one of {', '.join(POLICIES)}", name=repr(word))
    return BargeIn(POLICIES[word])
