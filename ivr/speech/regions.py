"""One voice out of several regions of the same service: the next one takes over where one is late or fails.

A failure before the first audio goes to the next region at once. A region without audio after ``hedge`` seconds gets
company: the first with audio is heard, the others are cancelled. What breaks in the middle of its audio is an error,
as from one region; the call asks again, and for a moment the region that failed stands behind the others.

Each region has a breaker, shared by all calls of the process. With all of them open nothing is asked and
``SpeechUnavailable`` is raised at once, with one region too: the caller hears the fallback phrase now, where a request
to what has just failed again and again would most likely keep him on hold for its time-out first. That lasts for the
breaker's cool-down, after which one request is the probe.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from ivr.errors import ConfigError, SpeechEmpty, SpeechError, SpeechUnavailable
from ivr.speech.breaker import Breaker
from ivr.speech.region import Region, Steering, Trial, Voice, accounted, anywhere, lasting
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest

_log = logging.getLogger("ivr.speech")


class Regions:
    """See ``Synthesizer``. Belongs to one event loop."""

    def __init__(self, voices: Sequence[Voice], steering: Steering | None = None) -> None:
        """``voices`` in order of preference. Raises ``ConfigError`` for none."""
        if not voices:
            raise ConfigError("a voice needs at least one region")
        self._steering = steering or Steering()
        self._regions = [Region(voice, Breaker(self._steering.failures)) for voice in voices]

    @property
    def name(self) -> str:
        """The first region's, in the order given: clips keep their keys when one is added behind it."""
        return self._regions[0].voice.name

    async def synthesize(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        """Yield the audio of the first region that has any. Closing the iterator cancels every attempt.

        Raises ``SpeechUnavailable`` when every breaker is open; when all attempts fail, the error that passes first.
        """
        race = _Race(self._order(), request, self._steering.hedge)
        try:
            winner, chunk = await race.first_audio()
            where = winner.trial.region.name if len(self._regions) > 1 else ""
            async with aclosing(winner.chunks) as rest:
                yield _made(chunk, where)
                async for chunk in rest:
                    yield _made(chunk, where)
        except SpeechError as error:
            race.broke(error)
            raise
        finally:
            await race.close()

    async def render(self, request: SpeechRequest) -> SpeechChunk:
        """The whole speech at once: nobody waits for it, so regions do not race and an open breaker only puts behind.

        Raises ``SpeechError`` as ``synthesize`` does, but for ``SpeechUnavailable``.
        """
        errors: list[SpeechError] = []
        for region in self._order():
            trial = region.insist(_now())
            try:
                speech = await region.voice.render(request)
                trial.succeeded()
                return speech
            except SpeechError as error:
                trial.failed(error, _now())
                errors.append(error)
                if anywhere(error):
                    accounted(error, errors)
                    raise
            finally:
                trial.left()
        raise accounted(min(errors, key=lasting), errors)

    async def warm(self) -> None:
        """Open a connection to every region at once and, where there are several, measure their round trips.

        A region that fails is warned of. Raises its ``SpeechError`` when none can be reached.
        """
        found = await asyncio.gather(*(self._warm(region) for region in self._regions), return_exceptions=True)
        broken = [error for error in found if isinstance(error, BaseException)]
        for error in broken:
            if not isinstance(error, SpeechError):
                raise error
        if len(broken) == len(self._regions):
            raise broken[0]
        for error in broken:
            _log.warning("a region of the voice is not ready, calls begin without it: %s", error)
        if len(self._regions) > 1:
            trips = (f"{r.voice.name} {1000 * r.round_trip:.0f} ms" for r in self._regions if r.round_trip < math.inf)
            _log.info("round trips: %s", ", ".join(trips))

    async def aclose(self) -> None:
        """Close every region; running syntheses end with ``SpeechBroken``."""
        await asyncio.gather(*(region.voice.aclose() for region in self._regions))

    def _order(self) -> list[Region]:
        """By preference, and what failed a moment ago behind the rest."""
        now = _now()
        regions = self._regions
        if self._steering.nearest:
            regions = sorted(regions, key=lambda region: region.round_trip)
        return sorted(regions, key=lambda region: region.breaker.shaken(now))

    async def _warm(self, region: Region) -> None:
        await region.voice.warm()
        if len(self._regions) > 1:
            # The first time paid for the handshake, which no later request does.
            begun = _now()
            await region.voice.warm()
            region.round_trip = _now() - begun


@dataclass(eq=False, slots=True)
class _Attempt:
    trial: Trial
    chunks: AsyncGenerator[SpeechChunk, None]
    first: asyncio.Task[SpeechChunk]
    begun: float
    """Seconds of the loop's clock."""

    def cancel(self) -> None:
        """Once only: a second time would interrupt the client while it closes the connection, and leave that open."""
        if not self.first.cancelling():
            self.first.cancel()


class _Race:
    """The attempts at one request, in the order in which they began."""

    def __init__(self, regions: Iterable[Region], request: SpeechRequest, hedge: float | None) -> None:
        self._left = iter(regions)
        self._request = request
        self._hedge = hedge
        self._attempts: list[_Attempt] = []
        self._running: list[_Attempt] = []
        self._errors: list[SpeechError] = []
        self._winner: _Attempt | None = None

    async def first_audio(self) -> tuple[_Attempt, SpeechChunk]:
        """The attempt that won, and its first audio. Raises as ``Regions.synthesize``."""
        more = self._begin()
        if not more:
            raise SpeechUnavailable("the speech provider failed again and again: it is not asked for a moment")
        while self._running:
            patience = None
            if more and self._hedge is not None:
                patience = max(0.0, self._attempts[-1].begun + self._hedge - _now())
            waiting = {attempt.first for attempt in self._running}
            done, _ = await asyncio.wait(waiting, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            for attempt in [attempt for attempt in self._running if attempt.first in done]:
                self._running.remove(attempt)
                try:
                    chunk = attempt.first.result()
                except SpeechError as error:
                    self._lost(attempt, error)
                else:
                    self._won(attempt)
                    return attempt, chunk
            more = more and self._begin()
        raise accounted(min(self._errors, key=lasting), self._errors)

    async def close(self) -> None:
        """Let go of all attempts, and wait until they are gone."""
        if self._winner is not None:
            # At the end of its audio, or left in the middle: either way it did what was asked.
            self._winner.trial.succeeded()
        for attempt in self._attempts:
            attempt.trial.left()
            attempt.cancel()
        if self._attempts:
            # Not gather: cancelled itself, it would cancel them again.
            await asyncio.wait({attempt.first for attempt in self._attempts})
        for attempt in self._attempts:
            await attempt.chunks.aclose()

    def broke(self, error: SpeechError) -> None:
        """What was heard broke off."""
        if self._winner is not None:
            self._winner.trial.failed(error, _now())

    def _begin(self) -> bool:
        """Ask the next region that its breaker lets through; False when there is none."""
        for region in self._left:
            now = _now()
            trial = region.admit(now)
            if trial is not None:
                chunks = region.voice.synthesize(self._request)
                attempt = _Attempt(trial, chunks, asyncio.create_task(_first(chunks)), now)
                attempt.first.add_done_callback(_retrieve)
                self._attempts.append(attempt)
                self._running.append(attempt)
                return True
        return False

    def _lost(self, attempt: _Attempt, error: SpeechError) -> None:
        attempt.trial.failed(error, _now())
        self._errors.append(error)
        if anywhere(error):
            raise accounted(error, self._errors, running=bool(self._running))

    def _won(self, winner: _Attempt) -> None:
        self._winner = winner
        winner.trial.heard()
        now = _now()
        for attempt in self._running:
            attempt.cancel()
            if self._hedge is not None and now - attempt.begun >= self._hedge:
                attempt.trial.slow(now)


async def _first(chunks: AsyncGenerator[SpeechChunk, None]) -> SpeechChunk:
    async for chunk in chunks:
        return chunk
    raise SpeechEmpty("the voice reported success and sent no audio")


def _made(chunk: SpeechChunk, where: str) -> SpeechChunk:
    return replace(chunk, region=where) if where else chunk


def _retrieve(task: asyncio.Task[SpeechChunk]) -> None:
    """One that failed beside the winner needs no warning at its end."""
    if not task.cancelled():
        task.exception()


def _now() -> float:
    return asyncio.get_running_loop().time()
