"""What ``ivr simulate --calls N`` prints for people. The same figures give the same text; no clock is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from ivr.project.settings.prices import Price, money
from ivr.simulator.baseline import Change
from ivr.simulator.judging import Verdict
from ivr.simulator.junit import told
from ivr.simulator.silence import LIMIT
from ivr.simulator.tally import Tally
from ivr.simulator.totals import Totals

NAMED = 20
"""Calls that are named one by one; --json and --junit name all."""


def show(
    totals: Totals,
    price: Price | None,
    verdicts: Sequence[Verdict],
    moved: Sequence[Change],
    notes: Sequence[str],
    command: str,
) -> None:
    """Tables, then what is wrong. ``command`` makes one call again, with its number behind it."""
    console = Console(highlight=False)
    console.out(
        f"{totals.calls:,} call{'s' * (totals.calls != 1)}, {totals.lengths.total / 3600:,.2f} hours on the line"
    )
    console.print(_times(totals))
    console.print(_counts(totals, price))
    for note in notes:
        console.out(f"note: {note}")
    _fallbacks(console, totals)
    _named(console, totals, command)
    for change in moved:
        console.out(f"{'worse' if change.worse else 'better'}: {change}")
    for verdict in verdicts:
        console.out(f"{'kept' if verdict.holds else 'NOT KEPT'}: {verdict}")


def _times(totals: Totals) -> Table:
    table = Table(title="milliseconds", title_justify="left")
    table.add_column("")
    for column in ("count", "p50", "p95", "p99", "most"):
        table.add_column(column, justify="right")
    rows: list[tuple[str, Tally]] = [("to first audio", totals.ttfa)]
    rows += [(f"  {name}", tally) for name, tally in sorted(totals.by_strategy.items())]
    rows += [(f"  prompt {name}", each.ttfa) for name, each in sorted(totals.prompts.items())]
    rows.append(("live words late", totals.late))
    rows += [(f"  prompt {name}", each.late) for name, each in sorted(totals.prompts.items())]
    rows.append(("voice: first audio", totals.first_audio))
    rows += [(f"lookup {name}", tally) for name, tally in sorted(totals.lookups.items())]
    rows.append(("dead air in a call", totals.dead_air))
    for name, tally in rows:
        if tally.number or not name.startswith("  "):
            table.add_row(name, str(tally.number), *(_ms(value) for value in _figures(tally)))
    return table


def _counts(totals: Totals, price: Price | None) -> Table:
    table = Table(show_header=False)
    for _ in range(2):
        table.add_column()
    table.add_row("callers", _listed(totals.kinds))
    table.add_row("outcomes", _listed(totals.outcomes))
    table.add_row("segments", _listed(totals.strategies))
    table.add_row("voice", f"{totals.requests:,} requests, {totals.characters:,} characters{_cost(totals, price)}")
    return table


def _cost(totals: Totals, price: Price | None) -> str:
    if price is None or not price.price:
        return ""
    currency = price.currency or "of the money of voice.price"
    return f", {money(price.of(totals.characters))} {currency} to pay"


def _fallbacks(console: Console, totals: Totals) -> None:
    """What was said in place of words, by reason, and the first call to look at."""
    found = totals.fallbacks.sorted()
    for reason, seen in found[:NAMED]:
        console.out(f"fallback said {seen.count:,} time{'s' * (seen.count != 1)}, first in call {seen.first}: {reason}")
    if len(found) > NAMED:
        console.out(f"  and for {len(found) - NAMED:,} reasons more (--json names all)")


def _named(console: Console, totals: Totals, command: str) -> None:
    calls, broken = (len({each.call for each in found}) for found in (totals.quiet, totals.broken))
    console.out(f"{calls:,} call{'s' * (calls != 1)} with dead air over {LIMIT * 1000:.0f} ms, {broken:,} broken")
    for found in (sorted(totals.broken), sorted(totals.quiet)):
        for each in found[:NAMED]:
            console.out(f"  {told(each)}")
        if len(found) > NAMED:
            console.out(f"  and {len(found) - NAMED:,} more (--json names all)")
    if totals.broken or totals.quiet or totals.fallbacks.seen:
        console.out(f"one of them again: {command} N")


def _figures(tally: Tally) -> list[float]:
    return [*(tally.percentile(percent) for percent in (50, 95, 99)), tally.most]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f}"


def _listed(counts: Mapping[str, int]) -> str:
    return "\n".join(
        f"{count:,} {name}" for name, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    )
