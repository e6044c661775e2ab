"""Real calls over a websocket, written to disk as ``ivr serve --trace`` does, and run again."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest
from runtime_bank import Babbler, environ, open_house, unhurried
from test_transfer_live import AGENT, AUTH, PUBLIC, Twilio

from bench.serving import ENVIRON, served, write_project
from ivr.cli.main import main
from ivr.media.private import stand_in
from ivr.project.load import load
from ivr.project.settings.settings import TransferSettings
from ivr.runtime.serving import Keys
from ivr.runtime.tracefile import TraceFiles
from ivr.simulator.again import Verdict, again
from ivr.speech.synthesizer import SpeechChunk
from ivr.testing.dialer import Dialer
from ivr.testing.twilio import TwilioFarEnd
from ivr.testing.voices import babble
from ivr.trace import jsonl
from ivr.trace.doors import DoorEvent, EndCame, StreamCame, TimerRang
from ivr.trace.events import Asked, CallEnded, StateEntered, SynthesisEnded
from ivr.trace.jsonl import unmasked
from ivr.trace.read import read
from ivr.trace.sound import SegmentStarted, Strategy


class Breaks(Babbler):
    """Its first audio breaks off in the middle of a word."""

    broken = False

    async def synthesize(self, request):
        if self.broken:
            async for chunk in super().synthesize(request):
                yield chunk
            return
        self.broken = True
        yield SpeechChunk(babble(request.text)[:12000], 22050)
        await asyncio.sleep(0.1)
        raise RuntimeError("the line broke")


@asynccontextmanager
async def recording(project, directory, voice=None, mask=stand_in, record=True, **options):
    """The bank, whose calls are written to ``directory``."""
    files = TraceFiles(directory, mask)
    options.setdefault("serving", replace(unhurried(), record=record))
    async with open_house(project, voice or Babbler(), **options) as house:
        told = house.told

        def watch(call, event):
            files.watch(call, replace(event, at=event.at - told._origin.get(call, 0.0)))  # the call's own clock

        told.beside = watch
        yield house
    files.close()


def balance(caller):
    return Decimal("1.05")


async def slowly(caller):
    await asyncio.sleep(1.5)
    return Decimal("1.05")


async def whole_call(project, directory, until=SegmentStarted, **options):
    """Balance, and goodbye once live words sound, or ``until``. Returns the trace's path."""
    async with recording(project, directory, **options) as house, house.call("+15550100") as line:
        await line.until(Asked)
        await line.press("1")
        await line.until(until, lambda event: getattr(event, "strategy", "stream") == "stream")
        await line.press("9")
        await line.until(CallEnded)
    (path,) = directory.glob("*.jsonl")
    return path


def trace(path):
    return read(path.read_bytes().splitlines(keepends=True))


def masked(events):
    """As a file has them whose personal data is masked."""
    return read([jsonl.header("c"), *map(jsonl.line, events)])


async def test_a_real_call_is_the_same_again(bank, tmp_path):
    path = await whole_call(bank, tmp_path, mask=unmasked)
    told, events = trace(path)
    for found in (again(bank, told, events), again(bank, *masked(events))):
        assert found.differences == []
        assert (found.verdict, found.until, found.unanswered) == (Verdict.SAME, None, [])
        assert any(isinstance(event, SegmentStarted) and event.strategy is Strategy.STREAM for event in found.today)
    assert any(isinstance(event, TimerRang) for event in events)


@pytest.mark.parametrize(
    ("voice", "lookups"),
    [(Babbler, {"bank.balance": slowly}), (Breaks, {"bank.balance": balance})],
    ids=["a lookup that is late", "a voice that breaks"],
)
async def test_a_bad_day_is_the_same_again(bank, tmp_path, voice, lookups):
    until = SynthesisEnded if voice is Breaks else SegmentStarted
    path = await whole_call(bank, tmp_path, until, voice=voice(), lookups=lookups)
    told, events = trace(path)
    if voice is Breaks:
        assert "failed" in [event.outcome for event in events if isinstance(event, SynthesisEnded)]
    assert again(bank, told, events).differences == []


