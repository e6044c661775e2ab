"""The embedded voice in four languages: with the times that it tells, and without them."""

import asyncio

import pytest

from ivr.catalog.carriers import carrier
from ivr.catalog.readback import inventory
from ivr.errors import CutRefused
from ivr.pregen.cutting.cut import cut
from ivr.pregen.cutting.fragment import Sentence, fragment
from ivr.pregen.provider.asking import collected
from ivr.simulator.reference import on_the_telephone
from ivr.speech.espeak.pool import EspeakVoice
from ivr.speech.synthesizer import SpeechRequest
from ivr.testing.recogniser import Recogniser

LOCALES = ("en-US", "es-ES", "de-DE", "fr-FR")
TOLERANCE = 0.005
"""Seconds by which cuts with and without times may differ."""


def some(locale, every):
    """A share of all that can be said in a locale, of every kind."""
    kinds = ("number", "money", "date", "time", "duration", "spelled")
    texts = {unit: None for kind in kinds for unit in inventory(kind, locale)}
    return sorted(texts)[::every]


def spoken(locale, units):
    """The sentence of each unit, as the voice said it."""

    carriers = [carrier(locale, final) for _, final in units]
    texts = [around.around(text) for around, (text, _) in zip(carriers, units, strict=True)]
    return [
        Sentence(chunk.samples, chunk.rate, text, around, chunk.words)
        for chunk, text, around in zip(said_alone(texts, locale), texts, carriers, strict=True)
    ]


def said_alone(texts, locale="en-US"):
    """All audio of each text."""

    async def all_of_them():
        voice = EspeakVoice()
        try:
            return await asyncio.gather(*(collected(voice, SpeechRequest(text, "", locale)) for text in texts))
        finally:
            await voice.aclose()

    return asyncio.run(all_of_them())


@pytest.mark.parametrize("locale", LOCALES)
def test_its_words_are_cut_alike_with_and_without_their_times(locale):
    refused = []
    units = some(locale, 9)
    assert len(units) > 40
    for said in spoken(locale, units):
        told = cut(said.samples, said.rate, said.carrier, said.text, said.words)
        try:
            untold = cut(said.samples, said.rate, said.carrier, said.text)
        except CutRefused:
            refused.append(said.text)
            continue
        assert abs(told.start - untold.start) <= TOLERANCE * said.rate, said.text
        assert abs(told.stop - untold.stop) <= TOLERANCE * said.rate, said.text
    # Two stops in a row are as long a silence as a pause of this voice: without its times nobody can tell.
    assert all("pti" in text or "ptu" in text or "septi" in text for text in refused), refused


def test_fragments_are_understood_as_well_as_words_that_were_said_alone():
    texts = "seven|twenty six|thirty|sixteen|forty eight|hundred|dollars|cents|five hundred|million|thousand|minus"
    alternatives = {text: text for text in [*texts.split("|"), "seventy", "sixty", "fifty", "ninety", "eleven", "nine"]}
    alternatives |= {text: text for text in ("twenty", "eight", "three", "billion", "point", "dollar")}
    recogniser = Recogniser(alternatives)
    units = [(text, final) for text in texts.split("|") for final in (False, True)]
    sounds = [fragment(said, 8000, -20).samples for said in spoken("en-US", units)]
    alone = [on_the_telephone(chunk.samples, chunk.rate, -20) for chunk in said_alone([text for text, _ in units])]
    found, usual = (
        [recogniser.hear(sound, 8000) == text for (text, _), sound in zip(units, some, strict=True)]
        for some in (sounds, alone)
    )
    assert sum(usual) >= 16
    assert sum(found) >= sum(usual) - 1, [unit for unit, right in zip(units, found, strict=True) if not right]
