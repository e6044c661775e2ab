"""``ivr latency TRACE…|DIR``"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.cli.trace_files import take_each
from ivr.trace.events import TraceEvent
from ivr.trace.latency import Figures, VoiceWait, Wait, figures, grouped, histogram, waits
from ivr.trace.report import PERCENTS

EDGES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds: the classes of the histogram, three to a decade."""

BAR = 40
"""Characters of the longest bar."""


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument(
        "traces", type=Path, nargs="+", metavar="TRACE", help="trace files of calls, or directories with such files"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON and nothing else, in seconds")
    parser.epilog = (
        "TTFA: from what the caller did to the first audible sample on the wire. A file that cannot be read is told,\n"
        "the others are counted, and the exit status is 1; it is 2 where none can be read.\n\n"
        "examples:\n  ivr latency traces/\n  ivr latency traces/3f2a1c-7.jsonl demo-out/call.jsonl --json"
    )


def run(args: argparse.Namespace) -> int:
    """Print the figures of all calls together."""
    turns: list[Wait] = []
    voices: list[VoiceWait] = []
    calls = 0

    def take(header: Mapping[str, Any], events: Sequence[TraceEvent]) -> None:
        nonlocal calls
        calls += 1
        more_turns, more_voices = waits(events)
        turns.extend(more_turns)
        voices.extend(more_voices)

    unread = take_each(args.traces, take)
    groups = _groups(turns, voices)
    if args.json:
        print(json.dumps(_plain(calls, unread, turns, groups), indent=2, ensure_ascii=False))
    else:
        _show(calls, turns, groups)
    return 1 if unread else 0


def _groups(turns: Sequence[Wait], voices: Sequence[VoiceWait]) -> Mapping[str, Mapping[str, Figures]]:
    return {
        "strategy": grouped((turn.strategy, turn.seconds) for turn in turns),
        "prompt": grouped((turn.prompt, turn.seconds) for turn in turns),
        "provider": grouped((turn.provider, turn.seconds) for turn in turns),
        "region": grouped((turn.region, turn.seconds) for turn in turns if turn.region),
        "voice": grouped((voice.provider, voice.seconds) for voice in voices),
        "voice_region": grouped((voice.region, voice.seconds) for voice in voices if voice.region),
    }


_TITLES = {
    "strategy": "TTFA by strategy",
    "prompt": "by prompt",
    "provider": "by provider",
    "region": "by region",
    "voice": "Voice, request to first audio",
    "voice_region": "by region of the voice",
}


def _plain(
    calls: int, unread: Sequence[str], turns: Sequence[Wait], groups: Mapping[str, Mapping[str, Figures]]
) -> Mapping[str, Any]:
    counts = histogram([turn.seconds for turn in turns], EDGES)
    return {
        "calls": calls,
        "unread": list(unread),
        "ttfa": _figures(figures(turn.seconds for turn in turns)),
        "by": {by: {name: _figures(found) for name, found in group.items()} for by, group in groups.items()},
        "histogram": [{"up_to": edge, "turns": count} for edge, count in zip((*EDGES, None), counts, strict=True)],
    }


def _figures(found: Figures) -> dict[str, Any]:
    return {"count": found.count} | {f"p{percent}": round(value, 6) for percent, value in found.percentiles.items()}


def _show(calls: int, turns: Sequence[Wait], groups: Mapping[str, Mapping[str, Figures]]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    some = f"{calls} call{'s' * (calls != 1)}, {len(turns)} turn{'s' * (len(turns) != 1)}"
    console.print(f"{some} with audio")
    if not turns:
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for name in ("turns", *(f"p{percent} ms" for percent in PERCENTS)):
        table.add_column(name, justify="right")
    _row(table, "[bold]TTFA[/bold]", figures(turn.seconds for turn in turns))
    for by, group in groups.items():
        if group:
            table.add_row(f"[bold]{_TITLES[by]}[/bold]")
        for name, found in group.items():
            _row(table, f"  {escape(name) or '(no prompt)'}", found)
    console.print(table)
    _show_histogram(console, [turn.seconds for turn in turns])


def _row(table: Table, name: str, found: Figures) -> None:
    table.add_row(name, str(found.count), *(f"{1000 * found.percentiles[percent]:.1f}" for percent in PERCENTS))


def _show_histogram(console: Console, seconds: Sequence[float]) -> None:
    counts = histogram(seconds, EDGES)
    first = next(place for place, count in enumerate(counts) if count)
    last = max(place for place, count in enumerate(counts) if count)
    console.print("\n[bold]TTFA, turns[/bold]")
    for place in range(first, last + 1):
        label = f"to {1000 * EDGES[place]:g} ms" if place < len(EDGES) else f"over {1000 * EDGES[-1]:g} ms"
        bar = "█" * -(-BAR * counts[place] // max(counts))
        console.print(f"{label:>13} {bar} {counts[place]}")
