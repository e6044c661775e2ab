"""What ``ivr plan`` prints for people."""

from __future__ import annotations

from collections.abc import Sequence
from math import isinf

from rich.console import Console
from rich.table import Table

from ivr.catalog.mistakes import listing
from ivr.cli.plan_answer import Answer
from ivr.cli.plan_table import table
from ivr.cli.plan_values_show import fragments, notes
from ivr.pregen.report import alike
from ivr.project.settings.prices import Price, money
from ivr.strategy.delays import PERCENTS
from ivr.strategy.told import LIKELY, Bill, Phrase, Row, Turn
from ivr.strategy.turns import SAYS
from ivr.strategy.words import CHARACTERS, brief

MOST_PHRASES = 60
"""Phrases that are shown, those that are heard most; ``--all`` and ``--json`` show all."""


def show(told: Answer, *, every: bool) -> None:
    """Tables, then hints, then the bill. ``every``: also turns of ladders and of other locales, and all phrases."""
    console = Console(highlight=False, soft_wrap=True)
    by = f"latencies of the profile {told.profile}" if told.profile else "default latencies"
    console.out(f"{told.project}, by {by}\n")
    shown = told.turns if every else tuple(turn for turn in told.turns if _worth(turn, told.locale))
    if told.turns:
        console.print(_rows(told.turns))
        console.print(_turns(shown))
    if (more := len(told.turns) - len(shown)) > 0:
        console.out(f"and {more} more, of ladders or other locales, all from memory (--all shows them)")
    valued = [turn for turn in shown if turn.values]
    if valued:
        console.print(_values(valued))
    if (needed := fragments(told.values, told.price)) is not None:
        console.print(needed)
    _python(console, told)
    _phrases(console, told.phrases, len(told.phrases) if every else MOST_PHRASES)
    for note in (*_hints(valued), *notes(told.values), *told.plan.notes):
        console.out(f"note: {note}")
    _money(console, told)


def _worth(turn: Turn, locale: str) -> bool:
    own = turn.locale == locale and turn.key.cause == SAYS
    return own or bool(turn.values) or any(value > 0 for value in turn.ttfa.values())


def _rows(turns: Sequence[Turn]) -> Table:
    rows = []
    for row in Row:
        fitting = [turn for turn in turns if turn.row is row]
        known = [turn.per_call for turn in fitting if turn.per_call is not None]
        often = "?" if len(known) < len(fitting) else f"{sum(known):.2f}"
        rows.append([row.value, row.short, row.expected, str(len(fitting)), often])
    return table("Strategies that fit", ("",), ("", "commonly expected"), ("turns", "a call"), rows)


def _turns(turns: Sequence[Turn]) -> Table:
    several = len({turn.locale for turn in turns}) > 1
    dialogs = len({turn.key.dialog for turn in turns}) > 1
    rows = []
    for turn in turns:
        name = f"{turn.key.dialog}: {turn.key.state}" if dialogs else turn.key.state
        name = name if turn.key.cause == SAYS else f"{name}, {turn.key.cause}"
        cells = [name, brief(turn.strategy), _lookups(turn), turn.row.short, *((turn.locale,) if several else ())]
        rows.append([*cells, *_ttfa(turn), _often(turn.per_call)])
    left, right = ("fits", *(("locale",) if several else ())), (*(f"p{each}" for each in PERCENTS), "a call")
    return table("\nTurns, milliseconds to the first sound", ("state", "strategy", "lookup"), left, right, rows)


def _lookups(turn: Turn) -> str:
    said = [f"before: {', '.join(turn.before)}"] if turn.before else []
    said += [f"beside: {', '.join(turn.beside)}"] if turn.beside else []
    return "; ".join(said)


def _ttfa(turn: Turn) -> list[str]:
    if turn.ttfa:
        return [_ms(turn.ttfa.get(percent)) for percent in PERCENTS]
    return ["goes on" if turn.behind else "never" if turn.per_call == 0 else "?", "", ""]


def _values(turns: Sequence[Turn]) -> Table:
    spliced = any(each.fragments for turn in turns for each in turn.values)
    rows = []
    for state, each in ((turn.key.state, each) for turn in turns for each in turn.values):
        about = f"{'about ' * each.assumed}{each.characters:.0f}"
        needed = [_seconds(each.needed.get(percent)) for percent in PERCENTS]
        rows.append([state, each.slot, about, f"{each.at_hand:.2f} s", *needed, f"{each.covered:.1%}"])
        rows[-1] += [f"{each.fragments:.1%}"] if spliced else []
    figures = ("chars", "at hand", "needed p50", *(f"p{percent}" for percent in PERCENTS[1:]), "covered")
    figures = (*figures, "fragments") if spliced else figures
    return table("\nValues", ("state", "slot"), (), figures, rows)


