"""One bad line at a time, and a good one beside it that must not notice."""

import asyncio
import json
import logging
import socket
from contextlib import asynccontextmanager
from dataclasses import replace
from types import MappingProxyType

import pytest
from runtime_bank import Babbler, open_house, start
from speaking_bank import LONG, with_dialog
from websockets.exceptions import ConnectionClosed

import ivr.runtime.calls as calls_module
import ivr.runtime.liveness as liveness_module
import ivr.runtime.session as session_module
from ivr.call.call import Call
from ivr.gateways.twilio import TWILIO, TwilioCodec
from ivr.project.settings.serving import ServeSettings
from ivr.project.settings.settings import PlayoutSettings
from ivr.runtime.calls import Gateway
from ivr.runtime.connection import WRITE_HIGH
from ivr.runtime.listeners.sansio import SansIO
from ivr.testing.ear import dead_air
from ivr.trace.events import (
    CallEnded,
    CallStarted,
    DialogFailed,
    DigitHeard,
    Listening,
    LookupEnded,
    StateEntered,
    SynthesisEnded,
    SynthesisStarted,
)

MAX_MESSAGE = ServeSettings().message
CONNECTED = '{"event":"connected","protocol":"Call","version":"1.0.0"}'
DIGIT = '{"event":"dtmf","streamSid":"MZraw","dtmf":{"digit":"%s"}}'
STOP = '{"event":"stop","streamSid":"MZraw","stop":{}}'
MARK = '{"event":"mark","streamSid":"MZraw","mark":{"name":"0.1"}}'


async def closed(line, within: float = 10.0) -> int:
    """Read a raw line to its end; the code it was closed with."""
    async with asyncio.timeout(within):
        try:
            while True:
                await line.recv()
        except ConnectionClosed:
            return line.close_code


