"""One region of a hosted voice: its breaker, and what each kind of failure says of it. Pure; all times are seconds."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from ivr.errors import SpeechError, SpeechRefused
from ivr.speech.breaker import FAILURES, Breaker
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest, Synthesizer

ANYWHERE = frozenset({400, 413, 414, 415, 422})
"""What is wrong with the request itself: every region would say the same, and it says nothing of the region."""
PASSING = frozenset({408, 429})
"""The 4xx that tell of the region's state. Of all others (401 and 403: keys are rolled out region by region; 404: a
wrong root) the next region may know better, but a service that says so is up, and its breaker does not count them."""
HEDGE = 1.0
"""Seconds. Hosted voices have their first audio within 0.4 to 0.9 s, so few requests are made (and paid for) twice;
the words before a value mostly last longer, so a caller who is helped by the second one has heard no cover."""
_NO_TICKET = -1

_log = logging.getLogger("ivr.speech")


@dataclass(frozen=True, slots=True)
class Steering:
    """Which region is asked, and when the next one."""

    hedge: float | None = HEDGE
    """Seconds without audio after which the next region is asked as well; None: only when one fails."""
    nearest: bool = False
    """Prefer by the round trips that ``warm`` measured, those without one last; else in the order given."""
    failures: int = FAILURES
    """Failures in a row that open a breaker."""


class Voice(Synthesizer, Protocol):
    """A synthesizer that also renders ahead of time, as ``HttpVoice`` does."""

    async def render(self, request: SpeechRequest) -> SpeechChunk:
        """The whole speech at once. Raises ``SpeechError``."""
        ...


class Guarded(Protocol):
    """What has a breaker, and a name for the log."""

    breaker: Breaker

    @property
    def name(self) -> str:
        """What it is called."""
        ...


@dataclass(eq=False, slots=True)
class Region:
    """A voice, and how it fared lately."""

    voice: Voice
    breaker: Breaker
    round_trip: float = math.inf
    """Infinite before it was measured."""

    @property
    def name(self) -> str:
        """The voice's."""
        return self.voice.name

    def admit(self, now: float) -> Trial | None:
        """A trial, unless the breaker is against it."""
        ticket = self.breaker.enter(now)
        return None if ticket is None else Trial(self, ticket)

    def insist(self, now: float) -> Trial:
        """A trial that counts if the breaker lets it pass, and takes place in any case."""
        return self.admit(now) or Trial(self, _NO_TICKET)


@dataclass(eq=False, slots=True)
class Trial:
    """One request to a region; only the first verdict on it counts."""

    region: Guarded
    ticket: int
    over: bool = False

    def heard(self) -> None:
        """The first audio came."""
        self._told(self.region.breaker.heard(self.ticket))

    def succeeded(self) -> None:
        """All of it came."""
        if not self._judged():
            self._told(self.region.breaker.succeeded(self.ticket))

    def failed(self, error: SpeechError, now: float) -> None:
        """It ended with ``error``, before its audio or in the middle of it."""
        match error:
            case SpeechRefused(status=status) if 400 <= status < 500 and status not in PASSING:
                self.left()
            case SpeechRefused(status=status, retry_after=wait):
                self._blame(f"answered {status}", now, wait)
            case _:
                # No more than the kind: what a provider says may repeat a caller's words.
                self._blame(type(error).__name__, now)

    def slow(self, now: float) -> None:
        """It had its time, and another region was heard."""
        self._blame("was too slow", now)

    def left(self) -> None:
        """It was given up before it could tell anything."""
        if not self._judged():
            self.region.breaker.left(self.ticket)

    def _judged(self) -> bool:
        before, self.over = self.over, True
        return before

    def _blame(self, what: str, now: float, retry_after: float | None = None) -> None:
        if not self._judged() and self.region.breaker.failed(self.ticket, now, retry_after):
            _log.warning("%s failed again and again and is left alone for a while; at last: %s", self.region.name, what)

    def _told(self, closed: bool) -> None:
        if closed:
            _log.info("%s answers again", self.region.name)


def anywhere(error: SpeechError) -> bool:
    """Whether every region would refuse the same request."""
    return isinstance(error, SpeechRefused) and error.status in ANYWHERE


def accounted(error: SpeechError, others: Iterable[SpeechError], *, running: bool = False) -> SpeechError:
    """``error`` for all that was asked: it is free where the ``others`` are, and nobody is ``running`` any more."""
    error.free = not running and error.free and all(other.free for other in others)
    return error


def lasting(error: SpeechError) -> float:
    """Seconds for which ``error`` will stay, by what is known: a caller's retry is told the one that passes first."""
    if not isinstance(error, SpeechRefused):
        return 0.0
    if 400 <= error.status < 500 and error.status not in PASSING:
        return math.inf
    return error.retry_after or 0.0
