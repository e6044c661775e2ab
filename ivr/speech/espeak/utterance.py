"""A worker's 16-bit audio and words as ``SpeechChunk``s. Pure."""

from __future__ import annotations

import numpy as np

from ivr.errors import SpeechBroken
from ivr.speech.espeak.protocol import Word
from ivr.speech.synthesizer import SpeechChunk, WordTiming

_FULL_SCALE = np.float32(1 / 32768)


class Utterance:
    """Collects one utterance. Silence at its start is held back until something sounds: a text without a sound still
    gives some samples of it (154 from espeak-ng 1.52), and they must not pass for speech.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._end = 0
        self._words: list[Word] = []
        self._held: list[SpeechChunk] = []
        self.heard = False
        """Whether any sample was not zero."""

    def add_words(self, words: tuple[Word, ...]) -> None:
        """Words of audio that is still to come."""
        self._words.extend(words)

    def add_audio(self, pcm: bytes) -> tuple[SpeechChunk, ...]:
        """The chunks that may now be heard. Raises ``SpeechBroken`` for half a sample."""
        if len(pcm) % 2:
            raise SpeechBroken(f"the voice's worker sent {len(pcm)} bytes of audio, not a multiple of 2")
        samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32) * _FULL_SCALE
        self._end += len(samples)
        begun = tuple(
            WordTiming(word.sample, word.offset, word.length) for word in self._words if word.sample < self._end
        )
        self._words = [word for word in self._words if word.sample >= self._end]
        self._held.append(SpeechChunk(samples, self._rate, begun))
        self.heard = self.heard or bool(samples.any())
        if not self.heard:
            return ()
        ready = tuple(self._held)
        self._held.clear()
        return ready
