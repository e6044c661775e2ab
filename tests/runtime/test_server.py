import asyncio
import json
import os
import shutil
import signal
import socket
import sys
from contextlib import asynccontextmanager
from decimal import Decimal

import numpy as np
import pytest
from runtime_bank import Babbler, environ, open_house
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from ivr.cli.main import main
from ivr.errors import ConfigError, SpeechBroken
from ivr.runtime.server import Server
from ivr.testing.dialer import Dialer
from ivr.testing.twilio import TwilioFarEnd
from ivr.trace.events import CallEnded, Listening, StateEntered

LONG = "60s"
"""A drain that no test waits out."""


async def get(port: int, path: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of a plain request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await asyncio.wait_for(reader.read(), 10)).decode().partition("\r\n\r\n")
    writer.close()
    status, *lines = head.split("\r\n")
    return int(status.split()[1]), dict(line.lower().split(": ", 1) for line in lines), body


async def refused(url: str) -> int:
    """The status with which a call is refused."""
    with pytest.raises(InvalidStatus) as error:
        await connect(url, proxy=None)
    return error.value.response.status_code


async def test_health_counts_the_calls(house):
    status, headers, body = await get(house.server.port, "/healthz")
    assert (status, json.loads(body)) == (200, {"status": "ok", "calls": 0})
    assert (headers["content-type"], headers["cache-control"]) == ("application/json", "no-store")
    async with house.call() as line:
        await line.dialer.wait_heard(0.1)
        assert json.loads((await get(house.server.port, "/healthz?x=1"))[2])["calls"] == 1
    await house.quiet()
    assert json.loads((await get(house.server.port, "/healthz"))[2])["calls"] == 0


@pytest.mark.parametrize("path", ["/", "/nothing", "/twilio/more/still", "/healthz/x", "/TWILIO"])
async def test_an_unknown_path_is_told_what_there_is(house, path):
    status, _, body = await get(house.server.port, path)
    assert status == 404
    assert "/twilio" in body and "/healthz" in body
    assert await refused(f"ws://127.0.0.1:{house.server.port}{path}") == 404


async def test_a_path_with_a_query_or_a_slash_behind_it_is_the_same_gateway(house):
    for tail in ("/", "?from=x"):
        async with connect(house.url + tail, proxy=None):
            pass


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "example.com", ""])
async def test_beyond_loopback_it_refuses_to_listen_without_a_way_to_prove_who_calls(bank, host):
    with pytest.raises(ConfigError, match="no way to prove who they are"):
        Server(bank, Babbler(), host=host)


async def test_port_0_is_a_free_one_and_two_servers_do_not_meet(bank):
    async with open_house(bank, Babbler()) as one, open_house(bank, Babbler()) as other:
        assert 0 < one.server.port != other.server.port > 0
        async with one.call() as line:
            await line.dialer.wait_heard(0.1)
            assert (one.server.calls, other.server.calls) == (1, 0)


async def test_a_port_in_use_is_a_mistake_in_the_settings(bank):
    async with open_house(bank, Babbler()) as house:
        with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1:{house.server.port}: .*in use.*--port"):
            await Server(bank, Babbler(), port=house.server.port).__aenter__()


async def test_a_voice_that_is_down_at_the_start_does_not_keep_callers_out(bank, caplog):
    class Down(Babbler):
        async def warm(self):
            raise SpeechBroken("it cannot be reached")

    async with open_house(bank, Down()) as house, house.call() as line:
        await line.dialer.wait_heard(0.5)
    assert ["it cannot be reached" in record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


async def test_several_calls_at_once_each_get_their_own_words(bank):
    amounts = {"a": Decimal("1.05"), "b": Decimal("2.00"), "c": Decimal("1.05")}
    async with open_house(bank, Babbler(), {"bank.balance": lambda caller: amounts[caller]}) as house:

        async def one(caller: str, keys: str):
            async with house.call(caller) as line:
                await line.until(Listening if keys == "" else StateEntered)
                await line.press(keys)
                await line.until(CallEnded if "9" in keys else Listening)
            return line

        lines = await asyncio.gather(one("a", "1"), one("b", "1"), one("c", "1"), one("", "9"), one("", ""))
        a, b, c, bye, silent = lines
        assert len({house.told.calls[line.stream] for line in lines}) == 5
        assert [event.state for event in bye.of(StateEntered)][-1] == "goodbye"
        assert [event.state for event in silent.of(StateEntered)] == ["welcome", "main"]

        def balance(line):
            """What was heard after the key, without the silence around it."""
            (cleared, _), heard = line.far_end.cleared[0], line.far_end.heard
            return np.trim_zeros(heard.timeline(cleared, heard.stop)).tobytes()

        assert balance(a) == balance(c) != balance(b)


async def test_stopping_lets_live_calls_end_by_themselves_and_takes_no_new_ones(house):
    async with house.call() as line:
        await line.dialer.wait_heard(0.1)
        stopping = asyncio.create_task(house.server.stop(60.0))
        await asyncio.sleep(0)
        status, _, body = await get(house.server.port, "/healthz")
        assert (status, json.loads(body)) == (503, {"status": "draining", "calls": 1})
        assert await refused(house.url) == 503
        await line.press("9")
        await line.dialer.wait_closed()
        await asyncio.wait_for(stopping, 10)
    assert [event.reason for event in line.of(CallEnded)] == ["the dialog ended"]


async def test_what_outlives_the_drain_is_ended_and_leaves_nothing_behind(bank):
    async with open_house(bank, Babbler()) as house, house.call() as line, house.call() as other:
        await other.dialer.wait_heard(0.1)
        await house.server.stop(0.2)
        for one in (line, other):
            await one.dialer.wait_closed()
            assert [event.reason for event in one.of(CallEnded)] == ["the server is shutting down"]
        assert house.server.calls == 0


# The command itself, as a process.


class Process:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.port = 0

    async def ready(self) -> None:
        async with asyncio.timeout(30):
            line = (await self._process.stdout.readline()).decode()
        assert "answers on ws://127.0.0.1:" in line, line or (await self._process.stderr.read()).decode()
        self.port = int(line.rpartition(":")[2].partition("/")[0])

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def draining(self) -> None:
        while (await get(self.port, "/healthz"))[0] != 503:  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.01)

    async def ended(self) -> tuple[int, str]:
        """Its status and what it logged."""
        async with asyncio.timeout(30):
            _, logged = await self._process.communicate()
        return self._process.returncode, logged.decode()

    @asynccontextmanager
    async def call(self):
        async with Dialer(f"ws://127.0.0.1:{self.port}/twilio", TwilioFarEnd()) as line:
            await line.wait_heard(0.1)
            yield line


