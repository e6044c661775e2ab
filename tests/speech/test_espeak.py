"""The embedded voice with real workers: what it says, to how many, and when they stop listening."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import aclosing

import numpy as np
import pytest
from embedded import LONG, children, collect, digest, embedded, needs_proc, request

pytest.importorskip("espeakng_loader", reason="the extra 'voice' is not installed")

from ivr.errors import SpeechBroken, SpeechEmpty, SpeechRefused
from ivr.speech.synthesizer import Synthesizer


async def test_it_speaks_in_chunks_of_one_rate():
    async with embedded() as voice:
        fits: Synthesizer = voice
        assert fits.name.startswith("espeak-ng/")
        chunks = await collect(voice)
    assert len(chunks) > 10
    assert {chunk.rate for chunk in chunks} == {22050}
    samples = np.concatenate([chunk.samples for chunk in chunks])
    assert samples.dtype == np.float32
    assert 3 < len(samples) / 22050 < 7
    assert 0.05 < np.abs(samples).max() <= 1


async def test_words_point_into_the_text_and_the_audio():
    text = "Grüße, naïve 세계 then two words."
    async with embedded() as voice:
        chunks = await collect(voice, request(text))
    start, words = 0, []
    for chunk in chunks:
        assert all(start <= word.sample < start + len(chunk.samples) for word in chunk.words)
        start += len(chunk.samples)
        words += chunk.words
    assert [text[word.offset : word.offset + word.length] for word in words] == [
        "Grüße", "naïve", "세계", "then", "two", "words",
    ]  # fmt: skip
    assert [word.sample for word in words] == sorted({word.sample for word in words})


async def test_the_same_request_gives_the_same_samples_whatever_came_before():
    async with embedded() as first, embedded(workers=2) as second:
        usual = digest(await collect(first))
        await collect(first, request("Something else."))
        assert digest(await collect(first)) == usual
        await collect(first, request("Bonjour à tous.", "fr", "fr-FR", 1.3))
        assert digest(await collect(first)) == usual
        await collect(first, request("Good morning.", "", "en-GB"))
        assert digest(await collect(first)) == usual
        with pytest.raises(SpeechRefused):
            await collect(first, request(voice="nobody"))
        assert digest(await collect(first)) == usual
        together = await asyncio.gather(*(collect(second) for _ in range(6)))
        assert {digest(chunks) for chunks in together} == {usual}


@needs_proc
async def test_closing_after_the_first_chunk_frees_the_lane_and_keeps_the_worker():
    async with embedded() as voice:
        usual = digest(await collect(voice))
        before = children()
        for _ in range(3):
            async with aclosing(voice.synthesize(request(LONG))) as speech:
                assert len((await anext(speech)).samples) < 22050
            assert digest(await collect(voice)) == usual
        assert children() == before


async def test_cancelling_the_listener_frees_the_lane():
    async with embedded() as voice:
        usual = digest(await collect(voice))
        begun = asyncio.Event()

        async def listen():
            async for _ in voice.synthesize(request(LONG)):
                begun.set()

        listener = asyncio.create_task(listen())
        await begun.wait()
        listener.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listener
        assert digest(await collect(voice)) == usual


async def test_several_speak_at_once_and_one_too_many_waits():
    async with embedded(workers=2) as voice:
        one, two = voice.synthesize(request(LONG)), voice.synthesize(request(LONG))
        async with aclosing(one), aclosing(two):
            await anext(one)
            await anext(two)
            third = asyncio.create_task(collect(voice))
            for _ in range(20):
                await anext(two)
            assert not third.done()
            await one.aclose()
            assert await third
            await anext(two)


async def test_those_who_wait_are_served_in_order():
    async with embedded() as voice:
        served = []

        async def say(number):
            await collect(voice, request("Yes."))
            served.append(number)

        await asyncio.gather(*(say(number) for number in range(8)))
    assert served == list(range(8))


async def test_one_who_gives_up_waiting_does_not_take_the_lane_along():
    async with embedded() as voice:
        async with aclosing(voice.synthesize(request(LONG))) as speech:
            await anext(speech)
            waiting = asyncio.create_task(collect(voice))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        assert await collect(voice)


@pytest.mark.parametrize("text", ["", "   ", "...", "\n", "\0"])
async def test_a_text_without_a_sound_is_empty(text):
    async with embedded() as voice:
        with pytest.raises(SpeechEmpty, match="no sound"):
            await collect(voice, request(text))


async def test_an_unknown_voice_is_refused_by_name():
    async with embedded() as voice:
        with pytest.raises(SpeechRefused, match="no voice 'en-zz'") as caught:
            await collect(voice, request(voice="en-zz"))
        assert caught.value.status == 404


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (request(voice="en-zz"), "no voice 'en-zz'"),
        (request(voice="en-us+nobody"), r"no variant '\+nobody'"),
        (request(voice="", locale="xx-XX"), "no voice for locale 'xx-XX'"),
        (request(speed=9.0), "at speeds from"),
    ],
)
async def test_what_it_lacks_is_known_before_anything_is_said(wanted, why):
    async with embedded() as voice:
        with pytest.raises(SpeechRefused, match=why):
            await voice.probe(wanted)
        await voice.probe(request(text="..."))


def test_it_works_the_same_under_uvloop():
    uvloop = pytest.importorskip("uvloop")

    async def story():
        async with embedded() as voice:
            usual = digest(await collect(voice))
            async with aclosing(voice.synthesize(request(LONG))) as speech:
                await anext(speech)
            again = digest(await collect(voice))
            (worker,) = voice._workers
            os.kill(worker._process.pid, signal.SIGKILL)
            speech = voice.synthesize(request(LONG))
            with pytest.raises(SpeechBroken):
                async for _ in speech:
                    pass
            return usual, again, digest(await collect(voice))

    assert len(set(uvloop.run(story()))) == 1
