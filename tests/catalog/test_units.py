"""Laws of units: their words are those of a value, none is outside the inventory, and only an end is final."""

import string
from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ivr.catalog.phrase import Slot
from ivr.catalog.readback import closes, inventory, readable, units
from ivr.catalog.sayas import KINDS, say_as
from ivr.catalog.saying.amounts import CURRENCIES
from ivr.errors import SlotError

LOCALES = (
    "en-US",
    "en-GB",
    "en-CA",
    "es",
    "es-ES",
    "es-MX",
    "es-US",
    "de-DE",
    "de-AT",
    "fr-FR",
    "fr-BE",
    "fr-CH",
    "fr-CA",
)
READABLE = sorted(KINDS - {"text"})
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCXYZäöüßÄñÑçéèêëàâîïôœæùûáíóúøł"
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "number": st.integers(-(10**12) + 1, 10**12 - 1) | st.decimals(-(10**9), 10**9, places=3) | st.floats(-1e9, 1e9),
    "ordinal": st.integers(1, 9999),
    "money": st.decimals(-(10**12) + 1, 10**12 - 1, places=2) | st.integers(-1000, 1000),
    "digits": st.text("0123456789", min_size=1, max_size=40),
    "code": st.text("0123456789abcxyzABCXYZ", min_size=1, max_size=40),
    "phone": st.text("0123456789", min_size=1, max_size=20).flatmap(lambda each: st.sampled_from([each, f"+{each}"])),
    "spelled": st.text(_LETTERS, min_size=1, max_size=20),
    "date": st.dates(date(1000, 1, 1), date(2999, 12, 31)),
    "day": st.dates(date(1000, 1, 1), date(2999, 12, 31)),
    "time": st.times(),
    "duration": st.integers(0, 8_639_999),
}
DRAWN: dict[str, Callable[[Random], Any]] = {
    "number": lambda rng: (
        Decimal(rng.randrange(-(10**12) + 1, 10 ** rng.randint(1, 12))) / rng.choice((1, 1, 10, 1000))
    ),
    "ordinal": lambda rng: rng.randrange(1, 10_000),
    "money": lambda rng: Decimal(rng.randrange(-(10**14) + 1, 10 ** rng.randint(1, 14))) / 100,
    "digits": lambda rng: "".join(rng.choices(string.digits, k=rng.randint(1, 40))),
    "code": lambda rng: "".join(rng.choices(string.digits + string.ascii_letters, k=rng.randint(1, 40))),
    "phone": lambda rng: rng.choice(("", "+")) + "".join(rng.choices(string.digits, k=rng.randint(1, 20))),
    "spelled": lambda rng: "".join(rng.choices(_LETTERS, k=rng.randint(1, 40))),
    "date": lambda rng: date(1000, 1, 1) + timedelta(days=rng.randrange(730_000)),
    "day": lambda rng: date(1000, 1, 1) + timedelta(days=rng.randrange(730_000)),
    "time": lambda rng: time(rng.randrange(24), rng.randrange(60)),
    "duration": lambda rng: rng.randrange(10 ** rng.randint(1, 6)) * rng.choice((1, 8)),
}
COUNT = 500
MOST = 500
"""Fragments of one kind in one locale: a few hundred are rendered in minutes and held in a few megabytes."""


def test_every_kind_is_tried() -> None:
    assert VALUES.keys() == DRAWN.keys() == set(READABLE)


@pytest.mark.parametrize("kind", READABLE)
@pytest.mark.parametrize("locale", LOCALES)
def test_units_are_in_the_inventory_and_have_the_words(kind: str, locale: str) -> None:
    rng = Random(f"{kind} {locale}")
    for currency in CURRENCIES if kind == "money" else ("USD",):
        known = {each: set(inventory(kind, locale, currency=currency, closings=(each,))) for each in (True, False)}
        for _ in range(COUNT):
            value, closing = DRAWN[kind](rng), rng.random() < 0.5
            said = units("s", kind, value, locale, currency=currency, closing=closing)
            assert known[closing].issuperset((unit.text, unit.final) for unit in said)
            assert " ".join(unit.text for unit in said) == say_as("s", kind, value, locale, currency).replace(",", "")


