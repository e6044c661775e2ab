"""The embedded voice with real workers, and with scripted ones for what a real one does not do on request."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import sys
import textwrap
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("espeakng_loader", reason="the extra 'voice' is not installed")

from ivr.errors import ConfigError, MissingExtra, SpeechBroken, SpeechEmpty, SpeechRefused, SpeechTimeout
from ivr.speech.espeak.pool import EspeakVoice, worker_environment
from ivr.speech.synthesizer import SpeechRequest, Synthesizer

SENTENCE = "Hello there, you have two new messages. Please press one to listen to them."
LONG = " ".join([SENTENCE] * 60)
"""Some five minutes: more than all buffers between a worker and us hold, so it cannot be made ahead."""


def children():
    """Ids of this process's child processes."""
    found = set()
    for task in Path("/proc/self/task").iterdir():
        found.update(map(int, (task / "children").read_text().split()))
    return found


needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds its workers in /proc")


@asynccontextmanager
async def embedded(workers=1, **settings):
    voice = EspeakVoice(workers, **settings)
    try:
        yield voice
    finally:
        await voice.aclose()


def request(text=SENTENCE, voice="en-us", locale="en-US", speed=1.0):
    return SpeechRequest(text, voice, locale, speed)


async def collect(voice, wanted=None):
    return [chunk async for chunk in voice.synthesize(wanted or request())]


def digest(chunks):
    return hashlib.sha256(b"".join(chunk.samples.tobytes() for chunk in chunks)).hexdigest()


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


@needs_proc
async def test_a_worker_killed_in_mid_speech_breaks_that_speech_only():
    async with embedded() as voice:
        before = children()
        usual = digest(await collect(voice))
        (pid,) = children() - before
        speech = voice.synthesize(request(LONG))
        await anext(speech)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(SpeechBroken, match="killed by signal 9"):
            async for _ in speech:
                pass
        assert digest(await collect(voice)) == usual
        assert pid not in children()


@needs_proc
async def test_a_worker_that_died_while_idle_is_replaced_before_it_is_asked():
    async with embedded() as voice:
        before = children()
        usual = digest(await collect(voice))
        (pid,) = children() - before
        os.kill(pid, signal.SIGKILL)
        for _ in range(1000):
            if pid not in children():
                break
            await asyncio.sleep(0.01)
        await asyncio.sleep(0)  # its pipes closed before it was gone; one turn of the loop, and that is known
        assert digest(await collect(voice)) == usual


@needs_proc
async def test_a_worker_that_hangs_is_killed_and_replaced():
    async with embedded(patience=0.5) as voice:
        before = children()
        usual = digest(await collect(voice))
        (pid,) = children() - before
        speech = voice.synthesize(request(LONG))
        await anext(speech)
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(SpeechTimeout, match=r"nothing for 0\.5 s"):
            async for _ in speech:
                pass
        assert digest(await collect(voice)) == usual
        assert pid not in children()


@needs_proc
async def test_nothing_is_left_after_closing():
    before = children()
    voice = EspeakVoice(workers=3)
    await asyncio.gather(voice.warm(), voice.warm())
    assert len(children() - before) == 3
    await voice.warm()
    assert len(children() - before) == 3
    speaking = voice.synthesize(request(LONG))
    await anext(speaking)
    await voice.aclose()
    await voice.aclose()
    assert children() == before
    with pytest.raises(SpeechBroken, match="was closed"):
        async for _ in speaking:
            pass


async def test_closing_the_voice_ends_who_speaks_and_who_waits():
    voice = EspeakVoice(workers=1)
    begun = asyncio.Event()

    async def listen():
        async for _ in voice.synthesize(request(LONG)):
            begun.set()

    speaking = asyncio.create_task(listen())
    await begun.wait()
    waiting = asyncio.create_task(collect(voice))
    await asyncio.sleep(0)
    await voice.aclose()
    for task in (speaking, waiting):
        with pytest.raises(SpeechBroken, match="was closed"):
            await task
    with pytest.raises(SpeechBroken, match="was closed"):
        await collect(voice)
    with pytest.raises(SpeechBroken, match="was closed"):
        await voice.warm()


@needs_proc
async def test_closing_while_workers_start_leaves_none():
    before = children()
    voice = EspeakVoice(workers=2)
    warming = asyncio.create_task(voice.warm())
    await asyncio.sleep(0.005)
    await voice.aclose()
    with pytest.raises(SpeechBroken):
        await warming
    assert children() == before


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


