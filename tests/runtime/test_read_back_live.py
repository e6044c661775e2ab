"""Twenty calls over real websockets that read amounts back: the provider is watched, and so is all that is written."""

import asyncio
import logging
from functools import cache

from runtime_bank import KEY, environ, open_house

from ivr.catalog.sayas import say_as
from ivr.media.private import stand_in
from ivr.project.load import load
from ivr.runtime.tracefile import TraceFiles
from ivr.speech.voices import open_voice
from ivr.testing.provider import FakeProvider
from ivr.testing.spliced import spliced
from ivr.testing.voices import babble
from ivr.trace.events import FragmentsReady, LookupEnded
from ivr.trace.sound import SegmentEnded, SegmentStarted, Strategy

CALLS = 20
RATE = 24000


def amount(caller: str) -> str:
    return f"{73_000 + int(caller)}.{10 + int(caller)}"


async def read_one(house, number):
    async with house.call(str(number)) as line:
        await line.dialer.wait_heard(0.1)
        await line.press("1")
        await line.until(SegmentEnded, lambda event: event.strategy is Strategy.FRAGMENTS)
    return line


async def test_no_request_leaves_and_nothing_tells_an_amount(bank_root, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    speak = cache(lambda text: (babble(text, RATE), RATE))
    async with FakeProvider(speak, api_key=KEY) as provider:
        project = spliced(load(bank_root, environ(provider.url)), "fragments")
        voice = open_voice(**project.settings.voice.options())
        files = TraceFiles(tmp_path, stand_in)
        try:
            async with open_house(project, voice, {"bank.balance": amount}) as house:
                house.told.beside = files.watch
                lines = await asyncio.gather(*(read_one(house, number) for number in range(CALLS)))
                await house.quiet()
        finally:
            await voice.aclose()
            await asyncio.to_thread(files.close)
    assert provider.requests == []
    traces = {path: path.read_text() for path in tmp_path.glob("*.jsonl")}
    assert len(traces) == CALLS
    everything = caplog.text + "".join(traces.values())
    assert "FragmentsReady" in everything
    for number, line in enumerate(lines):
        begun = next(event for event in line.of(SegmentStarted) if event.strategy is Strategy.FRAGMENTS)
        assert begun.text.startswith(say_as("amount", "money", amount(str(number)))) and begun.private
        assert line.of(LookupEnded) and line.of(FragmentsReady)
        assert amount(str(number)) not in everything
    assert "seventy" not in everything and "thousand" not in everything
