"""The door over real sockets: Twilio's webhook and its stream, tokens of a file, TLS, and limits that hold."""

import asyncio
import json
import ssl
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from urllib.parse import urlsplit
from xml.etree import ElementTree

import httpx
import pytest
from runtime_bank import Babbler, open_house, start, unhurried
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ivr.cli.main import main
from ivr.gateways.twilio_webhook import signature
from ivr.runtime.door.passfile import TOKENS, PassFile
from ivr.runtime.metrics import Metrics
from ivr.runtime.serving import Keys
from ivr.testing.dialer import Dialer
from ivr.testing.twilio import TwilioFarEnd
from ivr.trace.events import CallEnded

AUTH, METRICS, PUBLIC = "a-twilio-auth-token", "a-metrics-token", "https://voice.example.com"
CALLER, CALLED = "+15550100", "+15550199"


def serving(passes=None, **settings):
    """Guarded, with a webhook."""
    keys = Keys(AUTH, METRICS)
    options = {"passes": passes} if passes is not None else {}
    return replace(unhurried(public_url=PUBLIC, **settings), keys=keys, metrics=Metrics(), **options)


async def webhook(house, call="CA1", auth=AUTH):
    """Twilio's question what to do with a call, and our answer."""
    form = {"CallSid": call, "From": CALLER, "To": CALLED}
    headers = {"X-Twilio-Signature": signature(auth, f"{PUBLIC}/twilio/answer", form.items())}
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(f"http://127.0.0.1:{house.server.port}/twilio/answer", data=form, headers=headers)


async def announced(house, call="CA1"):
    """The stream's URL on loopback, and the parameters, as the webhook told them."""
    answer = await webhook(house, call)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8"), answer.text
    stream = ElementTree.fromstring(answer.text).find("Connect/Stream")
    path = urlsplit(stream.get("url")).path
    told = {one.get("name"): one.get("value") for one in stream}
    return f"ws://127.0.0.1:{house.server.port}{path}", told


@asynccontextmanager
async def open_guarded(bank, *arguments, **settings):
    async with open_house(bank, Babbler(), serving=serving(*arguments, **settings)) as house:
        yield house


async def refused(url, **options):
    with pytest.raises(InvalidStatus) as error:
        await connect(url, proxy=None, **options)
    return error.value.response.status_code


async def closed(socket):
    """The code with which it was closed by the server."""
    with pytest.raises(ConnectionClosed):
        async with asyncio.timeout(10):
            while True:
                await socket.recv()
    return socket.close_code


async def test_a_call_from_the_webhook_to_its_sound_and_its_ticket_only_once(bank):
    async with open_guarded(bank) as house:
        url, told = await announced(house)
        assert told == {"from": CALLER, "to": CALLED}
        far_end = TwilioFarEnd("MZ1", "CA1", told)
        async with Dialer(url, far_end) as line:
            await line.wait_heard(0.2)
            assert await refused(url) == 403
        assert far_end.protocol_errors == []
        await house.quiet()
        assert await refused(url) == 403


async def test_a_ticket_is_for_the_call_that_it_was_made_for(bank, caplog):
    async with open_guarded(bank) as house:
        url, _ = await announced(house, "CA1")
        async with Dialer(url, TwilioFarEnd("MZ1", "CA2")) as line:
            await line.wait_closed()
        assert line.close_code == 1008
        assert line.far_end.heard.stop is None, "a stranger heard something"
        assert "its ticket was made for another call" in caplog.text


async def test_a_forged_webhook_and_streams_without_a_ticket_get_nothing(bank):
    async with open_guarded(bank) as house:
        assert (await webhook(house, auth="another")).status_code == 403
        assert await refused(house.url) == 401
        assert await refused(house.url + "/" + "A" * 92) == 403
        assert house.server.calls == 0


async def test_a_token_of_the_command_is_good_until_it_is_revoked(bank, bank_root, tmp_path, capsys):
    (tmp_path / "prompts").mkdir()
    assert main(["token", "new", "pbx", str(tmp_path), "--gateway", "twilio"]) == 0
    token = capsys.readouterr().out.strip()
    async with open_guarded(bank, PassFile(tmp_path / TOKENS).current) as house:
        url = f"ws://127.0.0.1:{house.server.port}/twilio/{token}"
        async with Dialer(url, TwilioFarEnd("MZ1")) as line:
            await line.wait_heard(0.1)
            assert main(["token", "revoke", "pbx", str(tmp_path)]) == 0
            assert await refused(url) == 403
            await line.wait_heard(0.3)
            assert line.close_code is None, "a call in progress goes on"


