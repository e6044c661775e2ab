"""Calls over AudioSocket on real TCP: the port, the door, the call and its end."""

import asyncio
import base64
import itertools
import logging
import random
import socket
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest
from runtime_bank import Babbler, Line, open_house
from test_server import get

import ivr.runtime.packetport as packetport_module
import ivr.runtime.session as session_module
from ivr.errors import ConfigError
from ivr.project.settings.serving import ServeSettings
from ivr.runtime.door.passes import Pass, Passes, digest, token_of
from ivr.runtime.metrics import Metrics
from ivr.runtime.server import Server
from ivr.runtime.serving import Serving
from ivr.testing.audiosocket import AudioSocketFarEnd
from ivr.testing.audiosocket_channel import Channel, packet
from ivr.testing.dialer import Dialer
from ivr.testing.ear import dead_air
from ivr.trace.events import BargedIn, CallEnded, CallStarted, DigitHeard, Listening

TALKING = Channel(sends_silence=True, jitter_buffer=0.5)
"""The ear of a machine that is busy: what comes late comes in a heap."""
TOKEN = token_of(bytes(range(20)))
_count = itertools.count(1)
_open: list[asyncio.StreamWriter] = []


def serving(*, passes=(), metrics=None, **changes):
    settings = ServeSettings.model_validate({"audiosocket_port": 0, "late": "1s", **changes})
    known = Passes(tuple(passes))
    return Serving(settings, passes=lambda: known, metrics=metrics)


def good_pass(gateway="audiosocket"):
    return Pass("pbx", digest(TOKEN), 0.0, gateway=gateway)


@asynccontextmanager
async def opened(bank, **options):
    options.setdefault("serving", serving())
    async with open_house(bank, Babbler(), **options) as house:
        yield house


@asynccontextmanager
async def line(house, channel=TALKING, *, uuid=None, **options):
    far = AudioSocketFarEnd(uuid or UUID(int=next(_count)), channel, **options)
    async with Dialer(f"tcp://127.0.0.1:{house.server.audiosocket_port}", far) as dialer:
        yield Line(dialer, far, house.told)


