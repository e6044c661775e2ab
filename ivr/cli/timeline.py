"""``ivr timeline TRACE…|DIR``"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.cli.arguments import writing
from ivr.cli.timeline_read import MB, Beside, Sounds, beside, names
from ivr.cli.trace_files import read_trace, traces
from ivr.errors import ConfigError, TraceError
from ivr.trace.html.entry import entry, seen
from ivr.trace.html.page import page
from ivr.trace.picture import STYLES, draw
from ivr.trace.told import told
from ivr.trace.worst import CallFigures, call_figures

SOUND_LIMIT = 50
"""MB of sound in a page, packed: what a browser opens without a wait, and mail servers still take a half of."""

WORST = 1000
"""Calls in a page: about 10 MB without sound."""


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument(
        "traces", nargs="+", type=Path, metavar="TRACE", help="a .jsonl file of a call, or a directory of them"
    )
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        metavar="FILE",
        help="an .svg for one call, an .html for any number (timeline.svg/html)",
    )
    parser.add_argument("--audio", action="store_true", help="put the recordings beside the traces into the page")
    parser.add_argument(
        "--audio-limit",
        type=_positive,
        default=SOUND_LIMIT,
        metavar="MB",
        help="how much of them, worst calls first (%(default)s)",
    )
    parser.add_argument(
        "--worst", type=_positive, default=WORST, metavar="N", help="show no more calls than so many (%(default)s)"
    )
    parser.add_argument(
        "--json", action="store_true", help="print what the pictures show as JSON and nothing else, and draw nothing"
    )
    parser.epilog = (
        "One trace becomes a picture, several a page with the worst calls first, which needs no network.\n"
        "A trace that cannot be read is named and left out; the status is then 1.\n\n"
        "examples:\n  ivr timeline demo-out/call.jsonl -o call.svg\n  ivr timeline traces/ -o week.html --audio\n"
        "  ivr timeline traces/ --json --worst 10"
    )


def run(args: argparse.Namespace) -> int:
    """Draw the calls, or tell of them."""
    if args.json and (args.out is not None or args.audio):
        raise ConfigError("--json draws nothing, so there is no use for -o or --audio: leave them out, or --json")
    paths = traces(args.traces)
    return _told(paths, args.worst) if args.json else _drawn(paths, args)


def _told(paths: Sequence[Path], most: int) -> int:
    """Print the calls; each is read again, as where it is drawn."""
    calls, problems = _worst_first(paths)
    _tell(problems)
    plain = {
        "calls": [told(call.name, read_trace(call.path)[1], call.figures) for call in calls[:most]],
        "left_out": max(0, len(calls) - most),
        "problems": problems,
    }
    print(json.dumps(plain, indent=2, ensure_ascii=False))
    return 1 if problems else 0


def _drawn(paths: Sequence[Path], args: argparse.Namespace) -> int:
    out = args.out or Path("timeline.svg" if len(paths) == 1 and not args.audio else "timeline.html")
    _suits(out, len(paths), args.audio)
    calls, problems = _worst_first(paths)
    sounds = Sounds(args.audio_limit * MB if args.audio else 0)
    worst = calls[: args.worst]
    drawn = _picture(calls[0], problems) if out.suffix == ".svg" else _page(worst, len(calls), sounds, problems)
    with writing(out, "-o"):
        out.write_text(drawn, encoding="utf-8")
    _tell(problems)
    heard = f", {sounds.taken / MB:.1f} MB of it sound" if args.audio else ""
    size = len(drawn.encode()) / MB
    print(f"{len(worst)} call{'' if len(worst) == 1 else 's'} written to {out}, {size:.1f} MB{heard}")
    return 1 if problems else 0


def _tell(problems: Sequence[str]) -> None:
    for problem in problems:
        print(f"ivr: {problem}", file=sys.stderr)


def _suits(out: Path, count: int, audio: bool) -> None:
    """Refuses a file that cannot hold what is asked for."""
    if out.suffix not in (".svg", ".html"):
        raise ConfigError(f"-o {out}: name an .svg for one call, or an .html for any number")
    if out.suffix == ".svg" and (count > 1 or audio):
        what = "sound" if audio else f"{count} calls"
        raise ConfigError(f"-o {out}: an .svg holds no {what}, name an .html")


@dataclass(frozen=True, slots=True)
class _Call:
    path: Path
    name: str
    figures: CallFigures


def _worst_first(paths: Sequence[Path]) -> tuple[list[_Call], list[str]]:
    calls, problems = _read(paths)
    if not calls:
        _tell(problems)
        raise TraceError("no trace could be read: give .jsonl files of calls")
    return sorted(calls, key=lambda call: call.figures.badness, reverse=True), problems


def _read(paths: Sequence[Path]) -> tuple[list[_Call], list[str]]:
    """The figures of the traces that can be read, and what is wrong with the others.

    Each is read again when it is drawn, so that the events of ten thousand are never in memory together.
    """
    found, problems = [], []
    for path, name in zip(paths, names(paths), strict=True):
        try:
            header, events, cut = read_trace(path)
        except TraceError as error:
            problems.append(f"{error} (left out)")
            continue
        if cut:
            problems.append(f"{path}: {cut}")
        found.append(_Call(path, name, call_figures(header, events)))
    return found, problems


def _picture(call: _Call, problems: list[str]) -> str:
    there = _beside(call, problems)
    _, events, _ = read_trace(call.path)
    return draw(seen(events, call.figures, there.recording), call.name, STYLES).svg


def _page(calls: Sequence[_Call], of: int, sounds: Sounds, problems: list[str]) -> str:
    entries = []
    for call in calls:
        there = _beside(call, problems)
        _, events, _ = read_trace(call.path)
        drawn = seen(events, call.figures, there.recording)
        entries.append(entry(call.name, call.figures, drawn, sounds.of(there)))
    notes = list(problems)
    if of > len(calls):
        notes.append(f"{of - len(calls)} better calls of {of} are left out (--worst)")
    return page(entries, f"{len(calls)} call{'' if len(calls) == 1 else 's'}", notes)


def _beside(call: _Call, problems: list[str]) -> Beside:
    there = beside(call.path)
    if there.damaged:
        problems.append(there.damaged)
    return there


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: write a whole number from 1 on")
    return int(text)