# TLS.


async def sound(socket):
    """The next sound that comes."""
    async with asyncio.timeout(5):
        while json.loads(await socket.recv())["event"] != "media":
            pass


@pytest.fixture(scope="module")
def authority():
    trustme = pytest.importorskip("trustme", reason="trustme is not installed: no certificate to test with")
    return trustme.CA()


@pytest.fixture
def contexts(authority):
    """The server's and the client's."""
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    return server, client


@pytest.mark.parametrize("listener", ["websockets", "picows"])
async def test_a_call_over_tls_and_plain_text_on_its_port(bank, contexts, listener, caplog):
    if listener == "picows":
        pytest.importorskip("picows", reason="the extra 'fast' is not installed")
    tls, trust = contexts
    async with open_house(bank, Babbler(), serving=replace(unhurried(listener=listener), tls=tls)) as house:
        port = house.server.port
        async with connect(f"wss://127.0.0.1:{port}/twilio", ssl=trust, proxy=None) as socket:
            await socket.send(start())
            await sound(socket)
            for junk in (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01", b""):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(junk)
                writer.write_eof()
                with suppress(ConnectionResetError):
                    assert b"200" not in await asyncio.wait_for(reader.read(), 5)
                writer.close()
            await sound(socket)
        await house.quiet()
        async with httpx.AsyncClient(verify=trust, trust_env=False) as client:
            assert (await client.get(f"https://127.0.0.1:{port}/healthz")).json() == {"status": "ok", "calls": 0}
    assert [record for record in caplog.records if record.levelname == "ERROR" or record.exc_info] == []


# Limits.


async def test_calls_beyond_the_limit_are_refused_and_announced_ones_have_a_place(bank):
    async with open_guarded(bank, calls=1) as house:
        url, _ = await announced(house)
        busy = await webhook(house, "CA2")
        assert (busy.status_code, ElementTree.fromstring(busy.text).find("Reject").get("reason")) == (200, "busy")
        async with Dialer(url, TwilioFarEnd("MZ1", "CA1")) as line:
            await line.wait_heard(0.1)
            assert "Reject" in (await webhook(house, "CA3")).text
        await house.quiet()
        assert "Stream" in (await webhook(house, "CA4")).text


async def test_one_address_has_its_own_limit(bank):
    proxied = unhurried(calls_per_address=1, proxies=("127.0.0.1",))
    async with open_house(bank, Babbler(), serving=proxied) as house:
        one, other = ({"X-Forwarded-For": address} for address in ("192.0.2.1", "192.0.2.2"))
        async with connect(house.url, proxy=None, additional_headers=one):
            assert await refused(house.url, additional_headers=one) == 503
            async with connect(house.url, proxy=None, additional_headers=other):
                assert house.server.calls == 2


async def test_a_flood_ends_its_own_call_and_no_other(bank, caplog):
    async with open_house(bank, Babbler(), serving=unhurried(messages=60)) as house, house.call() as line:
        await line.dialer.wait_heard(0.1)
        flood = await house.raw(start("MZflood"))
        for _ in range(301):
            await flood.send('{"event":"media","media":{}}')
        assert await closed(flood) == 1008
        assert "over 60 messages a second" in caplog.text
        await line.dialer.wait_heard(0.5)
        assert line.of(CallEnded) == []


async def test_a_call_lasts_as_long_as_one_may(bank):
    async with open_house(bank, Babbler(), serving=unhurried(call_length="1s")) as house:
        async with house.call() as line:
            await line.dialer.wait_closed(3.0)
        assert [event.reason for event in line.of(CallEnded)] == ["the call lasted too long"]


async def test_of_too_many_that_say_nothing_the_oldest_go_and_calls_come_in(bank, caplog):
    async with open_house(bank, Babbler(), serving=unhurried(waiting=8)) as house:
        idle = [await asyncio.open_connection("127.0.0.1", house.server.port) for _ in range(30)]
        async with house.call() as line:
            await line.dialer.wait_heard(0.2)
        gone = [reader for reader, _ in idle if reader.at_eof() or reader.exception()]
        assert len(gone) >= 22
        assert "too many wait" in caplog.text
        for _, writer in idle:
            writer.close()
