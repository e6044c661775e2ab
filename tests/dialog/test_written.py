"""Values of lookups as files write them: quotes make texts, and annotations decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any, Literal, NewType, TypedDict

import pytest

from ivr.catalog.careful_yaml import carefully
from ivr.catalog.source import Source, read
from ivr.dialog.returned import UNTOLD
from ivr.dialog.written import answered_by, value_at


class Bill(TypedDict):
    number: str
    sums: list[Decimal]


Pin = NewType("Pin", str)


def value(text: str, hint: Any = UNTOLD) -> Any:
    return value_at(read(f"a: {text}\n", "x.yaml"), ("a",), hint)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4512", 4512),
        ("'4512'", "4512"),
        ('"4512"', "4512"),
        ("0451", "0451"),
        ("+1555", "+1555"),
        ("12.50", Decimal("12.50")),
        ("'12.50'", "12.50"),
        ("yes", True),
        ("'yes'", "yes"),
        ("[1, '1', {b: '2', c: 2}]", [1, "1", {"b": "2", "c": 2}]),
    ],
)
@pytest.mark.parametrize("careful", [False, True])
def test_quotes_make_a_text_by_both_readers(text, found, careful):
    source = read(f"a: {text}\n", "x.yaml")
    if careful:
        data, problems, places = carefully(f"a: {text}\n", "x.yaml")
        source = Source("x.yaml", data, problems, places)
    made = value_at(source, ("a",))
    assert (made, repr(made)) == (found, repr(found))


@pytest.mark.parametrize(
    ("text", "hint", "found"),
    [
        ("4512", str, "4512"),
        ("4512", Pin, "4512"),
        ("yes", str | None, "yes"),
        ("'12'", Decimal, Decimal("12")),
        ("12", Decimal, Decimal("12")),
        ("'12'", int, 12),
        ("12", float, 12.0),
        ("'yes'", bool, True),
        ("2026-11-25", date, date(2026, 11, 25)),
        ("'09:30'", time, time(9, 30)),
        ("7", Literal["7", "8"], "7"),
        ("7", Literal[7], 7),
        ("{number: 0815, sums: ['1', 2]}", Bill, {"number": "0815", "sums": [Decimal(1), Decimal(2)]}),
        ("{number: 815}", Bill, {"number": "815"}),
        ("[1, 2]", Sequence[str], ["1", "2"]),
        ("{a: 1}", Mapping[str, str], {"a": "1"}),
    ],
)
def test_an_annotation_decides(text, hint, found):
    made = value(text, hint)
    assert (made, repr(made)) == (found, repr(found))


@pytest.mark.parametrize(("text", "hint", "found"), [("abc", Decimal, "abc"), ("13", date, 13), ("1", str | int, 1)])
def test_what_does_not_fit_or_is_not_decided_is_as_it_is_written(text, hint, found):
    assert value(text, hint) == found


def test_answers_of_no_function_have_no_annotation():
    def pin() -> str: ...

    assert answered_by({"bank.pin": pin}, "bank.pin") is str
    assert answered_by({"bank.pin": pin}, "GET https://example.com") is UNTOLD
