"""A server ends and another takes over: no call is cut, none is turned away for it, and no ticket is good twice."""

import asyncio
import re
import sys
import urllib.parse
import urllib.request
from contextlib import suppress
from urllib.error import HTTPError

import pytest
from websockets.exceptions import InvalidStatus

from bench.serving import served, write_project
from ivr.gateways.twilio_webhook import signature
from ivr.testing.dialer import Dialer
from ivr.testing.twilio import TwilioFarEnd

PUBLIC = "https://voice.example.com"
SECRET = "an auth token"
SHARED = {
    "IVR_SERVE_PUBLIC_URL": PUBLIC,
    "IVR_TWILIO_AUTH_TOKEN": SECRET,
    "IVR_TICKET_KEY": "k" * 40,
    "IVR_PLAYOUT_LEAD": "2s",  # what is judged is the hand-over, not the machine that other tests keep busy
}


def announce(port, call):
    """Twilio's webhook: the path at which the call's stream is to come in."""
    fields = {"CallSid": call, "From": "+15550100"}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/twilio/answer",
        urllib.parse.urlencode(fields).encode(),
        {"X-Twilio-Signature": signature(SECRET, f"{PUBLIC}/twilio/answer", fields.items())},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return re.search(r'url="wss://voice.example.com([^"]+)"', answer.read().decode())[1]


async def call(port, name, path=None):
    path = path or await asyncio.to_thread(announce, port, name)
    return await Dialer(f"ws://127.0.0.1:{port}{path}", TwilioFarEnd("MZ" + name, name)).__aenter__()


async def heard(line):
    """It is answered and hangs up."""
    await line.wait_heard(0.1)
    await line.__aexit__(None, None, None)


async def in_progress(server):
    return int((await server.metrics())["ivr_calls"])


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return asyncio.run(write_project(tmp_path_factory.mktemp("upgrade"), 30))


async def draining(server, processes=1):
    """Wait until that many of it say so."""
    async with asyncio.timeout(10):
        while "\n".join(server.log).count(" draining: ") < processes:  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.01)


async def test_the_old_one_keeps_its_calls_and_the_new_one_gets_the_others(project, tmp_path):
    shared = ("--share-port", "--run-dir", tmp_path / "run")
    async with served(project, *shared, log=tmp_path / "old", **SHARED) as old:
        port = old.port
        ticket = await asyncio.to_thread(announce, port, "CAlater")
        used = await asyncio.to_thread(announce, port, "CAbefore")
        await heard(await call(port, "CAbefore", used))
        staying = [await call(port, f"CAold{number}") for number in range(3)]
        for line in staying:
            await line.wait_heard(0.1)
        async with served(project, *shared, "--port", port, log=tmp_path / "new", **SHARED) as new:
            assert new.port == port
            old.signal()
            await draining(old)
            await asyncio.sleep(0.1)  # in which it lets go of the port
            coming = [await call(port, "CAlater", ticket), *[await call(port, f"CAnew{n}") for n in range(8)]]
            for name, gone in (("CAlater", ticket), ("CAbefore", used)):  # used up here, and at the old one
                with pytest.raises(InvalidStatus, match="403"):
                    await call(port, name, gone)
            for line in (*coming, *staying):
                await line.wait_heard(0.6)
            assert (await in_progress(old), await in_progress(new)) == (3, 9)
            for line in (*coming, *staying):
                assert line.close_code is None and line.far_end.heard.silences(minimum=0.02) == []
            for line in staying:
                await line.__aexit__(None, None, None)
            assert await old.ended() == 0
            assert (await in_progress(new)) == 9
            for line in coming:
                with suppress(OSError):
                    await line.__aexit__(None, None, None)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel spreads connections over sockets on Linux")
async def test_calls_that_workers_have_announced_come_in_while_they_drain_whichever_gets_them(project, tmp_path):
    options = ("--workers", 2, "--run-dir", tmp_path / "run")
    async with served(project, *options, log=tmp_path / "log", **SHARED) as server:
        port = server.port
        paths = {f"CA{number}": await asyncio.to_thread(announce, port, f"CA{number}") for number in range(8)}
        server.signal()
        await draining(server, 2)
        await asyncio.sleep(0.3)  # in which one that expects nothing lets go of the port
        lines = [await call(port, name, path) for name, path in paths.items()]
        for line in lines:
            await line.wait_heard(0.3)
            assert line.far_end.heard.silences(minimum=0.02) == []
        with suppress(OSError), pytest.raises(HTTPError, match="503"):
            await asyncio.to_thread(health, port)
        with pytest.raises((OSError, InvalidStatus)):
            await call(port, "CA0", paths["CA0"])
        assert (await server.metrics())["ivr_calls"] == 8
        for line in lines:
            await line.__aexit__(None, None, None)
        assert await server.ended() == 0
        assert "Traceback" not in "\n".join(server.log)
        assert [path.name.partition("-")[0] for path in (tmp_path / "run").iterdir()] == ["tickets"]


async def test_a_ticket_that_was_used_is_not_good_after_a_restart_with_the_same_key(project, tmp_path):
    port, used = 0, ""
    for _ in range(2):
        async with served(
            project, "--port", port, log=tmp_path / "log", **SHARED, RUNTIME_DIRECTORY=str(tmp_path / "run")
        ) as server:
            if used:
                with pytest.raises(InvalidStatus, match="403"):
                    await call(port, "CA1", used)
            else:
                port = server.port
                used = await asyncio.to_thread(announce, port, "CA1")
                await heard(await call(port, "CA1", used))
            server.signal()
            assert await server.ended() == 0
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "run").glob("tickets-*")] == [0o700]


def health(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
        return answer.status
