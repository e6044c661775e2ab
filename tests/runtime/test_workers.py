"""Several processes on one port, as real processes: who ends with whom, and who does not."""

import asyncio
import math
import os
import re
import signal
import socket
import sys
import urllib.request
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from uuid import UUID

import pytest
from websockets.exceptions import InvalidStatus

from bench.serving import served, write_project
from ivr.errors import ConfigError
from ivr.runtime import workers as workers_module
from ivr.runtime.workers import Workers, reserve
from ivr.testing.audiosocket import AudioSocketFarEnd
from ivr.testing.audiosocket_channel import Channel
from ivr.testing.dialer import Dialer
from ivr.testing.twilio import TwilioFarEnd

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel spreads connections over sockets on Linux")


@pytest.fixture(scope="session")
def long_words(tmp_path_factory):
    """A project whose calls are 30 s of one tone."""
    return asyncio.run(write_project(tmp_path_factory.mktemp("words"), 30))


def pids(server):
    """The workers that ever were."""
    return [int(pid) for pid in re.findall(r"worker \d+ is ready: process (\d+)", "\n".join(server.log))]


def alive(pid):
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


async def until(test, within=10.0):
    async with asyncio.timeout(within):
        while not test():  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.01)


async def dial(url, name="MZ1"):
    return await Dialer(url, TwilioFarEnd(name, "CA" + name)).__aenter__()


AHEAD = {"IVR_PLAYOUT_LEAD": "2s"}
"""What is judged is who loses calls, not the machine that other tests keep busy."""


def processes_of(server):
    """The run of the process that each call began in, calls that were before included."""
    return re.findall(r"call (\w+)-\d+: began", "\n".join(server.log))


@asynccontextmanager
async def spread(server, most=24):
    """Calls in progress, some on each of two workers, hung up at the end."""
    lines = []
    before = len(processes_of(server))

    def processes():
        return len(set(processes_of(server)[before:]))

    try:
        while processes() < 2:
            assert len(lines) < most, "the system gave every call to one worker"
            lines.append(await dial(server.url, f"MZ{len(lines)}"))
            await lines[-1].wait_heard(0.1)
        yield lines
    finally:
        for line in lines:
            await line.__aexit__(None, None, None)


async def closed_to_new_calls(server, within=10.0):
    async with asyncio.timeout(within):
        with suppress(OSError, InvalidStatus):
            while True:
                async with Dialer(server.url, TwilioFarEnd("MZnew")):
                    pass


def without_a_gap(line):
    line.far_end.played(asyncio.get_running_loop().time())
    return line.far_end.heard.silences(minimum=0.02) == []


async def heard_more(lines, seconds=0.6):
    """The calls go on, and nothing is missing in any."""
    begun = [line.far_end.played(line._now()) / 8000 for line in lines]
    for line, since in zip(lines, begun, strict=True):
        await line.wait_heard(since + seconds)
        assert without_a_gap(line)


async def test_one_that_is_killed_takes_its_own_calls_and_no_other_and_another_takes_its_place(long_words, tmp_path):
    async with served(long_words, "--workers", 2, **AHEAD, log=tmp_path / "log") as server:
        async with Dialer(server.url, TwilioFarEnd("MZfirst")) as first:
            await first.wait_heard(0.1)
        async with spread(server) as lines:
            killed = pids(server)[0]
            os.kill(killed, signal.SIGKILL)
            await until(lambda: any(line.close_code is not None for line in lines))
            await asyncio.sleep(0.1)
            left = [line for line in lines if line.close_code is None]
            assert 0 < len(left) < len(lines)
            await until(lambda: len(pids(server)) == 3)
            await heard_more(left)
            lines.append(await dial(server.url, "MZlast"))
            await lines[-1].wait_heard(0.1)
            figures = await server.metrics()
            assert figures["ivr_calls"] == len(left) + 1
            assert figures['ivr_calls_ended_total{reason="hangup"}'] == 1
            assert "worker 1 ended with status -9" in "\n".join(server.log)
            assert len([line for line in lines if line.close_code is None]) == len(left) + 1
            # As a service manager does that tells every process of a service.
            server.signal()
            for pid in pids(server)[1:]:
                os.kill(pid, signal.SIGTERM)
            await closed_to_new_calls(server)
            await heard_more(left)
            assert (await server.metrics())["ivr_calls"] == len(left) + 1
        assert await server.ended() == 0
        assert "Traceback" not in "\n".join(server.log)


async def test_ctrl_c_drains_once_and_a_second_signal_ends_the_calls(long_words, tmp_path):
    async with served(long_words, "--workers", 2, **AHEAD, log=tmp_path / "log", start_new_session=True) as server:
        async with spread(server) as lines:
            os.killpg(server.process.pid, signal.SIGINT)
            await closed_to_new_calls(server)
            await heard_more(lines, 0.3)
            server.signal()
            for line in lines:
                await line.wait_closed()
            assert {line.close_code for line in lines} <= {1000, 1001}
        assert await server.ended() == 0
        assert "Traceback" not in "\n".join(server.log)


def has_ipv6():
    with suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


async def test_workers_end_with_their_last_call_when_their_parent_is_killed(long_words, tmp_path):
    host = "::1" if has_ipv6() else "127.0.0.1"
    async with served(long_words, "--workers", 2, "--host", host, log=tmp_path / "log", **AHEAD) as server:
        async with Dialer(server.url, TwilioFarEnd()) as line:
            await line.wait_heard(0.1)
            server.process.kill()
            await until(lambda: sum(map(alive, pids(server))) == 1)
            await heard_more([line])
            with pytest.raises((OSError, InvalidStatus)):
                await dial(server.url)
        await until(lambda: not any(map(alive, pids(server))))


