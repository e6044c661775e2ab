"""What ``ivr plan`` prints of fragments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import ceil

from rich.table import Table

from ivr.catalog.mistakes import listing
from ivr.cli.plan_table import table
from ivr.cli.plan_values import Fragments, Streamed, Values
from ivr.project.settings.prices import Price, money

TITLES = {
    "stream": "Fragments that values would need (now they are said live: readback.mode is stream)",
    "fragments": "Fragments of values, which nobody else says",
    "auto": "Fragments of values, for those that are not live in time",
}


def fragments(told: Values, price: Price | None) -> Table | None:
    """A row for each kind and locale; None where no value can be read back."""
    several = len({each.locale for each in told.kinds}) > 1
    rows: list[list[str]] = []
    for total in told.locales:
        kinds = [each for each in told.kinds if each.locale == total.locale]
        rows += [_row(each, price, several) for each in (*kinds, *([total] if len(kinds) > 1 else ()))]
    if not rows:
        return None
    left = ("locale",) if several else ()
    figures = ("needed", "in memory", "missing", "stale", "characters", "to render", *(("",) if price else ()))
    return table(f"\n{TITLES[told.mode]}", ("kind", "voice"), left, figures, rows)


def _row(each: Fragments, price: Price | None, several: bool) -> list[str]:
    kind = f"{each.kind}:{each.currency}" if each.currency else each.kind or "all"
    counts = [f"{count:,}" for count in (each.needed, each.ready, each.missing, each.stale)]
    characters = [f"{bill.characters:,}" for bill in (each.whole, each.now)]
    paid = [] if price is None or each.now.money is None else [f"{money(each.now.money)} {price.currency}"]
    return [kind, each.voice, *([each.locale] if several else []), *counts, *characters, *paid]


def notes(told: Values) -> Iterator[str]:
    """What the table does not tell."""
    if told.mode == "stream" and told.kinds:
        yield _choice(told)
    elif told.lacking or told.unmade:
        yield _absent(told)
    yield from (f"a fragment cannot be made: {each}" for each in told.blocked[:1])
    if len(told.blocked) > 1:
        yield f"and {len(told.blocked) - 1:,} more fragments could not be made"
    for why, some in _alike(told.streamed).items():
        named = dict.fromkeys(f"{each.slot} of {each.phrase}" for each in some)
        yield f"said live in every mode, {why}: {listing(list(named))}"


def _absent(told: Values) -> str:
    """What is not there, and what helps."""
    count = told.lacking + told.unmade
    are, they = ("fragments are", "they are") if count > 1 else ("fragment is", "it is")
    helps = "run ivr render" if told.lacking else "the bill says why none of them can be made"
    if told.lacking and told.unmade:
        helps = f"run ivr render for all but {told.unmade:,}, of which the bill says why they cannot be made"
    return f"{count:,} {are} not there: the plan is that of a project in which {they} ({helps})"


def _choice(told: Values) -> str:
    """What fragments cost, against what they save."""
    once = sum(each.now.characters for each in told.locales)
    there = f"{told.unmade:,} of which cannot be made" if told.unmade else "which are all there"
    paid = f"{once:,} characters, rendered once" if once else f"fragments, {there}"
    textual = any(not each.allowed for each in told.streamed)  # with which `fragments` is an error
    how = f"IVR_READBACK_MODE={'auto' if textual else 'fragments'} ivr plan tells the rest"
    if not told.saved:
        return f"with fragments, values cost {paid}; {how}"
    after = f", and are paid for after {ceil(once / told.saved):,} calls" if once else ""
    return f"with fragments, {paid}, take the place of {told.saved:,.1f} live ones a call{after}; {how}"


def _alike(streamed: Sequence[Streamed]) -> dict[str, list[Streamed]]:
    found: defaultdict[str, list[Streamed]] = defaultdict(list)
    for each in streamed:
        found["as readback.stream says" if each.allowed else "since no fragments can say them"].append(each)
    return found
