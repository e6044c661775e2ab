from __future__ import annotations

import asyncio
import gc
import json
from base64 import b64encode
from contextlib import asynccontextmanager

import numpy as np
import pytest
from websockets.asyncio.server import serve
from websockets.exceptions import InvalidStatus
from websockets.utils import accept_key

from ivr.errors import RemoteGatewayError
from ivr.testing.dialer import BACKLOG, Dialer
from ivr.testing.line import background
from ivr.testing.twilio import TwilioFarEnd

TENTH = b"\x10" * 800


@asynccontextmanager
async def server(script):
    """A runtime on loopback: ``script(socket, sid)`` runs after ``start``; the socket closes when it returns."""
    failures = []

    async def handler(socket):
        try:
            assert json.loads(await socket.recv())["event"] == "connected"
            await script(socket, json.loads(await socket.recv())["streamSid"])
        except AssertionError as error:
            failures.append(error)
            raise

    async with serve(handler, "127.0.0.1", 0) as listening:
        yield f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}/twilio"
    assert not failures
    await nothing_left()


async def nothing_left():
    await asyncio.sleep(0)
    gc.collect()  # a socket that was left open warns here, and a warning is an error
    assert asyncio.all_tasks() == {asyncio.current_task()}


def media(sid, sound=TENTH):
    return json.dumps({"event": "media", "streamSid": sid, "media": {"payload": b64encode(sound).decode()}})


def mark(sid, name):
    return json.dumps({"event": "mark", "streamSid": sid, "mark": {"name": name}})


async def listen(socket, sid):
    async for _ in socket:
        pass


async def greet(socket, sid):
    """Say 300 ms, then for every key: clear, and 100 ms more."""
    for _ in range(3):
        await socket.send(media(sid))
    await socket.send(mark(sid, "greeted"))
    async for message in socket:
        if json.loads(message)["event"] == "dtmf":
            await socket.send(json.dumps({"event": "clear", "streamSid": sid}))
            await socket.send(media(sid))


async def test_a_call_from_greeting_to_hang_up():
    far_end, log = TwilioFarEnd(), []
    async with server(greet) as url:
        async with Dialer(url, far_end, on_message=lambda *entry: log.append(entry)) as line:
            await line.wait_heard(0.3)
            await line.press("1")
            await line.wait_heard(lambda heard: heard.played_samples(line.far_end.heard.known_until) == 3200)
            await line.hang_up()
            await line.wait_closed()
        assert far_end.protocol_errors == []
        assert far_end.played(asyncio.get_running_loop().time()) == 3200
        assert line.close_code == 1000
    to_runtime = [json.loads(message)["event"] for direction, message, _ in log if direction == "in"]
    assert to_runtime == ["connected", "start", "mark", "dtmf", "stop"]
    from_runtime = [json.loads(message)["event"] for direction, message, _ in log if direction == "out"]
    assert from_runtime == ["media"] * 3 + ["mark", "clear", "media"]
    times = {json.loads(message)["event"]: at for direction, message, at in log if direction == "in"}
    assert times["mark"] >= far_end.heard.start + 0.3, "a mark may not come before its sound was played"


async def test_leaving_the_block_hangs_up():
    said = []

    async def script(socket, sid):
        said.extend([json.loads(message)["event"] async for message in socket])

    async with server(script) as url, Dialer(url, TwilioFarEnd(path_in=0.03)):
        pass
    assert said == ["stop"]


async def test_the_server_hangs_up():
    async def script(socket, sid):
        await socket.send(media(sid, TENTH * 50))

    far_end = TwilioFarEnd()
    async with server(script) as url, Dialer(url, far_end) as line:
        await line.wait_closed()
        assert far_end.closed_at is not None and far_end.disconnects_at is None
        assert far_end.played(asyncio.get_running_loop().time()) < 40000
        await line.press("1")  # a key on a dead line
        await line.hang_up()


async def test_the_server_vanishes():
    async def script(socket, sid):
        socket.transport.abort()
        await socket.wait_closed()

    async with server(script) as url, Dialer(url, TwilioFarEnd()) as line:
        await line.wait_closed()
        assert line.close_code == 1006


async def test_a_binary_frame_makes_the_platform_close():
    async def script(socket, sid):
        await socket.send(TENTH)
        await socket.wait_closed()

    far_end = TwilioFarEnd(path_in=0.02)
    async with server(script) as url, Dialer(url, far_end) as line:
        await line.wait_closed()
    assert far_end.protocol_errors[0].startswith("31950")


async def test_waiting_for_sound_that_never_comes():
    async def script(socket, sid):
        await socket.send(media(sid))
        await listen(socket, sid)

    async with server(script) as url, Dialer(url, TwilioFarEnd()) as line:
        with pytest.raises(TimeoutError):
            await line.wait_heard(0.2, within=0.15)
        with pytest.raises(TimeoutError):
            await line.wait_closed(within=0.01)


