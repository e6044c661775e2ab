"""One request to a voice of several regions, in virtual time: what ``ivr.speech.regions`` does, without a loop.

The rules are told there; breakers and trials are the very same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from ivr.errors import SpeechEmpty, SpeechError, SpeechUnavailable
from ivr.simulator.clock import Clock
from ivr.simulator.provider import Part
from ivr.speech.breaker import Breaker
from ivr.speech.region import Steering, Trial, anywhere, lasting
from ivr.speech.synthesizer import SpeechChunk

Ask = Callable[[int], Iterator[tuple[float, Part]]]
"""How a region answers, by its index; called when it is asked."""


@dataclass(eq=False, slots=True)
class RegionState:
    """One region of a cell's voice."""

    index: int
    breaker: Breaker

    @property
    def name(self) -> str:
        """For the log."""
        return f"region {self.index + 1}"

    def admit(self, now: float) -> Trial | None:
        """A trial, unless the breaker is against it."""
        ticket = self.breaker.enter(now)
        return None if ticket is None else Trial(self, ticket)


@dataclass(eq=False, slots=True)
class _Attempt:
    trial: Trial
    script: Iterator[tuple[float, Part]]
    begun: float
    running: bool = True


class Race:
    """Tells the parts of the first region that has any. ``tell`` is never called from within ``begin``."""

    def __init__(
        self, clock: Clock, regions: Sequence[RegionState], steering: Steering, ask: Ask, tell: Callable[[Part], None]
    ) -> None:
        self._clock = clock
        self._several = len(regions) > 1
        self._left = iter(sorted(regions, key=lambda region: region.breaker.shaken(clock.now)))
        self._steering = steering
        self._ask = ask
        self._tell = tell
        self._attempts: list[_Attempt] = []
        self._errors: list[SpeechError] = []
        self._winner: _Attempt | None = None

    def begin(self) -> None:
        """Ask the first region."""
        if not self._next():
            refusal = SpeechUnavailable("the speech provider failed again and again: it is not asked for a moment")
            self._clock.at(self._clock.now, lambda: self._tell(refusal))

    def leave(self) -> None:
        """Nobody wants it any more."""
        if self._winner is not None:
            self._winner.trial.succeeded()
        for attempt in self._attempts:
            attempt.running = False
            attempt.trial.left()

    def _next(self) -> bool:
        now = self._clock.now
        for region in self._left:
            trial = region.admit(now)
            if trial is not None:
                attempt = _Attempt(trial, self._ask(region.index), now)
                self._attempts.append(attempt)
                self._await(attempt)
                if self._steering.hedge is not None:
                    self._clock.at(now + self._steering.hedge, partial(self._late, attempt))
                return True
        return False

    def _await(self, attempt: _Attempt) -> None:
        after, part = next(attempt.script)
        self._clock.at(attempt.begun + after, partial(self._came, attempt, part))

    def _late(self, attempt: _Attempt) -> None:
        if attempt.running and self._winner is None and attempt is self._attempts[-1]:
            self._next()

    def _came(self, attempt: _Attempt, part: Part) -> None:
        if not attempt.running:
            return
        if self._winner is None and not isinstance(part, SpeechChunk):
            self._lost(attempt, part or SpeechEmpty("the voice reported success and sent no audio"))
            return
        if self._winner is None:
            self._won(attempt)
        match part:
            case SpeechChunk():
                self._await(attempt)
            case None:
                attempt.trial.succeeded()
            case SpeechError():
                attempt.trial.failed(part, self._clock.now)
        attempt.running = isinstance(part, SpeechChunk)
        where = attempt.trial.region.name if self._several else ""
        self._tell(replace(part, region=where) if where and isinstance(part, SpeechChunk) else part)

    def _won(self, winner: _Attempt) -> None:
        self._winner = winner
        winner.trial.heard()
        now, hedge = self._clock.now, self._steering.hedge
        for attempt in self._attempts:
            if attempt is not winner and attempt.running:
                attempt.running = False
                if hedge is not None and now - attempt.begun >= hedge:
                    attempt.trial.slow(now)
                attempt.trial.left()

    def _lost(self, attempt: _Attempt, error: SpeechError) -> None:
        attempt.running = False
        attempt.trial.failed(error, self._clock.now)
        self._errors.append(error)
        if anywhere(error):
            self.leave()
            self._tell(error)
        elif not self._next() and not any(each.running for each in self._attempts):
            self._tell(min(self._errors, key=lasting))
