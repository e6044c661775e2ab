"""Several processes on one port: each answers calls of its own, and one that dies takes no other with it.

The kernel spreads connections over the listening sockets (``SO_REUSEPORT``). A worker is ``ivr serve`` again, told by
its environment that it is one; it drains when its standard input ends, so that none outlives its parent.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence

from ivr.errors import ConfigError

log = logging.getLogger("ivr.workers")

WORKER = "IVR_WORKER"
"""Set in a worker's environment: its number, from 1."""

TICKETS = "IVR_WORKER_TICKETS"
"""The directory in which the workers of one port note the tickets that were used."""

CALLS = "IVR_WORKER_CALLS"
"""The directory in which the workers of one server find each other, and the calls that no stream carries."""

READY = b"ready\n"
"""What a worker writes to its standard output once it listens."""

PIECE = 4096
"""Bytes of a worker's output that are looked at together; all but ``READY`` is thrown away."""

RELOAD = b"reload\n"
"""What its parent writes to a worker's standard input when the project has changed."""

APART = 0.25
"""Seconds between two workers that are told so: each reads the project, and callers of all would hear it together."""

DRAIN, AT_ONCE = signal.SIGTERM, signal.SIGINT
"""What a worker is told: take no new calls and end with the last one; or end now. Either may come twice, since a
service manager tells every process of a service, and so do we."""

CANNOT_START = 71
"""In place of the status of a worker that the system does not start; ``EX_OSERR``."""

QUICK = 10.0
"""Seconds; a worker that dies sooner is started again after a pause that doubles."""

PAUSES = (0.5, 30.0)
"""The shortest and the longest of these pauses, in seconds."""


def worker_number(environ: Mapping[str, str]) -> int | None:
    """Which worker this process is; None for a server of its own."""
    value = environ.get(WORKER, "")
    return int(value) if value.isdigit() else None


def reserve(host: str, port: int, option: str = "--port", *, shared: bool = False) -> socket.socket:
    """A socket that holds the port for the workers and takes no connection itself.

    ``option`` chooses another one. ``shared``: another server may have the port already. Raises ``ConfigError``.
    """
    if not hasattr(socket, "SO_REUSEPORT"):
        raise ConfigError("--workers: several processes cannot share a port on this system; leave it out")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    held = socket.socket(family, socket.SOCK_STREAM)
    try:
        if not shared:
            _probe(family, host, port)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind((host, port))
    except OSError as error:
        held.close()
        raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}; choose another {option}") from None
    return held


def _probe(family: socket.AddressFamily, host: str, port: int) -> None:
    """Raises ``OSError`` where another server has the port, though it may share it: half the calls would be its."""
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # calls that ended just now hold it for a minute
        probe.bind((host, port))


class Workers:
    """``count`` processes of one command, kept running until ``stop``."""

    def __init__(
        self, count: int, command: Sequence[str], environ: Mapping[str, str], bury: Callable[[int], None]
    ) -> None:
        """``command``: the whole command line of one worker; ``environ``: what all of them get.

        ``bury`` is told the process of each worker that has ended.
        """
        self._bury = bury
        self._count = count
        self._command = command
        self._environ = dict(environ)
        self._processes: dict[int, asyncio.subprocess.Process] = {}
        self._ready = [asyncio.Event() for _ in range(count)]
        self._keepers: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()
        self._failed: int | None = None

    @property
    def pids(self) -> list[int]:
        """The processes that run now."""
        return [process.pid for process in self._processes.values()]

    async def start(self) -> int:
        """Start all and wait until they listen. Returns 0, or the status of one that ended before it did.

        The first one goes ahead: what keeps it from starting keeps all of them, and is said once.
        """
        for numbers in (range(1, 2), range(2, self._count + 1)):
            self._keepers += [asyncio.create_task(self._keep(number)) for number in numbers]
            for number in numbers:
                await self._ready[number - 1].wait()
            if self._failed is not None:
                await self.wait()
                return self._failed
        return 0

    def signal(self, number: signal.Signals = DRAIN) -> None:
        """Tell every worker: ``DRAIN``, ``AT_ONCE``, or what the system does to it."""
        self._stopping.set()
        for process in self._processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)

    async def reload(self) -> None:
        """Tell every worker, one after the other, that the project has changed."""
        for process in list(self._processes.values()):
            if process.stdin is not None and not process.stdin.is_closing():
                process.stdin.write(RELOAD)
                await asyncio.sleep(APART)

    async def wait(self) -> None:
        """Wait until all have ended, which they do after ``signal``."""
        await asyncio.gather(*self._keepers)

    async def _keep(self, number: int) -> None:
        loop = asyncio.get_running_loop()
        quick = 0
        while not self._stopping.is_set():
            began = loop.time()
            status, how = await self._attempt(number)
            if self._stopping.is_set():
                break
            if not self._ready[number - 1].is_set():
                self._failed = status or 1
                if status == CANNOT_START:
                    log.error("worker %d %s", number, how)
                self.signal()
                break
            quick = 0 if loop.time() - began > QUICK else min(quick + 1, 16)
            pause = min(PAUSES[0] * 2 ** max(0, quick - 1), PAUSES[1])
            log.error("worker %d %s, it starts again in %g s", number, how, pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
        self._ready[number - 1].set()  # nobody is to wait for one that will not come

    async def _attempt(self, number: int) -> tuple[int, str]:
        """Run one worker until it ends: its status, and how to say it."""
        try:
            status = await self._run(number)
        except OSError as error:  # no memory or no process left for it, or for a moment no such file
            return CANNOT_START, f"cannot be started ({error.strerror or error})"
        return status, f"ended with status {status}; its calls are lost"

    async def _run(self, number: int) -> int:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            env={**self._environ, WORKER: str(number)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for us to pass on, once
        )
        self._processes[number] = process
        assert process.stdout is not None
        try:
            if self._stopping.is_set():
                process.send_signal(DRAIN)
            begun, ready = b"\n", False
            # By pieces: what a project's own functions print may be one line without an end.
            while piece := await process.stdout.read(PIECE):
                begun = b"" if ready else (begun + piece)[-PIECE:]
                if b"\n" + READY in begun:
                    ready = True
                    log.info("worker %d is ready: process %d", number, process.pid)
                    self._ready[number - 1].set()
            return await process.wait()
        finally:
            self._processes.pop(number, None)
            if process.returncode is None:
                process.kill()
            self._bury(process.pid)


async def parent_gone(reload: Callable[[], None]) -> None:
    """In a worker: wait until the process that started it is gone; ``reload`` is called when it says so."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async for line in reader:
        if line == RELOAD:
            reload()


def share(total: int | None, workers: int) -> int | None:
    """One worker's part of a limit on all calls, rounded up."""
    return None if total is None else -(-total // workers)


def say_ready() -> None:
    """In a worker: tell its parent that it listens."""
    os.write(sys.stdout.fileno(), READY)