async def test_waiting_on_a_line_that_closes():
    async def script(socket, sid):
        pass

    async with server(script) as url, Dialer(url, TwilioFarEnd()) as line:
        with pytest.raises(RemoteGatewayError, match=r"0\.00 s had been heard"):
            await line.wait_heard(1.0)


async def test_inbound_media_keeps_real_time():
    came, ten = [], asyncio.Event()

    async def script(socket, sid):
        async for message in socket:
            came.append(json.loads(message))
            if len(came) == 10:
                ten.set()

    async with server(script) as url, Dialer(url, TwilioFarEnd(inbound=background(0.1))) as line:
        began = asyncio.get_running_loop().time()
        await line.say(np.full(320, 0.5, dtype=np.float32))
        await ten.wait()
        lasted = asyncio.get_running_loop().time() - began
    assert [data["media"]["timestamp"] for data in came[:10]] == [str(20 * number) for number in range(1, 11)]
    assert lasted >= 0.18, "ten frames cannot have come in less than the time they hold"
    assert came[-1]["event"] == "stop"


async def test_an_exception_in_a_hook_ends_the_line_and_is_raised():
    def hook(direction, message, at):
        if direction == "out":
            raise RuntimeError("the hook is broken")

    async def script(socket, sid):
        await socket.send(media(sid))
        await listen(socket, sid)
        left.set()

    left = asyncio.Event()
    async with server(script) as url:
        with pytest.raises(RuntimeError, match="the hook is broken"):
            async with Dialer(url, TwilioFarEnd(), on_message=hook) as line:
                await line.wait_closed()
                await asyncio.wait_for(left.wait(), 5.0)
        with pytest.raises(ZeroDivisionError) as caught:
            async with Dialer(url, TwilioFarEnd(), on_message=hook) as line:
                await line.wait_closed()
                _ = 1 / 0
        assert "the hook is broken" in caught.value.__notes__[0]


async def test_an_exception_in_the_block_leaves_nothing_behind():
    async with server(listen) as url:
        with pytest.raises(ZeroDivisionError):
            async with Dialer(url, TwilioFarEnd(inbound=background(0.1))):
                _ = 1 / 0


async def test_a_server_that_does_not_let_go_is_left():
    async def deaf(reader, writer):
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        key = next(line.split(": ")[1] for line in request.split("\r\n") if line.startswith("Sec-WebSocket-Key"))
        upgrade = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        writer.write(f"{upgrade}Sec-WebSocket-Accept: {accept_key(key)}\r\n\r\n".encode())
        await reader.read()  # never a word, nor an answer to the close, until the other side is gone
        writer.close()

    listening = await asyncio.start_server(deaf, "127.0.0.1", 0)
    async with listening:
        url = f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        began = asyncio.get_running_loop().time()
        async with asyncio.timeout(5.0), Dialer(url, TwilioFarEnd(), patience=0.1) as line:
            await line.press("1")
        assert asyncio.get_running_loop().time() - began >= 0.1, "it waited for as long as it was told to"
        assert line.close_code == 1006
        while len(asyncio.all_tasks()) > 1:  # noqa: ASYNC110 - the server's own task has no event to wait for
            await asyncio.sleep(0.01)
    await nothing_left()


async def test_a_runtime_that_does_not_read_loses_caller_audio():
    far_end = TwilioFarEnd()
    line = Dialer("ws://127.0.0.1:1/", far_end)
    for number in range(BACKLOG + 5):
        line._enqueue(f'{{"event":"media","sequenceNumber":"{number}"}}')
    line._enqueue('{"event":"stop"}')
    assert line._outgoing.qsize() == BACKLOG + 1
    assert [error[:5] for error in far_end.protocol_errors] == ["31930"]


async def test_headers_go_with_the_upgrade_and_a_refusal_is_raised():
    seen = []

    def refuse(connection, request):
        seen.append(request.headers["X-Twilio-Signature"])
        return connection.respond(403, "no\n")

    async with serve(listen, "127.0.0.1", 0, process_request=refuse) as listening:
        url = f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        with pytest.raises(InvalidStatus):
            async with Dialer(url, TwilioFarEnd(), headers={"X-Twilio-Signature": "abc"}):
                pass
    assert seen == ["abc"]
    await nothing_left()


async def test_a_far_end_is_used_once():
    async with server(listen) as url:
        async with Dialer(url, TwilioFarEnd()) as line:
            pass
        with pytest.raises(ValueError, match="make another"):
            async with Dialer(url, line.far_end):
                pass
