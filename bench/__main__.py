"""``python -m bench``: our server and the floor in turn at 1, 100, 150 and 200 lines, each on one core; then the rest.

A round counts where the driver was in time and the floor did its work; what is printed are medians over those rounds.
"""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from bench.chart import chart
from bench.rounds import Cell, loads, measure
from bench.soak import NOISE, soak
from bench.table import Row, judged, rows, show
from bench.targets import LISTENERS, floor, ours
from bench.virtual import lines, ready, virtual
from ivr.capacity.cores import Cores, pin, split
from ivr.capacity.keys import keys
from ivr.capacity.run import CALL, SECONDS
from ivr.cli.arguments import writable, writing
from ivr.cli.loop import run
from ivr.errors import ConfigError, IvrError
from ivr.project.load import load
from ivr.project.starter import starter_root

QUICK = {"lines": (20,), "rounds": 1, "seconds": 3.0, "call": 2.0}


def add_common(parser: argparse.ArgumentParser) -> None:
    """What the benches share."""
    parser.add_argument("--lines", type=_lines, default=(100, 150, 200), help="such as 100,150,200 (the default)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, the servers in turn (%(default)s)")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="seconds that each is measured (%(default)s)")
    parser.add_argument("--call", type=float, default=CALL, help="seconds of a call (%(default)s)")
    parser.add_argument("--live", action="store_true", help="press also the key that looks up and speaks live")
    parser.add_argument("--quick", action="store_true", help="one short round at 20 lines: whether it works at all")
    parser.add_argument("--json", action="store_true")


def settled(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The arguments, with those of ``--quick``, and the ``cores`` that this process is tied to from now on."""
    args = parser.parse_args()
    if args.quick:
        vars(args).update(QUICK)
    args.cores = split(1)
    if args.cores.shared:
        print("the driver shares the server's core: the figures are worse than the server is", file=sys.stderr)
    pin(args.cores.driver)
    args.keys = keys(load(starter_root(), os.environ, clips=False)).pressed(live=args.live)
    return args


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    add_common(parser)
    parser.add_argument("--listener", default="websockets", choices=LISTENERS, help="websocket engine (%(default)s)")
    parser.add_argument("--soak", type=int, default=0, metavar="CALLS", help="memory over so many short calls")
    parser.add_argument("--chart", type=_picture, metavar="FILE", help="draw latency and processor over lines, as SVG")
    parser.epilog = (
        "Exit status 0: every figure holds; 1: one is over; 3: none is over, and of one nothing is known, because its "
        "rounds are void or it was not seen; 2: it could not be measured, or the chart not be written."
    )
    args = settled(parser)
    other = {"ready_seconds": ready(), **virtual(args.quick)}
    try:
        sys.exit(run(_bench(args, args.cores, other)))
    except IvrError as error:
        print(f"bench: {error}", file=sys.stderr)
        sys.exit(2)


async def _bench(args: argparse.Namespace, cores: Cores, other: dict[str, object]) -> int:
    targets = {"floor": floor(cores.server), "ours": ours(args.listener, cores.server)}
    cells = await measure(targets, loads(args.lines, args.seconds, args.call, args.keys), args.rounds, tell)
    found = rows(cells)
    if args.soak:
        soaked = await soak(targets["ours"], args.soak, args.keys)
        growth = (soaked.after - soaked.before) / 1e6
        found.append(Row(f"memory growth over {soaked.calls} calls", "MB", NOISE / 1e6, growth))
    title = f"{args.listener}, one core, calls of {args.call:g} s that redial at once, keys {','.join(args.keys)}"
    if args.json:
        print(json.dumps(as_json(title, found, cells, other), indent=2))
    else:
        show(found, title)
        print(f"the starter is ready for calls after {other['ready_seconds']:.2f} s")
        for text in lines(other):
            print(text)
        if void := [cell.void for cell in cells if cell.void is not None]:
            print(f"void: {len(void)} of {len(cells)} steps; the first: {void[0]}")
    if args.chart is not None:
        with writing(args.chart, "--chart"):
            args.chart.write_text(chart(cells, f"{args.listener} and the floor, one core each"), encoding="utf-8")
    status, why = judged(found)
    if why:
        print(f"bench: exit status {status}: {why}", file=sys.stderr)
    return status


def tell(cell: Cell) -> None:
    """One line of progress for each step."""
    seen = cell.figures
    ttfa = "–" if seen.ttfa is None else f"{seen.ttfa * 1000:.1f} ms"
    void = "" if cell.void is None else f"  void: {cell.void}"
    print(
        f"round {cell.round}  {seen.lines:4d} lines  {cell.server:10s}  first audio p99 {ttfa}, "
        f"{seen.gaps} gaps, {seen.per_call_minute:.3f} s/call-minute{void}",
        file=sys.stderr,
        flush=True,
    )


def as_json(title: str, found: list[Row], cells: list[Cell], other: dict[str, object]) -> dict[str, object]:
    """Everything, for machines."""
    return {
        "title": title,
        "rows": [{**asdict(row), "ratio": row.ratio, "outcome": row.outcome} for row in found],
        "rounds": [
            {"server": cell.server, "round": cell.round, "void": cell.void, "figures": cell.figures.as_dict()}
            for cell in cells
        ],
        **other,
    }


def _lines(text: str) -> tuple[int, ...]:
    try:
        found = tuple(int(each) for each in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: write numbers of lines, such as 100,150,200") from None
    if min(found) < 2:
        raise argparse.ArgumentTypeError("one line is measured anyway; write larger numbers")
    return found


def _picture(text: str) -> Path:
    file = Path(text)
    if file.suffix != ".svg":
        raise argparse.ArgumentTypeError(f"{text!r}: the chart is SVG, so end its name in .svg")
    try:
        writable(file, "--chart")
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return file


if __name__ == "__main__":
    main()
