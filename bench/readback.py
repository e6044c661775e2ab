"""``python -m bench.readback [--amounts N] [--seed N] [--jobs N] [--json]``: are amounts understood that fragments say?

Each amount is heard twice by the same recogniser from 8 kHz mu-law, behind the words of the starter's line: put
together from fragments, and as the same sentence in one synthesis. Of some a third time, two of their fragments in
each other's place, and then it must not be taken for the amount. The last line is the difference with its 95 %
interval; the status is 1 where fragments may be worse by more than five points, or where swapped ones pass.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import combinations, repeat
from math import sqrt

from rich.console import Console
from rich.table import Table

from bench.recognition import Balance, amounts, near_misses, whole, wilson
from bench.spliced import RATE, Amount, assembled, behind_words, drawn, fragments, speak
from ivr.catalog.readback import Unit
from ivr.media.samples import Samples
from ivr.project.load import load
from ivr.project.starter import starter_root
from ivr.testing.recogniser import Recogniser

WORSE = 0.05
"""Share of all amounts by which fragments may be understood less often."""
NOUNS = frozenset(["minus", "and", "dollar", "dollars", "cent", "cents"])
"""Words of an amount that are no numbers."""
PART = 20
"""Amounts that a process listens to at a time."""
PASSED = 0.02
"""Share of swapped amounts that may be taken for the true one: a recogniser errs now and then."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Which of the three were found as the amount."""

    spliced: bool
    whole: bool
    swapped: bool | None
    """None where it was not listened to."""


