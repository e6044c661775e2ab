"""``python -m bench.gateways``: very many short calls over each gateway; memory, and processor per call and per frame.

Each gateway gets two fresh servers: one whose call is a greeting of a fifth of a second, one whose call is ten seconds
long. What a frame of 20 ms costs is the difference of the two over the frames between them; a call's cost is the rest.
The callers are the far ends of ``ivr.testing``, in this process and on another core.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from bench.serving import Served, served, write_project
from ivr.capacity.cores import pin, split
from ivr.cli.loop import run
from ivr.media.format import PTIME
from ivr.testing.asterisk import AsteriskFarEnd
from ivr.testing.asterisk_channel import Channel
from ivr.testing.dialer import Dialer, FarEnd
from ivr.testing.twilio import TwilioFarEnd

SHORT, LONG = 0.2, 10.0
"""Seconds of a call's words."""
WARM = 2_500
"""Calls before the memory is read for the first time: pools and arenas reach their size."""

GATEWAYS: dict[str, Callable[[int], FarEnd]] = {
    "twilio": lambda number: TwilioFarEnd(f"MZ{number}", f"CA{number}"),
    "asterisk": lambda number: AsteriskFarEnd(f"17.{number}", Channel(json=True)),
    "asterisk-plain": lambda number: AsteriskFarEnd(f"17.{number}", Channel(json=False)),
}


@dataclass(frozen=True, slots=True)
class Load:
    """What calls cost a server."""

    calls: int
    heard: float
    """Seconds of sound that the callers heard, in all."""
    processor: float
    """Seconds."""
    before: float
    """Megabytes after those that warm it up."""
    after: float
    files: int
    """Open files and sockets more than after those."""


async def load(root: Path, gateway: str, calls: int, lines: int, cores: tuple[int, ...] = ()) -> Load:
    """So many calls, ``lines`` at once, against a fresh server; each lasts until the server ends it."""
    with tempfile.NamedTemporaryFile() as log:
        async with served(root, log=Path(log.name), IVR_MEASURING="1") as server:
            process = psutil.Process(server.process.pid)
            if cores:
                process.cpu_affinity(list(cores))
            await _calls(server, gateway, min(WARM, calls // 2), lines)
            await _idle(server)
            before, files, processor = server.memory(), process.num_fds(), server.processor()
            heard = await _calls(server, gateway, calls, lines)
            processor = server.processor() - processor
            await _idle(server)
            return Load(calls, heard, processor, before, server.memory(), await _more_files(process, files))


async def _calls(server: Served, gateway: str, calls: int, lines: int) -> float:
    url = server.url.replace("/twilio", "/" + gateway.partition("-")[0])
    numbers = iter(range(calls))
    heard = 0.0

    async def line() -> None:
        nonlocal heard
        for number in numbers:
            far_end = GATEWAYS[gateway](number)
            async with Dialer(url, far_end, patience=20.0) as dialer:
                await dialer.wait_closed(60.0)
            heard += far_end.heard.played_samples(float("inf")) / far_end.heard.rate

    async with asyncio.TaskGroup() as group:
        for _ in range(min(lines, calls)):
            group.create_task(line())
    return heard


async def _idle(server: Served) -> None:
    """Until the server knows of no call any more."""
    async with asyncio.timeout(10.0):
        while (await server.metrics())["ivr_calls"]:  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.05)


async def _more_files(process: psutil.Process, before: int) -> int:
    """More than ``before``; the connection that asked for the metrics gets a moment to be gone."""
    for _ in range(40):
        if process.num_fds() <= before:
            return 0
        await asyncio.sleep(0.05)
    return process.num_fds() - before


@dataclass(frozen=True, slots=True)
class Cost:
    """What one gateway's calls cost."""

    short: Load
    long: Load

    @property
    def per_frame(self) -> float:
        """Seconds of processor for 20 ms of sound."""
        frames = (self.long.heard / self.long.calls - self.short.heard / self.short.calls) / PTIME
        return (self.long.processor / self.long.calls - self.short.processor / self.short.calls) / frames

    @property
    def per_call(self) -> float:
        """Seconds of processor for a call without its frames."""
        return self.short.processor / self.short.calls - self.per_frame * self.short.heard / self.short.calls / PTIME


async def cost(gateway: str, calls: int, lines: int, cores: tuple[int, ...] = ()) -> Cost:
    """Both loads of one gateway; of the long calls a twentieth as many."""
    with tempfile.TemporaryDirectory() as directory:
        roots = {seconds: Path(directory, f"{seconds:g}") for seconds in (SHORT, LONG)}
        for seconds, root in roots.items():
            await write_project(root, seconds)
        short = await load(roots[SHORT], gateway, calls, lines, cores)
        return Cost(short, await load(roots[LONG], gateway, max(lines, calls // 20), lines, cores))


def show(costs: dict[str, Cost]) -> None:
    """A table of them."""
    table = Table(title=f"calls of {SHORT:g} s and of {LONG:g} s of words", title_justify="left")
    for name in ("", "calls", "memory, MB", "growth, MB", "files left", "processor per call, ms", "per frame, µs"):
        table.add_column(name, justify="right")
    for name, each in costs.items():
        short = each.short
        memory = f"{short.before:.1f} → {short.after:.1f}", f"{short.after - short.before:+.1f}", f"{short.files:+d}"
        table.add_row(name, str(short.calls), *memory, f"{each.per_call * 1000:.2f}", f"{each.per_frame * 1e6:.1f}")
    Console(highlight=False, width=120).print(table)


async def _all(args: argparse.Namespace, cores: tuple[int, ...]) -> int:
    costs = {}
    for gateway in args.gateways:
        print(f"{gateway}: {args.calls} calls", file=sys.stderr, flush=True)
        costs[gateway] = await cost(gateway, args.calls, args.lines, cores)
    show(costs)
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.gateways", description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000, help="short calls over each gateway (%(default)s)")
    parser.add_argument("--lines", type=int, default=50, help="calls at once (%(default)s)")
    parser.add_argument("--gateways", nargs="+", choices=sorted(GATEWAYS), default=["twilio", "asterisk"])
    args = parser.parse_args()
    cores = split(1)
    if cores.shared:
        print("the callers share the server's core: the figures are worse than the server is", file=sys.stderr)
    pin(cores.driver)
    sys.exit(run(_all(args, cores.server)))


if __name__ == "__main__":
    main()
