"""Many lines at once, dialled again as soon as they end; and how late this driver itself was, which voids a run."""

from __future__ import annotations

import asyncio
import errno
import gc
import itertools
import time
from collections.abc import Callable
from ssl import SSLContext

from websockets.uri import parse_uri

from ivr.capacity.line import Line, clock
from ivr.capacity.run import Board, Load, Run, Tally, Usage, count
from ivr.capacity.script import Script, scripts
from ivr.openfiles import raise_file_limit

TICK = 0.020
"""Seconds between two messages of a caller's sound."""
SLOTS = 10
"""Groups of lines that tick one after another, so that no key waits for all other lines."""
AGAIN = 0.5
"""Seconds before a line dials again that was not answered."""

_OWN = (errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM)
"""What a dial fails with when it is our side that has run out of something."""


class Driver:
    """The far side of ``load.lines`` telephones."""

    def __init__(self, load: Load, probe: Callable[[], Usage] = Usage, tls: SSLContext | None = None) -> None:
        """``probe``: asked at the beginning and at the end of what is measured. ``tls``: for a server that has it."""
        self._load = load
        self._tls = tls
        self._probe = probe
        self._uri = parse_uri(load.url)
        self._board = Board()
        self._late: list[float] = []
        self._lines: list[dict[int, Line]] = [{} for _ in range(SLOTS)]
        self._streams = itertools.count(1)

    async def run(self) -> Run:
        """Dial evenly over one length of a call, settle, measure, hang up."""
        load = self._load
        raise_file_limit()
        gc.collect()
        gc.freeze()
        tasks = [asyncio.create_task(self._line(index)) for index in range(load.lines)]
        tasks.append(asyncio.create_task(self._tick()))
        try:
            await asyncio.sleep(load.call_seconds + load.settle)
            return await self._measure()
        finally:
            # What ends the calls in progress is ours and not the server's.
            self._board.tally = Tally()
            for task in tasks:
                task.cancel()
            for slot in self._lines:
                for line in slot.values():
                    line.abort()
            await asyncio.gather(*tasks, return_exceptions=True)
            gc.unfreeze()

    async def _measure(self) -> Run:
        before = self._probe()
        began, processor = clock(), time.process_time()
        tally = Tally(connected=-self._connected(began))
        self._late, self._board.tally = [], tally
        await asyncio.sleep(self._load.seconds)
        ended = clock()
        driver = (time.process_time() - processor) / (ended - began)
        tally.connected += self._connected(ended)
        return Run(self._load, tally, ended - began, tuple(self._late), driver, before, self._probe())

    def _connected(self, now: float) -> float:
        lines = (line for slot in self._lines for line in slot.values())
        return sum(now - line.answered_at for line in lines if line.answered_at is not None and not line.over.is_set())

    async def _line(self, index: int) -> None:
        load = self._load
        calls = scripts(load.seed * 100_003 + index, load.keys, load.call_seconds)
        await asyncio.sleep(load.call_seconds * index / load.lines)
        while True:
            if not await self._call(index, next(calls)):
                await asyncio.sleep(AGAIN)

    async def _call(self, index: int, script: Script) -> bool:
        """Whether it was answered."""
        stream = f"MZ{next(self._streams)}"
        try:
            _, line = await asyncio.get_running_loop().create_connection(
                lambda: Line(self._uri, stream, script, self._board), self._uri.host, self._uri.port, ssl=self._tls
            )
        except OSError as error:
            why = error.strerror or type(error).__name__
            count(self._board.tally.own if error.errno in _OWN else self._board.tally.refused, why)
            return False
        slot = self._lines[index % SLOTS]
        slot[index] = line
        try:
            await line.over.wait()
        finally:
            line.abort()
            slot.pop(index, None)
        return line.answered_at is not None

    async def _tick(self) -> None:
        origin = clock()
        for number in itertools.count(1):
            due = origin + number * TICK / SLOTS
            await asyncio.sleep(max(0.0, due - clock()))
            now = clock()
            self._late.append(max(0.0, now - due))
            for line in list(self._lines[number % SLOTS].values()):
                line.tick(now)
