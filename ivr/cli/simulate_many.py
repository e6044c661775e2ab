"""``ivr simulate --calls N``: very many calls, their figures, and whether they keep to the project's thresholds."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ivr.cli.arguments import writable, writing
from ivr.cli.simulate_show import show
from ivr.cli.simulate_trace import trace_of
from ivr.errors import ConfigError
from ivr.simulator.baseline import Change, baseline_text, changes, gone, read_baseline
from ivr.simulator.comparable import other, profile_values
from ivr.simulator.judging import Verdict, judged
from ivr.simulator.junit import junit, of_one
from ivr.simulator.many import Order, Ready, again, ready, run
from ivr.simulator.mixing import ALL
from ivr.simulator.totals import Totals
from ivr.simulator.wanderer import CHANCE

MOST_CALLS = 10_000_000
MOST_JOBS = 256


def add_many(parser: argparse.ArgumentParser) -> None:
    """The arguments of very many calls."""
    many = parser.add_argument_group("very many calls")
    many.add_argument("--calls", type=_number(MOST_CALLS), metavar="N", help="make so many calls and report figures")
    many.add_argument("--seed", type=_seed, default=0, metavar="N", help="of all chance; the same gives the same (0)")
    many.add_argument(
        "--jobs", type=_number(MOST_JOBS), default=1, metavar="N", help="processes; changes no figure (1)"
    )
    many.add_argument(
        "--profile",
        metavar="FILE",
        help="latencies, faults and price: a file, or a name of prompts/profiles/; of scenarios the price alone",
    )
    many.add_argument(
        "--mix",
        type=_weighed,
        action="append",
        metavar="NAME=WEIGHT",
        help=f"who calls: a scenario, '{ALL}' for each of them, or '{CHANCE}' (that alone, if this is left out)",
    )
    many.add_argument("--no-covers", action="store_true", help="as with cover.enabled: no, to hear what covers hide")
    many.add_argument("--only", type=_number(MOST_CALLS), metavar="N", help="that one of the calls again, alone")
    many.add_argument("--trace", type=Path, metavar="FILE", help="the trace of --only; of scenarios a directory")
    many.add_argument("--junit", type=Path, metavar="FILE", help="write the verdicts as JUnit XML; of scenarios too")
    many.add_argument("--baseline", type=Path, metavar="FILE", help="compare with a stored run")
    many.add_argument("--write-baseline", type=Path, metavar="FILE", help="store this run")


def run_many(args: argparse.Namespace, root: Path) -> int:
    """Make the calls and say what came of them: 1 where a threshold, a baseline or a call says no."""
    order = _order(args, root)
    made = ready(order)
    if args.only is not None:
        return _only(args, order, made)
    for file, option in ((args.junit, "--junit"), (args.write_baseline, "--write-baseline")):
        if file is not None:
            writable(file, option)
    facts = _facts(args, order, made)
    stored = None if args.baseline is None else read_baseline(args.baseline)
    notes = _notes(made, facts, None if stored is None else stored[0])
    begun = time.perf_counter()
    with _bar(order.calls) as tell:
        totals = run(order, args.jobs, tell, made)
    took = time.perf_counter() - begun
    report = totals.as_dict(made.price)
    if stored is not None and (lost := gone(stored[1], report)):
        notes.append(f"the baseline has figures of prompts that no call said now: {', '.join(lost)}")
    moved = [] if stored is None else changes(stored[1], report)
    verdicts = judged(made.project.settings.thresholds, totals, made.price)
    _write(args, facts, report, junit(totals, verdicts, moved, stored is not None))
    if args.json:
        answer = _as_json(facts, report, verdicts, moved, notes)
        print(json.dumps({**answer, "times_real_time": round(totals.lengths.total / took, 1)}, indent=2))
    else:
        show(totals, made.price, verdicts, moved, notes, _command(args))
        Console(stderr=True).print(f"{totals.lengths.total / took:,.0f} times real time", highlight=False)
    return _status(totals, verdicts, moved)


def _status(totals: Totals, verdicts: list[Verdict], moved: list[Change]) -> int:
    kept = all(each.holds for each in verdicts) and not any(each.worse for each in moved)
    return 0 if kept and not totals.broken else 1


def _order(args: argparse.Namespace, root: Path) -> Order:
    environ = dict(os.environ)
    if args.no_covers:
        environ["IVR_COVER_ENABLED"] = "no"
    if args.trace is not None and args.only is None:
        raise ConfigError("--trace needs --only N: one call has one trace")
    calls, mix = args.calls or args.only, tuple(args.mix or [(CHANCE, 1.0)])
    return Order(root, environ, calls, args.seed, args.profile, args.gateway, mix)


def _only(args: argparse.Namespace, order: Order, made: Ready) -> int:
    for option in ("baseline", "write_baseline"):
        if getattr(args, option) is not None:
            name = option.replace("_", "-")
            raise ConfigError(f"--{name} is about all calls: leave out --only {args.only}, or --{name}")
    for file, option in ((args.trace, "--trace"), (args.junit, "--junit")):
        if file is not None:
            writable(file, option)
    settings = made.project.settings.trace
    call, totals = again(order, args.only, made, record=args.trace is not None and settings.replay)
    if args.trace is not None:
        with writing(args.trace, "--trace"):
            args.trace.write_bytes(trace_of(f"call-{call.number}", call.trace, settings))
    if args.junit is not None:
        with writing(args.junit, "--junit"):
            args.junit.write_bytes(of_one(call.number, totals))
    if args.json:
        print(json.dumps({"run": _facts(args, order, made), "report": totals.as_dict(made.price)}, indent=2))
    else:
        show(totals, made.price, [], [], [], _command(args))
    return 1 if totals.broken or totals.quiet else 0


def _facts(args: argparse.Namespace, order: Order, made: Ready) -> dict[str, Any]:
    """What the figures are of; a baseline of other facts is compared all the same, and that is said."""
    return {
        "project": made.project.settings.project,
        "calls": order.calls,
        "seed": order.seed,
        "profile": order.profile or "",
        "gateway": order.gateway or "",
        "mix": [f"{name}={weight:g}" for name, weight in order.mix],
        "covers": not args.no_covers,
        "profile_values": profile_values(made.world.profile),
    }


def _notes(made: Ready, facts: Mapping[str, Any], stored: Mapping[str, Any] | None) -> list[str]:
    notes = []
    if made.unanswered:
        notes.append(
            f"the profile answers no lookup {', '.join(made.unanswered)}: they fail at once (docs/simulation.md)"
        )
    if stored is not None and (others := other(stored, facts)):
        notes.append(f"the baseline was made with another {', '.join(others)}: what moved may come of that")
    return notes


def _as_json(
    facts: Mapping[str, Any],
    report: Mapping[str, Any],
    verdicts: list[Verdict],
    moved: list[Change],
    notes: list[str],
) -> dict[str, Any]:
    return {
        "run": facts,
        "report": report,
        "thresholds": [{"threshold": v.threshold.text, "value": v.value, "holds": v.holds} for v in verdicts],
        "changes": [{"change": str(c), "before": c.before, "after": c.after, "worse": c.worse} for c in moved],
        "notes": notes,
    }


def _write(args: argparse.Namespace, facts: Mapping[str, Any], report: Mapping[str, Any], xml: bytes) -> None:
    if args.junit is not None:
        with writing(args.junit, "--junit"):
            args.junit.write_bytes(xml)
    if args.write_baseline is not None:
        with writing(args.write_baseline, "--write-baseline"):
            args.write_baseline.write_text(baseline_text(facts, report), encoding="utf-8")


def _command(args: argparse.Namespace) -> str:
    """What makes one of the calls again; its number goes behind it."""
    words = ["ivr simulate", *([args.directory] if args.directory else []), f"--calls {args.calls or args.only}"]
    words += [f"--seed {args.seed}"] if args.seed else []
    words += [f"--profile {args.profile}"] if args.profile else []
    words += [f"--gateway {args.gateway}"] if args.gateway else []
    words += [f"--mix {name}={weight:g}" for name, weight in args.mix or ()]
    words += ["--no-covers"] if args.no_covers else []
    return " ".join([*words, "--only"])


@contextmanager
def _bar(calls: int) -> Iterator[Callable[[int], None]]:
    console = Console(stderr=True)
    columns = (TextColumn("calling"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=calls)
        yield lambda done: bar.update(task, completed=done)


def _number(most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text!r}: write a whole number from 1 to {most:,}")
        return int(text)

    return number


def _weighed(text: str) -> tuple[str, float]:
    name, equals, weight = text.rpartition("=")
    if not equals:
        name, weight = text, "1"
    try:
        found = float(weight)
    except ValueError:
        found = -1.0
    if not name or not 0 <= found <= 1e6:
        raise argparse.ArgumentTypeError(f"{text!r}: write NAME=WEIGHT, such as balance=3")
    return name, found


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise argparse.ArgumentTypeError(f"{text!r}: write a whole number from 0")
    return int(text)
