"""A project whose values are read back, and a voice that can be cut."""

import asyncio
from dataclasses import replace

from directory import Directory, Voice
from pregen.cutting.sentences import Manner, spoken

COMMAS = Manner()
RUNNING = Manner(pause=0.0)


class Speaker(Voice):
    """Rests at commas and dashes, and tells when its words begin unless ``mute``; ``manners`` by text."""

    def __init__(self, *, mute: bool = False) -> None:
        super().__init__()
        self.mute = mute
        self.manner = COMMAS
        self.odd: dict[str, str] = {}
        """Texts, and what is said instead."""

    async def synthesize(self, request):
        self.asked[request.text] += 1
        await asyncio.sleep(0)
        chunk = spoken(self.odd.get(request.text, request.text), manner=self.manner)
        half = len(chunk.samples) // 2
        words = [() if self.mute else tuple(w for w in chunk.words if (w.sample < half) == first) for first in (1, 0)]
        yield replace(chunk, samples=chunk.samples[:half], words=words[0])
        yield replace(chunk, samples=chunk.samples[half:], words=words[1])


def reads_back(little: Directory, kind: str = "digits") -> Directory:
    """The little project with a value that is read back."""
    little.replace("prompts/ivr.yaml", "project: Little", "project: Little\nreadback: {mode: fragments}")
    little.replace("prompts/phrases/en-US.yaml", "{amount:money}", f"{{amount:{kind}}}")
    return little
