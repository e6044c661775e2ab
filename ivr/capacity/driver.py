"""Many lines at once, dialled again as soon as they end; and how late this driver itself was, which voids a run."""

from __future__ import annotations

import asyncio
import itertools
import resource
import time
from dataclasses import dataclass

from websockets.uri import parse_uri

from ivr.capacity.line import Line, Tally
from ivr.capacity.script import Script, scripts

TICK = 0.020
"""Seconds between two messages of a caller's sound."""
SLOTS = 4
"""Groups of lines that tick one after another, so that no line waits for all the others."""


@dataclass(frozen=True, slots=True)
class Load:
    """What to put on a server."""

    url: str
    lines: int
    seconds: float
    """How long it is measured."""
    settle: float = 3.0
    """How long the lines run before that."""
    call_seconds: float = 5.0
    keys: tuple[str, ...] = ()
    seed: int = 1


@dataclass(slots=True)
class Run:
    """What one run gave."""

    tally: Tally
    seconds: float
    late: list[float]
    """Seconds by which each tick of the driver was late."""
    processor: float
    """Processor seconds of the driver in a second."""


class Driver:
    """The far side of ``load.lines`` telephones."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._uri = parse_uri(load.url)
        self._tally = Tally()
        self._late: list[float] = []
        self._lines: list[dict[int, Line]] = [{} for _ in range(SLOTS)]
        self._streams = itertools.count(1)
        self._loop = asyncio.get_running_loop()
        self._stopping = False

    async def run(self) -> Run:
        """Dial, settle, measure, hang up. The lines are dialled evenly over one length of a call."""
        load = self._load
        tasks = [asyncio.create_task(self._line(index)) for index in range(load.lines)]
        ticker = asyncio.create_task(self._tick())
        await asyncio.sleep(load.call_seconds + load.settle)
        self._begin_measuring()
        began, processor = time.perf_counter(), time.process_time()
        await asyncio.sleep(load.seconds)
        seconds = time.perf_counter() - began
        run = Run(self._tally, seconds, self._late, (time.process_time() - processor) / seconds)
        # Calls in progress count up to here; what ends them is ours and not the server's.
        self._tally = Tally()
        self._stopping = True
        for slot in self._lines:
            for line in slot.values():
                line.abort()
        for task in tasks:
            task.cancel()
        ticker.cancel()
        await asyncio.gather(*tasks, ticker, return_exceptions=True)
        return run

    def _begin_measuring(self) -> None:
        self._tally.__init__()  # type: ignore[misc]
        self._late = []

    async def _line(self, index: int) -> None:
        load = self._load
        calls = scripts(load.seed * 100_003 + index, load.keys, load.call_seconds)
        await asyncio.sleep(load.call_seconds * index / max(1, load.lines))
        while not self._stopping:
            await self._call(index, next(calls))

    async def _call(self, index: int, script: Script) -> None:
        stream = f"MZ{next(self._streams)}"
        try:
            _, line = await self._loop.create_connection(
                lambda: Line(self._uri, stream, script, self._tally), self._uri.host, self._uri.port
            )
        except OSError as error:
            self._tally.broken[type(error).__name__] = self._tally.broken.get(type(error).__name__, 0) + 1
            await asyncio.sleep(0.5)
            return
        slot = self._lines[index % SLOTS]
        slot[index] = line
        try:
            await line.over.wait()
        finally:
            slot.pop(index, None)

    async def _tick(self) -> None:
        origin = self._loop.time()
        for count in itertools.count(1):
            due = origin + count * TICK / SLOTS
            await asyncio.sleep(max(0.0, due - self._loop.time()))
            now = self._loop.time()
            self._late.append(max(0.0, now - due))
            for line in list(self._lines[count % SLOTS].values()):
                line.tick(now)


def raise_file_limit() -> None:
    """Every line is an open file; take as many as the system lets us have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
