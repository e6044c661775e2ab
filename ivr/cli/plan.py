"""``ivr plan [DIR]``"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path

from ivr.cli.directory import add_directory, directory
from ivr.cli.plan_answer import Question, answer
from ivr.cli.plan_plain import plain
from ivr.cli.plan_show import show
from ivr.cli.trace_files import take_each
from ivr.project.disk.layout import PROMPTS
from ivr.project.load import load
from ivr.project.profiles.profile import PROFILES, USUAL, load_profile
from ivr.strategy.measured import Measured

MOST_CALLS = 1_000_000_000


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_directory(parser)
    parser.add_argument("--profile", metavar="FILE", help="latencies: a file, or a name of prompts/profiles/ (usual)")
    parser.add_argument(
        "--traces",
        type=Path,
        action="append",
        metavar="PATH",
        help="count what recorded calls said (a file, or a directory) instead of taking all ways as equally likely",
    )
    parser.add_argument("--calls", type=_calls, default=1000, metavar="N", help="so many calls are billed (1000)")
    parser.add_argument("--only", metavar="PHRASE", action="append", help="these phrases alone; 'menu_*' is a pattern")
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--all", action="store_true", help="show all turns and phrases, those of ladders and other locales too"
    )
    form.add_argument("--json", action="store_true", help="all of it as JSON, times in seconds")
    parser.epilog = (
        "Tells of each turn and phrase what is fixed and what is live, how long its caller waits, and what it costs\n"
        "to render now and in so many calls afterwards (`prices:` of ivr.yaml); of values, how often fragments say\n"
        "them, and what those take by locale and kind, in every mode. Nothing is rendered or asked for.\n"
        "Exit status 0: told; 1: some traces could not be read; 2: no start. See docs/plan.md.\n\n"
        "examples:\n  ivr plan\n  ivr plan harbour --profile usual --calls 100000\n"
        "  ivr plan harbour --traces traces/\n"
        "  IVR_READBACK_MODE=fragments ivr plan   (as if values were read back so: docs/readback.md)"
    )


def run(args: argparse.Namespace) -> int:
    """Make the plan and print it."""
    project = load(directory(args), os.environ, clips=False)
    profile = load_profile(project, args.profile)
    usual = (project.root / PROMPTS / PROFILES / f"{USUAL}.yaml").is_file()
    measured, unread = _measured(args.traces or ())
    asked = Question(args.profile or (USUAL if usual else ""), args.calls, args.only, measured, tuple(unread))
    told = answer(project, profile, asked)
    if args.json:
        print(json.dumps(plain(told), indent=2, ensure_ascii=False))
    else:
        show(told, every=args.all)
    return 1 if unread else 0


def _measured(named: Sequence[Path]) -> tuple[Measured | None, list[str]]:
    """Of the traces that can be read, and what is wrong with the others. Raises ``TraceError`` where none can."""
    if not named:
        return None, []
    measured = Measured()
    unread = take_each(named, lambda facts, events: measured.add(events, masked=facts.get("private") != "show"))
    return measured, unread


def _calls(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_CALLS):
        raise argparse.ArgumentTypeError(f"{text!r}: write a whole number from 1 to {MOST_CALLS:,}")
    return int(text)
