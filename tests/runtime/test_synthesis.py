import asyncio
from dataclasses import dataclass, field

import numpy as np
import pytest
from runtime_bank import KEY

from ivr.errors import SpeechBroken, SpeechEmpty, SpeechRefused
from ivr.runtime.synthesis import SynthesisDesk
from ivr.speech.http import HttpVoice, HttpVoiceSettings
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest
from ivr.testing.provider import Behaviour, FakeProvider
from ivr.testing.voices import babble

WORDS = SpeechRequest("one dollar.", "anna", "en-US")
OTHERS = SpeechRequest("two dollars.", "anna", "en-US")


@dataclass
class Ear:
    """A listener that keeps what it is told."""

    parts: list = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, part) -> None:
        self.parts.append(part)
        self.begun.set()
        if not isinstance(part, SpeechChunk):
            self.over.set()

    @property
    def numbers(self) -> list:
        return [int(part.samples[0]) if isinstance(part, SpeechChunk) else part for part in self.parts]

    @property
    def sound(self) -> bytes:
        return b"".join(part.samples.tobytes() for part in self.parts if isinstance(part, SpeechChunk))


class Steps:
    """A voice whose chunks are numbered, and come when the test says so."""

    name = "steps"

    def __init__(self) -> None:
        self.queue: asyncio.Queue = asyncio.Queue()
        self.asked = 0
        self.closed = 0

    async def synthesize(self, request):
        self.asked += 1
        try:
            while (step := await self.queue.get()) is not None:
                if isinstance(step, Exception):
                    raise step
                yield SpeechChunk(np.full(1, step, dtype=np.float32), 8000)
        finally:
            self.closed += 1

    async def warm(self):
        pass

    async def aclose(self):
        pass


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
async def voice():
    return Steps()


@pytest.fixture
async def desk(voice):
    desk = SynthesisDesk(voice)
    yield desk
    await desk.aclose()
    assert desk.running == 0
    assert voice.closed == voice.asked
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.fixture
async def provider():
    async with FakeProvider(lambda text: (babble(text, 8000), 8000), api_key=KEY) as it:
        yield it


@pytest.fixture
async def hosted(provider):
    voice = HttpVoice(HttpVoiceSettings(provider.url, KEY, rate=8000))
    desk = SynthesisDesk(voice)
    yield desk
    await desk.aclose()
    await voice.aclose()


async def test_two_calls_that_want_the_same_words_share_one_request(hosted, provider):
    first, second, other = Ear(), Ear(), Ear()
    for request, ear in ((WORDS, first), (WORDS, second), (OTHERS, other)):
        hosted.begin(request, ear)
    for ear in (first, second, other):
        await ear.over.wait()
    assert [request.json["text"] for request in provider.requests] == [WORDS.text, OTHERS.text]
    assert first.sound == second.sound != other.sound
    assert len(first.sound) > 0 and first.parts[-1] is second.parts[-1] is None


async def test_whoever_comes_later_hears_it_from_the_start(hosted, provider):
    hold = asyncio.Event()
    provider.behave = Behaviour(hold=hold)
    first, second = Ear(), Ear()
    hosted.begin(WORDS, first)
    await first.begun.wait()
    hosted.begin(WORDS, second)
    hold.set()
    await first.over.wait()
    await second.over.wait()
    assert len(provider.requests) == 1
    assert second.sound == first.sound
    assert len(second.parts) == len(first.parts)


async def test_a_listener_is_never_called_from_within_begin(desk, voice):
    first, second = Ear(), Ear()
    desk.begin(WORDS, first)
    voice.queue.put_nowait(1)
    await settle()
    desk.begin(WORDS, second)
    assert (first.numbers, second.numbers) == ([1], [])
    await settle()
    assert second.numbers == [1]


@pytest.mark.parametrize("steps", [[2], [2, 3, None], [None], [2, SpeechBroken("gone")], [SpeechBroken("gone")]])
@pytest.mark.parametrize("ticks", range(4))
async def test_catching_up_keeps_the_order_when_news_come_at_the_same_moment(desk, voice, steps, ticks):
    first, second = Ear(), Ear()
    desk.begin(WORDS, first)
    for number in (0, 1):
        voice.queue.put_nowait(number)
    await settle()
    # The voice's task is already on its way when the second one joins: both wait in the same round of the loop.
    for step in steps:
        voice.queue.put_nowait(step)
    for _ in range(ticks):
        await asyncio.sleep(0)
    desk.begin(WORDS, second)
    await settle()
    if first.over.is_set() and not second.numbers[:1] == [0]:
        assert voice.asked == 2  # it came after the end, and is heard from a synthesis of its own
    else:
        assert voice.asked == 1
        assert second.numbers == first.numbers == [0, 1, *steps]