@asynccontextmanager
async def serve(*arguments):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ivr.cli.main", "serve", *map(str, arguments)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environ()},
    )
    try:
        yield Process(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def test_sigterm_waits_for_the_last_call_and_takes_no_other(bank_root, tmp_path):
    async with serve(bank_root, "--port", 0, "--drain", LONG, "--trace", tmp_path) as server:
        await server.ready()
        async with server.call() as line:
            server.signal(signal.SIGTERM)
            await server.draining()
            assert await refused(f"ws://127.0.0.1:{server.port}/twilio") == 503
            await line.press("9")
            await line.wait_closed()
            assert line.close_code == 1000
        status, logged = await server.ended()
        assert (status, "Traceback" in logged) == (0, False), logged
    (trace,) = tmp_path.iterdir()
    last = json.loads(trace.read_bytes().splitlines()[-1])
    assert (last["event"], last["reason"]) == ("CallEnded", "the dialog ended")


async def test_a_second_signal_ends_the_calls_at_once(bank_root):
    async with serve(bank_root, "--port", 0, "--drain", LONG) as server:
        await server.ready()
        async with server.call() as line:
            server.signal(signal.SIGINT)
            await server.draining()
            assert line.close_code is None
            server.signal(signal.SIGTERM)
            await line.wait_closed()
        status, logged = await server.ended()
        assert (status, "Traceback" in logged) == (0, False), logged
        assert "the server is shutting down" in logged


async def test_a_drain_that_is_over_and_traces_that_cannot_be_written(bank_root, tmp_path):
    (tmp_path / "place").write_text("in the way")
    async with serve(bank_root, "--port", 0, "--drain", "300ms", "--trace", tmp_path / "place" / "x") as server:
        await server.ready()
        async with server.call() as line, server.call():
            server.signal(signal.SIGTERM)
            await line.wait_closed()
            assert line.close_code in (1000, 1001)
        status, logged = await server.ended()
        assert (status, "Traceback" in logged) == (0, False), logged
        assert "2 calls did not end in time" in logged
        assert logged.count("no traces in") == 1


async def test_a_port_in_use_is_one_line_and_status_2(bank_root):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with serve(bank_root, "--port", port) as server:
            status, logged = await server.ended()
    assert (status, "Traceback" in logged) == (2, False), logged
    assert logged.splitlines()[-1].startswith(f"ivr: cannot listen on 127.0.0.1:{port}: ")
    assert logged.count("ivr: ") == 1


@pytest.mark.parametrize("port", ["70000", "-1", "http"])
def test_what_is_no_port_is_refused_with_the_usage(port, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--port", port])
    assert ended.value.code == 2
    assert "--port" in capsys.readouterr().err


@pytest.mark.parametrize("spoilt", ["missing", "corrupt"])
def test_a_clip_that_is_not_right_keeps_the_server_from_starting(bank_root, tmp_path, monkeypatch, capsys, spoilt):
    root = tmp_path / "bank"
    shutil.copytree(bank_root, root)
    clip = root / "audio" / "greeting.wav"
    if spoilt == "missing":
        clip.unlink()
    else:
        data = bytearray(clip.read_bytes())
        data[-1] ^= 1
        clip.write_bytes(data)
    for name, value in environ().items():
        monkeypatch.setenv(name, value)
    assert main(["serve", str(root), "--port", "0"]) == 2
    said = capsys.readouterr().err
    assert f"{clip}:1:1: the clip of phrase 'greeting' is" in said
    assert f"run `ivr render {root}`" in said


async def test_a_fault_of_our_own_is_answered_and_logged_once_a_minute(house, monkeypatch, caplog):
    monkeypatch.setattr(house.server._door, "ask", lambda *_: 1 / 0)
    for _ in range(3):
        status, _, body = await get(house.server.port, "/healthz")
        assert (status, body) == (500, "A fault of this server; its log says more.\n")
    assert [record.levelname for record in caplog.records] == ["ERROR"]
