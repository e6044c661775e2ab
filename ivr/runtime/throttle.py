"""What may happen a thousand times a second is logged once a minute, with a count of the rest."""

from __future__ import annotations

from dataclasses import dataclass

PERIOD = 60.0
"""Seconds in which one cause is logged once."""

MOST_CAUSES = 32
"""Causes that are told apart at one time."""

MOST_SHOWN = 80
"""Characters of a cause."""

OTHERS = "other causes"


@dataclass(slots=True)
class _Minute:
    since: float
    suppressed: int = 0


class Throttled:
    """Pure: ``now`` is seconds of any clock that does not go back. Its memory is bounded by ``MOST_CAUSES``."""

    def __init__(self, verb: str = "refused", noun: str = "calls") -> None:
        """As in "refused 812 calls more for 'rate' in the last minute"."""
        self._verb = verb
        self._noun = noun
        self._minutes: dict[str, _Minute] = {}

    def __len__(self) -> int:
        return len(self._minutes)

    def see(self, cause: str, line: str, now: float) -> list[str]:
        """It happened: the lines to log, ``line`` among them where ``cause`` was not logged within a minute."""
        cause = _shown(cause)
        lines = self.due(now)
        if cause not in self._minutes and len(self._minutes) >= MOST_CAUSES:
            cause = OTHERS
        minute = self._minutes.get(cause)
        if minute is None:
            self._minutes[cause] = _Minute(now)
            return [*lines, line]
        minute.suppressed += 1
        return lines

    def due(self, now: float) -> list[str]:
        """Counts of what was suppressed, for every minute that is over. To be asked every few seconds; ``see`` does."""
        lines = []
        while self._minutes:
            # Minutes stand in the order in which they began.
            cause, minute = next(iter(self._minutes.items()))
            if now - minute.since < PERIOD:
                break
            lines += self._count(self._minutes.pop(cause), cause)
        return lines

    def rest(self) -> list[str]:
        """The counts of minutes that are not over: the server stops."""
        lines = [line for cause, minute in self._minutes.items() for line in self._count(minute, cause)]
        self._minutes.clear()
        return lines

    def _count(self, minute: _Minute, cause: str) -> list[str]:
        if minute.suppressed == 0:
            return []
        return [f"{self._verb} {minute.suppressed} {self._noun} more for '{cause}' in the last minute"]


def _shown(cause: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in cause[:MOST_SHOWN])
