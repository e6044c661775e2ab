"""``ivr serve [DIR]``"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from ivr.cli.arguments import duration
from ivr.cli.directory import add_directory, directory
from ivr.cli.loop import run as run_loop
from ivr.cli.supervise import ports, supervise
from ivr.errors import ConfigError
from ivr.media.private import stand_in
from ivr.openfiles import raise_file_limit
from ivr.project.load import load
from ivr.project.project import Project
from ivr.project.settings.serving import MEASURING, ServeSettings
from ivr.runtime.calls import gateways
from ivr.runtime.door.announced import AnnouncedFiles, AnnouncedHere
from ivr.runtime.door.asks import LOOPBACK
from ivr.runtime.door.burnt import Burnt, BurntHere
from ivr.runtime.door.burnt_files import BurntFiles
from ivr.runtime.door.passfile import TOKENS, PassFile
from ivr.runtime.fingerprint import Fingerprint, fingerprint
from ivr.runtime.large_blocks import map_large_blocks
from ivr.runtime.listeners import LISTENERS
from ivr.runtime.metricsport import metrics_port
from ivr.runtime.neighbours import Neighbours
from ivr.runtime.oplog import setup
from ivr.runtime.reloading import Reloader
from ivr.runtime.rundir import run_directory, used_tickets
from ivr.runtime.server import Server
from ivr.runtime.serving import TICKET_KEY, Keys, Serving, tls_context
from ivr.runtime.tracefile import TraceFiles
from ivr.runtime.unmovable import unmovable
from ivr.runtime.whereabouts import AwayFiles, OnlyHere
from ivr.runtime.workers import AT_ONCE, CALLS, DRAIN, TICKETS, parent_gone, say_ready, share, worker_number
from ivr.speech.voices import open_voice
from ivr.trace.jsonl import unmasked

log = logging.getLogger("ivr.serve")

MOST_WORKERS = 256
"""Processes; each takes memory for a project and its clips."""


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=_port, default=8080, help="port to listen on, 0 for a free one (%(default)s)")
    parser.add_argument("--workers", type=_workers, default=1, metavar="N", help="processes on the port (%(default)s)")
    parser.add_argument("--calls", type=_count, metavar="N", help="calls at once, over all workers; see `ivr capacity`")
    parser.add_argument("--audiosocket-port", type=_port, metavar="P", help="answer Asterisk's AudioSocket there (TCP)")
    parser.add_argument("--public-url", metavar="URL", help="what the outside world calls this server: https://…")
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain (PEM): serve wss and https")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="its private key (PEM)")
    parser.add_argument("--drain", type=duration, default=30.0, help="time that live calls get when it stops (30s)")
    parser.add_argument("--watch", action="store_true", help="take a changed project for new calls, as SIGHUP does")
    parser.add_argument("--share-port", action="store_true", help="let a newer server take over on the same port")
    parser.add_argument(
        "--run-dir",
        type=Path,
        metavar="DIR",
        help="what processes share while they run ($RUNTIME_DIRECTORY, or in /tmp)",
    )
    parser.add_argument("--metrics-port", type=_port, metavar="P", help="/metrics on a port of its own, loopback only")
    parser.add_argument("--listener", choices=LISTENERS, help="websocket engine; picows needs the extra 'fast'")
    parser.add_argument("--log-json", action="store_true", help="log as one JSON object a line")
    parser.add_argument("--trace", type=Path, metavar="DIR", help="write a trace of every call to this directory")
    parser.epilog = (
        "Beyond loopback, behind a public URL and behind serve.proxies, a call needs a token: Twilio's webhook gets\n"
        "one where IVR_TWILIO_AUTH_TOKEN is set (https://HOST/twilio/answer), others have theirs from `ivr token`.\n"
        "SIGHUP: read the project again; new calls are of it, those in progress go on with the one before. One in\n"
        "which `ivr check` finds errors is not taken.\n"
        "SIGTERM or Ctrl-C: no new calls; live ones get the drain time to end, and up to 6 s more to be closed\n"
        "(10 s with --workers). A second one ends them at once.\n\n"
        "examples:\n  ivr serve harbour --port 8080 --trace traces\n"
        "  ivr serve harbour --public-url https://voice.example.com --workers 2 --calls 200"
    )


def run(args: argparse.Namespace) -> int:
    """Serve until a signal."""
    setup(args.log_json)
    raise_file_limit()
    root = directory(args)
    seen = fingerprint(root)
    project = load(root, os.environ)
    settings = _settings(project, args)
    number = worker_number(os.environ)
    if args.share_port and number is None:
        _warn_of_own_key(settings, args.host)
    if number is None:
        for problem in project.warnings:
            if problem.code == "clip":  # callers hear those; of all else `ivr check` tells
                log.warning("%s", problem)
        webhook = bool(Keys.of(os.environ).twilio_auth_token and settings.public_url)
        for name, why in unmovable(project, webhook=webhook, gateways=gateways(settings)):
            log.warning("transfers by /%s: %s", name, why)
    if args.workers > 1 and number is None:
        Serving(settings, Keys.of(os.environ), PassFile(project.root / TOKENS).current).check(args.host)
        return run_loop(supervise(project, args, settings, seen))
    return run_loop(_serve(project, args, settings, number, seen))


def _warn_of_own_key(settings: ServeSettings, host: str) -> None:
    webhook = settings.public_url is not None and bool(Keys.of(os.environ).twilio_auth_token)
    announced = settings.audiosocket_port is not None and host not in LOOPBACK
    if (webhook or announced) and not os.environ.get(TICKET_KEY, "").strip():
        log.warning(
            "--share-port without %s: a call that one server announced is refused where another one gets its stream; "
            "give both the same key",
            TICKET_KEY,
        )


def _settings(project: Project, args: argparse.Namespace) -> ServeSettings:
    """The project's limits, and what the command line says in their place."""
    given = {name: getattr(args, name) for name in ("calls", "public_url", "listener", "audiosocket_port")}
    given = {name: value for name, value in given.items() if value is not None}
    try:
        checked = ServeSettings.model_validate(given)
    except ValueError:
        raise ConfigError("--public-url: write it as https://host[:port][/path], without a user or a query") from None
    settings = project.settings.serve.model_copy(update={name: getattr(checked, name) for name in given})
    return settings.unlimited() if _measuring(args) else settings


