import asyncio
import logging
import traceback
from contextlib import aclosing
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import httpx
import numpy as np
import pytest

from ivr.errors import ConfigError, SpeechBroken, SpeechEmpty, SpeechError, SpeechRefused, SpeechTimeout
from ivr.speech.http import LONGEST_WAIT, HttpVoice, HttpVoiceSettings, refuse_text, retry_after
from ivr.speech.synthesizer import SpeechRequest, Synthesizer
from ivr.testing.encoders import ENCODERS
from ivr.testing.provider import Behaviour, FakeProvider

KEY = "sk-live-0123456789abcdef"
RATE = 8000
HELLO = SpeechRequest("Hello there.", "en-US-neural-1", "en-US")
TONE = (Path(__file__).parent / "tone.mp3").read_bytes()


def tone(text: str):
    t = np.arange(RATE) / RATE
    return (0.5 * np.sin(2 * np.pi * (200 + 10 * len(text)) * t)).astype(np.float32), RATE


@pytest.fixture
async def provider():
    async with FakeProvider(tone, api_key=KEY, encoders={**ENCODERS, "mp3": lambda *_: ("audio/mpeg", TONE)}) as it:
        yield it


@pytest.fixture
async def voice_of():
    """Make voices of one provider, closed after the test."""
    made: list[HttpVoice] = []

    def make(provider: FakeProvider, **settings) -> HttpVoice:
        made.append(HttpVoice(HttpVoiceSettings(**{"url": provider.url, "api_key": KEY, "rate": RATE, **settings})))
        return made[-1]

    yield make
    for voice in made:
        await voice.aclose()


async def heard(voice: HttpVoice, request: SpeechRequest = HELLO):
    chunks = [chunk async for chunk in voice.synthesize(request)]
    assert len({chunk.rate for chunk in chunks}) == 1
    return np.concatenate([chunk.samples for chunk in chunks]), chunks[0].rate


async def test_the_first_chunk_is_heard_while_the_provider_holds_back_the_rest(provider, voice_of):
    held = asyncio.Event()
    provider.behave = Behaviour(chunk_seconds=0.1, hold=held)
    voice = voice_of(provider)
    assert isinstance(voice.name, str)
    chunks = voice.synthesize(HELLO)
    first = await anext(chunks)
    assert len(first.samples) == RATE // 10
    assert not held.is_set() and provider.requests[0].ended is None
    held.set()
    rest = [chunk.samples async for chunk in chunks]
    sound, _ = tone(HELLO.text)
    assert np.abs(np.concatenate([first.samples, *rest]) - sound).max() < 2e-5
    assert await provider.requests[0].finished() == "done"


async def test_what_is_asked_for(provider, voice_of):
    await heard(voice_of(provider))
    await heard(voice_of(provider, format="mulaw"), SpeechRequest("Hi.", "v", "en-US", speed=1.2))
    assert provider.requests[0].path == "/v1/tts/stream"
    assert provider.requests[0].json == {
        "text": "Hello there.",
        "voice": "en-US-neural-1",
        "format": "pcm",
        "sample_rate": RATE,
    }
    assert provider.requests[1].json == {"text": "Hi.", "voice": "v", "format": "mulaw", "speed": 1.2}


async def test_requests_share_a_connection_and_warm_opens_it(provider, voice_of):
    voice = voice_of(provider)
    await voice.warm()
    assert provider.connections == 1 and not provider.requests
    for _ in range(3):
        await heard(voice)
    await voice.render(HELLO)
    assert [request.connection for request in provider.requests] == [1, 1, 1, 1]


async def test_requests_at_once_have_a_connection_each(provider, voice_of):
    held = asyncio.Event()
    provider.behave = Behaviour(hold=held)
    voice = voice_of(provider)
    both = asyncio.gather(heard(voice), heard(voice))
    await provider.request(2)
    held.set()
    await both
    assert {request.connection for request in provider.requests} == {1, 2}


async def test_a_refusal_leaves_the_connection_usable(provider, voice_of):
    provider.behave = lambda text, number: Behaviour(fault="status" if number == 1 else None)
    voice = voice_of(provider)
    with pytest.raises(SpeechRefused):
        await heard(voice)
    await heard(voice)
    assert provider.connections == 1


