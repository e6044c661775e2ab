"""A project's directory to spoil, and a voice that renders it."""

import asyncio
from collections import Counter
from pathlib import Path

import numpy as np

from ivr.media.resample import resample
from ivr.media.wave import write_wav
from ivr.pregen.render import render
from ivr.project.load import load
from ivr.project.sources import read_sources
from ivr.speech.synthesizer import SpeechChunk
from ivr.testing.voices import babble

RATE = 44100


def take(text, level=0.3, rate=RATE):
    """Words with pauses around and between them, as a person says them."""
    words = [resample(babble(text) * level, 22050, rate)] * 2
    pause = np.zeros(round(0.2 * rate), np.float32)
    return write_wav([np.concatenate((pause, words[0], pause, words[1], pause))], rate)


class Voice:
    """Says every text as tones that depend on it, unless told to fail; counts what it was asked for."""

    def __init__(self, name: str = "espeak-ng/1.52") -> None:
        self.name = name
        self.asked: Counter[str] = Counter()
        self.fails: dict[str, list[Exception]] = {}
        self.level = 1.0
        self.running = self.most = 0

    async def synthesize(self, request):
        self.asked[request.text] += 1
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(0)
            if self.fails.get(request.text):
                raise self.fails[request.text].pop(0)
            samples = babble(request.text) * self.level
            half = len(samples) // 2
            for part in (samples[:half], samples[half:]):
                yield SpeechChunk(part, 22050)
        finally:
            self.running -= 1

    async def warm(self):
        pass

    async def aclose(self):
        pass


class Directory:
    """A project's directory to spoil."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, file: str, text: str | bytes) -> Path:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def replace(self, file: str, old: str, new: str) -> None:
        text = (self.root / file).read_text()
        assert old in text
        self.write(file, text.replace(old, new))

    def load(self, environ=None, *, clips=False):
        return load(self.root, environ or {}, clips=clips)

    def sources(self):
        return read_sources(self.root, {})

    def render(self, voice, **options):
        return asyncio.run(render(self.sources(), voice, **options))

    def audio(self):
        top = self.root / "audio"
        return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}
