import enum
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.catalog.normalise import normalise
from ivr.catalog.sayas import KINDS, say_as
from ivr.errors import SlotError

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
ONES += ["seventeen", "eighteen", "nineteen"]
TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9}


def heard(words: list[str]) -> int:
    """The number that a listener writes down."""
    total = group = 0
    for word in words:
        if word in SCALES:
            total, group = total + group * SCALES[word], 0
        elif word == "hundred":
            group *= 100
        else:
            group += TENS[word] if word in TENS else ONES.index(word)
    return total + group


def heard_money(said: str) -> Decimal:
    """The amount, in cents, that a listener writes down."""
    sign, words = (-1, said.removeprefix("minus ")) if said.startswith("minus ") else (1, said)
    cents = 0
    for part in words.split(" and "):
        *number, unit = part.split()
        count = heard(number)
        assert unit.endswith("s") == (count != 1)
        cents += count * {"dollar": 100, "cent": 1}[unit.removesuffix("s")]
    return Decimal(sign * cents)


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("number", 1234, "one thousand two hundred thirty four"),
        ("number", 0, "zero"),
        ("number", -21, "minus twenty one"),
        ("number", "1200", "one thousand two hundred"),
        ("number", 2.5, "two point five"),
        ("number", Decimal("1.10"), "one point one zero"),
        ("number", "-0.05", "minus zero point zero five"),
        ("number", 0.1 + 0.2, "zero point three"),
        ("number", 1 / 3, "zero point three three three three three three"),
        ("number", -1e-9, "zero"),
        ("number", 100.0, "one hundred"),
        ("money", "1234.56", "one thousand two hundred thirty four dollars and fifty six cents"),
        ("money", 1200, "one thousand two hundred dollars"),
        ("money", 1, "one dollar"),
        ("money", "1.01", "one dollar and one cent"),
        ("money", 0, "zero dollars"),
        ("money", 0.5, "fifty cents"),
        ("money", Decimal("-3.2"), "minus three dollars and twenty cents"),
        ("money", "-0.004", "zero dollars"),
        ("money", 1.005, "one dollar and one cent"),
        ("money", 2.675, "two dollars and sixty eight cents"),
        ("money", "-0.005", "minus one cent"),
        ("money", Decimal("0E+5"), "zero dollars"),
        ("money", Decimal("1E-99999"), "zero dollars"),
        ("money", "999999999999.99", None),
        ("digits", "0120", "zero one two zero"),
        ("text", " Ada   “Lovelace” ", 'Ada "Lovelace"'),
    ],
)
def test_examples(kind: str, value: Any, words: str | None) -> None:
    said = say_as("slot", kind, value)
    assert said == words if words is not None else said.startswith("nine hundred ninety nine billion")


class Count(enum.IntEnum):
    TWO = 2


def test_an_int_of_another_name() -> None:
    assert say_as("slot", "number", Count.TWO) == "two"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *(
            ("money", value)
            for value in (None, True, [], "", " ", "x", "1,000", "$5", "1e5", "٣", "1.2.3", "--1", "1_0")
        ),
        *(("money", value) for value in (float("nan"), float("-inf"), Decimal("sNaN"), Decimal("Infinity"), "NaN")),
        *(("money", value) for value in (10**12, -(10**12), 1e12, Decimal("1E+999999"), "1" * 41)),
        *(("number", value) for value in (False, None, "one", 10**12, b"1", 1 + 0j)),
        *(("digits", value) for value in ("", "12 3", "+49", "12a", "٣", "²", 12, None, "1" * 41)),
        *(("text", value) for value in (None, 5, "x" * 501, "\u200b" * 2500 + "x")),
        pytest.param("money", 10**5000, id="huge"),
        ("date", "2024-02-30"),
    ],
)
def test_what_cannot_be_said(kind: str, value: Any) -> None:
    with pytest.raises(SlotError) as caught:
        say_as("balance", kind, value)
    assert caught.value.slot == "balance"
    assert "slot 'balance': " in str(caught.value)


def test_messages() -> None:
    def message(kind: str, value: Any, locale: str = "en-US") -> str:
        with pytest.raises(SlotError) as caught:
            say_as("amount", kind, value, locale)
        return str(caught.value)

    assert message("money", [1]) == (
        "slot 'amount': expected an amount of money such as 12.50, and got a value of type list"
    )
    assert message("mony", 1) == (
        "slot 'amount': 'mony' is no way to say a value; use one of code, date, day, digits, duration, money, number, "
        "ordinal, phone, spelled, text, time"
    )
    assert message("money", 1, "it-IT") == (
        "slot 'amount': 'money' has words in de, en, es, fr, and none in 'it-IT'; use the kind text"
    )
    assert "4711" not in message("money", "4711x") + message("digits", "4711x") + message("number", "x4711")


def test_text_is_said_in_every_locale() -> None:
    assert say_as("name", "text", "Jürgen", "de-DE") == "Jürgen"
    assert say_as("n", "number", 2, "en-GB") == "two"


def test_the_kinds() -> None:
    assert KINDS == {"text", "number", "money", "digits"} | {
        "code",
        "date",
        "day",
        "duration",
        "ordinal",
        "phone",
        "spelled",
        "time",
    }


AMOUNTS = st.decimals(-999_999_999_999, 999_999_999_999, places=2, allow_nan=False)


@given(AMOUNTS)
def test_money_is_written_down_as_it_was_said(amount: Decimal) -> None:
    said = say_as("a", "money", amount)
    assert heard_money(said) == amount * 100
    assert say_as("a", "money", f"{amount:f}") == said
    assert set(said) <= set("abcdefghijklmnopqrstuvwxyz ")


@given(st.floats(-1e9, 1e9))
def test_money_of_a_float_is_within_half_a_cent(amount: float) -> None:
    assert abs(heard_money(say_as("a", "money", amount)) - Decimal(repr(amount)) * 100) <= Decimal("0.5")


@given(st.integers(-(10**12) + 1, 10**12 - 1))
def test_numbers_are_written_down_as_they_were_said(number: int) -> None:
    said = say_as("a", "number", number)
    assert heard(said.removeprefix("minus ").split()) == abs(number)
    assert said.startswith("minus ") == (number < 0)


@given(st.text("0123456789", min_size=1, max_size=40))
def test_digits(digits: str) -> None:
    assert "".join(str(ONES.index(word)) for word in say_as("a", "digits", digits).split()) == digits


@pytest.mark.parametrize("value", ["", " \u200b\n"])
def test_an_empty_text_has_no_words(value: str) -> None:
    assert say_as("name", "text", value) == ""


@given(st.sampled_from(sorted(KINDS)), st.from_type(object) | st.floats() | st.decimals() | st.text() | st.integers())
def test_any_value_has_words_or_is_refused(kind: str, value: Any) -> None:
    try:
        assert say_as("a", kind, value) or (kind == "text" and not normalise(value))
    except SlotError as error:
        assert str(error).startswith("slot 'a': ")
