"""A call that is over is gone from memory at once: a collector that walked what lives would make other callers wait."""

import asyncio
import gc
import weakref

import pytest
from runtime_bank import Babbler, open_house, start, unhurried

from ivr.trace.events import CallStarted, StateEntered

STOP = '{"event":"stop","streamSid":"MZraw","stop":{}}'
DIGIT = '{"event":"dtmf","streamSid":"MZraw","dtmf":{"digit":"%s"}}'


@pytest.fixture
def uncollected():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("listener", ["websockets", "picows"])
@pytest.mark.parametrize("by", ["stop", "close", "abort", "us"])
async def test_nothing_of_a_call_outlives_it(bank, uncollected, by, listener):
    if listener == "picows":
        pytest.importorskip("picows")
    async with open_house(bank, Babbler(), serving=unhurried(listener=listener)) as house:
        line = await house.raw(start())
        await house.told.until("MZraw", CallStarted)
        await line.send(DIGIT % "1")
        await house.told.until("MZraw", StateEntered)
        (session,) = house.server._calls._sessions
        lived = [weakref.ref(each) for each in (session, session._call, session._call._conversation, session._socket)]
        if by == "us":
            session.end("for a reason of its own")
        elif by == "stop":
            await line.send(STOP)
        elif by == "abort":
            line.transport.abort()
        del session
        await line.close()
        await house.quiet()
        async with asyncio.timeout(5):
            while any(each() is not None for each in lived):  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)


NO_REQUEST = bytes.fromhex("16030100c8010000c40303")
PROTOCOL_BREACH = b"\xff\xff\xff\xff"


@pytest.mark.parametrize("what", [NO_REQUEST, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"])
async def test_nothing_of_a_request_that_was_refused_outlives_it(house, uncollected, what):
    """Strangers send very many."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.server.port)
    async with asyncio.timeout(5):
        while not len(house.server._waiting):  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
        (front,) = (weakref.ref(each) for each in house.server._waiting._waiting)
        writer.write(what)
        await reader.read()
        writer.close()
        while front() is not None:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)


async def test_a_call_whose_gateway_breaks_the_protocol_leaves_nothing(house, uncollected):
    line = await house.raw(start())
    await house.told.until("MZraw", CallStarted)
    (session,) = house.server._calls._sessions
    core = weakref.ref(session._socket._protocol)
    del session
    line.transport.write(PROTOCOL_BREACH)
    await house.quiet()
    line.transport.abort()
    async with asyncio.timeout(5):
        while core() is not None:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