@pytest.mark.parametrize(("format", "error"), [("pcm", 2e-5), ("wav", 2e-5), ("mulaw", 0.017), ("alaw", 0.017)])
@pytest.mark.parametrize("chunk_seconds", [0.1, 0.00106])
async def test_every_format_gives_the_same_sound(provider, voice_of, format, error, chunk_seconds):
    provider.behave = Behaviour(chunk_seconds=chunk_seconds)
    voice = voice_of(provider, format=format)
    sound, _ = tone(HELLO.text)
    streamed, rate = await heard(voice)
    whole = await voice.render(HELLO)
    assert rate == whole.rate == RATE
    assert len(streamed) == len(sound)
    assert np.abs(streamed - sound).max() < error
    assert np.array_equal(streamed, whole.samples)
    assert [request.path for request in provider.requests] == ["/v1/tts/stream", "/v1/tts"]


async def test_mp3_comes_in_chunks(provider, voice_of):
    provider.behave = Behaviour(chunk_seconds=0.05)
    voice = voice_of(provider, format="mp3", rate=8000)
    samples, rate = await heard(voice)
    assert (len(samples), rate) == (14400, 24000)
    assert np.array_equal((await voice.render(HELLO)).samples, samples)


async def test_the_provider_tells_its_rate(provider, voice_of):
    assert (await heard(voice_of(provider, rate=24000)))[1] == RATE


FAULTS = [
    (Behaviour(fault="status", status=500), SpeechRefused, "answered 500: .*scripted"),
    (Behaviour(fault="status", status=429, retry_after="7"), SpeechRefused, "answered 429"),
    (Behaviour(fault="empty"), SpeechEmpty, "no audio"),
    (Behaviour(fault="stall_after", after=0.0), SpeechTimeout, "sent no audio within 0.2 s"),
    (Behaviour(fault="stall_after", after=0.3), SpeechTimeout, "sent nothing for 0.1 s after 2400 samples"),
    (Behaviour(fault="die_after", after=0.3), SpeechBroken, "broke the connection"),
    (Behaviour(fault="die_after", after=0.0), SpeechBroken, "broke the connection"),
    (Behaviour(fault="truncate_after", after=0.3), SpeechBroken, "broke the connection"),
    (Behaviour(fault="truncate_after", after=0.0), SpeechBroken, "broke the connection"),
    (Behaviour(fault="html"), SpeechBroken, "text/html in place of pcm"),
    (Behaviour(fault="garbage_wav"), SpeechBroken, "not the WAV"),
    (Behaviour(first_byte_delay=60.0), SpeechTimeout, "sent no audio within 0.2 s"),
]


@pytest.mark.parametrize("way", ["synthesize", "render"])
@pytest.mark.parametrize(
    ("behaviour", "error", "match"), FAULTS, ids=[f"{b.fault}-{b.status}-{b.after}" for b, _, _ in FAULTS]
)
async def test_every_fault_has_its_error(provider, voice_of, behaviour, error, match, way):
    provider.behave = behaviour
    voice = voice_of(provider, first_byte_timeout=0.2, render_timeout=0.2, stall_timeout=0.1, max_connections=1)
    with pytest.raises(error, match=match) as caught:
        await (heard(voice) if way == "synthesize" else voice.render(HELLO))
    assert type(caught.value) is error
    provider.behave = Behaviour()
    assert (await heard(voice))[1] == RATE


async def test_a_redirect_is_not_followed(provider, voice_of):
    async with FakeProvider(tone, api_key=KEY) as elsewhere:
        provider.behave = Behaviour(fault="status", status=307, location=f"{elsewhere.url}/v1/tts/stream")
        with pytest.raises(SpeechRefused, match=r"307: a redirect to http://.*, which is not followed"):
            await heard(voice_of(provider))
        assert elsewhere.connections == 0


async def test_a_stream_may_take_longer_than_its_first_byte(provider, voice_of):
    provider.behave = Behaviour(pace=2.0)
    assert len((await heard(voice_of(provider, first_byte_timeout=0.2)))[0]) == RATE


async def test_a_stall_does_not_wait_for_as_long_as_a_first_byte(provider, voice_of):
    provider.behave = Behaviour(fault="stall_after")
    async with asyncio.timeout(20):
        with pytest.raises(SpeechTimeout, match="sent nothing for"):
            await heard(voice_of(provider, first_byte_timeout=60.0, stall_timeout=0.1))


