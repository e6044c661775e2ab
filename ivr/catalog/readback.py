"""Values as units of words: what is spoken in one piece, and so can be put together from fragments rendered ahead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """Words that are said in one breath."""

    text: str
    """As a voice is asked to say them: ``twenty one``, ``dollars``."""
    final: bool = False
    """Whether the pitch falls at its end: nothing of the sentence comes behind it."""
    pause: float = 0.0
    """Seconds of silence behind it, beyond what the words bring themselves."""