async def test_leaving_stops_nothing_for_the_other(desk, voice):
    first, second = Ear(), Ear()
    leave = desk.begin(WORDS, first)
    desk.begin(WORDS, second)
    voice.queue.put_nowait(1)
    await settle()
    leave()
    leave()
    for step in (2, None):
        voice.queue.put_nowait(step)
    await settle()
    assert (first.numbers, second.numbers) == ([1], [1, 2, None])


async def test_the_last_to_leave_cancels_the_voice(hosted, provider):
    provider.behave = Behaviour(hold=asyncio.Event())
    ears = Ear(), Ear()
    leaves = [hosted.begin(WORDS, ear) for ear in ears]
    request = await provider.request(1)
    for leave in leaves:
        assert request.ended is None
        leave()
    assert hosted.running == 0
    async with asyncio.timeout(5):
        assert await request.finished() == "cancelled"
    assert not any(ear.over.is_set() for ear in ears)


async def test_leaving_before_the_first_chunk_and_at_once(desk, voice):
    ear = Ear()
    desk.begin(WORDS, ear)()
    assert desk.running == 0
    await settle()
    again = Ear()
    desk.begin(WORDS, again)
    for step in (1, None):
        voice.queue.put_nowait(step)
    await settle()
    assert (ear.parts, again.numbers) == ([], [1, None])


async def test_one_who_leaves_while_catching_up_hears_no_more(desk, voice):
    first, second = Ear(), Ear()
    desk.begin(WORDS, first)
    for step in (1, 2, 3):
        voice.queue.put_nowait(step)
    await settle()

    def curt(part):
        second(part)
        leave()

    leave = desk.begin(WORDS, curt)
    voice.queue.put_nowait(None)
    await settle()
    assert (first.numbers, second.numbers) == ([1, 2, 3, None], [1])


async def test_listeners_who_leave_each_other_in_the_middle_of_a_chunk(desk, voice):
    second = Ear()

    def first(part):
        leave()

    desk.begin(WORDS, first)
    leave = desk.begin(WORDS, second)
    voice.queue.put_nowait(1)
    await settle()
    assert second.parts == []


@pytest.mark.parametrize("error", [SpeechRefused(503, "busy"), SpeechBroken("gone")])
async def test_failure_reaches_all(desk, voice, error):
    ears = Ear(), Ear()
    for ear in ears:
        desk.begin(WORDS, ear)
    for step in (1, error):
        voice.queue.put_nowait(step)
    await settle()
    assert [ear.numbers for ear in ears] == [[1, error], [1, error]]
    assert desk.running == 0


async def test_a_voice_that_breaks_its_promise_is_a_broken_one(desk, voice):
    ear = Ear()
    desk.begin(WORDS, ear)
    voice.queue.put_nowait(ZeroDivisionError("oh"))
    await settle()
    (error,) = ear.parts
    assert isinstance(error, SpeechBroken) and "ZeroDivisionError" in str(error)


async def test_no_audio_is_a_failure(desk, voice):
    ear = Ear()
    desk.begin(WORDS, ear)
    voice.queue.put_nowait(None)
    await settle()
    assert [type(part) for part in ear.parts] == [SpeechEmpty]


async def test_who_asks_again_at_the_end_gets_a_new_synthesis(desk, voice):
    again = Ear()

    def first(part):
        if part is None:
            desk.begin(WORDS, again)

    desk.begin(WORDS, first)
    for step in (1, None, 2, None):
        voice.queue.put_nowait(step)
    await settle()
    assert (voice.asked, again.numbers) == (2, [2, None])


async def test_closing_waits_until_the_voice_was_let_go():
    order = []

    class Slow(Steps):
        async def synthesize(self, request):
            try:
                await asyncio.Event().wait()
                yield
            finally:
                await asyncio.sleep(0.05 if request is WORDS else 0)
                order.append("let go")

    desk = SynthesisDesk(Slow())
    leave = desk.begin(WORDS, Ear())
    desk.begin(OTHERS, Ear())
    await settle()
    leave()
    await desk.aclose()
    assert order == ["let go", "let go"]
    assert asyncio.all_tasks() == {asyncio.current_task()}
