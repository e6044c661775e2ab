"""The workers of the embedded voice: real ones that die or close, and scripted ones for what those do not do."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import aclosing

import pytest
from embedded import LONG, children, collect, digest, embedded, needs_proc, request, scripted

pytest.importorskip("espeakng_loader", reason="the extra 'voice' is not installed")

from ivr.errors import ConfigError, MissingExtra, SpeechBroken, SpeechEmpty, SpeechTimeout
from ivr.speech.espeak.pool import EspeakVoice, worker_environment


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
        await asyncio.sleep(0.2)  # the thread that reaped it tells the loop a moment later
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