@pytest.mark.parametrize("way", ["synthesize", "render"])
async def test_wav_that_ends_in_order_but_early(provider, voice_of, way):
    provider.behave = Behaviour(fault="short_after", after=0.3)
    voice = voice_of(provider, format="wav")
    with pytest.raises(SpeechBroken, match="cut off"):
        await (heard(voice) if way == "synthesize" else voice.render(HELLO))


async def test_audio_before_a_fault_is_handed_on(provider, voice_of):
    provider.behave = Behaviour(fault="truncate_after", after=0.3)
    samples = []
    with pytest.raises(SpeechBroken):
        async for chunk in voice_of(provider).synthesize(HELLO):
            samples.append(chunk.samples)
    assert sum(map(len, samples)) == round(0.3 * RATE)


async def test_closing_the_iterator_is_seen_by_the_provider(provider, voice_of):
    provider.behave = Behaviour(hold=asyncio.Event())
    async with aclosing(voice_of(provider).synthesize(HELLO)) as chunks:
        await anext(chunks)
    assert await provider.requests[0].finished() == "cancelled"
    assert provider.requests[0].sent < 2 * RATE


async def test_cancelling_the_task_is_seen_by_the_provider(provider, voice_of):
    provider.behave = Behaviour(fault="stall_after", after=0.0)
    task = asyncio.create_task(heard(voice_of(provider)))
    request = await provider.request(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await request.finished() == "cancelled"


async def test_a_cancelled_synthesis_leaves_others_alone(provider, voice_of):
    held = asyncio.Event()
    provider.behave = Behaviour(hold=held)
    voice = voice_of(provider)
    leaves, stays = voice.synthesize(HELLO), voice.synthesize(HELLO)
    await anext(leaves)
    await anext(stays)
    await leaves.aclose()
    held.set()
    assert sum([len(chunk.samples) async for chunk in stays]) == RATE * 9 // 10


async def test_closing_the_voice_ends_what_runs(provider, voice_of):
    provider.behave = Behaviour(hold=asyncio.Event())
    voice = voice_of(provider)
    chunks = voice.synthesize(HELLO)
    await anext(chunks)
    waiting = asyncio.ensure_future(anext(chunks))
    await asyncio.sleep(0)
    await voice.aclose()
    with pytest.raises(SpeechBroken):
        await waiting
    with pytest.raises(SpeechBroken, match="was closed"):
        await heard(voice)
    with pytest.raises(SpeechBroken, match="was closed"):
        await voice.warm()


async def test_nobody_listens(provider, voice_of):
    voice = voice_of(provider)
    await heard(voice)
    await provider.stop()
    with pytest.raises(SpeechBroken, match="cannot be reached") as raised:
        await heard(voice)
    assert raised.value.free
    with pytest.raises(SpeechBroken, match="cannot be reached"):
        await voice.warm()


async def test_a_connection_that_is_not_made_in_time_costs_nothing(provider, voice_of, monkeypatch):
    async def late(transport, request):
        raise httpx.ConnectTimeout("")

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", late)
    with pytest.raises(SpeechTimeout, match="could not be reached within 2 s") as raised:
        await heard(voice_of(provider))
    assert raised.value.free


async def test_what_the_provider_had_may_cost_something(provider, voice_of):
    provider.behave = Behaviour(fault="empty")
    with pytest.raises(SpeechEmpty) as raised:
        await heard(voice_of(provider))
    assert not raised.value.free


async def test_a_full_pool_is_a_timeout(provider, voice_of):
    held = asyncio.Event()
    provider.behave = Behaviour(hold=held)
    voice = voice_of(provider, max_connections=1, first_byte_timeout=0.2)
    async with aclosing(voice.synthesize(HELLO)) as chunks:
        await anext(chunks)
        with pytest.raises(SpeechTimeout):
            await heard(voice)
    held.set()
    await heard(voice)


@pytest.mark.parametrize("behaviour", [fault[0] for fault in FAULTS[:-1]], ids=lambda b: f"{b.fault}-{b.status}")
async def test_the_key_is_in_no_error(provider, voice_of, behaviour, caplog):
    caplog.set_level(logging.DEBUG)
    provider.behave = behaviour
    voice = voice_of(provider, first_byte_timeout=0.2, stall_timeout=0.1)
    with pytest.raises(SpeechError) as caught:
        await heard(voice)
    assert KEY not in "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text


async def test_a_key_that_the_provider_quotes_is_masked(provider, voice_of):
    provider.api_key = "another"
    with pytest.raises(SpeechRefused, match=r"unknown API key \*\*\*") as caught:
        await heard(voice_of(provider))
    assert caught.value.status == 401
    assert KEY not in str(caught.value)


async def test_the_key_is_in_no_repr(provider, voice_of):
    settings = HttpVoiceSettings(provider.url, KEY)
    assert KEY not in repr(settings) + str(settings) + repr(voice_of(provider))


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "api.example.com"},
        {"url": "ftp://api.example.com"},
        {"url": f"https://user:{KEY}@api.example.com"},
        {"url": "https://api.example.com/?key=1"},
        {"api_key": ""},
        {"api_key": KEY + "\n"},
        {"api_key": KEY + "é"},
        {"format": "ogg"},
        {"rate": 0},
        {"stall_timeout": -1.0},
        {"first_byte_timeout": float("nan")},
    ],
    ids=str,
)
def test_wrong_settings(wrong):
    with pytest.raises(ConfigError) as caught:
        HttpVoiceSettings(**{"url": "https://api.example.com", "api_key": KEY, **wrong})
    assert KEY not in str(caught.value)


