"""Several regions, each a real HTTP server on loopback; judged by what the servers saw and what was heard."""

import asyncio
import gc
import logging
from contextlib import aclosing, asynccontextmanager

import numpy as np
import pytest

from ivr.errors import ConfigError, SpeechBroken, SpeechError, SpeechRefused, SpeechTimeout, SpeechUnavailable
from ivr.speech import regions as regions_module
from ivr.speech.breaker import COOL_DOWN
from ivr.speech.http import HttpVoice, HttpVoiceSettings
from ivr.speech.region import Steering, lasting
from ivr.speech.regions import Regions
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest, Synthesizer
from ivr.testing.provider import Behaviour, FakeProvider

KEY = "test-key"
RATE = 8000
HELLO = SpeechRequest("Hello there.", "en-US-neural-1", "en-US")
BUSY = Behaviour(fault="status", status=503)
SILENT = Behaviour(fault="stall_after", after=0.0)
SOON = 0.08
"""Seconds; a hedge that need not be waited for long."""


def level(value):
    """A voice that is told by its level."""
    return lambda text: (np.full(RATE // 2, value, dtype=np.float32), RATE)


@pytest.fixture
async def far():
    """Two regions; the first says 0.25, the second 0.5."""
    async with FakeProvider(level(0.25), api_key=KEY) as one, FakeProvider(level(0.5), api_key=KEY) as two:
        yield one, two


@asynccontextmanager
async def voice_of(*providers, limits=None, **steering):
    """One voice of these regions; afterwards nothing may run on."""
    settings = [
        HttpVoiceSettings(p.url, KEY, rate=RATE, name=f"r{n}", **(limits or {})) for n, p in enumerate(providers, 1)
    ]
    voice = Regions([HttpVoice(each) for each in settings], Steering(**steering))
    try:
        yield voice
        coroutines = [task.get_coro() for task in asyncio.all_tasks()]
        assert [one for one in coroutines if one.cr_code.co_filename == regions_module.__file__] == []
    finally:
        await voice.aclose()


@pytest.fixture
def clock(monkeypatch):
    """The breakers' clock, set forward by hand."""
    ahead = [0.0]
    monkeypatch.setattr(regions_module, "_now", lambda: asyncio.get_running_loop().time() + ahead[0])

    def forward(seconds):
        ahead[0] += seconds

    return forward


async def said(voice, request=HELLO):
    """Which region was heard, by number; all of it must come from the same."""
    samples = np.concatenate([chunk.samples async for chunk in voice.synthesize(request)])
    assert len(samples) == RATE // 2
    return {0.25: 1, 0.5: 2}[round(float(samples.min()), 2)] if np.ptp(samples) < 1e-3 else None


async def collect(chunks):
    return [chunk async for chunk in chunks]


async def fails(voice, times=1):
    for _ in range(times):
        with pytest.raises(SpeechError):
            await said(voice)


def counts(providers):
    return [len(provider.requests) for provider in providers]


async def test_chunks_say_which_of_several_regions_made_them(far):
    async with voice_of(*far) as voice:
        assert {chunk.region for chunk in await collect(voice.synthesize(HELLO))} == {"r1"}
    async with voice_of(far[0]) as voice:
        assert {chunk.region for chunk in await collect(voice.synthesize(HELLO))} == {""}


async def test_the_first_region_is_asked_while_it_is_well(far):
    async with voice_of(*far) as voice:
        checked: Synthesizer = voice
        assert checked.name == "r1"
        assert [await said(voice) for _ in range(3)] == [1, 1, 1]
        assert (await voice.render(HELLO)).samples[0] == pytest.approx(0.25, abs=1e-3)
    assert counts(far) == [4, 0]


@pytest.mark.parametrize(
    "fault",
    [
        BUSY,
        Behaviour(fault="status", status=429, retry_after="30"),
        Behaviour(fault="status", status=401),
        Behaviour(fault="status", status=404),
        Behaviour(fault="empty"),
        Behaviour(fault="html"),
        Behaviour(fault="die_after", after=0.0),
        SILENT,
    ],
    ids=lambda behaviour: f"{behaviour.fault}-{behaviour.status}",
)
async def test_a_failure_before_any_audio_goes_to_the_next_region(far, fault):
    far[0].behave = fault
    async with voice_of(*far, hedge=None, limits={"first_byte_timeout": 0.2}) as voice:
        assert await said(voice) == 2
    assert counts(far) == [1, 1]


async def test_nobody_listens_in_the_first_region(far):
    await far[0].stop()
    async with voice_of(*far) as voice:
        assert await said(voice) == 2
        speech = await voice.render(HELLO)
        assert speech.samples[0] == pytest.approx(0.5, abs=1e-3)


async def test_what_is_wrong_with_the_request_is_asked_once_and_held_against_nobody(far):
    far[0].behave = Behaviour(fault="status", status=422)
    async with voice_of(*far, failures=1) as voice:
        for ask in (lambda: said(voice), lambda: voice.render(HELLO)):
            with pytest.raises(SpeechRefused, match="422"):
                await ask()
        far[0].behave = Behaviour()
        assert await said(voice) == 1
    assert counts(far) == [3, 0]


async def test_a_wrong_key_opens_no_breaker(far):
    far[0].behave = far[1].behave = Behaviour(fault="status", status=401)
    async with voice_of(*far, failures=1) as voice:
        for _ in range(2):
            with pytest.raises(SpeechRefused, match="401"):
                await said(voice)
    assert counts(far) == [2, 2]


async def test_the_region_that_has_audio_first_is_heard_and_the_other_is_cancelled_at_once(far):
    held = asyncio.Event()
    far[0].behave = SILENT
    far[1].behave = Behaviour(hold=held)
    async with voice_of(*far, hedge=SOON, limits={"first_byte_timeout": 60.0}) as voice:
        asked_at = asyncio.get_running_loop().time()
        hearing = asyncio.create_task(said(voice))
        async with asyncio.timeout(5):
            assert await (await far[0].request(1)).finished() == "cancelled"
        assert far[1].requests[0].ended is None
        held.set()
        assert await hearing == 2
    assert far[1].requests[0].ended == "done"
    assert far[1].requests[0].received_at - asked_at >= SOON


async def test_a_hedge_loses_where_the_first_region_answers_after_all_and_is_not_blamed(far):
    far[0].behave = Behaviour(first_byte_delay=0.25)
    far[1].behave = SILENT
    async with voice_of(*far, hedge=0.2, failures=1) as voice:
        assert await said(voice) == 1
        async with asyncio.timeout(5):
            assert await far[1].requests[0].finished() == "cancelled"
        far[0].behave, far[1].behave = BUSY, Behaviour()
        assert await said(voice) == 2


class Twin:
    """A voice in memory that waits for its word, and then speaks or breaks."""

    def __init__(self, word, fault=None):
        self.name, self.asked, self.closed = "twin", asyncio.Event(), False
        self._word, self._fault = word, fault

    async def synthesize(self, request):
        try:
            self.asked.set()
            await self._word.wait()
            if self._fault:
                raise self._fault
            yield SpeechChunk(np.ones(1, dtype=np.float32), RATE)
        finally:
            self.closed = True


@pytest.mark.parametrize("fault", [None, SpeechBroken("gone"), ZeroDivisionError()], ids=repr)
async def test_two_that_come_at_the_same_moment(fault):
    told, word = [], asyncio.Event()
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))
    twins = [Twin(word), Twin(word, fault)]
    hearing = asyncio.create_task(collect(Regions(twins, Steering(hedge=0.01)).synthesize(HELLO)))
    for twin in twins:
        await twin.asked.wait()
    word.set()
    assert len(await hearing) == 1
    assert all(twin.closed for twin in twins)
    del hearing
    gc.collect()
    await asyncio.sleep(0)
    assert told == []


