"""A newer server takes over on the same port: no call is cut, and none is turned away for it."""

import asyncio
import re
import urllib.parse
import urllib.request
from contextlib import suppress

import pytest
from websockets.exceptions import InvalidStatus

from bench.serving import served, write_project
from ivr.gateways.twilio_webhook import signature
from ivr.testing.dialer import Dialer
from ivr.testing.twilio import TwilioFarEnd

PUBLIC = "https://voice.example.com"
SECRET = "an auth token"
SHARED = {"IVR_SERVE_PUBLIC_URL": PUBLIC, "IVR_TWILIO_AUTH_TOKEN": SECRET, "IVR_TICKET_KEY": "k" * 40}


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


async def in_progress(server):
    return int((await server.metrics())["ivr_calls"])


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return asyncio.run(write_project(tmp_path_factory.mktemp("upgrade"), 30))


async def test_the_old_one_keeps_its_calls_and_the_new_one_gets_the_others(project, tmp_path):
    async with served(project, "--share-port", log=tmp_path / "old", **SHARED) as old:
        port = old.port
        ticket = await asyncio.to_thread(announce, port, "CAlater")
        staying = [await call(port, f"CAold{number}") for number in range(3)]
        for line in staying:
            await line.wait_heard(0.1)
        async with served(project, "--share-port", "--port", port, log=tmp_path / "new", **SHARED) as new:
            assert new.port == port
            old.signal()
            async with asyncio.timeout(10):
                while "draining: 3 calls" not in "\n".join(old.log):  # noqa: ASYNC110 - a log line has no event  # noqa: ASYNC110 - it is another process
                    await asyncio.sleep(0.01)
            coming = [await call(port, "CAlater", ticket), *[await call(port, f"CAnew{n}") for n in range(8)]]
            with pytest.raises(InvalidStatus):  # it was used up
                await call(port, "CAlater", ticket)
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
