"""What counts as an answer by keys, and how long is waited for it. The time itself is kept by the call."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

KEYS = "0123456789*#ABCD"
"""What DTMF can send (ITU-T Q.23)."""

DIGITS = frozenset("0123456789")

MOST_KEYS = 64
"""Keys of one answer, and keys that are kept while nobody asks."""


class Ended(StrEnum):
    """What made an answer complete."""

    MATCH = "match"
    """It is one of the options, or cannot become one any more."""
    LENGTH = "length"
    """It has as many keys as it may have."""
    KEY = "key"
    """A terminator was pressed, which is no part of it."""
    PAUSE = "pause"
    """No further key came in time."""
    LIMIT = "limit"
    """It took longer than it may take in all."""
    COMMAND = "command"
    """It is no answer: a key that means the same everywhere was pressed."""


@dataclass(frozen=True, slots=True)
class Typed:
    """Keys that the caller pressed for one question."""

    keys: str
    ended: Ended

    def digits(self, least: int, most: int) -> bool:
        """Whether these are digits alone, and so many."""
        return least <= len(self.keys) <= most and DIGITS.issuperset(self.keys)


@dataclass(frozen=True, slots=True)
class Listen:
    """One question's idea of an answer. Times are seconds."""

    least: int = 1
    """Keys that an answer has at least; fewer are no match. Checked by who asks."""
    most: int = 1
    """Keys at which an answer is complete at once."""
    end: str = ""
    """Keys that complete an answer and are no part of it."""
    options: frozenset[str] = frozenset()
    """The answers that there are; empty where any keys will do. ``most`` and ``end`` do not count then."""
    commands: frozenset[str] = frozenset()
    """Keys that are no answer but a command; a digit counts as one at the beginning of an answer alone."""
    first: float = 5.0
    """Silence from the last word *heard* to the first key, after which there is no input."""
    between: float = 3.0
    """Silence after a key, after which what was typed is the answer (VoiceXML 2.0 §2.3.1.3: interdigittimeout)."""
    within: float | None = None
    """From the first key on; then what was typed is the answer. None: as long as keys keep coming."""
    type_ahead: bool = True
    """False: keys that were pressed before the question are thrown away."""


ONE_KEY = Listen()
"""Any one key."""


class Collector:
    """The keys of one answer, one by one."""

    def __init__(self, listen: Listen) -> None:
        self._listen = listen
        self.keys = ""
        """What was typed so far."""

    def key(self, key: str) -> Typed | None:
        """Another key; the answer, if that completes it."""
        listen = self._listen
        if key in listen.commands and not (self.keys and key in DIGITS):
            return Typed(key, Ended.COMMAND)
        if listen.options:
            return self._option(key)
        if key in listen.end:
            return Typed(self.keys, Ended.KEY)
        self.keys += key
        return Typed(self.keys, Ended.LENGTH) if len(self.keys) >= min(listen.most, MOST_KEYS) else None

    def _option(self, key: str) -> Typed | None:
        self.keys += key
        longer = any(option != self.keys and option.startswith(self.keys) for option in self._listen.options)
        return None if longer else Typed(self.keys, Ended.MATCH)