class Sore(Twin):
    """It fails where it is cancelled."""

    async def synthesize(self, request):
        try:
            async for chunk in super().synthesize(request):
                yield chunk
        except asyncio.CancelledError:
            raise SpeechBroken("cancelled, and the connection could not be closed") from None


async def test_one_that_fails_where_it_is_cancelled_is_not_heard_of(caplog):
    told, word = [], asyncio.Event()
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))
    twins = [Twin(word), Sore(asyncio.Event())]
    hearing = asyncio.create_task(collect(Regions(twins, Steering(hedge=0.01)).synthesize(HELLO)))
    for twin in twins:
        await twin.asked.wait()
    word.set()
    assert len(await hearing) == 1
    del hearing
    gc.collect()
    await asyncio.sleep(0)
    assert told == [] and caplog.records == []


async def test_without_a_hedge_a_slow_region_is_waited_for(far):
    far[0].behave = Behaviour(first_byte_delay=2 * SOON)
    async with voice_of(*far, hedge=None) as voice:
        assert await said(voice) == 1
    assert counts(far) == [1, 0]


async def test_what_breaks_off_is_an_error_and_the_next_attempt_goes_elsewhere(far, clock):
    far[0].behave = Behaviour(fault="die_after", after=0.2)
    async with voice_of(*far) as voice:
        heard = []
        with pytest.raises(SpeechBroken):
            async for chunk in voice.synthesize(HELLO):
                heard.append(chunk)
        assert heard and counts(far) == [1, 0]
        assert await said(voice) == 2
        far[0].behave = Behaviour()
        clock(COOL_DOWN)
        assert await said(voice) == 1


