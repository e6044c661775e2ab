"""Speech of the embedded voice, as a good take has it: at some pace, with half a second of quiet room at both ends."""

import asyncio
from functools import cache

import numpy as np

from ivr.media.level import gain_db
from ivr.media.resample import resample
from ivr.speech.espeak.pool import EspeakVoice
from ivr.speech.synthesizer import SpeechRequest

SENTENCES = (
    "Yes.",
    "One moment.",
    "Thank you. The current balance of your account is,",
    "For your balance, press one. For our opening hours, press two. To end this call, press nine.",
    "Our branches are open from nine to five, Monday to Friday.",
    "Press 1 for sales, 2 for support, or 9 to hear this again.",
    "Please call us on 1 800 555 0142.",
)
LONG = SENTENCES[3]
PACES = (0.6, 0.8, 1.0, 1.3, 1.5)


@cache
def _all():
    async def made():
        voice = EspeakVoice(2)
        found = {}
        try:
            for text in SENTENCES:
                for pace in (*PACES, 2.0):
                    request = SpeechRequest(text, "en-us", "en-US", pace)
                    chunks = [chunk async for chunk in voice.synthesize(request)]
                    found[text, pace] = np.concatenate([each.samples for each in chunks]), chunks[0].rate
        finally:
            await voice.aclose()
        return found

    return asyncio.run(made())


@cache
def take(text=LONG, pace=1.0, rate=44100):
    """Samples, in a room whose noise lies at -75 dBFS, 12 dB under what the voice gives."""
    samples, own = _all()[text, pace]
    samples = samples if rate == own else resample(samples, own, rate)
    room = np.zeros(rate // 2, dtype=np.float32)
    whole = gain_db(np.concatenate((room, samples, room)), -12.0)
    made = whole + hiss(len(whole), -75.0)
    made.flags.writeable = False
    return made


def hiss(length, db):
    """White noise of that mean square against full scale."""
    return (np.random.default_rng(7).standard_normal(length) * 10 ** (db / 20)).astype(np.float32)


def loudness_of(samples):
    """Of the 20 ms frames within 20 dB of the loudest, at 44.1 kHz, dB: what all else is held against."""
    frames = samples[: len(samples) // 882 * 882].reshape(-1, 882).astype(np.float64)
    loud = 10 * np.log10((frames**2).mean(axis=1))
    return 10 * np.log10((10 ** (loud[loud > loud.max() - 20] / 10)).mean())


def codes(found):
    return [(each.code, each.severity.value) for each in found]
