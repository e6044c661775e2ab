"""Numbers, places in a row, and money."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ivr.catalog.saying.language import Language
from ivr.catalog.saying.numerals import hundredths, whole, written_out
from ivr.catalog.saying.unit import Units, as_units

CURRENCIES = ("USD", "EUR", "GBP", "MXN", "CHF", "CAD")
"""ISO 4217 codes of the currencies that every language has words for."""
MOST_ORDINAL = 10_000
"""Ordinals lie below it, from 1 on."""


def number(slot: str, value: Any, language: Language, currency: str) -> Units:
    """``minus`` · ``one hundred`` · ``twenty one`` · ``point`` · ``five``."""
    negative, before, decimals = written_out(slot, value, "a number such as 12 or 2.5")
    said = [language.minus] if negative else []
    said += language.cardinal(before)
    if decimals:
        said += [language.point, *(language.digits[int(digit)] for digit in decimals)]
    return as_units(said)


def ordinal(slot: str, value: Any, language: Language, currency: str) -> Units:
    """``one hundred`` · ``twenty first``."""
    return as_units(language.ordinal(whole(slot, value, "a whole number such as 3", 1, MOST_ORDINAL)))


def money(slot: str, value: Any, language: Language, currency: str) -> Units:
    """``twenty one`` · ``dollars`` · ``and`` · ``five`` · ``cents``; what is zero is left out, unless all is."""
    negative, before, rest = hundredths(slot, value, "an amount of money such as 12.50")
    name = language.currency(currency)
    said = [language.minus] if negative else []
    if before or not rest:
        said += language.count(before, name.unit)
    if rest:
        said += [language.money_and] if before else []
        said += language.count(rest, name.hundredth)
    return as_units(said)


def numbers_of_each_unit() -> Iterator[Any]:
    """Numbers whose units are all that there are."""
    for power in (1, 10**3, 10**6, 10**9):
        for group in (*range(1, 101), *range(101, 1000, 100), *range(200, 1000, 100)):
            yield group * power
            yield group * power + (1 if power > 1 else 0)
    yield 0
    yield -1
    yield from (Decimal(digit).scaleb(-1) for digit in range(10))
    yield from (Decimal(100 + digit).scaleb(-2) for digit in range(10))


def ordinals_of_each_unit() -> Iterator[Any]:
    """Ordinals whose units are all that there are."""
    yield from range(1, 1000)
    for thousands in range(1000, MOST_ORDINAL, 1000):
        yield from (thousands, thousands + 1, thousands + 100, thousands + 101)


def amounts_of_each_unit() -> Iterator[Any]:
    """Amounts whose units are all that there are."""
    yield from (value for value in numbers_of_each_unit() if isinstance(value, int))
    for cents in range(1, 100):
        yield Decimal(cents).scaleb(-2)
        yield Decimal(100 + cents).scaleb(-2)