async def test_who_asks_for_time_gets_it_where_another_region_is_there(far, clock):
    far[0].behave = lambda text, number: (
        Behaviour(fault="status", status=429, retry_after="4") if number == 1 else Behaviour()
    )
    async with voice_of(*far) as voice:
        assert await said(voice) == 2
        clock(3.5)
        assert await said(voice) == 2
        clock(0.6)
        assert await said(voice) == 1


async def test_a_breaker_opens_lets_one_probe_out_and_closes(far, clock, caplog):
    caplog.set_level(logging.INFO, "ivr.speech")
    one, _ = far
    one.behave = BUSY
    async with voice_of(one, failures=3) as voice:
        await fails(voice, 3)
        assert [record.getMessage() for record in caplog.records] == [
            "r1 failed again and again and is left alone for a while; at last: answered 503"
        ]
        with pytest.raises(SpeechUnavailable):
            await said(voice)
        assert len(one.requests) == 3
        clock(COOL_DOWN)
        await fails(voice, 2)  # the probe, and one that is not made
        assert len(one.requests) == 4
        clock(2 * COOL_DOWN)
        slow = Behaviour(first_byte_delay=0.3, hold=asyncio.Event())
        one.behave = lambda text, number: slow if number == 5 else Behaviour()
        async with aclosing(voice.synthesize(HELLO)) as probe:
            begun = asyncio.create_task(anext(probe))
            await one.request(5)
            with pytest.raises(SpeechUnavailable):
                await said(voice)
            await begun
            assert await said(voice) == 1  # while the probe is still spoken
        assert await said(voice) == 1
    assert [record.getMessage() for record in caplog.records[1:]] == ["r1 answers again"]


@pytest.mark.parametrize("after", [0.0, 0.2])
async def test_only_failures_in_a_row_open_it_and_breaking_off_is_one(far, after):
    one, _ = far
    broken = Behaviour(fault="die_after", after=after)
    one.behave = lambda text, number: broken if number % 2 or number > 4 else Behaviour()
    async with voice_of(one, failures=2) as voice:
        for _ in range(2):
            await fails(voice)
            assert await said(voice) == 1
        await fails(voice, 2)
        with pytest.raises(SpeechUnavailable):
            await said(voice)
    assert len(one.requests) == 6


async def test_a_region_whose_breaker_is_open_is_not_asked_while_another_is_well(far, clock):
    far[0].behave = BUSY
    async with voice_of(*far, failures=2) as voice:
        assert await said(voice) == 2
        clock(COOL_DOWN)
        assert [await said(voice) for _ in range(4)] == [2] * 4
        assert counts(far) == [2, 5]
        far[0].behave = Behaviour()
        clock(COOL_DOWN)
        assert [await said(voice) for _ in range(2)] == [1, 1]


async def test_a_region_that_is_always_late_is_left_alone(far, clock):
    far[0].behave = SILENT
    async with voice_of(*far, hedge=SOON, failures=2) as voice:
        for _ in range(2):
            clock(COOL_DOWN)
            assert await said(voice) == 2
        assert await said(voice) == 2
    assert counts(far) == [2, 3]


@pytest.mark.parametrize(("second", "free"), [(BUSY, True), (Behaviour(fault="empty"), False)])
async def test_what_failed_everywhere_is_free_where_it_was_free_everywhere(far, second, free):
    await far[0].stop()
    far[1].behave = second
    async with voice_of(*far) as voice:
        for ask in (said, lambda voice: voice.render(HELLO)):
            with pytest.raises(SpeechError, match="r1 cannot be reached") as raised:
                await ask(voice)
            assert raised.value.free is free