def _measuring(args: argparse.Namespace) -> bool:
    """Whether this server is measured. Raises ``ConfigError`` where more than this machine could reach it.

    A proxy brings the world to a port that it was told of, so that the port must be a free one.
    """
    if os.environ.get(MEASURING, "").strip() != "1":
        return False
    wrong = f"--host {args.host}" if args.host not in LOOPBACK else ""
    if args.port and worker_number(os.environ) is None:
        wrong = wrong or f"--port {args.port}"
    if wrong:
        raise ConfigError(
            f"{MEASURING} with {wrong}: such a server takes every call without a token, and answers on loopback and "
            f"--port 0 alone; unset {MEASURING} to serve callers"
        )
    return True


async def _serve(
    project: Project, args: argparse.Namespace, settings: ServeSettings, number: int | None, seen: Fingerprint
) -> int:
    voice = open_voice(**project.settings.voice.options())
    stopping = _Stopping(worker=number is not None)
    serving = _serving(project, args, settings, number)
    try:
        with ExitStack() as files:
            watch = None
            if args.trace:
                mask = unmasked if project.settings.trace.private == "show" else stand_in
                traces = TraceFiles(args.trace, mask)
                files.callback(traces.close)
                watch = traces.watch
            server = Server(project, voice, host=args.host, port=args.port, watch=watch, serving=serving)
            async with server, _metrics(args, serving, number):
                # Where there are workers, the process that started them watches, and examines what has changed.
                reloader = Reloader(project.root, os.environ, seen, server.use, thorough=number is None)
                asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reloader.ask)
                reloading = asyncio.create_task(reloader.run(watch=args.watch and number is None))
                orphaned = _say(project, args, server, settings, number, stopping, reloader.ask)
                await _until_stopped(server, args.drain, stopping)
                orphaned.cancel()
                reloading.cancel()
    finally:
        await voice.aclose()
    return 0


