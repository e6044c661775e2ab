"""A voice with scripted trouble: every fault is felt, however little is said."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from ivr.errors import SpeechBroken
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest
from ivr.testing.faulty import FaultyVoice, Trouble

REQUEST = SpeechRequest("One dollar.", "x", "en-US", 1.0)


class Voice:
    """Says ``chunks`` chunks of 100 ms."""

    name = "plain"

    def __init__(self, chunks: int) -> None:
        self.chunks = chunks

    async def synthesize(self, request):
        for number in range(self.chunks):
            yield SpeechChunk(np.full(800, number, np.float32), 8000)


async def heard(voice: FaultyVoice) -> list[int]:
    return [int(chunk.samples[0]) async for chunk in voice.synthesize(REQUEST)]


async def test_without_a_fault_nothing_is_lost():
    voice = FaultyVoice(Voice(5), Trouble())
    assert await heard(voice) == [0, 1, 2, 3, 4]
    assert not voice.struck


@pytest.mark.parametrize(("chunks", "let_through"), [(1, 0), (4, 3), (6, 5), (20, 5)])
async def test_it_dies_after_its_time_or_before_the_end_of_fewer_words(chunks, let_through):
    voice, got = FaultyVoice(Voice(chunks), Trouble(fault="die", after=0.5)), 0
    with pytest.raises(SpeechBroken):
        async for _ in voice.synthesize(REQUEST):
            got += 1
    assert (got, voice.struck) == (let_through, True)
    with pytest.raises(SpeechBroken, match="nobody answers"):
        await heard(voice)


async def test_it_stalls_before_the_end_of_few_words():
    voice = FaultyVoice(Voice(2), Trouble(fault="stall", after=0.5))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await heard(voice)
    assert voice.struck


async def test_an_empty_answer_is_a_fault_that_was_felt():
    voice = FaultyVoice(Voice(2), Trouble(fault="empty"))
    assert await heard(voice) == []
    assert voice.struck