def warnings(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@asynccontextmanager
async def good_line(house):
    """A call that goes on while something else breaks: its words are heard without a gap, before and after."""
    async with house.call() as line:
        await line.dialer.wait_heard(0.1)
        yield line
        until = line.far_end.heard.stop - line.far_end.heard.start + 0.5
        await line.dialer.wait_heard(until)
        assert house.server.calls == 1
        assert line.of(CallEnded, Listening) == []
    assert dead_air(line.far_end.heard, line.of()) == []


@pytest.fixture
def codecs(monkeypatch):
    """The codecs that were made, newest last."""
    made = []

    def make():
        made.append(TwilioCodec())
        return made[-1]

    monkeypatch.setattr(calls_module, "GATEWAYS", {"twilio": Gateway(TWILIO, make)})
    return made


MALFORMED = {
    "binary": (b"\x00\x01", "binary"),
    "not JSON": ("{nonsense", "not JSON"),
    "no object": ("[1]", "no JSON object"),
    "a second start": (start("MZ2nd"), "second 'start'"),
    "dtmf without a digit": ('{"event":"dtmf","dtmf":{}}', "without a digit"),
    "dtmf of two digits": (DIGIT % "12", "without a digit"),
    "dtmf without its object": ('{"event":"dtmf"}', "'dtmf' object"),
    "a mark without a name": ('{"event":"mark","mark":{}}', "'name'"),
}


async def test_a_malformed_message_ends_its_own_call_and_no_other(house, caplog):
    async with good_line(house):

        async def break_one(name, message):
            raw = await house.raw(CONNECTED, start(f"MZ {name}"))
            await raw.recv()
            await raw.send(message)
            return await closed(raw)

        codes = await asyncio.gather(*(break_one(name, message) for name, (message, _) in MALFORMED.items()))
        assert codes == [1002] * len(MALFORMED)
        for name, (_, why) in MALFORMED.items():
            call = house.told.calls[f"MZ {name}"]
            (ended,) = house.told.of(f"MZ {name}", CallEnded)
            assert why in ended.reason
            about = [text for text in warnings(caplog) if f"call {call}:" in text]
            assert all(why in warning for warning in about)
        assert len(warnings(caplog)) == 1  # once a minute


async def test_a_dialog_that_breaks_is_logged_with_its_place_and_without_what_was_typed(bank, caplog):
    states = "  a: {collect: {as: pin, digits: 4, goto: b}}\n  b: {branch: [{if: pin > 5, goto: a}, {goto: a}]}\n"
    async with open_house(with_dialog(bank, f"dialog: main\nstart: a\nstates:\n{states}"), Babbler()) as house:
        async with house.call() as line:
            await line.until(Listening)
            for key in "4711":
                await line.press(key)
            (failed,) = (await line.until(CallEnded), line.of(DialogFailed))[1]
    (told,) = warnings(caplog)
    why = "'pin > 5' failed: the types do not fit ('pin' is a text), convert with int(), double() or string()"
    assert told.endswith(f"its dialog failed: ConditionError at {failed.where}: {why}")
    assert failed.where.endswith(":5:21")
    assert "4711" not in told + str(failed)


async def test_sound_that_is_no_base64_ends_the_call_that_listens_to_it(bank, caplog):
    async with open_house(with_dialog(bank, LONG, "any"), Babbler()) as house, good_line(house):
        for payload in ("%%%", "abc", None, 5):
            raw = await house.raw(CONNECTED, start())
            await raw.send(json.dumps({"event": "media", "media": {"payload": payload}}))
            assert await closed(raw) == 1002
        assert len([text for text in warnings(caplog) if "the gateway sent a m" in text]) == 1


async def test_sound_that_nobody_listens_to_is_not_even_looked_at(house):
    raw = await house.raw(CONNECTED, start(), '{"event":"media","media":{"payload":"%%%"}}', STOP)
    assert await closed(raw) == 1000
    assert ["hung up" in event.reason for event in house.told.of("MZraw", CallEnded)] == [True]


async def test_what_breaks_before_the_start_ends_the_socket(house, caplog):
    async with good_line(house):
        assert await closed(await house.raw("{")) == 1002
        assert await closed(await house.raw(CONNECTED, '{"event":"start"}')) == 1002
        assert len(warnings(caplog)) == 1


async def test_unknown_events_are_ignored_and_counted(codecs, bank, caplog):
    caplog.set_level(logging.INFO, "ivr.session")
    async with open_house(bank, Babbler()) as house:
        raw = await house.raw('{"event":"hello"}', CONNECTED, start())
        for message in ('{"event":"weather"}', '{"event":null}', "{}", '{"event":["dtmf"]}', STOP):
            await raw.send(message)
        assert await closed(raw) == 1000
        assert codecs[-1].unknown == 5
        assert warnings(caplog) == []
        raw = await house.raw(CONNECTED, start("MZ2"), STOP)
        assert await closed(raw) == 1000
    told = [record.getMessage() for record in caplog.records if record.name == "ivr.session"]
    (line,) = [text for text in told if "not known" in text]
    assert line == f"call {house.told.calls['MZraw']}: ignored 5 messages of events that are not known"


async def test_what_comes_before_the_start_or_for_nothing_does_no_harm(house, caplog):
    raw = await house.raw(MARK, DIGIT % "1", CONNECTED, CONNECTED, start(), MARK, MARK, DIGIT % "9", STOP)
    assert await closed(raw) == 1000
    # The digit from before the call belongs to no question.
    assert [event.state for event in house.told.of("MZraw", StateEntered)] == ["welcome", "main", "goodbye"]
    assert warnings(caplog) == []


async def test_a_stream_that_stops_before_it_starts(house):
    raw = await house.raw(CONNECTED, STOP, start())
    assert await closed(raw) == 1000
    assert house.told.of("MZraw", CallStarted) == []


async def test_a_message_that_is_too_long_ends_its_call_and_no_other(house, caplog):
    async with good_line(house):
        raw = await house.raw(CONNECTED, start())
        await raw.recv()
        await raw.send(json.dumps({"event": "media", "media": {"payload": "A" * MAX_MESSAGE}}))
        assert await closed(raw) == 1009
        await house.told.until("MZraw", CallEnded)
        (warning,) = warnings(caplog)
        assert house.told.calls["MZraw"] in warning and "exceeds limit" in warning


async def test_the_longest_message_that_is_allowed(house):
    raw = await house.raw(CONNECTED, start())
    frame = '{"event":"media","media":{"payload":"%s"}}'
    await raw.send(frame % ("A" * (MAX_MESSAGE - len(frame) + 2)))
    await raw.send(STOP)
    assert await closed(raw) == 1000


@asynccontextmanager
async def deaf(house, stream: str):
    """A gateway that takes the handshake, begins a stream and never reads again; its windows are small."""
    listening = next(iter(house.server._server.sockets))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.connect(listening.getsockname())
    plain.setblocking(False)
    try:
        raw = await house.raw(CONNECTED, sock=plain)
        raw.transport.pause_reading()
        await raw.send(start(stream))
        yield raw
        raw.transport.abort()
    finally:
        plain.close()


async def test_a_gateway_that_stops_reading_is_given_up_and_its_backlog_is_bounded(bank, monkeypatch, caplog):
    monkeypatch.setattr(session_module, "SEND_TIMEOUT", 1.0)
    async with open_house(hasty(bank), Babbler()) as house:
        backlog = []
        send = SansIO.send

        def measured(self, *messages):
            send(self, *messages)
            backlog.append(self._transport.get_write_buffer_size())

        monkeypatch.setattr(SansIO, "send", measured)
        async with deaf(house, "MZdeaf"):
            ended = await house.told.until("MZdeaf", CallEnded)
            assert ended.reason == "the gateway stopped reading"
            await house.quiet()
        assert max(backlog) > WRITE_HIGH  # it was held back at all
        # What was due in one turn may pass the limit; while the line is held back nothing is added.
        assert max(backlog) <= WRITE_HIGH + 5.0 / 0.02 * 300
        (warning,) = [text for text in warnings(caplog) if "took no data" in text]
        assert house.told.calls["MZdeaf"] in warning


async def test_one_that_has_ended_is_not_complained_of_for_what_it_does_then(bank, monkeypatch, caplog):
    monkeypatch.setattr(session_module, "SEND_TIMEOUT", 0.5)
    async with open_house(hasty(bank), Babbler()) as house, deaf(house, "MZdeaf"):
        await house.told.until("MZdeaf", CallStarted)
        (session,) = house.server._calls._sessions
        async with asyncio.timeout(10):
            while not session._blocked:  # noqa: ASYNC110 - the server has nothing to wait for
                await asyncio.sleep(0.005)
        session.end("for a reason of its own")
        await house.quiet()
    assert warnings(caplog) == []


def hasty(bank):
    """The bank with much to say, a long lead and short messages, so that much is due at once."""
    settings = bank.settings.model_copy(update={"playout": PlayoutSettings(lead="5s", message="20ms")})
    hold = dict.fromkeys(("welcome", "main"), "hold")
    tables = MappingProxyType({"main": wordy(bank.tables["main"], hold)})
    return replace(bank, settings=settings, tables=tables)


def wordy(table, words):
    """``table`` with other words in some states."""
    states = {
        name: replace(state, say=(words[name],) * 40 if name in words else state.say)
        for name, state in table.states.items()
    }
    return replace(table, states=MappingProxyType(states))


@pytest.mark.parametrize("how", ["aborted", "closed"])
async def test_a_lost_socket_cancels_what_was_under_way(bank, how):
    cancelled = {"lookup": asyncio.Event(), "speech": asyncio.Event()}
    values = asyncio.Queue()

    async def balance(caller):
        if caller == "speech":
            return 1
        try:
            return await values.get()
        finally:
            cancelled["lookup"].set()

    class Waiting(Babbler):
        async def synthesize(self, request):
            try:
                await asyncio.Event().wait()
                yield
            finally:
                cancelled["speech"].set()

    async with open_house(bank, Waiting(), {"bank.balance": balance}) as house:
        for caller, kind in (("lookup", StateEntered), ("speech", SynthesisStarted)):
            begin = json.loads(start(f"MZ{caller}"))
            begin["start"]["customParameters"] = {"from": caller}
            raw = await house.raw(CONNECTED, json.dumps(begin), DIGIT % "1")
            await house.told.until(f"MZ{caller}", kind, lambda event: getattr(event, "state", "balance") == "balance")
            if how == "aborted":
                raw.transport.abort()
            else:
                await raw.close()
            async with asyncio.timeout(5):
                await cancelled[caller].wait()
            await house.told.until(f"MZ{caller}", CallEnded)
        assert [event.outcome for event in house.told.of("MZspeech", SynthesisEnded)] == ["cancelled"]
        assert [event.outcome for event in house.told.of("MZlookup", LookupEnded)] == ["failed"]
        await house.quiet()
        assert house.server._desks.synthesis.running == 0


async def test_a_socket_on_which_no_stream_begins_is_closed(bank, monkeypatch, caplog):
    monkeypatch.setattr(session_module, "START_TIMEOUT", 0.3)
    async with open_house(bank, Babbler()) as house, good_line(house):
        raws = [await house.raw(), await house.raw(CONNECTED), await house.raw(CONNECTED, MARK)]
        assert [await closed(raw) for raw in raws] == [1008] * 3
        assert len([text for text in warnings(caplog) if "no stream began" in text]) == 1
    assert [text for text in warnings(caplog) if "2 calls more for 'no_stream'" in text]


async def test_a_fault_of_our_own_ends_its_call_and_no_other(house, monkeypatch, caplog):
    def broken(name):
        door = getattr(Call, name)

        def opened(self, *arguments):
            if self.id in victims:
                raise ZeroDivisionError("a fault")
            return door(self, *arguments)

        monkeypatch.setattr(Call, name, opened)

    victims = set()
    for name in ("receive", "handle_timer", "end"):
        broken(name)
    async with good_line(house):
        # The first is struck by its timer, between two messages; the second by a message.
        struck = await house.raw(CONNECTED, start("MZtimer"))
        await struck.recv()
        other = await house.raw(CONNECTED, start("MZmessage"))
        await other.recv()
        victims.update(house.told.calls[stream] for stream in ("MZtimer", "MZmessage"))
        await other.send(DIGIT % "1")
        assert await closed(other) == 1011
        assert await closed(struck) == 1011
        faults = [text for text in warnings(caplog) if "ended by a fault of our own: ZeroDivisionError" in text]
        assert len(faults) == len(warnings(caplog)) == 2
        assert all("in opened" in text for text in faults)


async def test_what_happened_is_told_in_its_order(house):
    async with house.call() as line:
        await line.dialer.wait_heard(0.1)
    names = [type(event).__name__ for event in line.of()]
    assert (names[0], names[-1]) == ("CallStarted", "CallEnded")
    assert names.index("FirstAudio") < names.index("FirstFrame")


async def test_a_call_outlives_whoever_watches_it(house, caplog):
    def broken(call, event):
        raise RuntimeError("a disk, a metric, a bug")

    house.told.beside = broken
    async with house.call() as line:
        await line.dialer.wait_heard(1.0)
    assert len([text for text in warnings(caplog) if "goes on unwatched" in text]) == 1


async def test_digits_are_not_lost_while_words_are_said(house):
    async with house.call() as line:
        await line.press("9")
        await line.dialer.wait_closed()
        assert [event.digit for event in line.of(DigitHeard)] == ["9"]
        assert line.dialer.close_code == 1000


async def test_a_gateway_that_falls_silent_with_marks_unanswered_is_given_up(house, monkeypatch, caplog):
    monkeypatch.setattr(liveness_module, "SILENT", 0.5)
    line = await house.raw(CONNECTED, start("MZgone"))
    # It reads on, as a half-open connection seems to, and answers nothing.
    assert await closed(line) == 1000
    assert any("has sent nothing for" in text for text in warnings(caplog))
