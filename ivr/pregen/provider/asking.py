"""A voice asked for many phrases at once: what may pass by itself is asked again, a rate limit holds everybody."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import numpy as np

from ivr.catalog.carriers import Carrier
from ivr.errors import SpeechBroken, SpeechEmpty, SpeechError, SpeechRefused, SpeechTimeout, SpeechUnavailable
from ivr.phrases.key import Delivery
from ivr.pregen.provider.despair import Despair
from ivr.pregen.provider.gate import Gate, Pace, backoff
from ivr.pregen.takes.length import cut_short
from ivr.project.audio.clips import Wanted, delivery
from ivr.project.settings.settings import Settings
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest, Synthesizer, Whole


class Asker:
    """One voice and one build. Belongs to one event loop."""

    def __init__(
        self, voice: Synthesizer, settings: Settings, *, at_once: int, pace: Pace, told: Callable[[float], None]
    ) -> None:
        """``told`` is called with the seconds for which everybody waits, when that begins."""
        self.voice = voice
        self._settings = settings
        self._pace = pace
        self._told = told
        self._chance = random.Random(pace.seed).random
        self._gate = Gate(at_once, pace, self._chance)
        self._running = 0
        self._moved = asyncio.Event()
        self.despair = Despair()
        self.requests = 0
        """All of them, refused ones too."""
        self.characters = 0
        """Of requests that are paid for, as far as can be known: of all but those that failed for free.

        What broke off, came too late or was empty may have been spoken, so it counts; a retry counts by itself.
        """

    async def spoken(self, clip: Wanted) -> SpeechChunk:
        """All of its audio. Raises ``SpeechError``: ``SpeechUnavailable`` where nobody is asked any more."""
        failures = refusals = 0
        refused_at: float | None = None
        while True:
            try:
                return await self._once(clip)
            except (SpeechTimeout, SpeechBroken, SpeechEmpty, SpeechRefused) as error:
                if too_often(error):
                    refusals += 1
                    refused_at = _now() if refused_at is None else refused_at
                    if self._enough(refusals, refused_at):
                        raise
                    continue
                failures += 1
                if failures > self._settings.voice.retries or not passes(error):
                    raise
                await asyncio.sleep(self._pause(error, failures - 1))

    def _enough(self, refusals: int, since: float) -> bool:
        if self._gate.hopeless:
            wait = self._gate.shut(_now())
            self.despair.give_up(f"the provider takes no more requests, and is to be left alone for {wait:.0f} s more")
            self._wake()
        patience = self._pace.patience
        return self._gate.hopeless or refusals >= self._pace.most or _now() - since > patience

    def _pause(self, error: SpeechError, attempt: int) -> float:
        """Who was silent for a time-out, or answered without a sound, is asked again at once."""
        if isinstance(error, SpeechTimeout | SpeechEmpty):
            return 0.0
        return backoff(self._pace, attempt, self._chance())

    async def _once(self, clip: Wanted) -> SpeechChunk:
        """One request, when the gate lets it through; the gate hears how it went."""
        who = delivery(clip, self._settings)
        request = SpeechRequest(clip.text, who.voice, clip.locale, who.speed, who.model, who.style)
        async with self._let_in(who, clip.carrier) as turn:
            self.requests += 1
            self.characters += len(clip.text)
            try:
                spoken = await collected(self.voice, request)
            except SpeechError as error:
                self.characters -= len(clip.text) if error.free else 0
                if isinstance(error, SpeechRefused):
                    self._heed(turn, error)
                raise
            self._gate.answered(turn)
        # A third of a millisecond for five seconds of speech: less than a thread takes to come to it.
        if lack := cut_short(spoken.samples, spoken.rate, clip.text, who.speed):
            raise SpeechBroken(lack)
        return spoken

    def _heed(self, turn: int, error: SpeechRefused) -> None:
        if not too_often(error):
            self._gate.answered(turn)
            return
        now = _now()
        self._gate.refused(turn, now, error.retry_after)
        if not self._gate.hopeless:
            self._told(self._gate.shut(now))

    @asynccontextmanager
    async def _let_in(self, who: Delivery, carrier: Carrier | None) -> AsyncIterator[int]:
        """Wait until one more may be asked; gives the gate's turn."""
        while True:
            if why := self.despair.why(who, carrier):
                raise SpeechUnavailable(why)
            shut = self._gate.shut(_now())
            if not shut and self._running < self._gate.width:
                break
            with suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), shut or None)
        self._running += 1
        try:
            yield self._gate.turn
        finally:
            self._running -= 1
            self._wake()

    def _wake(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()


def too_often(error: SpeechError) -> bool:
    """Whether the provider merely wants to be asked later, whatever the phrase: RFC 6585 §4, RFC 9110 §15.6.4."""
    if not isinstance(error, SpeechRefused):
        return False
    return error.status == 429 or (error.status == 503 and error.retry_after is not None)


def passes(error: SpeechError) -> bool:
    """Whether the same request may succeed later: not what was wrong with the request itself."""
    if not isinstance(error, SpeechRefused):
        return True
    return error.status == 408 or (error.status >= 500 and error.status != 501)


async def collected(voice: Synthesizer, request: SpeechRequest) -> SpeechChunk:
    """All audio of one request, and what the voice told of its words. Raises ``SpeechError``."""
    if isinstance(voice, Whole):
        return await voice.render(request)
    chunks = [chunk async for chunk in voice.synthesize(request)]
    if not chunks:
        raise SpeechEmpty("the voice reported success and sent no audio")
    words = tuple(word for chunk in chunks for word in chunk.words)
    return SpeechChunk(np.concatenate([chunk.samples for chunk in chunks]), chunks[-1].rate, words)


def _now() -> float:
    return asyncio.get_running_loop().time()
