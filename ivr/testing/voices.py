"""Voices without a voice: what a provider would send, and when, as a script. Pure; the simulator drives it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ivr.errors import SpeechBroken, SpeechEmpty, SpeechError
from ivr.media.samples import Samples
from ivr.media.tones import tone
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest

SpeechScript = Callable[[SpeechRequest, int], Iterator[tuple[float, SpeechChunk | SpeechError | None]]]
"""For a request and its attempt: (seconds since the request, audio), in order; at last None, or an error."""


@lru_cache(maxsize=256)
def babble(text: str, rate: int = 22050) -> Samples:
    """Something speech-like that depends on every character of ``text``: 60 ms of a tone for each, none for spaces."""
    parts = [
        tone(220.0 + 7 * ord(character), 0.06, rate, -20.0)
        if not character.isspace()
        else np.zeros(round(0.03 * rate), dtype=np.float32)
        for character in text
    ]
    said = np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)
    said.flags.writeable = False  # it is kept, and shared
    return said


@dataclass(frozen=True, slots=True)
class ScriptedVoice:
    """A provider with a latency profile and, if asked for, a fault. Call it as a ``SpeechScript``."""

    first_audio: float = 0.2
    """Seconds to the first chunk."""
    pace: float = 4.0
    """Audio seconds sent per second, after the first chunk."""
    chunk: float = 0.1
    """Seconds of audio in a chunk."""
    dies_after: float | None = None
    """Seconds of audio after which the connection breaks; 0 for before the first."""
    stalls_after: float | None = None
    """Seconds of audio after which nothing more ever comes."""
    stall: float | None = None
    """With ``stalls_after``: after so many seconds it goes on after all."""
    empty: bool = False
    """Success without audio."""
    heals: int | None = None
    """From this attempt on nothing goes wrong."""
    speak: Callable[[str], tuple[Samples, int]] | None = None
    """Where the audio comes from; ``babble`` if nowhere else."""

    def __call__(
        self, request: SpeechRequest, attempt: int
    ) -> Iterator[tuple[float, SpeechChunk | SpeechError | None]]:
        """See ``SpeechScript``."""
        well = self.heals is not None and attempt >= self.heals
        samples, rate = self.speak(request.text) if self.speak else (babble(request.text), 22050)
        if self.empty and not well:
            yield self.first_audio, SpeechEmpty("the provider reported success and sent no audio")
            return
        step = round(self.chunk * rate)
        extra = 0.0
        for start in range(0, len(samples), step):
            said = start / rate
            at = self.first_audio + said / self.pace + extra
            if not well and self.dies_after is not None and said >= self.dies_after:
                yield at, SpeechBroken("the connection broke in the middle of the audio")
                return
            if not well and self.stalls_after is not None and said >= self.stalls_after and not extra:
                if self.stall is None:
                    return
                extra = self.stall
                at += extra
            yield at, SpeechChunk(samples[start : start + step], rate)
        yield self.first_audio + len(samples) / rate / self.pace + extra, None
