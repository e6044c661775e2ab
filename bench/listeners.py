"""``python -m bench.listeners``: the same load on each websocket engine and on the floor, side by side."""

import argparse
import json
import sys

from rich.console import Console
from rich.table import Table

from bench.__main__ import add_common, settled, tell
from bench.rounds import Cell, loads, measure, series
from bench.table import Read, clear, greeting, prompt
from bench.targets import LISTENERS, floor, ours
from ivr.cli.loop import run
from ivr.errors import IvrError

FIGURES: dict[str, Read] = {
    "greeting p50, ms": greeting(50),
    "greeting p99, ms": greeting(99),
    "clear p99, ms": clear(99),
    "prompt p99, ms": prompt(99),
    "gaps": lambda seen: float(seen.gaps),
    "processor, s/call-minute": lambda seen: seen.per_call_minute,
    "memory, kB/call": lambda seen: seen.memory_per_call / 1000,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.listeners", description=__doc__)
    add_common(parser)
    args = settled(parser)
    try:
        run(_listeners(args))
    except IvrError as error:
        sys.exit(f"bench: {error}")


async def _listeners(args: argparse.Namespace) -> int:
    cores = args.cores.server
    targets = {"floor": floor(cores), **{name: ours(name, cores) for name in LISTENERS}}
    many = loads(args.lines, args.seconds, args.call, args.keys)
    cells = await measure(targets, many, args.rounds, tell)
    found = {load.lines: {name: _figures(cells, name, load.lines) for name in targets} for load in many}
    if args.json:
        print(json.dumps(found, indent=2))
    else:
        for lines, by_server in found.items():
            _show(lines, by_server)
    return 0


def _figures(cells: list[Cell], server: str, lines: int) -> dict[str, float | bool | None]:
    these = series(cells, server, lines)
    return {**{name: these.median(read) for name, read in FIGURES.items()}, "valid": these.valid}


def _show(lines: int, by_server: dict[str, dict[str, float | bool | None]]) -> None:
    table = Table(title=f"{lines} {'line' if lines == 1 else 'lines'}, medians over rounds", title_justify="left")
    table.add_column("")
    for name, figures in by_server.items():
        table.add_column(name if figures["valid"] else f"{name} (void)", justify="right")
    for what in FIGURES:
        values = (figures[what] for figures in by_server.values())
        table.add_row(what, *("" if value is None else f"{value:.3f}" for value in values))
    Console(highlight=False, width=120).print(table)


if __name__ == "__main__":
    main()
