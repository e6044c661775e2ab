"""Amounts put together from fragments of the project's own voice, beside the same sentences in one synthesis."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from bench.recognition import Balance
from ivr.catalog.carriers import carrier
from ivr.catalog.readback import Unit, units
from ivr.media.clip import Clip, make_clip
from ivr.media.format import MULAW_8K
from ivr.media.g711 import mulaw_decode
from ivr.media.samples import Samples
from ivr.phrases.fragments import Fragments, fragment_name
from ivr.pregen.cutting.fragment import Sentence, fragment
from ivr.project.project import Project
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest
from ivr.speech.voices import open_voice

RATE = 8000
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount, and what it is put together from."""

    value: Decimal
    units: tuple[Unit, ...]

    @property
    def text(self) -> str:
        """Its words."""
        return " ".join(unit.text for unit in self.units)


def drawn(balance: Balance, values: Iterable[Decimal]) -> list[Amount]:
    """The units of each value, as the line of the starter says it."""
    locale = balance.project.settings.locale
    return [Amount(value, units(balance.slot.name, balance.slot.kind, value, locale)) for value in values]


async def fragments(project: Project, amounts: Iterable[Amount], *, timings: bool = True) -> Mapping[str, Clip]:
    """What ``amounts`` need, made as a build makes it; without ``timings`` as of a voice that tells none."""
    settings = project.settings
    wanted = sorted({(unit.text, unit.final) for amount in amounts for unit in amount.units})
    sentences = {each: carrier(settings.locale, each[1]) for each in wanted}
    said = await speak(project, [around.around(text) for (text, _), around in sentences.items()])
    clips: dict[str, Clip] = {}
    for (text, final), around in sentences.items():
        asked = around.around(text)
        chunk = said[asked]
        words = chunk.words if timings else ()
        made = fragment(Sentence(chunk.samples, chunk.rate, asked, around, words), RATE, settings.loudness)
        name = fragment_name(settings.locale, text, final)
        clips[name] = make_clip(made.samples, MULAW_8K, name, whole=False)
    return clips


async def speak(project: Project, texts: Iterable[str]) -> Mapping[str, SpeechChunk]:
    """All audio of each text by the project's own voice, with the times of its words."""
    choice, locale = project.settings.voice, project.settings.locale
    said: dict[str, SpeechChunk] = {}
    voice = open_voice(**choice.options())
    left = iter(dict.fromkeys(texts))

    async def work() -> None:
        for text in left:
            async with aclosing(voice.synthesize(SpeechRequest(text, choice.name, locale, choice.speed))) as chunks:
                parts = [chunk async for chunk in chunks]
            words = tuple(word for part in parts for word in part.words)
            said[text] = SpeechChunk(np.concatenate([part.samples for part in parts]), parts[0].rate, words)

    try:
        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    finally:
        await voice.aclose()
    return said


def assembled(made: Mapping[str, Clip], said: Sequence[Unit], locale: str) -> Samples:
    """The units as the far end decodes them."""
    clip = Fragments(made, MULAW_8K).assemble(said, locale)
    assert clip is not None, f"a fragment is missing of {said}"
    return mulaw_decode(clip.payload)


def behind_words(balance: Balance, amount: Samples) -> Samples:
    """The line of the starter with the amount in its place."""
    clip = balance.project.store.clip(balance.literal.clip, MULAW_8K)
    return np.concatenate((mulaw_decode(clip.payload), amount))