@pytest.mark.parametrize("kind", READABLE)
@pytest.mark.parametrize("locale", LOCALES)
def test_inventories_are_of_a_size_that_can_be_rendered(kind: str, locale: str) -> None:
    for currency in CURRENCIES if kind == "money" else ("USD",):
        fragments = inventory(kind, locale, currency=currency)
        assert 0 < len(fragments) <= MOST
        assert len(set(fragments)) == len(fragments)
        closing, open_ = (inventory(kind, locale, currency=currency, closings=(each,)) for each in (True, False))
        assert set(closing) | set(open_) == set(fragments)
        assert not any(final for _, final in open_)


@pytest.mark.parametrize("kind", READABLE)
@given(data=st.data(), locale=st.sampled_from(LOCALES), currency=st.sampled_from(CURRENCIES))
def test_units(kind: str, data: st.DataObject, locale: str, currency: str) -> None:
    value = data.draw(VALUES[kind])
    currency = currency if kind == "money" else "USD"
    said = units("s", kind, value, locale, currency=currency)
    assert " ".join(unit.text for unit in said) == say_as("s", kind, value, locale, currency).replace(",", "")
    assert {(unit.text, unit.final) for unit in said} <= set(inventory(kind, locale, currency=currency))
    closing = inventory(kind, locale, currency=currency, closings=(True,))
    assert {(unit.text, unit.final) for unit in said} <= set(closing)
    assert [unit.final for unit in said] == [False] * (len(said) - 1) + [True]
    assert said[-1].pause == 0
    open_ = units("s", kind, value, locale, currency=currency, closing=False)
    assert [unit.text for unit in open_] == [unit.text for unit in said]
    assert not any(unit.final for unit in open_)
    assert {(unit.text, False) for unit in open_} <= set(inventory(kind, locale, currency=currency, closings=(False,)))
    assert all(unit.text == " ".join(unit.text.split()) and unit.text.replace(" ", "").strip("'-") for unit in said)


@given(st.integers(-(10**12) + 1, 10**12 - 1), st.integers(-(10**12) + 1, 10**12 - 1), st.sampled_from(LOCALES))
@example(1000, 1001, "es")
@example(80, 4 * 20 + 1, "fr-FR")
def test_two_numbers_are_never_said_alike(one: int, other: int, locale: str) -> None:
    assert (one == other) == (say_as("n", "number", one, locale) == say_as("n", "number", other, locale))


def test_a_text_has_no_units() -> None:
    assert not readable("text", "en-US")
    assert readable("money", "de-CH")
    assert not readable("money", "it-IT")
    assert not readable("mony", "en-US")
    with pytest.raises(SlotError, match="slot 'n': a text has no units"):
        units("n", "text", "Anna", "en-US")
    with pytest.raises(SlotError, match="'money' has words in de, en, es, fr, and none in 'it-IT'; use the kind text"):
        inventory("money", "it-IT")


@pytest.mark.parametrize(
    ("ending", "last", "end"),
    [
        (".", False, True),
        ("?", False, True),
        ("!", True, True),
        ("", True, True),
        ("", False, False),
        (",", True, False),
    ],
)
def test_what_ends_a_sentence(ending: str, last: bool, end: bool) -> None:
    assert closes(Slot("amount", "money", ending), last) is end


@pytest.mark.parametrize(
    ("kind", "value", "texts"),
    [
        ("number", Decimal("-121.5"), ["minus", "one hundred", "twenty one", "point", "five"]),
        ("money", Decimal("21.05"), ["twenty one", "dollars", "and", "five", "cents"]),
        ("time", time(0, 5), ["twelve", "oh five", "AM"]),
        ("date", date(2026, 3, 3), ["March", "third", "twenty", "twenty six"]),
    ],
)
def test_units_of_English(kind: str, value: object, texts: list[str]) -> None:
    assert [unit.text for unit in units("s", kind, value, "en-US")] == texts
