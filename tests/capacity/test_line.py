"""One line against servers on loopback that do what none should."""

from __future__ import annotations

import asyncio
import http
import json
from contextlib import suppress

import pytest
from capacity_toys import CLEAR, MARK, media, polite, raw, toy, until
from websockets.uri import parse_uri

from ivr.capacity import line as line_module
from ivr.capacity.line import Line, clock
from ivr.capacity.run import Board, Tally
from ivr.capacity.script import Script

SHORT = Script(0.4)


async def call(url: str, script: Script = SHORT) -> Tally:
    """One whole call; what its line saw."""
    board, uri = Board(), parse_uri(url)
    _, line = await asyncio.get_running_loop().create_connection(
        lambda: Line(uri, "MZ1", script, board), uri.host, uri.port
    )
    async with asyncio.timeout(20):
        while not line.over.is_set():
            line.tick(clock())
            await asyncio.sleep(0.02)
    return board.tally


async def test_a_good_call_is_counted_once_with_its_times():
    async with toy(polite) as url:
        tally = await call(url, Script(0.5, ((0.1, "1"), (0.3, "2"))))
    assert (tally.calls, len(tally.greeting), len(tally.clear), len(tally.prompt)) == (1, 1, 2, 2)
    assert (tally.pressed, tally.unanswered, tally.gaps, tally.broken, tally.refused) == (2, 0, [], {}, {})
    assert tally.connected >= 0.5
    assert all(clear <= prompt for clear, prompt in zip(tally.clear, tally.prompt, strict=True))


async def test_what_it_sends_is_twilios_dialect():
    heard = []

    async def listen(socket):
        async for message in socket:
            heard.append(json.loads(message))
            if heard[-1]["event"] == "start":
                await socket.send(media(0.1))
                await socket.send(MARK)
            if heard[-1]["event"] == "stop":
                await socket.close()

    async with toy(listen) as url:
        await call(url, Script(0.4, ((0.3, "7"),)))
    events = [message["event"] for message in heard]
    assert events[:2] == ["connected", "start"] and events[-1] == "stop"
    assert {"media", "mark", "dtmf"} <= set(events)
    assert all(message["streamSid"] == "MZ1" for message in heard[1:])
    assert next(message for message in heard if message["event"] == "dtmf")["dtmf"]["digit"] == "7"
    assert next(message for message in heard if message["event"] == "mark")["mark"]["name"] == "end"


async def test_a_refusal_is_counted_by_its_status():
    async with toy(polite, process_request=lambda socket, _: socket.respond(503, "full")) as url:
        tally = await call(url)
    assert (tally.refused, tally.calls, tally.broken) == ({f"503 {http.HTTPStatus(503).phrase}": 1}, 0, {})


async def test_a_server_that_never_speaks_is_broken():
    async def silent(socket):
        await until(socket, "stop")

    async with toy(silent) as url:
        tally = await call(url)
    assert (tally.broken, tally.calls) == ({"answered, and never a sound": 1}, 1)


async def test_a_dropped_call_is_broken():
    async def drops(socket):
        await until(socket, "start")
        await socket.send(media(1.0))
        socket.transport.abort()

    async with toy(drops) as url:
        tally = await call(url)
    assert tally.broken == {"the socket closed with 1006": 1}


async def test_a_server_that_hangs_up_in_good_order_is_not_broken():
    async def says_goodbye(socket):
        await until(socket, "start")
        await socket.send(media(0.1))

    async with toy(says_goodbye) as url:
        tally = await call(url)
    assert (tally.calls, tally.broken, tally.gaps) == (1, {}, [])


GARBAGE = ["{", "[]", "7", "{}", '{"event": "media"}', '{"event": "media", "media": {"payload": 7}}']


@pytest.mark.parametrize("message", GARBAGE)
async def test_garbage_in_a_message_is_broken(message):
    async def babbles(socket):
        await until(socket, "start")
        await socket.send(media(1.0))
        await socket.send(message)
        await until(socket, "stop")

    async with toy(babbles) as url:
        tally = await call(url)
    assert tally.broken == {"a message that is not of the dialect": 1}
    assert tally.calls == 1


