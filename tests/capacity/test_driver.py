"""The driver against servers on loopback: it redials, counts what it must, and owns up to its own failures."""

from __future__ import annotations

import asyncio
import builtins
import errno
import time

import pytest
from capacity_toys import media, polite, toy, until

from ivr.capacity import driver as driver_module
from ivr.capacity.driver import Driver, raise_file_limit
from ivr.capacity.run import Load, Usage


def load(url: str, **changes: object) -> Load:
    return Load(url, **{"lines": 4, "seconds": 0.8, "call_seconds": 0.4, "settle": 0.1, "keys": ("1",), **changes})  # type: ignore[arg-type]


async def back_to(tasks: int) -> None:
    """Waits until no more than so many run."""
    async with asyncio.timeout(10):
        while len(asyncio.all_tasks()) > tasks:  # noqa: ASYNC110 - nothing tells when a socket's task ends
            await asyncio.sleep(0.02)


async def test_lines_redial_and_every_second_of_their_calls_is_counted_once():
    async with toy(polite) as url:
        run = await Driver(load(url)).run()
    assert run.tally.calls >= 4
    assert 0 < run.tally.connected <= 4 * run.seconds + 1e-6
    assert run.tally.greeting and run.tally.clear and run.tally.prompt
    assert not run.tally.broken and not run.tally.refused and not run.tally.own and not run.tally.gaps


async def test_a_call_longer_than_the_run_counts_with_the_part_inside():
    async with toy(polite) as url:
        run = await Driver(load(url, lines=1, call_seconds=1.0, settle=0.0, seconds=0.1)).run()
    assert 0 <= run.tally.connected <= run.seconds + 1e-6


async def test_the_probe_is_asked_before_and_after():
    seen = iter((Usage(1.0, 10, 1), Usage(3.0, 20, 2)))
    async with toy(polite) as url:
        run = await Driver(load(url, seconds=0.2), lambda: next(seen)).run()
    assert (run.before.processor, run.after.processor) == (1.0, 3.0)


async def test_refusals_are_counted_and_dialled_again():
    async with toy(polite, process_request=lambda socket, _: socket.respond(503, "full")) as url:
        run = await Driver(load(url, seconds=1.2)).run()
    assert sum(run.tally.refused.values()) >= 4
    assert not run.tally.greeting and not run.tally.own


async def test_a_server_that_is_not_there_refuses():
    async with toy(polite) as url:
        pass
    run = await Driver(load(url, seconds=0.7)).run()
    assert run.tally.refused and not run.tally.own


async def test_running_out_of_files_is_its_own_fault(monkeypatch):
    async def out_of_files(*_, **__):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", out_of_files, raising=False)
    run = await Driver(load("ws://127.0.0.1:9/x", seconds=0.7)).run()
    assert run.tally.own and not run.tally.refused


async def test_a_driver_that_was_held_up_knows_it():
    async def blocks(socket):
        await until(socket, "start")
        await socket.send(media(60))
        time.sleep(0.3)  # noqa: ASYNC251 - on the driver's own loop, which is the point
        await until(socket, "stop")
        await socket.close()

    async with toy(blocks) as url:
        run = await Driver(load(url, lines=2, keys=())).run()
    assert max(run.late) > 0.1


async def test_nothing_of_a_run_outlives_it():
    async with toy(polite) as url:
        before = len(asyncio.all_tasks())
        await Driver(load(url, seconds=0.2)).run()
        await back_to(before)


async def test_an_interrupted_run_hangs_up():
    async with toy(polite) as url:
        before = len(asyncio.all_tasks())
        task = asyncio.create_task(Driver(load(url, seconds=60.0)).run())
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await back_to(before)


def test_a_system_without_limits_on_files_is_left_alone(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "resource":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    raise_file_limit()
    assert driver_module.SLOTS
