"""A real voice with scripted trouble: late, stalled, or broken off in the middle of a word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

from ivr.errors import SpeechBroken
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest, Synthesizer

Fault = Literal["none", "die", "stall", "empty"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong, in every synthesis alike, but that after ``die`` the voice stays dead.

    ``die`` and ``stall`` strike words that last less than ``after`` too: in the place of their last chunk.
    """

    delay: float = 0.0
    """Seconds before the first audio."""
    fault: Fault = "none"
    after: float = 0.8
    """Seconds of audio before ``die`` or ``stall``."""
    pace: float | None = None
    """Seconds of audio let through per second; None for all at once."""


class FaultyVoice:
    """Wraps a voice; see ``Synthesizer``."""

    def __init__(self, voice: Synthesizer, trouble: Trouble) -> None:
        self._voice = voice
        self._trouble = trouble
        self._dead = False
        self.struck = False
        """The fault has been felt; without any synthesis it never is."""

    @property
    def name(self) -> str:
        """The wrapped voice's own."""
        return self._voice.name

    async def warm(self) -> None:
        """See ``Synthesizer.warm``."""
        await self._voice.warm()

    async def aclose(self) -> None:
        """See ``Synthesizer.aclose``."""
        await self._voice.aclose()

    async def synthesize(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        """See ``Synthesizer.synthesize``."""
        trouble = self._trouble
        said = 0.0
        if self._dead:
            raise SpeechBroken("nobody answers (as scripted)")
        await asyncio.sleep(trouble.delay)
        if trouble.fault == "empty":
            self.struck = True
            return
        async with aclosing(self._voice.synthesize(request)) as chunks:
            chunk = await anext(chunks, None)
            while chunk is not None:
                following = await anext(chunks, None)
                if trouble.fault != "none" and (said >= trouble.after or following is None):
                    await self._strike()
                yield chunk
                seconds = len(chunk.samples) / chunk.rate
                said += seconds
                if trouble.pace is not None:
                    await asyncio.sleep(seconds / trouble.pace)
                chunk = following

    async def _strike(self) -> None:
        self.struck = True
        if self._trouble.fault == "die":
            self._dead = True
            raise SpeechBroken("the connection broke in the middle of the audio (as scripted)")
        await asyncio.Event().wait()
