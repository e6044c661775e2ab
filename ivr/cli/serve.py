"""``ivr serve [DIR]``"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
from pathlib import Path

from ivr.cli.arguments import duration
from ivr.cli.directory import add_directory, directory
from ivr.cli.loop import run as run_loop
from ivr.media.private import stand_in
from ivr.project.load import load
from ivr.project.project import Project
from ivr.runtime.listeners import LISTENERS, listener
from ivr.runtime.server import GATEWAYS, Server
from ivr.runtime.tracefile import TraceFiles
from ivr.speech.voices import open_voice
from ivr.trace.jsonl import unmasked


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; loopback only (%(default)s)")
    parser.add_argument("--port", type=_port, default=8080, help="port to listen on, 0 for a free one (%(default)s)")
    parser.add_argument("--drain", type=duration, default=30.0, help="time that live calls get when it stops (30s)")
    parser.add_argument(
        "--listener",
        default="websockets",
        choices=LISTENERS,
        help="websocket engine; picows needs the extra fast (%(default)s)",
    )
    parser.add_argument("--trace", type=Path, metavar="DIR", help="write a trace of every call to this directory")
    parser.epilog = (
        "SIGTERM or Ctrl-C: no new calls; live ones get the drain time to end. A second one ends them at once.\n\n"
        "example:\n  ivr serve harbour --port 8080 --trace traces"
    )


def run(args: argparse.Namespace) -> int:
    """Serve until a signal."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)-7s %(message)s")
    logging.getLogger("websockets").setLevel(logging.WARNING)
    project = load(directory(args), os.environ)
    return run_loop(_serve(project, args))


async def _serve(project: Project, args: argparse.Namespace) -> int:
    voice = open_voice(**project.settings.voice.options())
    mask = unmasked if project.settings.trace.private == "show" else stand_in
    traces = TraceFiles(args.trace, mask) if args.trace else None
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    try:
        watch = traces.watch if traces is not None else None
        async with Server(
            project, voice, host=args.host, port=args.port, watch=watch, listener=listener(args.listener)
        ) as server:
            place = f"[{args.host}]:{server.port}" if ":" in args.host else f"{args.host}:{server.port}"
            for name in GATEWAYS:
                print(f"{project.settings.project} answers on ws://{place}/{name}", flush=True)
            print(f"health on http://{place}/healthz; Ctrl-C drains and stops", flush=True)
            await stopping.wait()
            stopping.clear()
            draining = asyncio.create_task(server.stop(args.drain))
            again = asyncio.create_task(stopping.wait())
            await asyncio.wait((draining, again), return_when=asyncio.FIRST_COMPLETED)
            again.cancel()
            if not draining.done():
                await server.stop(0.0)
            await draining
    finally:
        await voice.aclose()
        if traces is not None:
            traces.close()
    return 0


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: write a number up to 65535, or 0 for a free one")
    return int(text)
