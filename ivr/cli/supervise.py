"""``ivr serve --workers N``: the process that starts the others, and what either says of itself."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

from ivr.errors import ConfigError
from ivr.project.project import Project
from ivr.project.settings.serving import ServeSettings
from ivr.runtime import metricfiles
from ivr.runtime.calls import GATEWAYS
from ivr.runtime.connection import CLOSE_TIMEOUT
from ivr.runtime.door.asks import LOOPBACK
from ivr.runtime.fingerprint import Fingerprint
from ivr.runtime.metricsport import metrics_port
from ivr.runtime.reloading import Reloader
from ivr.runtime.rundir import run_directory, used_tickets
from ivr.runtime.serving import TICKET_KEY, Keys, guarded
from ivr.runtime.workers import AT_ONCE, CALLS, TICKETS, Workers, reserve

log = logging.getLogger("ivr.workers")

GRACE = CLOSE_TIMEOUT + 5.0
"""Seconds beyond the drain after which a worker is killed; its last sockets get ``CLOSE_TIMEOUT`` of them."""


async def supervise(project: Project, args: argparse.Namespace, settings: ServeSettings, seen: Fingerprint) -> int:
    """Keep ``args.workers`` processes running until a signal, then have them drain."""
    stopping: asyncio.Queue[None] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.put_nowait, None)
    async with AsyncExitStack() as stack:
        held = stack.enter_context(reserve(args.host, args.port, shared=args.share_port))
        port = held.getsockname()[1]
        packets = None
        if settings.audiosocket_port is not None:
            wanted, option = settings.audiosocket_port, "--audiosocket-port"
            held = stack.enter_context(reserve(args.host, wanted, option, shared=args.share_port))
            packets = held.getsockname()[1]
        environ = {**os.environ, **_shared(run_directory(args.run_dir, os.environ), stack)}
        metrics = await _metrics(args, stack)
        workers = Workers(args.workers, _command(port, packets), environ, metricfiles.bury)
        starting = asyncio.create_task(workers.start())
        stopped = asyncio.create_task(stopping.get())
        await asyncio.wait((starting, stopped), return_when=asyncio.FIRST_COMPLETED)
        if starting.done() and starting.result():
            return starting.result()
        if not stopped.done():
            reloading = _reloading(project, args, seen, workers)
            stack.callback(reloading.cancel)
            for line in (*ports(project, args, port, packets, settings), *metrics):
                print(line, flush=True)
            await stopped
        await _drain(workers, args.drain, stopping)
        await starting
    return 0


def _reloading(project: Project, args: argparse.Namespace, seen: Fingerprint, workers: Workers) -> asyncio.Task[None]:
    """Read the project where it has changed; workers are told of one that is whole, so that mistakes are said once."""

    async def take(project: Project) -> None:
        log.info("the project has changed: the workers are told")
        await workers.reload()

    reloader = Reloader(project.root, os.environ, seen, take)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reloader.ask)
    return asyncio.create_task(reloader.run(watch=args.watch))


async def _drain(workers: Workers, drain: float, stopping: asyncio.Queue[None]) -> None:
    """Until all have ended: by themselves, by a second signal, or killed where one no longer listens to either."""
    workers.signal()
    ended = asyncio.create_task(workers.wait())
    again = asyncio.create_task(stopping.get())
    await asyncio.wait((ended, again), timeout=drain + GRACE, return_when=asyncio.FIRST_COMPLETED)
    if again.done():
        workers.signal(AT_ONCE)
        await asyncio.wait((ended,), timeout=GRACE)
    again.cancel()
    if not ended.done():
        log.error("workers %s do not end and are killed", ", ".join(map(str, workers.pids)))
        workers.signal(signal.SIGKILL)
    await ended


def ports(
    project: Project, args: argparse.Namespace, port: int, packets: int | None, settings: ServeSettings
) -> Iterator[str]:
    """Lines that say where it answers, and what to do next. ``packets``: the port of AudioSocket, if there is one."""
    host = f"[{args.host}]" if ":" in args.host else args.host
    tls = "s" if args.tls_cert else ""
    token = "/TOKEN" if guarded(args.host, settings) else ""
    for name in GATEWAYS:
        yield f"{project.settings.project} answers on ws{tls}://{host}:{port}/{name}{token}"
    if packets is not None:
        yield f"{project.settings.project} answers AudioSocket on {host}:{packets}, {_who(args.host, settings)}"
    if settings.public_url is not None:
        yield f"Twilio's webhook is {settings.public_url}/twilio/answer"
    if args.host not in LOOPBACK and not args.tls_cert and settings.public_url is None:
        yield "without --tls-cert and without a TLS proxy (--public-url) tokens travel in the clear"
    limit = f", {settings.calls} calls at once" if settings.calls else ""
    of = f", {args.workers} workers" if args.workers > 1 else ""
    yield f"health on http{tls}://{host}:{port}/healthz{of}{limit}; Ctrl-C drains and stops"


def _who(host: str, settings: ServeSettings) -> str:
    """Whose AudioSockets come in."""
    peers = ", ".join(settings.audiosocket_peers)
    if not peers and host in LOOPBACK:
        return "with any UUID"
    return f"with any UUID from {peers}, else with an announced one" if peers else "with an announced UUID"


def _command(port: int, packets: int | None) -> list[str]:
    """The command line again; of an option that comes twice the last one counts, and behind ``--`` there are none."""
    words = sys.argv[1:]
    end = words.index("--") if "--" in words else len(words)
    ports = ["--port", str(port), *(["--audiosocket-port", str(packets)] if packets is not None else [])]
    return [sys.executable, "-m", "ivr.cli.main", *words[:end], *ports, *words[end:]]


def _shared(run: Path, files: AsyncExitStack) -> dict[str, str]:
    """What the workers have in common: a directory of used tickets, one of metrics, one of calls, and a key.

    Tickets of a key that others may have too stay behind for them.
    """
    key = os.environ.get(TICKET_KEY, "").strip()
    tickets = used_tickets(run, Keys.of(os.environ).tickets) if key else _temporary(run, "tickets-", files)
    metrics = metricfiles.prepare(_temporary(run, "metrics-", files))
    files.callback(metricfiles.remove, metrics)
    calls = _temporary(run, "calls-", files)  # of this start alone: another server has workers of the same numbers
    key = key or secrets.token_urlsafe(32)
    return {TICKETS: str(tickets), metricfiles.VARIABLE: str(metrics), CALLS: str(calls), TICKET_KEY: key}


def _temporary(run: Path, prefix: str, files: AsyncExitStack) -> Path:
    try:
        directory = tempfile.mkdtemp(prefix=prefix, dir=run)
    except OSError as error:
        why = error.strerror or error
        raise ConfigError(f"no files can be made in {run} ({why}): choose another --run-dir") from None
    files.callback(shutil.rmtree, directory, ignore_errors=True)
    return Path(directory)


async def _metrics(args: argparse.Namespace, stack: AsyncExitStack) -> list[str]:
    """Answer for all workers until the last one has ended. Returns what to print."""
    if args.metrics_port is None:
        return []
    from ivr.runtime.metrics import Metrics  # late: see ivr.runtime.metricfiles

    port = await stack.enter_async_context(metrics_port(args.metrics_port, Metrics().render))
    return [f"metrics on http://127.0.0.1:{port}/metrics"]
