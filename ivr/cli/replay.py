"""``ivr replay TRACE [--project DIR]``"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from ivr.cli.arguments import duration
from ivr.cli.trace_files import read_trace
from ivr.errors import TraceError
from ivr.project.load import load
from ivr.project.starter import project_root
from ivr.simulator.again import Again, Verdict, again
from ivr.simulator.undecided import Undecided
from ivr.trace.difference import TOLERANCE, Difference, Step, steps

STATUS = {Verdict.SAME: 0, Verdict.DIFFERS: 1, Verdict.UNDECIDED: 2}

REMEDY = "Record with trace.private: show, with made-up data, to decide it"

MOST = 12
"""Turns whose differences are printed; ``--json`` has them all."""


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("trace", type=Path, metavar="TRACE", help="the .jsonl file of a call, of `ivr serve --trace`")
    parser.add_argument(
        "--project",
        type=Path,
        metavar="DIR",
        help="the project to run it through; left out: the current directory if it has prompts/, else the starter",
    )
    parser.add_argument(
        "--tolerance", type=duration, default=TOLERANCE, metavar="TIME", help="by how much times may differ (30ms)"
    )
    parser.add_argument("--json", action="store_true", help="print all that differs as JSON and nothing else")
    parser.epilog = (
        "The exit status is 0 where the call is the same today, 1 where it differs, and 2 where that cannot be told:\n"
        "the trace cannot be read, does not tell what came in, or a stand-in decides.\n\n"
        "examples:\n  ivr demo && ivr replay demo-out/call.jsonl\n"
        "  ivr replay traces/3f2a1c-7.jsonl --project harbour\n"
        "  ivr replay traces/3f2a1c-7.jsonl --tolerance 200ms --json"
    )


def run(args: argparse.Namespace) -> int:
    """Replay one call."""
    header, events, cut = read_trace(args.trace)
    if cut:
        print(f"ivr: warning: {args.trace}: {cut}", file=sys.stderr)
    project = load(project_root(args.project), os.environ)
    try:
        made = again(project, header, events, args.tolerance)
    except TraceError as error:
        raise TraceError(f"{args.trace}: {error}") from None
    call = str(header.get("call", ""))
    if args.json:
        print(json.dumps(as_dict(call, made, cut), indent=2, ensure_ascii=False))
    else:
        _show(call, made)
    return STATUS[made.verdict]


def as_dict(call: str, made: Again, cut: str = "") -> dict[str, Any]:
    """What ``--json`` prints; times are seconds."""
    return {
        "call": call,
        "verdict": made.verdict.value,
        "turns": _turns(made),
        "cut_off": cut or None,
        "until": made.until,
        "differences": [_difference(difference) for difference in made.differences],
        "undecided": [_undecided(one) for one in made.undecided],
        "assumed": [_undecided(one) for one in made.assumed],
        "unanswered": [{"at": round(one.at, 6), "what": one.what} for one in made.unanswered],
        "unknown_keys": len(made.keys.unknown),
    }


def _undecided(one: Undecided) -> dict[str, Any]:
    return {"at": one.at, "state": one.state, "by": one.why}


def _difference(difference: Difference) -> dict[str, Any]:
    late = difference.late
    return {
        "at": round(difference.at, 6),
        "turn": difference.turn,
        "recorded": _step(difference.recorded),
        "today": _step(difference.today),
        "later": None if late is None else round(late, 6),
    }


def _step(step: Step | None) -> Mapping[str, Any] | None:
    if step is None:
        return None
    return {"kind": step.kind, "what": step.what, "at": round(step.at, 6), "after": round(step.after, 6)}


def _turns(made: Again) -> int:
    return max((step.turn for step in steps(made.recorded)), default=0)


def _show(call: str, made: Again) -> None:
    seconds = max(event.at for event in made.recorded)
    end = "" if made.until is None else ", cut off there"
    about = f"call {call}, {seconds:.1f} s, {_turns(made)} turns{end}"
    if made.verdict is Verdict.SAME:
        print(f"{about}: the same today")
        return
    if not made.differences:
        print(f"{about}: the same today, but for what a stand-in decides")
        _show_assumed(made)
        return
    first = made.differences[0]
    print(f"{about}: differs today from {first.at:.3f} s on, in turn {first.turn}")
    for line in _lines(first):
        print(f"  {line}")
    for one in made.unanswered:
        print(f"the recording has no answer to what today's build asks for at {one.at:.3f} s: {one.what}")
    _show_assumed(made)
    for undecided in made.undecided:
        why = f"{_goes_by(undecided)}; what follows may differ for that alone"
        print(f"a stand-in keeps it from deciding: {why}. {REMEDY}")
    _show_turns(made)


def _show_assumed(made: Again) -> None:
    for assumed in made.assumed:
        print(f"a stand-in was taken as one that leads where it did then: {_goes_by(assumed)}. {REMEDY}")


def _goes_by(one: Undecided) -> str:
    return f"at {one.at:.3f} s state '{one.state}' goes by {one.why}"


def _show_turns(made: Again) -> None:
    turns = [(turn, list(found)) for turn, found in groupby(made.differences, key=lambda difference: difference.turn)]
    for turn, found in turns[:MOST]:
        print(f"\nturn {turn}, {found[0].at:.3f} s")
        for difference in found:
            for line in _lines(difference):
                print(f"  {line}")
    if len(turns) > MOST:
        print(f"\nand {len(turns) - MOST} turns more; --json has them all")


def _lines(difference: Difference) -> list[str]:
    late = difference.late
    if late is not None:
        return [f"~ {difference.recorded}: {abs(late):.3f} s {'later' if late > 0 else 'earlier'} today"]
    lines = []
    if difference.recorded is not None:
        lines.append(f"- recorded: {difference.recorded}")
    if difference.today is not None:
        lines.append(f"+ today: {difference.today}")
    return lines