@pytest.mark.parametrize(("message", "why"), [(b"x", "kind BINARY"), ('{"event": "quack"}', "unknown event 'quack'")])
async def test_what_twilio_never_sends_is_broken(message, why):
    async def odd(socket):
        await until(socket, "start")
        await socket.send(media(1.0))
        await socket.send(message)
        await until(socket, "stop")

    async with toy(odd) as url:
        (found,) = (await call(url)).broken
    assert why in found


async def test_bytes_that_are_no_http_are_broken():
    async def babbles(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"\x00\x01\x02 what?\r\n\r\n")
        await writer.drain()

    async with raw(babbles) as url:
        tally = await call(url)
    assert tally.broken == {"the socket closed before an answer": 1}


async def test_an_upgrade_with_the_wrong_key_is_broken():
    async def lies(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
        writer.write(b"Sec-WebSocket-Accept: AAAA\r\n\r\n")
        await writer.drain()
        await reader.read()

    async with raw(lies) as url:
        tally = await call(url)
    assert (tally.broken, tally.calls) == ({"an answer that is no websocket's": 1}, 0)


async def test_a_server_that_answers_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr(line_module, "PATIENCE", 0.1)

    async def sleeps(reader, writer):
        await reader.read(10_000)
        await reader.read()

    async with raw(sleeps) as url:
        tally = await call(url)
    assert tally.broken == {"no answer in time": 1}


async def test_a_socket_that_outlives_its_call_is_given_up(monkeypatch):
    monkeypatch.setattr(line_module, "PATIENCE", 0.1)

    async def stays(socket):
        await until(socket, "start")
        await socket.send(media(60))
        async for _ in socket:
            pass

    async with toy(stays) as url:
        tally = await call(url)
    assert (tally.broken, tally.calls) == ({"the socket outlived the call": 1}, 1)


async def test_a_pause_in_mid_sentence_is_a_gap_of_its_length():
    async def stutters(socket):
        await until(socket, "start")
        await socket.send(media(0.1))
        await asyncio.sleep(0.4)
        await socket.send(media(60))
        await until(socket, "stop")
        await socket.close()

    async with toy(stutters) as url:
        tally = await call(url, Script(0.8))
    (gap,) = tally.gaps
    assert 0.2 < gap < 0.8


async def test_a_server_that_stops_in_mid_sentence_and_hangs_up_left_a_gap():
    async def gives_up(socket):
        await until(socket, "start")
        await socket.send(media(0.1))
        with suppress(TimeoutError):
            await asyncio.wait_for(until(socket, "stop"), 0.4)

    async with toy(gives_up) as url:
        tally = await call(url, Script(5.0))
    assert len(tally.gaps) == 1 and tally.broken == {}


async def test_a_key_that_nothing_follows_is_unanswered():
    async def deaf(socket):
        await until(socket, "start")
        await socket.send(media(60))
        await until(socket, "stop")
        await socket.close()

    async with toy(deaf) as url:
        tally = await call(url, Script(0.4, ((0.1, "1"),)))
    assert (tally.pressed, tally.unanswered, tally.clear, tally.prompt) == (1, 1, [], [])


async def test_sound_that_was_on_its_way_before_the_clear_is_no_answer():
    async def slow(socket):
        await until(socket, "start")
        await socket.send(media(60))
        await until(socket, "dtmf")
        await socket.send(media(0.1))
        await asyncio.sleep(0.2)
        await socket.send(CLEAR)
        await socket.send(media(60))
        await until(socket, "stop")
        await socket.close()

    async with toy(slow) as url:
        tally = await call(url, Script(0.8, ((0.1, "1"),)))
    assert tally.prompt[0] >= tally.clear[0] > 0.1


async def test_an_aborted_line_counts_nothing():
    board = Board()
    async with toy(polite) as url:
        uri = parse_uri(url)
        _, line = await asyncio.get_running_loop().create_connection(
            lambda: Line(uri, "MZ1", SHORT, board), uri.host, uri.port
        )
        while line.answered_at is None:  # noqa: ASYNC110 - a line tells of its end and no more
            await asyncio.sleep(0.01)
        line.abort()
        await line.over.wait()
    assert (board.tally.calls, board.tally.broken) == (0, {})
