"""How a hosted voice sends its sound is part of what a clip was made from."""

import asyncio
import json
from dataclasses import replace

import numpy as np
import pytest
from hosted import KEY, RATE, hosted, hum, provider
from toy import make_plan

from ivr.call.voicing import dynamic_key
from ivr.cli.main import main
from ivr.media.wave import read_wav
from ivr.testing.encoders import encode_mulaw

PHRASES = {"hello": "Hello there.", "bye": "Goodbye."}


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("IVR_VOICE_API_KEY", KEY)


async def rendered(project, capsys):
    assert await asyncio.to_thread(main, ["render", str(project.root), "--json"]) == 0
    return json.loads(capsys.readouterr().out)["rendered"]


def seconds(project):
    samples, rate = read_wav((project.root / "audio/hello.wav").read_bytes())
    return len(samples) / rate


def slowly(text):
    sound, rate = hum(text)
    return np.tile(sound, 3), rate


def bare(samples, rate):
    """Mu-law of which nothing tells the rate."""
    return "application/octet-stream", encode_mulaw(samples, rate)[1]


async def test_a_wrong_rate_that_is_mended_renders_anew(tmp_path, capsys):
    async with provider(slowly, encoders={"mulaw": bare}) as service:
        project = hosted(tmp_path, service.url, PHRASES, voice=", format: mulaw")
        project.replace("prompts/ivr.yaml", f"rate: {RATE}", f"rate: {2 * RATE}")
        assert await rendered(project, capsys) == ["bye", "hello"]
        wrong = seconds(project)
        project.replace("prompts/ivr.yaml", f"rate: {2 * RATE}", f"rate: {RATE}")
        assert await rendered(project, capsys) == ["bye", "hello"]
        assert seconds(project) > 1.5 * wrong
        assert await rendered(project, capsys) == []


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("rate: 8000", "rate: 16000", True),
        ("rate: 8000", "rate: 8000, format: wav", True),
        ("v,", "v, retries: 3,", False),
    ],
)
async def test_what_is_asked_of_the_voice_decides(tmp_path, capsys, old, new, again):
    async with provider() as service:
        project = hosted(tmp_path, service.url, PHRASES)
        await rendered(project, capsys)
        project.replace("prompts/ivr.yaml", old, new)
        assert bool(await rendered(project, capsys)) == again


async def test_the_rate_of_a_format_that_tells_it_is_none_of_ours(tmp_path, capsys):
    async with provider() as service:
        project = hosted(tmp_path, service.url, PHRASES, voice=", format: wav")
        await rendered(project, capsys)
        project.replace("prompts/ivr.yaml", "rate: 8000", "rate: 16000")
        assert await rendered(project, capsys) == []


def test_live_words_are_not_remembered_for_another_rate():
    plan = make_plan()
    other = replace(plan, voice=replace(plan.voice, sent="pcm/24000"))
    assert dynamic_key(plan, "Five dollars.", "en-US") != dynamic_key(other, "Five dollars.", "en-US")