async def test_a_refusal_is_not_free_where_another_region_had_the_words(far):
    far[0].behave = Behaviour(fault="empty")
    far[1].behave = Behaviour(fault="status", status=400)
    for ask in (said, lambda voice: voice.render(HELLO)):
        async with voice_of(*far) as voice:
            with pytest.raises(SpeechRefused) as raised:
                await ask(voice)
            assert not raised.value.free


async def test_all_are_down(far):
    far[0].behave = Behaviour(fault="status", status=429, retry_after="60")
    far[1].behave = BUSY
    async with voice_of(*far, failures=2) as voice:
        for _ in range(2):
            with pytest.raises(SpeechRefused, match="503"):  # of the two the one that a caller may wait for
                await said(voice)
        with pytest.raises(SpeechUnavailable):
            await said(voice)
        assert counts(far) == [2, 2]
        far[1].behave = Behaviour()
        assert (await voice.render(HELLO)).samples[0] == pytest.approx(0.5, abs=1e-3)  # nobody waits: it is tried


@pytest.mark.parametrize("how", ["close", "cancel"])
async def test_whoever_leaves_takes_every_attempt_with_him(far, how):
    far[0].behave = far[1].behave = SILENT
    async with voice_of(*far, hedge=SOON, failures=1) as voice:
        waiting = asyncio.create_task(said(voice))
        await asyncio.gather(far[0].request(1), far[1].request(1))
        waiting.cancel()
        async with asyncio.timeout(3):
            await asyncio.gather(waiting, return_exceptions=True)
            assert [await provider.requests[0].finished() for provider in far] == ["cancelled"] * 2
        if how == "close":
            far[0].behave = Behaviour(hold=asyncio.Event())
            async with aclosing(voice.synthesize(HELLO)) as chunks:
                await anext(chunks)
            async with asyncio.timeout(5):
                assert await far[0].requests[1].finished() == "cancelled"
        far[0].behave = Behaviour()
        assert await said(voice) == 1  # nobody was blamed


@pytest.mark.parametrize(
    "way", [lambda voice: said(voice), lambda voice: voice.render(HELLO)], ids=["said", "rendered"]
)
async def test_a_probe_that_was_given_up_can_be_made_again(far, clock, way):
    one, _ = far
    one.behave = BUSY
    async with voice_of(one, failures=1) as voice:
        await fails(voice)
        clock(COOL_DOWN)
        one.behave = SILENT
        waiting = asyncio.create_task(way(voice))
        await one.request(2)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        one.behave = Behaviour()
        assert await said(voice) == 1


class Distant(HttpVoice):
    """A real voice, behind a longer way."""

    def __init__(self, provider, way):
        super().__init__(HttpVoiceSettings(provider.url, KEY, rate=RATE, name=f"{way}"))
        self._way = way

    async def warm(self):
        await asyncio.sleep(self._way)
        await super().warm()


@pytest.mark.parametrize(("nearest", "expected"), [(True, 2), (False, 1)])
async def test_the_nearest_region_or_the_first_listed(far, nearest, expected):
    voice = Regions([Distant(far[0], 0.05), Distant(far[1], 0.0)], Steering(nearest=nearest))
    await voice.warm()
    assert [provider.connections for provider in far] == [1, 1]
    assert await said(voice) == expected
    assert voice.name == "0.05"
    assert [provider.connections for provider in far] == [1, 1]
    await voice.aclose()


async def test_a_region_that_cannot_be_warmed_stops_nothing_while_another_can(far, caplog):
    await far[0].stop()
    async with voice_of(*far, nearest=True) as voice:
        await voice.warm()
        assert "a region of the voice is not ready" in caplog.text
        assert await said(voice) == 2
        await far[1].stop()
        with pytest.raises(SpeechBroken, match="r1 cannot be reached"):
            await voice.warm()


async def test_there_is_at_least_one():
    with pytest.raises(ConfigError):
        Regions([])


def test_of_several_errors_the_one_that_passes_first_is_told():
    soon, late, never = SpeechRefused(503, ""), SpeechRefused(429, "", 30.0), SpeechRefused(401, "")
    ordered = [SpeechTimeout(""), soon, late, never]
    assert sorted(reversed(ordered), key=lasting)[-2:] == [late, never]
    assert {lasting(ordered[0]), lasting(soon)} == {0.0}