async def test_a_caller_who_hangs_up_does_so_again(bank, tmp_path):
    async with recording(bank, tmp_path) as house, house.call() as line:
        await line.until(Asked)
        await line.press("1")
        await line.dialer.wait_heard(2.0)
        await line.dialer.hang_up()
        await line.until(CallEnded)
    (path,) = tmp_path.glob("*.jsonl")
    told, events = trace(path)
    found = again(bank, told, events)
    assert found.differences == []
    assert found.today[-1].reason == events[-1].reason


async def test_the_server_ends_it_and_does_so_again(bank, tmp_path):
    async with recording(bank, tmp_path) as house, house.call() as line:
        await line.until(Asked)
        await house.server.stop(0.0)
        await line.until(CallEnded)
    (path,) = tmp_path.glob("*.jsonl")
    told, events = trace(path)
    assert any(isinstance(event, EndCame) for event in events)
    assert again(bank, told, events).differences == []


async def test_calls_that_are_not_recorded_note_no_doors(bank, tmp_path):
    path = await whole_call(bank, tmp_path, record=False)
    assert not any(isinstance(event, DoorEvent) for event in trace(path)[1])


async def test_a_socket_that_never_begins_its_stream_leaves_no_trace(bank, tmp_path):
    async with recording(bank, tmp_path) as house:
        socket = await house.raw()
        await socket.close()
        await house.quiet()
    assert list(tmp_path.iterdir()) == []


async def test_the_command_says_so(bank, bank_root, tmp_path, monkeypatch, capsys):
    for name, value in environ().items():
        monkeypatch.setenv(name, value)
    path = await whole_call(bank, tmp_path)
    assert main(["replay", str(path), "--project", str(bank_root)]) == 0
    assert "3 turns: the same today" in capsys.readouterr().out


async def test_a_call_that_was_away_and_came_back_is_the_same_again(bank, tmp_path):
    settings = bank.settings.model_copy(update={"transfer": TransferSettings(allow=("+1*",))})
    agency = replace(bank, tables={"main": AGENT}, settings=settings)
    serving = replace(unhurried(public_url=PUBLIC), keys=Keys(AUTH), record=True)
    async with recording(agency, tmp_path, mask=unmasked, serving=serving) as house:
        twilio = Twilio(house.server.port)
        await twilio.to_the_agent()
        await twilio.until_moved(await twilio.ask("/twilio/dialed", DialCallStatus="busy"))
        async with twilio.stream(await twilio.ask("/twilio/dialed", DialCallStatus="completed")) as line:
            await line.wait_closed()
        await house.quiet()
    (path,) = tmp_path.glob("*.jsonl")
    told, events = trace(path)
    assert [event.state for event in events if isinstance(event, StateEntered)] == ["start", "again", "bye"]
    for found in (again(agency, told, events), again(agency, *masked(events))):
        assert found.differences == []
        assert len([event for event in found.today if isinstance(event, StreamCame)]) == 3


@pytest.mark.parametrize(
    ("more", "variables", "recorded"),
    [((), {}, True), (("--workers", 2), {}, True), ((), {"IVR_TRACE_REPLAY": "no"}, False)],
    ids=["one process", "workers", "without doors"],
)
async def test_what_the_server_writes_is_the_same_again(tmp_path, more, variables, recorded):
    project = await write_project(tmp_path / "words", 0.5)
    traces = tmp_path / "traces"
    log = tmp_path / "log"
    async with served(project, "--trace", traces, *more, log=log, IVR_SERVE_LATE="1s", **variables) as server:
        async with Dialer(server.url, TwilioFarEnd("MZ1", "CA1")) as line:
            await line.wait_closed()
        server.signal()
        assert await server.ended() == 0
    (path,) = traces.glob("*.jsonl")
    told, events = trace(path)
    assert isinstance(events[-1], CallEnded)
    assert any(isinstance(event, DoorEvent) for event in events) == recorded
    if recorded:
        assert again(load(project, ENVIRON), told, events).differences == []
