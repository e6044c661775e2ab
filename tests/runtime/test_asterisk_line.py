"""Calls over Asterisk on real sockets: the upgrade, the call, and its end."""

import asyncio
import base64
import importlib.util
import logging
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import psutil
import pytest
from runtime_bank import Babbler, Line, open_house
from websockets.asyncio.client import connect
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

import ivr.runtime.liveness as liveness_module
from ivr.project.settings.serving import ServeSettings
from ivr.runtime.door.passes import Pass, Passes, digest, token_of
from ivr.runtime.listeners import listener
from ivr.runtime.serving import Serving
from ivr.testing.asterisk import AsteriskFarEnd
from ivr.testing.asterisk_channel import Channel
from ivr.testing.dialer import Dialer
from ivr.testing.ear import dead_air
from ivr.trace.events import BargedIn, CallEnded, CallStarted, DigitHeard, Listening
from ivr.trace.sound import MarkResolved, Outcome

TALKING = Channel(sends_silence=True)
TOKEN = token_of(bytes(range(20)))
LISTENERS = ["websockets", *(["picows"] if importlib.util.find_spec("picows") else [])]
_count = iter(range(1, 1000))


@asynccontextmanager
async def line(house, channel=TALKING, *, path="", variables=None, **options):
    far = AsteriskFarEnd(f"17.{next(_count)}", channel, variables or {"from": "+1555"})
    url = f"ws://127.0.0.1:{house.server.port}/asterisk{path}"
    async with Dialer(url, far, subprotocol="media", **options) as dialer:
        yield Line(dialer, far, house.told)


def basic(password, user="pbx"):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def guarded(**changes):
    passes = Passes((Pass("pbx", digest(TOKEN), 0.0),))
    return Serving(ServeSettings(public_url="https://voice.example.com", **changes), passes=lambda: passes)


@pytest.mark.parametrize("engine", LISTENERS)
@pytest.mark.parametrize("json", [True, False])
async def test_a_whole_call_with_a_barge_in(bank, engine, json):
    async with open_house(bank, Babbler(), serving=Serving(listener=listener(engine))) as house:
        async with line(house, replace(TALKING, json=json)) as call:
            assert call.dialer.chosen == "media"
            await call.dialer.wait_heard(0.3)
            await call.press("1")
            await call.until(Listening)
            await call.press("9")
            await call.dialer.wait_closed()
            await call.until(CallEnded)
        far = call.far_end
        assert call.dialer.close_code == 1000
        assert [event.digit for event in call.of(DigitHeard)] == ["1", "9"]
        assert call.of(BargedIn)
        assert {event.outcome for event in call.of(MarkResolved)} <= {Outcome.PLAYED, Outcome.CLEARED}
        assert far.queue.dropped == far.queue.cut_off == far.protocol_errors == []
        assert [order.name for _, order in far.orders][-1] == "HANGUP"
        assert dead_air(far.heard, call.of(), path=0.1, threshold=0.3) == []


@pytest.mark.parametrize("engine", LISTENERS)
async def test_a_hangup_is_a_close_without_a_word(bank, engine):
    async with open_house(bank, Babbler(), serving=Serving(listener=listener(engine))) as house:
        async with line(house) as call:
            await call.dialer.wait_heard(0.2)
            await call.dialer.hang_up()
            assert (await call.until(CallEnded)).reason == "the caller hung up"


@pytest.mark.parametrize("name", ["alaw", "slin", "slin16", "slin24"])
async def test_a_channel_in_another_format_waits_for_its_clips_once(house, name, caplog):
    for _ in range(2):
        async with line(house, replace(TALKING, format=name)) as call:
            await call.dialer.wait_heard(0.3)
    made = [record for record in caplog.records if "clips are made for" in record.getMessage()]
    assert len(made) == 1


async def test_formats_that_the_settings_name_are_ready_at_start(bank, caplog):
    serving = Serving(ServeSettings(asterisk=("ulaw", "slin16")))
    async with open_house(bank, Babbler(), serving=serving) as house:
        async with line(house, replace(TALKING, format="slin16")) as call:
            await call.dialer.wait_heard(0.3)
    assert "clips are made for" not in caplog.text


async def test_a_channel_that_cannot_be_spoken_to_ends_alone(house, caplog):
    async with line(house) as good:
        url = f"ws://127.0.0.1:{house.server.port}/asterisk"
        async with connect(url, compression=None, proxy=None) as bad:
            await bad.send("MEDIA_START connection_id:app channel:x channel_id:9.9 format:opus optimal_frame_size:40")
            await bad.wait_closed()
            assert bad.close_code == 1002
        await good.dialer.wait_heard(1.0)
    assert any("'opus'" in record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING)