def _serving(project: Project, args: argparse.Namespace, settings: ServeSettings, number: int | None) -> Serving:
    from ivr.runtime.metrics import Metrics  # late: see ivr.runtime.metricfiles

    if number is not None:
        settings = settings.model_copy(update={"calls": share(settings.calls, args.workers)})
    keys, shared, calls = Keys.of(os.environ), os.environ.get(TICKETS), os.environ.get(CALLS)
    if args.tls_cert is not None:
        map_large_blocks()
    return Serving(
        settings,
        keys,
        PassFile(project.root / TOKENS).current,
        _used(args, keys),
        AnnouncedFiles(Path(shared) / "announced") if shared else AnnouncedHere(),
        Metrics(),
        tls=tls_context(args.tls_cert, args.tls_key),
        whereabouts=AwayFiles(Path(calls), number) if calls and number is not None else OnlyHere(),
        neighbours=Neighbours(Path(calls), number) if calls and number is not None else None,
        share_port=args.share_port or number is not None,
        hand_over=args.share_port,
        record=args.trace is not None and project.settings.trace.replay,
    )


def _used(args: argparse.Namespace, keys: Keys) -> Burnt:
    """Which tickets were used: in files where other processes, beside this one or after it, can read such tickets."""
    if shared := os.environ.get(TICKETS):
        return BurntFiles(Path(shared))
    if not os.environ.get(TICKET_KEY, "").strip() or sys.platform == "win32":
        return BurntHere()
    return BurntFiles(used_tickets(run_directory(args.run_dir, os.environ), keys.tickets))


@asynccontextmanager
async def _metrics(args: argparse.Namespace, serving: Serving, number: int | None) -> AsyncIterator[None]:
    if args.metrics_port is None or number is not None or serving.metrics is None:
        yield
        return
    async with metrics_port(args.metrics_port, serving.metrics.render) as port:
        print(f"metrics on http://127.0.0.1:{port}/metrics", flush=True)
        yield


def _say(
    project: Project,
    args: argparse.Namespace,
    server: Server,
    settings: ServeSettings,
    number: int | None,
    stopping: _Stopping,
    reload: Callable[[], None],
) -> asyncio.Task[None]:
    """Tell where it listens; the task ends the server when its parent is gone."""

    async def orphaned() -> None:
        if number is not None:
            await parent_gone(reload)
            stopping.drain.set()

    if number is not None:
        say_ready()
    else:
        for line in ports(project, args, server.port, server.audiosocket_port, settings):
            print(line, flush=True)
    return asyncio.create_task(orphaned())


class _Stopping:
    """What signals ask for: the first one a drain, the second one the end. A worker is told which, see ``workers``."""

    def __init__(self, *, worker: bool) -> None:
        self.drain = asyncio.Event()
        self.end = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (DRAIN, AT_ONCE):
            loop.add_signal_handler(number, self._on_signal, number if worker else None)

    def _on_signal(self, asked: signal.Signals | None) -> None:
        if asked is AT_ONCE or (asked is None and self.drain.is_set()):
            self.end.set()
        self.drain.set()


async def _until_stopped(server: Server, drain: float, stopping: _Stopping) -> None:
    """Serve until a drain is asked for, drain until the end is."""
    await stopping.drain.wait()
    draining = asyncio.create_task(server.stop(drain))
    at_once = asyncio.create_task(stopping.end.wait())
    await asyncio.wait((draining, at_once), return_when=asyncio.FIRST_COMPLETED)
    at_once.cancel()
    if not draining.done():
        await server.stop(0.0)
    await draining


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: write a number up to 65535, or 0 for a free one")
    return int(text)


def _workers(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_WORKERS):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {MOST_WORKERS}: take one for each core")
    return int(text)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 100_000):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 100000")
    return int(text)
