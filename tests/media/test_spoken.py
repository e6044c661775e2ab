"""What the embedded voice really says, finished at several levels and rates, and measured by others' meters too."""

from __future__ import annotations

import asyncio
import importlib.util

import numpy as np
import pytest
from meters import FFMPEG, exact_peak, ffmpeg_measures, printed_peak

from ivr.media.finish import TOLERANCE, finish
from ivr.media.format import ALAW_8K, MULAW_8K
from ivr.media.loudness import edge_loudness
from ivr.media.pcm import decode, encode
from ivr.speech.synthesizer import SpeechRequest
from ivr.speech.voices import open_voice

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("espeakng_loader") is None, reason="the extra 'voice' is not installed"
)

TEXTS = [
    "Yes.", "Five.", "Stop!", "One moment.", "Is there anything else?",
    "Sixty-six sizzling sausages.", "I am sorry, I cannot tell you that right now.",
    "Ready? Wait... now. And then, after a long pause: go.",
]  # fmt: skip
VOICES = [("en-us", "en-US", 1.0), ("en-us", "en-US", 1.6), ("en-gb", "en-GB", 0.8), ("fr", "fr-FR", 1.0)]


@pytest.fixture(scope="module")
def said():
    """Samples and their rate, by text and voice."""

    async def all_of_it():
        voice = open_voice("embedded")
        try:
            made = {}
            for name, locale, speed in VOICES:
                for text in TEXTS:
                    chunks = [chunk async for chunk in voice.synthesize(SpeechRequest(text, name, locale, speed))]
                    made[text, name, speed] = np.concatenate([chunk.samples for chunk in chunks]), chunks[0].rate
            return made
        finally:
            await voice.aclose()

    return asyncio.run(all_of_it())


@pytest.mark.parametrize(("target", "edges"), [(-16.0, 1.5), (-20.0, 0.5), (-26.0, 0.7)])
@pytest.mark.parametrize("to_rate", [None, 8000])
def test_every_clip_is_at_its_level_and_under_the_bound(said, target, edges, to_rate):
    """Where the limiter works hard (-16) an end that dies away stays quieter; the whole has its level all the same."""
    for name, (samples, rate) in said.items():
        finished = finish(samples, rate, to_rate or rate, target)
        assert abs(finished.loudness - target) <= TOLERANCE, name
        assert finished.shortfall == 0, name
        heard = [finished.samples]
        if to_rate == 8000:
            heard = [decode(encode(finished.samples, form), form) for form in (MULAW_8K, ALAW_8K)]
        assert max(exact_peak(each) for each in heard) < -1, name
        assert max(printed_peak(each) for each in heard) < -1, name
        for side in ("head", "tail"):
            assert edge_loudness(finished.samples, finished.rate, side) == pytest.approx(target, abs=edges), name


@pytest.mark.skipif(FFMPEG is None, reason="ffmpeg is not installed: no other meter to compare with")
@pytest.mark.parametrize("target", [-16.0, -20.0])
@pytest.mark.parametrize("to_rate", [None, 8000])
def test_another_meter_says_the_same(said, target, to_rate):
    names = [name for name in said if name[0] in ("One moment.", TEXTS[-1], TEXTS[-2])]
    for name in names:
        samples, rate = said[name]
        finished = finish(samples, rate, to_rate or rate, target)
        heard = finished.samples
        if to_rate == 8000:
            heard = decode(encode(heard, MULAW_8K), MULAW_8K)
        loud, peak = ffmpeg_measures(heard, finished.rate)
        assert loud == pytest.approx(target, abs=TOLERANCE), name
        assert loud == pytest.approx(finished.loudness, abs=0.15), name
        assert peak < -1, name