@pytest.fixture(autouse=True)
async def closing():
    """Closes what ``raw`` and ``announce`` opened."""
    _open.clear()
    yield
    for writer in _open:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def raw(house, *parts: bytes):
    """A connection that a test holds by itself."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.server.audiosocket_port)
    _open.append(writer)
    for part in parts:
        writer.write(part)
    return reader, writer


async def rest(reader, within=10.0) -> bytes:
    """All that comes until the far side closes."""
    async with asyncio.timeout(within):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


def named(uuid=None) -> bytes:
    return packet(0x01, (uuid or UUID(int=next(_count))).bytes)


def warnings(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


# ---- calls


@pytest.mark.parametrize("sends_silence", [True, False])
async def test_a_whole_call_with_a_barge_in(bank, sends_silence):
    async with opened(bank) as house:
        async with line(house, replace(TALKING, sends_silence=sends_silence)) as call:
            await call.dialer.wait_heard(0.3)
            await call.press("1")
            await call.until(Listening)
            await call.press("9")
            await call.dialer.wait_closed()
            await call.until(CallEnded)
        far = call.far_end
        assert far.protocol_errors == []
        assert far.hung_up_at is not None
        assert [event.digit for event in call.of(DigitHeard)] == ["1", "9"]
        assert call.of(BargedIn)
        assert call.of(CallStarted)[0].stream == str(far.uuid)
        # 40 ms of lead forgive a busy machine little; tests/simulator holds it to more.
        assert dead_air(far.heard, call.of(), path=0.1, threshold=1.0) == []


@pytest.mark.parametrize("way", [0.0, 0.5])
async def test_a_caller_who_is_silent_is_served_however_late_the_uuid_comes(bank, way):
    async with opened(bank) as house, line(house, Channel(), path_in=way, path_out=way) as call:
        connected = asyncio.get_running_loop().time()
        await call.until(CallStarted)
        assert asyncio.get_running_loop().time() - connected > way
        await call.dialer.wait_heard(0.3)
        assert call.far_end.protocol_errors == []


async def test_silence_keeps_a_call_that_waits(bank):
    async def dialog(call):
        await call.ask(3.5)
        await call.say("menu")
        await call.hang_up()

    async with opened(bank, dialog=dialog) as house, line(house, Channel()) as call:
        assert (await call.until(CallEnded)).reason == "the dialog ended"
        assert call.far_end.protocol_errors == []


async def test_the_uuid_is_a_parameter_and_nobody_knows_the_caller(bank):
    seen = []

    async def dialog(call):
        seen.append((call.caller, call.called, dict(call.parameters)))

    uuid = UUID("a1b2c3d4-0000-4000-8000-1234567890ab")
    async with opened(bank, dialog=dialog) as house, line(house, uuid=uuid) as call:
        await call.until(CallEnded)
    assert seen == [("", "", {"uuid": str(uuid)})]


@pytest.mark.parametrize("rate", [16000, 48000])
async def test_the_first_sound_tells_the_rate_and_clips_for_it_are_made_once(bank, rate, caplog):
    async with opened(bank) as house:
        for _ in range(2):
            async with line(house, replace(TALKING, rate=rate)) as call:
                await call.dialer.wait_heard(0.3)
                assert call.far_end.protocol_errors == []
    assert len([text for text in warnings(caplog) if "clips are made for" in text]) == 1


async def test_while_a_stream_begins_anew_words_of_the_old_rate_are_not_sent_as_the_new_one(bank):
    async with opened(bank) as house:
        rooms = house.server._calls._rooms["audiosocket"]
        make = rooms._make
        rooms._make = lambda *wire: (time.sleep(0.7), make(*wire))[1]
        async with line(house, Channel(rate=16000, jitter_buffer=0.5)) as call:
            await call.until(CallStarted)
            await call.dialer.say(np.zeros(320, np.float32))
            await call.dialer.wait_heard(0.3)  # which is silence, and keeps the line
            now = asyncio.get_running_loop().time()
            assert len(call.of(CallStarted)) == 1
            assert not call.far_end.heard.timeline(now - 1.0, now).any()
            await call.until(CallStarted, lambda event: event is not call.of(CallStarted)[0])
            assert {error[:18] for error in call.far_end.protocol_errors} == {"sound of kind 0x10"}


async def test_a_presumed_rate_is_ready_at_start(bank, caplog):
    async with opened(bank, serving=serving(audiosocket_rate=16000)) as house:
        async with line(house, Channel(rate=16000, jitter_buffer=0.5)) as call:
            await call.dialer.wait_heard(0.3)
    assert "clips are made for" not in caplog.text


@pytest.mark.parametrize("told", [True, False])
async def test_a_caller_who_hangs_up(bank, told):
    async with opened(bank) as house, line(house, replace(TALKING, hangs_up=told)) as call:
        await call.dialer.wait_heard(0.2)
        await call.dialer.hang_up()
        assert (await call.until(CallEnded)).reason.startswith("the caller hung up")


async def test_a_reset_is_a_caller_who_hung_up(bank):
    """A socket that is closed with our sound unread over there looks like that."""
    async with opened(bank) as house:
        uuid = UUID(int=next(_count))
        _, writer = await raw(house, named(uuid), packet(0x10, bytes(320)))
        await house.told.until(str(uuid), CallStarted)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.close()
        assert (await house.told.until(str(uuid), CallEnded)).reason == "the caller hung up"


async def test_pieces_of_any_size_are_the_same_call(bank):
    chance = random.Random(1)
    async with opened(bank) as house:
        async with line(house, chunks=(chance.randint(1, 50) for _ in itertools.count())) as call:
            await call.dialer.wait_heard(0.3)
            await call.press("9")
            assert (await call.until(CallEnded)).reason == "the dialog ended"
        assert [event.digit for event in call.of(DigitHeard)] == ["9"]


async def test_twenty_calls_at_once(bank):
    async with opened(bank) as house:

        async def one():
            async with line(house) as call:
                await call.dialer.wait_heard(0.5)
                await call.press("9")
                assert (await call.until(CallEnded)).reason == "the dialog ended"
                assert call.far_end.protocol_errors == []

        await asyncio.gather(*(one() for _ in range(20)))
        await house.quiet()


# ---- bad peers


@asynccontextmanager
async def good_line(house):
    """A call that goes on while another breaks."""
    async with line(house) as call:
        await call.dialer.wait_heard(0.1)
        yield call
        await call.dialer.wait_heard(call.far_end.played(asyncio.get_running_loop().time()) / 8000 + 0.3)
        assert call.of(CallEnded) == []


BROKEN = {
    "another rate": (packet(0x12, bytes(640)), "16000 Hz"),
    "a second UUID": (named(), "second UUID"),
    "no digit": (packet(0x03, b"qq"), "digit"),
    "too long": (packet(0x10, b"", 0x2000), "8192 bytes"),
}


async def test_what_breaks_the_protocol_ends_its_own_call_and_no_other(bank, caplog):
    metrics = Metrics()
    async with opened(bank, serving=serving(message=4096, metrics=metrics)) as house, good_line(house):
        for data, why in BROKEN.values():
            uuid = UUID(int=next(_count))
            reader, writer = await raw(house, named(uuid), packet(0x10, bytes(320)))
            await house.told.until(str(uuid), CallStarted)
            writer.write(data)
            assert (await rest(reader)).endswith(packet(0x00))
            assert why in (await house.told.until(str(uuid), CallEnded)).reason
            writer.close()
        async with asyncio.timeout(5):
            while house.server.calls > 1:  # noqa: ASYNC110 - as in House.quiet
                await asyncio.sleep(0.005)
    assert any("a second UUID" in text or "16000 Hz" in text for text in warnings(caplog))
    assert f'ivr_malformed_total{{kind="message"}} {len(BROKEN)}.0' in metrics.render()[1].decode()


OTHERWISE = [b"GET / HTTP/1.1\r\n\r\n", packet(0x10, bytes(320)), packet(0x01, b"short"), b"\x01\x01"]


@pytest.mark.parametrize("first", OTHERWISE, ids=range(4))
async def test_what_begins_otherwise_is_turned_away_at_once(bank, first, caplog):
    metrics = Metrics()
    async with opened(bank, serving=serving(metrics=metrics)) as house, good_line(house):
        reader, _ = await raw(house, first)
        assert await rest(reader) in (packet(0x00), b"")  # a reset may take it
        assert house.server.calls == 1
    assert any("its first packet is no UUID" in text for text in warnings(caplog))
    assert 'ivr_malformed_total{kind="packet"} 1.0' in metrics.render()[1].decode()


@pytest.mark.parametrize("part", [b"", b"\x01", named()[:-1]], ids=len)
async def test_who_does_not_say_who_he_is_does_not_stay(bank, part, caplog):
    async with opened(bank, serving=serving(handshake="0.2s")) as house, good_line(house):
        reader, _ = await raw(house, part)
        assert await rest(reader) == b""
    assert any("no UUID in time" in text for text in warnings(caplog))


async def test_of_too_many_who_say_nothing_the_oldest_goes(bank):
    async with opened(bank, serving=serving(waiting=8)) as house:
        idle = [await raw(house) for _ in range(8)]
        await asyncio.sleep(0.05)
        async with line(house) as call:
            await call.dialer.wait_heard(0.1)
        assert await rest(idle[0][0]) == b""
        for _, writer in idle:
            writer.close()


async def test_a_flood_ends_its_own_call(bank):
    async with opened(bank, serving=serving(messages=60)) as house:
        uuid = UUID(int=next(_count))
        reader, writer = await raw(house, named(uuid), packet(0x10, bytes(320)))
        await house.told.until(str(uuid), CallStarted)
        writer.write(packet(0x10, bytes(32)) * 2000)
        await rest(reader)
        assert (await house.told.until(str(uuid), CallEnded)).reason == "the gateway sent too many messages"


async def test_a_peer_that_stops_reading_is_given_up(bank, monkeypatch):
    monkeypatch.setattr(session_module, "SEND_TIMEOUT", 0.3)
    async with opened(bank) as house, good_line(house):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", house.server.audiosocket_port))
        uuid = UUID(int=next(_count))
        await asyncio.get_running_loop().sock_sendall(sock, named(uuid) + packet(0x18, bytes(320)))  # 384 kB a second
        assert (await house.told.until(str(uuid), CallEnded)).reason == "the gateway stopped reading"
        sock.close()


async def test_a_far_side_that_does_not_close_is_dropped(bank, monkeypatch):
    monkeypatch.setattr("ivr.runtime.listeners.packets.CLOSE_TIMEOUT", 0.2)

    async def dialog(call):
        await call.hang_up()

    async with opened(bank, dialog=dialog) as house:
        reader, _ = await raw(house, named(), packet(0x10, bytes(320)))
        assert (await rest(reader)).endswith(packet(0x00))
        await house.quiet(5.0)  # though this side never closed


# ---- limits, drain, health


async def test_calls_are_counted_with_all_others_and_turned_away_when_full(bank, caplog):
    async with opened(bank, serving=serving(calls=1)) as house, good_line(house):
        reader, _ = await raw(house, named())
        assert await rest(reader) == packet(0x00)
        assert '"calls": 1' in (await get(house.server.port, "/healthz"))[2]
    assert any("too many calls" in text for text in warnings(caplog))


async def test_a_draining_server_finishes_calls_and_takes_no_more(bank):
    async with opened(bank) as house, line(house) as call:
        await call.dialer.wait_heard(0.2)
        stopping = asyncio.create_task(house.server.stop(20.0))
        await asyncio.sleep(0)
        reader, _ = await raw(house, named())
        assert await rest(reader) == packet(0x00)
        await call.press("9")
        assert (await call.until(CallEnded)).reason == "the dialog ended"
        await stopping


async def test_a_port_that_is_taken_is_said_and_the_other_let_go_of(bank):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"127.0.0.1:{port}.*--audiosocket-port"):
            async with Server(bank, Babbler(), port=0, serving=serving(audiosocket_port=port)):
                pass


async def test_without_the_setting_there_is_no_port(bank):
    async with open_house(bank, Babbler()) as house:
        assert house.server.audiosocket_port is None
        assert (await get(house.server.port, "/audiosocket"))[0] == 404


# ---- who may come in


async def test_only_named_networks_come_in_with_any_uuid(bank, caplog):
    async with opened(bank, serving=serving(audiosocket_peers=["127.0.0.0/8"])) as house, line(house) as call:
        await call.dialer.wait_heard(0.1)
    async with opened(bank, serving=serving(audiosocket_peers=["192.0.2.0/24"])) as house:
        reader, _ = await raw(house, named())
        assert await rest(reader) == packet(0x00)
    assert any("no trusted address" in text for text in warnings(caplog))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
async def test_beyond_loopback_somebody_must_be_able_to_come_in(bank, host):
    with pytest.raises(ConfigError, match=r"serve\.audiosocket_peers"):
        Server(bank, Babbler(), host=host, serving=serving())
    with pytest.raises(ConfigError, match=r"serve\.audiosocket_peers"):
        Server(bank, Babbler(), host=host, serving=serving(passes=[good_pass("twilio")]))


async def test_beyond_loopback_networks_or_a_pass_are_enough(bank):
    Server(bank, Babbler(), host="0.0.0.0", serving=serving(audiosocket_peers=["192.0.2.0/24"]))
    Server(bank, Babbler(), host="0.0.0.0", serving=serving(passes=[good_pass()]))
    Server(bank, Babbler(), host="0.0.0.0", serving=serving(passes=[good_pass(None)]))


async def announce(house, path="", method="GET", body="", **headers) -> tuple[int, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.server.port)
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    _open.append(writer)
    head = f"Host: x\r\n{head}Content-Length: {len(body)}\r\n"
    writer.write(f"{method} /audiosocket{path} HTTP/1.1\r\n{head}\r\n{body}".encode())
    answer = (await rest(reader)).decode()
    return int(answer.split()[1]), answer.partition("\r\n\r\n")[2]


async def test_an_announced_call_comes_in_once_and_knows_what_was_said_of_it(bank, caplog):
    seen = []

    async def dialog(call):
        seen.append((call.caller, call.called, call.parameters["did"]))
        await call.say("menu")
        await call.ask(5.0)

    nobody = serving(audiosocket_peers=["192.0.2.0/24"], passes=[good_pass()], public_url="https://voice.example.com")
    async with opened(bank, serving=nobody, dialog=dialog) as house:
        basic = "Basic " + base64.b64encode(f"pbx:{TOKEN}".encode()).decode()
        form = "application/x-www-form-urlencoded"
        asked = [
            await announce(house, "?from=%2B1555&to=42&did=7", Authorization=basic),
            await announce(house, f"/{TOKEN}?did=7", "POST", "from=%2B1555&to=42", Content_Type=form),
        ]
        for status, uuid in asked:
            assert status == 200
            async with line(house, uuid=UUID(uuid)) as call:
                await call.dialer.wait_heard(0.1)
                reader, _ = await raw(house, named(UUID(uuid)))
                assert await rest(reader) == packet(0x00)
        assert seen == [("+1555", "42", "7")] * 2
        assert any("it was used before" in text for text in warnings(caplog))
        for path, headers, status in (("", {}, 401), ("/ivr_wrong", {}, 403), ("/a/b", {}, 404)):
            assert (await announce(house, path, **headers))[0] == status
        assert (await announce(house, f"/{TOKEN}", "PUT"))[0] == 405
        assert (await announce(house, f"/{TOKEN}", "POST", "a=%ff" + "&b=" * 200, Content_Type=form))[0] == 400


async def test_a_fault_of_our_own_at_the_door_turns_one_away_and_no_other(bank, monkeypatch, caplog):
    async with opened(bank) as house, good_line(house):
        monkeypatch.setattr(house.server._packet_door, "knock", lambda *_: 1 / 0)
        reader, _ = await raw(house, named())
        assert await rest(reader) == packet(0x00)
    assert "a fault of our own" in caplog.text


def test_the_port_and_its_fake_agree_on_how_a_call_begins():
    assert named()[:3] == packetport_module.FIRST