async def test_an_announced_call_comes_in_by_any_worker_and_by_one_only(long_words, tmp_path):
    options = ("--workers", 2, "--audiosocket-port", 0)
    async with served(long_words, *options, **AHEAD, log=tmp_path / "log") as server:
        (port,) = re.findall(r"AudioSocket on 127\.0\.0\.1:(\d+), with any UUID", "".join(server.said))
        url = f"tcp://127.0.0.1:{port}"
        async with AsyncExitStack() as stack:
            lines, again = [], []
            for _ in range(8):
                announced = f"http://127.0.0.1:{server.port}/audiosocket?from=1"
                uuid = UUID((await asyncio.to_thread(urllib.request.urlopen, announced, None, 10)).read().decode())
                far = [AudioSocketFarEnd(uuid, Channel(jitter_buffer=5.0)) for _ in range(2)]
                lines.append(await stack.enter_async_context(Dialer(url, far[0])))
                await lines[-1].wait_heard(0.1)
                again.append(await stack.enter_async_context(Dialer(url, far[1])))
                await again[-1].wait_closed()
                assert far[1].hung_up_at is not None and far[0].closed_at is None
            assert len(set(processes_of(server))) == 2
            assert (await server.metrics())["ivr_calls"] == len(lines)
            assert (await server.metrics())['ivr_refused_total{cause="token"}'] == len(again)
            server.signal()
            await closed_to_new_calls(server)
            for line in lines:  # with 40 ms of lead there may be gaps where the machine is busy
                await line.wait_heard(line.far_end.heard.played_samples(math.inf) / 8000 + 0.5)
        assert await server.ended() == 0
        assert "Traceback" not in "\n".join(server.log)


@pytest.mark.parametrize("mistake", [("--tls-cert", "no.pem", "--tls-key", "no.pem"), ("--host", "192.0.2.1")])
async def test_what_keeps_them_from_starting_is_said_once(long_words, tmp_path, mistake):
    with pytest.raises(SystemExit) as error:
        async with served(
            long_words,
            "--workers",
            3,
            *mistake,
            log=tmp_path / "log",
            IVR_SERVE_PUBLIC_URL="https://x.example",
            IVR_TWILIO_AUTH_TOKEN="token",
        ) as _:
            pass
    said = str(error.value)
    assert said.count("ivr: ") == 1 and "status 2" in said and "Traceback" not in said, said


@pytest.mark.parametrize("listening", [True, False])
def test_a_port_that_another_has_is_shared_only_where_both_say_so(listening):
    with reserve("127.0.0.1", 0) as other:
        port = other.getsockname()[1]
        if listening:
            other.listen()
        with pytest.raises(ConfigError, match="choose another --port"):
            reserve("127.0.0.1", port)
        reserve("127.0.0.1", port, shared=True).close()
    reserve("127.0.0.1", port).close()


async def test_one_that_dies_again_and_again_is_started_with_growing_pauses(monkeypatch, caplog):
    monkeypatch.setattr(workers_module, "PAUSES", (0.02, 0.08))
    buried = []
    command = [sys.executable, "-S", "-c", "print('ready', flush=True); raise SystemExit(7)"]
    workers = Workers(1, command, os.environ, buried.append)
    assert await workers.start() == 0
    await until(lambda: len(buried) >= 5)
    workers.signal()
    await workers.wait()
    told = [record.getMessage() for record in caplog.records if "ended with status 7" in record.getMessage()]
    assert [line.split("again in ")[1] for line in told[:4]] == ["0.02 s", "0.04 s", "0.08 s", "0.08 s"]


async def test_what_a_project_prints_ends_no_worker():
    script = "import os, time; os.write(1, b'x' * 200_000 + b'\\nready\\n' + b'y' * 200_000); time.sleep(60)"
    workers = Workers(1, [sys.executable, "-S", "-c", script], os.environ, lambda pid: None)
    assert await asyncio.wait_for(workers.start(), 20) == 0
    await asyncio.sleep(0.2)
    (pid,) = workers.pids
    assert alive(pid)
    workers.signal()
    await workers.wait()


async def test_one_that_the_system_does_not_start_again_is_tried_with_growing_pauses(monkeypatch, caplog):
    monkeypatch.setattr(workers_module, "PAUSES", (0.02, 0.08))
    buried = []
    start, tries = asyncio.create_subprocess_exec, []

    async def fork(*command, **options):
        tries.append(command)
        if 1 < len(tries) < 5:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return await start(*command, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", fork)
    command = [sys.executable, "-S", "-c", "print('ready', flush=True); raise SystemExit(7)"]
    workers = Workers(1, command, os.environ, buried.append)
    assert await workers.start() == 0
    await until(lambda: len(buried) >= 2)
    workers.signal()
    await workers.wait()
    told = [record.getMessage() for record in caplog.records if "cannot be started" in record.getMessage()]
    assert told == [
        f"worker 1 cannot be started (Resource temporarily unavailable), it starts again in {pause} s"
        for pause in (0.04, 0.08, 0.08)
    ]


async def test_a_command_that_the_system_does_not_start_has_a_status(caplog):
    workers = Workers(2, ["/nowhere/python"], os.environ, lambda pid: None)
    assert await asyncio.wait_for(workers.start(), 20) == 71
    assert [record.getMessage() for record in caplog.records] == [
        "worker 1 cannot be started (No such file or directory)"
    ]


async def test_one_that_cannot_start_ends_those_that_did(monkeypatch):
    script = (
        "import os, time; os.environ['IVR_WORKER'] == '2' and os._exit(3); os.write(1, b'ready\\n'); time.sleep(60)"
    )
    workers = Workers(3, [sys.executable, "-S", "-c", script], os.environ, lambda pid: None)
    assert await asyncio.wait_for(workers.start(), 20) == 3
    assert workers.pids == []
