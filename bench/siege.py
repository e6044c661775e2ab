"""``python -m bench.siege [--drain] [--json]``: what live lines hear while a server is besieged, or drains.

Exit status 1 when a promise is broken, 3 when this machine was too busy to tell.
"""

import argparse
import asyncio
import json
import re
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.attackers import trusting
from bench.serving import Served, served, write_project
from ivr.capacity.driver import Driver, Load, Run
from ivr.capacity.line import clock
from ivr.cli.loop import run as run_loop
from ivr.openfiles import raise_file_limit
from ivr.runtime.session import START_TIMEOUT

BOUND, BOUND_TLS = 64.0, 128.0
"""Megabytes by which the server may grow under siege; docs/operations.md says what they are made of."""
VOID = 0.25
"""Seconds by which the far side's own clock may be late before what it heard says nothing about the server."""
EARLY_ENDINGS = ("message", "websocket", "flood", "stuck", "silent", "no_stream")
DRAINING = r"draining: (\d+) calls"
"""What each process logs before it refuses its first call."""
Figures = dict[str, object]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.siege")
    parser.add_argument("--drain", action="store_true", help="SIGTERM under live calls, in place of the siege")
    parser.add_argument("--lines", type=int, help="live calls (50; 100 with --drain)")
    parser.add_argument("--sockets", type=int, default=2000, help="half-open sockets (%(default)s)")
    parser.add_argument("--others", type=int, default=8, help="peers of each other kind (%(default)s)")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the siege lasts (%(default)g)")
    parser.add_argument("--call", type=float, default=8.0, help="seconds of a call (%(default)g)")
    parser.add_argument("--workers", type=int, default=1, help="processes of the server (%(default)s)")
    parser.add_argument("--listener", default="websockets")
    parser.add_argument("--tls", action="store_true", help="the server has a certificate, and peers know how to use it")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    raise_file_limit()
    args.lines = args.lines or (100 if args.drain else 50)
    figures, broken = run_loop(_within(args, _drain if args.drain else _siege))
    if args.json:
        print(json.dumps({**figures, "broken promises": broken}, indent=2))
    else:
        for name, value in figures.items():
            print(f"{name:32} {value}")
        print("\n".join(f"BROKEN: {what}" for what in broken) or "every promise was kept")
    late = figures["far side late, ms"]
    if broken and isinstance(late, float) and late > VOID * 1000:
        print("the far side itself was too late to tell", file=sys.stderr)
        return 3
    return 1 if broken else 0


Trial = Callable[[Served, argparse.Namespace], Awaitable[tuple[Figures, list[str]]]]


async def _within(args: argparse.Namespace, trial: Trial) -> tuple[Figures, list[str]]:
    with tempfile.TemporaryDirectory(prefix="ivr-siege-") as directory:
        root = await write_project(Path(directory), args.call)
        options = ["--workers", args.workers, "--drain", f"{args.call + 5:g}s", "--listener", args.listener]
        if args.tls:
            options += _certificate(root)
        async with served(root, *options) as server:
            return await trial(server, args)


def _certificate(root: Path) -> list[object]:
    import trustme  # of the extra `dev`

    trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(root / "tls.pem"))
    return ["--tls-cert", root / "tls.pem", "--tls-key", root / "tls.pem"]


async def _siege(server: Served, args: argparse.Namespace) -> tuple[Figures, list[str]]:
    idle = server.memory()
    load = Load(server.url, args.lines, args.seconds + 2, settle=1.0, call_seconds=args.call * 1.3)
    driving = asyncio.create_task(Driver(load, tls=trusting() if args.tls else None).run())
    await asyncio.sleep(load.call_seconds + load.settle)
    before, began, processor = server.memory(), time.monotonic(), server.processor()
    attackers = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.attackers"),
        *map(str, (server.port, round(args.seconds), args.sockets, args.others, int(args.tls))),
        stdout=asyncio.subprocess.PIPE,
    )
    ending = asyncio.create_task(attackers.communicate())
    height = before
    while not ending.done():
        height = max(height, server.memory())
        await asyncio.wait((ending,), timeout=0.2)
    busy = (server.processor() - processor) / (time.monotonic() - began)
    attack = json.loads(ending.result()[0])
    run = await driving
    await asyncio.sleep(min(START_TIMEOUT, args.seconds) + 1.0)
    counts, after = await server.metrics(), server.memory()
    server.signal()
    status = await server.ended()
    minutes = (time.monotonic() - began) / 60
    figures = {
        **_live(run),
        "memory idle, MB": round(idle, 1),
        "memory with live calls, MB": round(before, 1),
        "memory at the height, MB": round(height, 1),
        "memory after, MB": round(after, 1),
        "server's processor under siege": f"{busy:.0%}",
        "sockets open at once": attack["most open"],
        "peers let go": attack["let go"],
    }
    broken = _broken_live(run)
    bound = BOUND_TLS if args.tls else BOUND
    if height - before > bound:
        broken.append(f"the server grew by {height - before:.0f} MB, the bound is {bound:g}")
    if status:
        broken.append(f"the server ended with status {status}")
    if "Traceback" in "\n".join(server.log):
        broken.append("the server's log holds a traceback")
    return _account(server, counts, minutes, figures, broken)


