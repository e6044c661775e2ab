"""A build that is told to end: it leaves all in order, and says what was made and paid."""

import os
import signal

import pytest
from hosted import hosted, provider, runs

from ivr.phrases.lock import parse
from ivr.testing.provider import Behaviour

PHRASES = {f"line_{number}": f"This is line {number}." for number in range(9)}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
async def test_it_finishes_the_lock_and_tells_what_was_made_and_paid(tmp_path, how):
    async with provider() as service, runs() as build:
        service.behave = lambda text, number: Behaviour(first_byte_delay=0.0 if number <= 5 else 600.0)
        project = hosted(tmp_path / "shop", service.url, PHRASES, ", at_once: 2")
        await build.begin(project.root)
        await service.request(7)
        os.kill(build.pid, how)
        assert await build.end() == 128 + how
        lock = parse((project.root / "audio/ivr.lock").read_text(), "lock")
        assert len(lock.clips) == 5
        assert sorted(project.audio()) == sorted(["ivr.lock", *(entry.file for entry in lock.clips.values())])
        said = (tmp_path / "shop.err").read_text()
        characters = sum(len(request.json["text"]) for request in service.requests)
        every = sum(map(len, PHRASES.values()))
        assert f"ivr: stopped: 5 of 9 clips made, {characters}/{every} characters, " in said
        assert f"paid for; `ivr render {project.root}` makes the rest" in said
        assert "Traceback" not in said
        service.behave = Behaviour()
        asked = len(service.requests)
        assert await build.once(project.root) == 0
        assert len(service.requests) - asked == 4
