import asyncio
import contextvars
import functools
import subprocess
import sys
import threading
from decimal import Decimal

import pytest

from ivr.call.effects import Lookup, Origin
from ivr.runtime.looking_up import LookupDesk, Outcome

CALLER = contextvars.ContextVar("caller", default="nobody")


def lookup(function, *arguments, name="bank.balance", **keywords):
    return Lookup(Origin("c", "s", 1), "lookup1", name, function, arguments, keywords)


@pytest.fixture
async def desk():
    desk = LookupDesk()
    yield desk
    await desk.aclose()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def outcome_of(desk, wanted) -> Outcome:
    told = asyncio.Queue()
    desk.begin(wanted, told.put_nowait)
    async with asyncio.timeout(10):
        outcome = await told.get()
    await asyncio.sleep(0)
    assert told.empty()
    return outcome


async def asynchronous(caller, *, minus=0):
    await asyncio.sleep(0)
    return Decimal(caller) - minus


def plain(caller, *, minus=0):
    return Decimal(caller) - minus


def wrapped(function):
    @functools.wraps(function)
    def wrapper(*arguments, **keywords):
        return function(*arguments, **keywords)

    return wrapper


@pytest.mark.parametrize("function", [asynchronous, plain, wrapped(asynchronous), functools.partial(asynchronous)])
async def test_a_value_comes_back_with_its_type(desk, function):
    assert await outcome_of(desk, lookup(function, "7.50", minus=2)) == Outcome(Decimal("5.50"))


async def test_a_plain_function_runs_beside_the_loop_and_sees_its_context(desk):
    go, seen = threading.Event(), []

    def blocking():
        seen.append((threading.current_thread() is threading.main_thread(), CALLER.get()))
        return go.wait(10)

    CALLER.set("+15550100")
    outcome = asyncio.create_task(outcome_of(desk, lookup(blocking)))
    for _ in range(5):  # the loop turns while it blocks
        await asyncio.sleep(0.001)
    assert not outcome.done()
    go.set()
    assert await outcome == Outcome(True)
    assert seen == [(False, "+15550100")]


async def test_many_that_block_do_not_wait_for_each_other(desk):
    together = threading.Barrier(40)
    told = asyncio.Queue()
    for _ in range(40):
        desk.begin(lookup(together.wait, 10), told.put_nowait)
    async with asyncio.timeout(10):
        outcomes = [await told.get() for _ in range(40)]
    assert sorted(outcome.value for outcome in outcomes) == list(range(40))


class Nasty(Exception):
    pass


async def cancelled_inside():
    raise asyncio.CancelledError("a task of its own")


@pytest.mark.parametrize("error", [Nasty("no such account"), StopIteration(7), SystemExit(3)])
async def test_whatever_is_raised_is_a_failure_and_no_more(desk, error):
    def raising():
        raise error

    async def asynchronously():
        raise error

    # Python turns a StopIteration that leaves a coroutine into a RuntimeError.
    kind = "RuntimeError" if isinstance(error, StopIteration) else type(error).__name__
    for function in (raising, asynchronously):
        outcome = await outcome_of(desk, lookup(function))
        assert (outcome.value, outcome.kind) == (None, kind)
        assert outcome.error.startswith(f"{kind}: ")


async def test_a_cancellation_inside_the_function_is_its_failure(desk):
    outcome = await outcome_of(desk, lookup(cancelled_inside))
    assert outcome.kind == "CancelledError"


async def test_wrong_arguments_are_a_failure(desk):
    assert (await outcome_of(desk, lookup(plain, "1", wrong=2))).kind == "TypeError"
    assert (await outcome_of(desk, lookup(asynchronous))).kind == "TypeError"


async def test_cancelling_stops_an_async_one_and_nobody_is_told(desk):
    told, stopped = [], asyncio.Event()

    async def slow():
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    cancel = desk.begin(lookup(slow), told.append)
    await asyncio.sleep(0.01)
    cancel()
    cancel()
    async with asyncio.timeout(5):
        await stopped.wait()
    await asyncio.sleep(0)
    assert told == []


async def test_the_value_of_a_cancelled_thread_is_dropped(desk):
    told, began, go, done = [], threading.Event(), threading.Event(), threading.Event()

    def slow():
        began.set()
        go.wait(10)
        done.set()
        return 1

    cancel = desk.begin(lookup(slow), told.append)
    assert await asyncio.to_thread(began.wait, 10)
    cancel()
    go.set()
    assert await asyncio.to_thread(done.wait, 10)
    await asyncio.sleep(0.01)
    assert told == []


async def test_closing_the_desk_cancels_what_runs():
    desk, told = LookupDesk(), []
    desk.begin(lookup(asyncio.Event().wait), told.append)
    await asyncio.sleep(0)
    await desk.aclose()
    assert told == []


async def test_substitutes_are_found_by_name():
    desk = LookupDesk({"bank.balance": lambda caller: f"of {caller}"})
    assert await outcome_of(desk, lookup(plain, "1")) == Outcome("of 1")
    assert await outcome_of(desk, lookup(plain, "1", name="bank.other")) == Outcome(Decimal(1))
    await desk.aclose()


def test_a_function_that_hangs_does_not_hold_up_the_end_of_the_process():
    program = """
import asyncio, threading
from ivr.call.effects import Lookup, Origin
from ivr.runtime.looking_up import LookupDesk

async def main():
    desk = LookupDesk()
    desk.begin(Lookup(Origin("c", "s", 1), "l", "x", threading.Event().wait), print)
    await asyncio.sleep(0.05)
    await desk.aclose()
    print("over")

asyncio.run(main())
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "over\n", "")