def _live(run: Run) -> Figures:
    tally = run.tally
    return {
        "live calls that ended": tally.calls,
        "gaps heard": len(tally.gaps),
        "worst gap, ms": round(max(tally.gaps, default=0.0) * 1000),
        "worst greeting, ms": round(max(tally.greeting, default=0.0) * 1000),
        "live calls refused": dict(tally.refused),
        "live calls broken": dict(tally.broken),
        "far side late, ms": round(max(run.late, default=0.0) * 1000, 1),
    }


def _broken_live(run: Run) -> list[str]:
    tally, broken = run.tally, []
    if tally.gaps:
        broken.append(f"{len(tally.gaps)} gaps in live lines, the worst of {max(tally.gaps) * 1000:.0f} ms")
    if tally.broken:
        broken.append(f"live calls were broken: {tally.broken}")
    if not tally.calls:
        broken.append("no live call ended while it was measured")
    return broken


def _account(
    server: Served, counts: dict[str, float], minutes: float, figures: Figures, broken: list[str]
) -> tuple[Figures, list[str]]:
    """Hold what was counted against what was logged, cause by cause."""
    lines, more = server.logged()
    refused = _by_label(counts, "ivr_refused_total")
    ended = {name: n for name, n in _by_label(counts, "ivr_calls_ended_total").items() if name in EARLY_ENDINGS}
    figures |= {"refused": refused, "ended early": ended, "log lines": dict(lines), "counted in lines": dict(more)}
    figures["lines of the log"] = len(server.log)
    most = int(minutes) + 1
    for kind, causes in (("refused", refused), ("ended", ended)):
        shown = 0
        for cause, number in causes.items():
            said = number - more[cause]
            shown += said
            if not 1 <= said <= most:
                broken.append(f"{kind} {number} for '{cause}' and logged it {said} times in {minutes:.1f} minutes")
        if shown != lines[kind]:
            broken.append(f"{kind}: {lines[kind]} lines were logged, {shown} by the count")
    return figures, broken


def _by_label(counts: dict[str, float], name: str) -> dict[str, int]:
    found = {re.sub(r'.*="(.*)".*', r"\1", key): int(n) for key, n in counts.items() if key.startswith(name + "{")}
    return {label: n for label, n in found.items() if n}


async def _draining(server: Served, processes: int, within: float) -> float | None:
    """When every process had said that it drains, by the driver's clock; None where one does not say it."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if len(re.findall(DRAINING, "\n".join(server.log))) >= processes:
            return clock()
        await asyncio.sleep(0.02)
    return None


async def _drain(server: Served, args: argparse.Namespace) -> tuple[Figures, list[str]]:
    load = Load(server.url, args.lines, args.call + 3, settle=0.5, call_seconds=args.call * 1.3)
    driving = asyncio.create_task(Driver(load, tls=trusting() if args.tls else None).run())
    await asyncio.sleep(load.call_seconds + load.settle + 0.2)
    calls = int((await server.metrics())["ivr_calls"])
    began = time.monotonic()
    server.signal()
    since = await _draining(server, args.workers, args.call)
    status = await server.ended(args.call + 15)
    took = time.monotonic() - began
    run = await driving
    text = "\n".join(server.log)
    announced = sum(int(n) for n in re.findall(DRAINING, text))
    behind = text.partition("draining: ")[2]
    began_after = [dialled for dialled in run.tally.dialled if since is not None and dialled > since]
    reasons = [reason for reason in re.findall(r"call \S+: ended: (.*)", behind) if reason != "the dialog ended"]
    cut = {what: n for what, n in run.tally.broken.items() if what.startswith(("the socket closed with", "answered"))}
    figures = {
        **_live(run),
        "calls at SIGTERM": calls,
        "calls to be drained": announced,
        "calls cut": cut,
        "calls begun after it": len(began_after) if since is not None else "not known",
        "seconds to the end": round(took, 2),
        "status": status,
    }
    broken = []
    if run.tally.gaps:
        broken.append(f"{len(run.tally.gaps)} gaps, the worst of {max(run.tally.gaps) * 1000:.0f} ms")
    if cut or reasons or "did not end in time" in text:
        broken.append(f"calls were cut: {cut} {reasons}")
    if began_after:
        broken.append(f"{len(began_after)} calls began behind it")
    if since is None:
        broken.append("it never said that it drains, so nothing is known of calls that began behind it")
    if status or took > args.call + 5:
        broken.append(f"it ended after {took:.1f} s with status {status}")
    if announced < args.lines * 0.8:
        broken.append(f"only {announced} calls were in progress")
    return figures, broken


if __name__ == "__main__":
    sys.exit(main())