async def test_its_name_is_its_host_or_what_the_settings_say():
    voice: Synthesizer = HttpVoice(HttpVoiceSettings("https://api.example.com:8443/speech/", KEY))
    assert voice.name == "http:api.example.com"
    await voice.aclose()
    named = HttpVoice(HttpVoiceSettings("https://api.example.com", KEY, name="neural-2"))
    assert named.name == "neural-2"
    await named.aclose()


NOON = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)
AT = NOON.timestamp()


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        (None, None, None),
        ("7", None, 7.0),
        (" 120 ", None, 120.0),
        ("Fri, 01 May 2026 12:00:30 GMT", None, 30.0),
        ("Fri, 01 May 2026 12:00:30 GMT", "Fri, 01 May 2026 12:00:20 GMT", 10.0),
        ("Fri May  1 12:00:30 2026", None, 30.0),
        ("Fri, 01 May 2026 11:00:00 GMT", None, 0.0),
        ("soon", None, None),
        ("-3", None, None),
        ("1e9", None, None),
        ("9" * 400, None, LONGEST_WAIT),
        ("10000000000", None, LONGEST_WAIT),
        ("", None, None),
    ],
)
def test_retry_after(value, date, seconds):
    assert retry_after(value, date, AT) == seconds


async def test_retry_after_reaches_the_error(provider, voice_of):
    provider.behave = Behaviour(
        fault="status", status=503, retry_after=format_datetime(datetime(2099, 1, 1, tzinfo=UTC), usegmt=True)
    )
    with pytest.raises(SpeechRefused) as caught:
        await heard(voice_of(provider))
    assert caught.value.retry_after > 3600
    provider.behave = Behaviour(fault="status", status=429, retry_after="2")
    with pytest.raises(SpeechRefused) as caught:
        await heard(voice_of(provider))
    assert (caught.value.status, caught.value.retry_after) == (429, 2.0)


@pytest.mark.parametrize(
    "first", [b'{"error":"no such voice"}', b"<!DOCTYPE html><html>", b"\n  <?xml version='1.0'?>"]
)
async def test_text_labelled_as_audio(first, provider, voice_of):
    with pytest.raises(SpeechBroken, match="in place of audio"):
        refuse_text(first)
    provider.behave = Behaviour(chunk_seconds=10.0)
    provider.encoders = {"pcm": lambda *_: ("audio/l16", first)}
    with pytest.raises(SpeechBroken, match="in place of audio"):
        await heard(voice_of(provider))


@pytest.mark.parametrize("format", ["pcm", "wav", "mulaw", "alaw"])
def test_speech_is_not_taken_for_text(format):
    for start in (0.0, 0.27, -0.3):
        refuse_text(ENCODERS[format](np.full(400, start, np.float32), RATE)[1])
