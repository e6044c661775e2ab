"""The embedded voice for its tests: opened, asked, and with workers that follow a script."""

from __future__ import annotations

import hashlib
import sys
import textwrap
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from ivr.speech.espeak.pool import EspeakVoice
from ivr.speech.synthesizer import SpeechRequest

SENTENCE = "Hello there, you have two new messages. Please press one to listen to them."
LONG = " ".join([SENTENCE] * 60)
"""Some five minutes: more than all buffers between a worker and us hold, so it cannot be made ahead."""


def children():
    """Ids of this process's child processes."""
    found = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended meanwhile
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
