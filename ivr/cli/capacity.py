"""``ivr capacity [DIR]``"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

from ivr.capacity.cores import Cores, pin, split
from ivr.capacity.figures import Figures
from ivr.capacity.keys import Keys, keys
from ivr.capacity.measure import LIMIT, Target, step, unlimited
from ivr.capacity.run import Load
from ivr.capacity.search import Limits, Search, Verdict, sentence, verdict
from ivr.cli.arguments import duration, writing
from ivr.cli.capacity_show import as_json, show, told
from ivr.cli.directory import add_directory, directory
from ivr.cli.loop import run as run_loop
from ivr.errors import ConfigError
from ivr.project.load import load
from ivr.runtime.listeners import LISTENERS


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    parser.add_argument("--workers", type=_number, metavar="N", help="processes of the server, as `ivr serve` takes it")
    parser.add_argument("--listener", default="websockets", choices=LISTENERS, help="websocket engine (%(default)s)")
    parser.add_argument("--cores", type=_number, metavar="N", help="cores that the server gets (one a worker)")
    parser.add_argument("--ttfa", type=duration, default=0.020, metavar="TIME", help="99th percentile to keep (20ms)")
    parser.add_argument("--call", type=duration, default=5.0, metavar="TIME", help="length of a call (5s)")
    parser.add_argument("--step", type=duration, default=10.0, metavar="TIME", help="how long a step is measured (10s)")
    parser.add_argument("--lines", type=_number, metavar="N", help="measure so many lines and do not search")
    parser.add_argument("--live", action="store_true", help="press also the keys that run lookups and speak live")
    parser.add_argument("--json", action="store_true", help="the answer as JSON")
    parser.add_argument("--write", type=Path, metavar="FILE", help=f"write {LIMIT}=N to this file, for the environment")
    parser.epilog = (
        "Starts `ivr serve` on a port of its own, dials it with more and more lines that redial at once, and says how\n"
        "many it holds and what gives first. Callers press the digits of the project's own menus; those that run a\n"
        "lookup or speak live are left out unless --live is given, since they reach your systems and may cost money.\n"
        "Exit status 1 when nothing holds.\n\n"
        "examples:\n  ivr capacity harbour --write capacity.env\n  ivr capacity harbour --lines 150 --json"
    )


def run(args: argparse.Namespace) -> int:
    """Search, or measure one number of lines."""
    root = directory(args)
    project = load(root, os.environ, clips=False)
    found = keys(project)
    pressed = found.pressed(live=args.live)
    cores = split(args.cores or args.workers or 1)
    if not args.json:
        for line in _before(found, args, cores, project.settings.voice.provider == "http"):
            print(line, flush=True)
    words = ["serve", str(root), "--port", "0", "--drain", "1s", "--listener", args.listener]
    if args.workers is not None:
        words += ["--workers", str(args.workers)]
    target = Target((sys.executable, "-m", "ivr.cli.main", *words), unlimited(os.environ), cores.server)
    load_ = Load("", args.lines or 1, args.step, call_seconds=args.call, keys=pressed)
    limits = Limits(args.ttfa, prompts=not (args.live and found.live), cores=args.cores or args.workers or 1)
    before = pin(cores.driver)
    try:
        return run_loop(_capacity(target, load_, limits, args))
    finally:
        pin(before)


async def _capacity(target: Target, load: Load, limits: Limits, args: argparse.Namespace) -> int:
    steps: list[tuple[Figures, Verdict]] = []
    search = Search(first=args.lines or Search().lines or 1)
    while (lines := search.lines) is not None:
        seen = await step(target, replace(load, lines=lines, seed=len(steps) + 1))
        judged = verdict(seen, limits)
        steps.append((seen, judged))
        print(told(seen, judged), file=sys.stderr if args.json else sys.stdout, flush=True)
        search.tell(judged)
        if args.lines:
            search.stop(judged)
    said = sentence(search.holds, search.gives, search.void, limits.cores)
    if args.json:
        print(json.dumps(as_json(steps, search, said), indent=2))
    else:
        show(steps, said)
    if args.write is not None:
        _write(args.write, search.holds, said, quiet=args.json)
    return 0 if search.holds else 1


def _write(file: Path, holds: int, said: str, *, quiet: bool) -> None:
    if not holds:
        raise ConfigError(f"{file} was not written: no number of calls was seen to hold")
    with writing(file):
        file.write_text(f"# ivr capacity: {said}\n{LIMIT}={holds}\n", encoding="utf-8")
    if not quiet:
        print(f"{file} holds {LIMIT}={holds}: give it to the server's environment, and it refuses what it cannot hold")


def _before(found: Keys, args: argparse.Namespace, cores: Cores, paid: bool) -> list[str]:
    lines = [f"callers press {_listed(found.pressed(live=args.live))}"]
    if found.live and args.live:
        lines[0] += "; " + _listed(found.live) + " run lookups or speak live"
        if paid:
            lines.append("the voice is a hosted service: every live sentence of this load is asked of it, and paid")
    elif found.live:
        lines[0] += f"; {_listed(found.live)} left out (lookups or live words: --live presses them too)"
    if cores.shared:
        lines.append("the driver has no core of its own: it takes its time from the server, which holds more than seen")
    return lines


def _listed(digits: tuple[str, ...]) -> str:
    return ", ".join(digits) or "no key"


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 100_000):
        raise argparse.ArgumentTypeError(f"{text!r}: write a whole number from 1")
    return int(text)