def _hints(turns: Sequence[Turn]) -> list[str]:
    """Where more words before a slot help, each once."""
    found: dict[str, None] = {}
    for each in (each for turn in turns for each in turn.values):
        if each.more is not None:
            words = f"{each.more:.1f} s more of fixed words (some {each.more * CHARACTERS:.0f} characters)"
            now = f"now a cover is heard in {each.covered:.0%}"
            found[f"{each.phrase}: {words} before {each.slot} would hide 95 of 100; {now}"] = None
        elif each.by == "stream" and each.covered >= LIKELY and isinf(each.needed.get(95, 0.0)):
            found[f"{each.phrase}: the voice fails so often at {each.slot} that no words before it would hide it"] = (
                None
            )
    return list(found)


def _python(console: Console, told: Answer) -> None:
    if not told.plan.python:
        return
    names = ", ".join(told.plan.python)
    console.out(f"In Python: {names}. When they say what, and how often, is not known; what they name is:")
    strategies = {phrase.name: brief(phrase.handling) for phrase in told.plan.phrases}
    for file, each in told.python:
        console.out(f"  {file}:{each.line} {each.name} ({strategies.get(each.name, 'a prompt of several phrases')})")


def _phrases(console: Console, phrases: Sequence[Phrase], most: int) -> None:
    several = len({phrase.locale for phrase in phrases}) > 1
    cut = phrases if len(phrases) <= most else sorted(phrases, key=lambda each: -(each.per_call or 0.0))[:most]
    rows = []
    for each in cut:
        heard = each.cover if each.cover and each.per_call is None else _often(each.per_call)
        live = f"{each.live:.0f}" if each.live else ""
        who = (each.name, brief(each.handling), *((each.locale,) if several else ()))
        rows.append([*who, str(each.fixed), live, heard])
    left = ("locale",) if several else ()
    console.print(table("\nPhrases, characters", ("phrase", "voiced"), left, ("rendered", "live", "a call"), rows))
    if len(cut) < len(phrases):
        console.out(f"and {len(phrases) - len(cut):,} more, which are heard less (--all shows them)")


def _money(console: Console, told: Answer) -> None:
    price = told.price
    console.out(f"\nBill, by {told.provider}, {_told(price)}")
    console.out(f"  to render now: {told.clips:,} clips, {_bill(told.now, price)}")
    if told.recorded:
        console.out(f"  to be made from recordings: {told.recorded:,} clips")
    if told.copied:
        console.out(f"  to be copied from clips of the same words: {told.copied:,} clips")
    for first, *others in alike(told.blocked):
        console.out(f"  cannot be rendered: {told.blocked[first]}")
        if others:
            console.out(f"    and {len(others):,} more for the same reason: {listing(others)}")
    if told.later is None or told.live is None:
        console.out(f"  in {told.calls:,} calls: not known; `--traces` counts what recorded calls said")
    else:
        per = f"{told.live:,.1f} live characters a call"
        console.out(f"  in {told.calls:,} calls: {_bill(told.later, price)} ({per}, {_whence(told)})")
    if price is None:
        how = f"add `{told.provider}: {{price: …, per: …}}` below `prices:` in ivr.yaml"
        console.out(f"note: what {told.provider} costs is not known, and is not nothing: {how}")


def _told(price: Price | None) -> str:
    if price is None:
        return "whose price is not known"
    per = "character" if price.per == 1 else f"{price.per:,} characters"
    return f"{price.price:f} {price.currency} per {per}" if price.price else "which costs nothing"


def _whence(told: Answer) -> str:
    if told.measured is not None:
        return f"counted in {told.measured.calls:,} recorded calls"
    more = "; what Python says comes on top" if told.plan.python else ""
    return f"if all ways out of a state are equally likely{more}"


def _bill(bill: Bill, price: Price | None) -> str:
    sum_ = "" if bill.money is None or price is None else f", {money(bill.money)} {price.currency}"
    return f"{bill.characters:,} characters{sum_}"


def _ms(value: float | None) -> str:
    return "" if value is None else "never" if isinf(value) else f"{1000 * value:.0f}"


def _seconds(value: float | None) -> str:
    return "" if value is None else "never" if isinf(value) else f"{value:.2f} s"


def _often(value: float | None) -> str:
    return "?" if value is None else f"{value:.2f}"