async def test_wrong_data_are_named_in_the_error(tmp_path):
    async with embedded(data_path=str(tmp_path / "gone")) as voice:
        with pytest.raises(SpeechBroken, match=r"no espeak-ng data at '.*gone'"):
            await voice.warm()
        with pytest.raises(SpeechBroken, match="gone"):
            await collect(voice)


async def test_a_worker_that_cannot_be_started_says_so():
    async with embedded(command=("/nowhere/python",)) as voice:
        with pytest.raises(SpeechBroken, match="'/nowhere/python' did not start"):
            await voice.warm()


def test_without_the_extra_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(MissingExtra, match=r"the embedded voice needs the extra 'voice': pip install"):
        EspeakVoice()


def test_no_worker_is_no_setting():
    with pytest.raises(ConfigError, match="not 0"):
        EspeakVoice(workers=0)


def test_workers_do_not_inherit_secrets():
    ours = {"PATH": "/bin", "LANG": "C", "ELEVENLABS_API_KEY": "secret", "IVR_TOKEN": "secret", "PYTHONSTARTUP": "x"}
    passed = worker_environment(ours)
    assert passed.keys() == {"PATH", "LANG", "PYTHONPATH"}
    assert "secret" not in passed.values()


def scripted(tmp_path, body):
    """A worker that greets and then does ``body`` with ``send(kind, payload)`` and ``request``."""
    head = """
    import os, sys, time
    from ivr.speech.espeak.protocol import *
    def send(kind, payload=b"", id=1):
        os.write(1, encode_record(Record(kind, id, payload)))
    def greet(reusable=True):
        send(Kind.HELLO, pack_facts(Hello("9.9", 22050, reusable)), 0)
    """
    script = tmp_path / "scripted.py"
    script.write_text(textwrap.dedent(head) + textwrap.dedent(body))
    return (sys.executable, str(script))


@pytest.mark.parametrize(
    ("body", "error", "said"),
    [
        ("print('no licence today', file=sys.stderr); sys.exit(3)", SpeechBroken, "status 3: no licence today"),
        ("greet(); input(); print('out of\\nmemory', file=sys.stderr); os._exit(7)", SpeechBroken, r"out of \| memory"),
        ("greet(); input(); os.write(1, b'Fatal Python error')", SpeechBroken, "unknown kind 70"),
        ("greet(); input(); send(Kind.AUDIO, b'abc'); input()", SpeechBroken, "3 bytes"),
        ("greet(); input(); send(Kind.AUDIO, bytes(9000)); send(Kind.END); input()", SpeechEmpty, "no sound"),
        ("greet(); input(); send(Kind.END, id=5); input()", SpeechBroken, "answered 5 when asked 1"),
        ("greet(); input(); greet(); input()", SpeechBroken, "answered 0"),
        ("send(Kind.END, b'?', 0); input()", SpeechBroken, "greet"),
        ("greet(); input(); os.close(1); time.sleep(60)", SpeechBroken, "closed its output"),
    ],
)
async def test_a_worker_that_misbehaves_breaks_the_speech_with_its_own_words(tmp_path, body, error, said):
    async with embedded(command=scripted(tmp_path, body)) as voice:
        with pytest.raises(error, match=said):
            await collect(voice)


async def test_complaints_of_a_worker_that_goes_on_are_logged(tmp_path, caplog):
    body = """
    greet()
    input()
    print("mbrola is missing", file=sys.stderr, flush=True)
    send(Kind.AUDIO, b"ab")
    send(Kind.END)
    input()
    """
    async with embedded(command=scripted(tmp_path, body)) as voice:
        await collect(voice)
    assert "mbrola is missing" in caplog.text


async def test_a_worker_that_ignores_the_cancel_is_killed(tmp_path):
    body = """
    greet()
    input()
    while True:
        send(Kind.AUDIO, b"ab" * 1000)
    """
    async with embedded(command=scripted(tmp_path, body), patience=0.5) as voice:
        for _ in range(2):
            async with aclosing(voice.synthesize(request())) as speech:
                await anext(speech)


@needs_proc
async def test_where_the_library_cannot_be_unloaded_a_worker_speaks_once(tmp_path):
    body = """
    greet(reusable=False)
    input()
    send(Kind.AUDIO, os.getpid().to_bytes(4, "little"))
    send(Kind.END)
    input()
    """
    async with embedded(command=scripted(tmp_path, body)) as voice:
        spoken = [digest(await collect(voice)) for _ in range(3)]
    assert len(set(spoken)) == 3


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