@dataclass(frozen=True, slots=True)
class Result:
    """Of all amounts."""

    amounts: int
    spliced: int
    whole: int
    only_spliced: int
    only_whole: int
    swaps: int
    """How many were listened to with two fragments in each other's place."""
    swapped: int
    """How many of these were found as the true amount."""

    @staticmethod
    def of(heard: Sequence[Heard]) -> Result:
        """Counted."""
        return Result(
            len(heard),
            sum(each.spliced for each in heard),
            sum(each.whole for each in heard),
            sum(each.spliced and not each.whole for each in heard),
            sum(each.whole and not each.spliced for each in heard),
            sum(each.swapped is not None for each in heard),
            sum(each.swapped is True for each in heard),
        )

    @property
    def difference(self) -> float:
        """Share by which fragments are found more often."""
        return (self.spliced - self.whole) / self.amounts

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of ``difference``: pairs that differ, as McNemar counts them."""
        differing = self.only_spliced + self.only_whole
        half = 1.96 * sqrt(differing - (self.only_spliced - self.only_whole) ** 2 / self.amounts) / self.amounts
        return self.difference - half, self.difference + half

    @property
    def holds(self) -> bool:
        """Whether fragments are as good, and wrong ones are found out."""
        return self.interval[0] > -WORSE and self.swapped <= PASSED * self.swaps


def swapped(said: Sequence[Unit]) -> tuple[Unit, ...]:
    """Two different numbers in each other's place, the ones farthest apart, each in the form of its new place.

    Where there is but one number, two other words: "minus" and "cents" alone sound too much alike to be told apart.
    """
    numbers = [at for at, unit in enumerate(said) if unit.text not in NOUNS]
    others = [at for at, unit in enumerate(said) if unit.text != "minus"]
    first, last = next((a, b) for a, b in [*_pairs(numbers), *_pairs(others)] if said[a].text != said[b].text)
    changed = list(said)
    changed[first], changed[last] = (
        Unit(said[last].text, said[first].final, said[first].pause),
        Unit(said[first].text, said[last].final, said[last].pause),
    )
    return tuple(changed)


def _pairs(places: Sequence[int]) -> list[tuple[int, int]]:
    """The farthest apart first."""
    return sorted(combinations(places, 2), key=lambda pair: pair[0] - pair[1])


@dataclass(frozen=True, slots=True, eq=False)
class Sounds:
    """What is heard of one amount."""

    value: Decimal
    spliced: Samples
    whole: Samples
    swapped: Samples


def sounds(balance: Balance, some: Sequence[Amount], *, timings: bool = True) -> list[Sounds]:
    """All of it made; ``timings`` as in ``fragments``."""
    locale = balance.project.settings.locale
    mixed = [swapped(amount.units) for amount in some]
    needed = [*some, *(Amount(amount.value, units) for amount, units in zip(some, mixed, strict=True))]
    made = asyncio.run(fragments(balance.project, needed, timings=timings))
    said = asyncio.run(speak(balance.project, (balance.whole(amount.value) for amount in some)))
    found = []
    for amount, units in zip(some, mixed, strict=True):
        chunk = said[balance.whole(amount.value)]
        found.append(
            Sounds(
                amount.value,
                behind_words(balance, assembled(made, amount.units, locale)),
                whole(balance.project, (chunk.samples, chunk.rate)),
                behind_words(balance, assembled(made, units, locale)),
            )
        )
    return found


def listen(balance: Balance, some: Sequence[Sounds], every: int = 1) -> list[Heard]:
    """Each amount among those that are almost the same; with swapped fragments every so many."""
    recogniser = Recogniser({"one": "one"})
    heard = []
    for number, each in enumerate(some):
        recogniser.expect(balance.sentences([each.value, *near_misses(each.value)]))
        spliced, whole = (recogniser.hear(sound, RATE) == str(each.value) for sound in (each.spliced, each.whole))
        mixed = None if number % every else recogniser.hear(each.swapped, RATE) == str(each.value)
        heard.append(Heard(spliced, whole, mixed))
    return heard


def _listen(some: Sequence[Sounds], every: int) -> list[Heard]:
    return listen(Balance.of(load(starter_root(), {})), some, every)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.readback", description=__doc__)
    parser.add_argument("--amounts", type=int, default=1000, help="different amounts (%(default)s)")
    parser.add_argument("--seed", type=int, default=2026, help="they are drawn from it (%(default)s)")
    parser.add_argument("--jobs", type=int, default=2, help="processes that listen (%(default)s)")
    parser.add_argument("--swap", type=int, default=4, help="every so many are swapped as well (%(default)s)")
    parser.add_argument("--no-timings", action="store_true", help="cut by pauses, as of a voice without times")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    balance = Balance.of(load(starter_root(), {}))
    some = drawn(balance, amounts(args.amounts, args.seed))
    made = sounds(balance, some, timings=not args.no_timings)
    heard: list[Heard] = []
    with ProcessPoolExecutor(args.jobs) as pool:
        for part in pool.map(_listen, [made[at : at + PART] for at in range(0, len(made), PART)], repeat(args.swap)):
            heard += part
            told = Result.of(heard)
            print(f"{told.amounts}: {told.spliced} spliced, {told.whole} whole", file=sys.stderr, flush=True)
    result = Result.of(heard)
    if args.json:
        print(json.dumps({**asdict(result), "difference": result.difference, "interval": result.interval}))
    else:
        show(result)
    sys.exit(0 if result.holds else 1)


def show(result: Result) -> None:
    """A table, and the difference under it."""
    table = Table(title="amounts heard from 8 kHz mu-law", title_justify="left")
    for column in ("what", "found", "of", "rate", "95 % interval"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for name in ("spliced", "whole", "swapped"):
        found, of = getattr(result, name), result.swaps if name == "swapped" else result.amounts
        low, high = wilson(found, of)
        row = (str(found), str(of), f"{found / of:.1%}", f"{low:.1%} – {high:.1%}")
        table.add_row(name, *row)
    console = Console(highlight=False)
    console.print(table)
    low, high = result.interval
    console.print(
        f"fragments against one synthesis: {100 * result.difference:+.1f} points"
        f" ({100 * low:+.1f} to {100 * high:+.1f}); only spliced {result.only_spliced}, only whole {result.only_whole}"
    )


if __name__ == "__main__":
    main()