async def test_a_query_and_the_channels_variables_reach_the_dialog(bank):
    seen = []

    async def dialog(call):
        seen.append((call.caller, call.called, call.parameters["did"]))
        await call.say("menu")
        await call.ask(5.0)

    async with open_house(bank, Babbler(), dialog=dialog) as house:
        async with line(house, path="?from=1009&to=42&did=7&call=17.1", variables={"from": "+1555"}) as call:
            await call.until(CallStarted)
        async with line(house, path="?from=1009&to=42&call=17.1", variables={"did": "8"}) as call:
            await call.until(CallStarted)  # the query is the call's before: it sticks over there
    assert seen == [("+1555", "42", "7"), ("", "", "8")]


async def test_basic_authentication_is_a_way_to_show_a_pass(bank):
    async with open_house(bank, Babbler(), serving=guarded()) as house:
        for path, headers in (("", basic(TOKEN)), (f"/{TOKEN}", {})):
            async with line(house, path=path, headers=headers) as call:
                await call.until(CallStarted)
        bad = "ivr_" + "0" * 40
        refusals = [("", {}, 401), ("", basic(bad), 403), ("", basic(""), 401), ("", {"Authorization": "Basic !"}, 401)]
        for path, headers, status in refusals:
            with pytest.raises(InvalidStatus) as refused:
                async with line(house, path=path, headers=headers):
                    pass
            assert refused.value.response.status_code == status


async def test_no_ping_is_sent_and_a_ping_is_answered(house):
    async with connect(f"ws://127.0.0.1:{house.server.port}/asterisk", compression=None, proxy=None) as socket:
        assert "Sec-WebSocket-Extensions" not in socket.response.headers
        assert "Sec-WebSocket-Protocol" not in socket.response.headers
        await asyncio.wait_for(await socket.ping(), 5)


@pytest.mark.parametrize("engine", LISTENERS)
async def test_no_message_is_fragmented_because_fragments_are_lost_over_there(bank, engine):
    """Asterisk ignores the middle of a fragmented binary message. Frames are read here as they are on the wire."""
    async with open_house(bank, Babbler(), serving=Serving(listener=listener(engine))) as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.server.port)
        protocol = ClientProtocol(parse_uri(f"ws://127.0.0.1:{house.server.port}/asterisk"))
        protocol.send_request(protocol.connect())
        seen, begun = [], False
        async with asyncio.timeout(10):
            while sum(len(frame.data) for frame in seen) < 16_000:
                for data in protocol.data_to_send():
                    writer.write(data)
                protocol.receive_data(await reader.read(65_536))
                for event in protocol.events_received():
                    if isinstance(event, Frame):
                        seen.append(event)
                    elif not begun:
                        begun = True
                        start = "MEDIA_START channel_id:17.9 format:slin24 optimal_frame_size:960 ptime:20"
                        protocol.send_text(start.encode())
                        protocol.send_binary(bytes(960))
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()
    assert {frame.opcode for frame in seen} == {Opcode.TEXT, Opcode.BINARY}
    assert all(frame.fin for frame in seen)


async def test_a_silent_caller_and_a_lost_mark_do_not_end_the_call(house, monkeypatch):
    """The gateway is asked for a sign of life, and gives it."""
    monkeypatch.setattr(liveness_module, "ASK_AFTER", 0.2)
    monkeypatch.setattr(liveness_module, "ANSWER", 0.2)
    async with line(house, Channel()) as call:
        call.far_end.queue.mark = lambda *_: None  # no mark is ever reported
        await call.until(MarkResolved, lambda event: event.outcome is Outcome.ESTIMATED)
        await asyncio.sleep(0.6)
        assert call.of(CallEnded) == []
        assert "GET_STATUS" in [order.name for _, order in call.far_end.orders]


async def test_a_gateway_that_gives_no_sign_of_life_is_given_up(house, monkeypatch):
    monkeypatch.setattr(liveness_module, "ASK_AFTER", 0.2)
    monkeypatch.setattr(liveness_module, "ANSWER", 0.2)
    async with line(house, Channel(deaf=True)) as call:
        assert (await call.until(CallEnded)).reason == "the gateway no longer answers"


async def test_short_calls_leave_no_task_and_no_socket(bank):
    async def dialog(call):
        await call.say("menu")
        await call.hang_up()

    async with open_house(bank, Babbler(), dialog=dialog) as house:

        async def calls(number):
            for _ in range(number):
                async with line(house) as call:
                    await call.dialer.wait_heard(0.1)
                    await call.dialer.hang_up()
                    await call.dialer.wait_closed()

        await calls(5)
        await asyncio.sleep(0.1)
        before = len(asyncio.all_tasks()), psutil.Process().num_fds()
        async with asyncio.TaskGroup() as group:
            for _ in range(5):
                group.create_task(calls(10))
        async with asyncio.timeout(5):
            while (len(asyncio.all_tasks()), psutil.Process().num_fds()) != before:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.02)
