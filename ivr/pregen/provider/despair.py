"""When the rest of a build is not asked for any more, because it would fail like what was asked. Pure.

Ten thousand phrases and a key that has expired are one mistake, not ten thousand.
"""

from __future__ import annotations

import errno
from collections import Counter
from dataclasses import dataclass, field

from ivr.catalog.carriers import Carrier
from ivr.errors import CutRefused, SpeechError, SpeechRefused, SpeechUnavailable
from ivr.phrases.key import Delivery
from ivr.pregen.provider.reasons import disk_says

FEW = 3
"""Failures in a row that tell of the account, the voice or the disk, whatever the phrase."""
MANY = 20
"""Failures in a row that may still be the phrases' own."""
CUTS = 8
"""Sentences of one form in a row that could not be cut, after which the voice makes no pauses that serve.

Words that are hard to cut stand side by side in the order of a build: of Spanish ordinals four begin with ``sept``.
"""
ACCOUNT = frozenset({401, 402, 403, 407})
VOICE = frozenset({404, 405, 410, 501})
TOO_LONG = frozenset({413, 414})
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""Nothing more can be written at all."""


@dataclass(slots=True)
class Despair:
    """What has failed in a row, for everybody and for each way of speaking."""

    _everybody: Counter[str] = field(default_factory=Counter)
    _each: dict[Delivery, Counter[str]] = field(default_factory=dict)
    _over: str = ""
    _over_for: dict[Delivery, str] = field(default_factory=dict)
    _uncut: Counter[tuple[Delivery, Carrier]] = field(default_factory=Counter)
    _over_for_cuts: dict[tuple[Delivery, Carrier], str] = field(default_factory=dict)

    def why(self, delivery: Delivery, carrier: Carrier | None = None) -> str:
        """Why nothing more is asked of that voice, or no fragments within ``carrier``; empty where it may be asked."""
        return self._over or self._over_for.get(delivery, "") or self.why_uncut(delivery, carrier)

    def why_uncut(self, delivery: Delivery, carrier: Carrier | None) -> str:
        """The same, where nothing but cuts was refused."""
        return "" if carrier is None else self._over_for_cuts.get((delivery, carrier), "")

    def succeeded(self, delivery: Delivery, carrier: Carrier | None = None) -> None:
        """It was made, and written."""
        self._everybody.clear()
        self._each.pop(delivery, None)
        if carrier is not None:
            del self._uncut[delivery, carrier]

    def failed(self, delivery: Delivery, error: Exception, carrier: Carrier | None = None) -> None:
        """A phrase has failed for good."""
        match error:
            case CutRefused() if carrier is not None:
                self._uncut[delivery, carrier] += 1
                if self._uncut[delivery, carrier] >= CUTS:
                    why = f"{CUTS} such sentences in a row could not be cut: {error}"
                    self._over_for_cuts[delivery, carrier] = f"{why}; another voice or speed may rest longer"
            case SpeechUnavailable():
                return  # not asked
            case SpeechRefused(status=status) if status in TOO_LONG:
                return
            case SpeechRefused(status=status) if status in ACCOUNT:
                self._count(str(status), FEW, str(error))
            case SpeechRefused(status=status) if 400 <= status < 500 or status in VOICE:
                most = FEW if status in VOICE else MANY
                counted = self._each.setdefault(delivery, Counter())
                if _full(counted, str(status), most):
                    self._over_for[delivery] = _times(most, str(error))
            case SpeechError():
                self._count("speech", MANY, str(error))
            case OSError(errno=number) if number in FULL:
                self._over = disk_says(error)
            case OSError(errno=number) if number != errno.EFBIG:
                self._count(f"errno {number}", FEW, str(error.strerror))

    def give_up(self, why: str) -> None:
        """Ask nobody any more."""
        self._over = self._over or why

    def _count(self, kind: str, most: int, said: str) -> None:
        if _full(self._everybody, kind, most):
            self.give_up(_times(most, said))


def _full(counted: Counter[str], kind: str, most: int) -> bool:
    counted[kind] += 1
    return counted[kind] >= most


def _times(count: int, said: str) -> str:
    return f"{count} in a row failed: {said}"
