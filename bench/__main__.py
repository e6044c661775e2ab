"""``python -m bench [--calls N] [--rounds N] [--json]``: our server and the floor in turn, then the rest."""

import argparse
import asyncio
import json
import statistics

from rich.console import Console
from rich.table import Table

from bench.calls import measure, server
from bench.virtual import ready, times_real_time

HOLD = {"greeting": "p99 ≤ 2 ms", "clear": "p99 ≤ 5 ms", "next prompt": "p99 ≤ 10 ms"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--calls", type=int, default=40, help="calls of each server in a round (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, the two servers in turn (%(default)s)")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    ours: list[dict[str, float]] = []
    floor: list[dict[str, float]] = []
    with server("ivr.cli.main", "serve", "--port", "0") as url, server("bench.floor") as floor_url:
        for _ in range(args.rounds):
            floor += asyncio.run(measure(floor_url, args.calls))
            ours += asyncio.run(measure(url, args.calls))
    rows = {name: _row([call[name] for call in ours], [call[name] for call in floor]) for name in HOLD}
    other = {"ready_seconds": ready(), "times_real_time": times_real_time()}
    if args.json:
        print(json.dumps({"calls": len(ours), "milliseconds": rows, **other}, indent=2))
    else:
        _print(rows, other, len(ours))


def _row(ours: list[float], floor: list[float]) -> dict[str, float]:
    def at(values: list[float], percent: int) -> float:
        return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)] * 1000

    return {
        "p50": at(ours, 50),
        "p99": at(ours, 99),
        "floor_p50": at(floor, 50),
        "floor_p99": at(floor, 99),
        "ratio_p50": statistics.median(ours) / statistics.median(floor),
    }


def _print(rows: dict[str, dict[str, float]], other: dict[str, float], calls: int) -> None:
    table = Table(title=f"event sent → first message received, {calls} calls one after another", title_justify="left")
    for column in ("to", "hold", "p50 ms", "p99 ms", "floor p50", "floor p99", "ratio p50"):
        table.add_column(column, justify="left" if column in ("to", "hold") else "right")
    for name, row in rows.items():
        table.add_row(name, HOLD[name], *(f"{value:.2f}" for value in row.values()))
    console = Console(highlight=False)
    console.print(table)
    console.print(f"the starter is ready for calls after {other['ready_seconds']:.2f} s")
    console.print(f"balance calls in virtual time, with audio: {other['times_real_time']:.0f} × real time on one core")


if __name__ == "__main__":
    main()
