"""What characters cost: exact, by provider, and never nothing where nobody said it."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.project.settings.prices import FREE, Price, exact, money
from ivr.project.settings.settings import read_settings, variables


def settings(text):
    found, _, problems = read_settings(text, "ivr.yaml", {})
    assert problems == []
    return found


def wrong(text):
    return [(each.line, each.column, f"{each.what}, {each.remedy}") for each in read_settings(text, "ivr.yaml", {})[2]]


def price(price, per="1000000"):
    return Price(price=price, per=per)


def test_the_bill_of_five_hundred_articles_is_exact():
    assert price("0.03", "1000").of(500 * 9000) == Decimal("135.00")
    assert money(price("0.03", "1000").of(500 * 9000)) == "135.00"


def test_one_price_for_all_versions_of_a_provider():
    found = settings("prices:\n  http:api.example.com: {price: 16}\n")
    assert found.price_of("http:api.example.com") == price("16")
    assert found.price_of("http:api.example.com/2.1") == price("16")
    assert found.price_of("http:API.example.com") == price("16")
    assert found.price_of("http:other.example.com") is None


def test_the_embedded_voice_costs_nothing_unless_told():
    assert settings("project: X\n").price_of("espeak-ng/1.52") == FREE
    assert FREE.of(10**9) == 0
    told = settings("prices: {espeak-ng: {price: 0.5, per: 1, currency: €}}\n").price_of("espeak-ng/1.52")
    assert told is not None
    assert (told.of(3), told.currency) == (Decimal("1.5"), "€")


@given(
    st.decimals(0, 10**6, places=6), st.integers(0, 10**12), st.integers(0, 10**12), st.sampled_from([1, 250, 10**9])
)
def test_parts_of_a_bill_are_its_sum(each, some, others, per):
    found = price(f"{each:f}", str(per))
    assert found.of(some) + found.of(others) == found.of(some + others)
    assert found.of(some) * per == each * some


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0.00"), ("135", "135.00"), ("0.005", "0.0050"), ("0.00123", "0.0012"), ("0.0099", "0.0099"),
     ("0.01", "0.01"), ("1.005", "1.01"), ("0.0000004", "0.00000040"), ("123456789012345678901234567890.1",
      "123456789012345678901234567890.10")],
)  # fmt: skip
def test_amounts_are_shown_to_the_cent_or_by_two_digits(amount, text):
    assert money(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("amount", "text"), [("0", "0.00"), ("135.00000", "135.00"), ("1E+3", "1000.00"), ("0.05397", "0.05397")]
)
def test_exact_amounts_have_all_their_digits(amount, text):
    assert exact(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("prices: {http:a: {price: -1}}", (1, 26), "'-1' is no price, write a number from 0, such as 0.03"),
        ("prices: {http:a: {price: .03}}", (1, 26), "'.03' is no price, write a number from 0, such as 0.03"),
        ("prices: {http:a: {price: 1e3}}", (1, 26), "'1e3' is no price, write a number from 0, such as 0.03"),
        ("prices: {http:a: {per: 1000}}", (1, 10), "'price' is missing, add 'price: …'"),
        ("prices: {http:a: {price: 1, prise: 2}}", (1, 29), "unknown key 'prise', did you mean 'price'?"),
        ("prices: {http:a: {price: 1, per: 0}}", (1, 34), "'0' is no number of characters, write one"),
        ("prices: {http:a: {price: 1, per: 300}}", (1, 34), "a price per '300' characters has no end as a decimal"),
        ("prices: {http:a: {price: 1, currency: US dollars}}", (1, 39), "'US dollars' is no currency, write its code"),
        ("prices: {http:a/2: {price: 1}}", (1, 10), "'http:a/2' has more than a provider's name, write http:a"),
        ("prices: {espeak: {price: 1}}", (1, 10), "'espeak' is no provider that a lock names, did you mean"),
        ("prices: {speeko: {price: 1}}", (1, 10), "'speeko' is no provider that a lock names, write espeak-ng"),
        ("prices: 3", (1, 9), "'prices' is '3', write 'key: value' lines below it"),
        ("prices: {http:a: 3}", (1, 18), "'http:a' is '3', write 'key: value' lines below it"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text, place, said):
    ((line, column, what),) = wrong(text)
    assert (line, column) == place
    assert what.startswith(said)


def test_the_environment_has_no_prices():
    assert not [name for name in variables() if "PRICE" in name]


def test_the_starters_example_is_right_once_it_is_taken_in():
    lines = (Path(__file__).parents[3] / "prompts/ivr.yaml").read_text().splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("# prices:"))
    found = settings("\n".join(line.removeprefix("# ") for line in lines[start : start + 2]) + "\n")
    assert found.price_of("http:api.example.com") == Price(price="0.03", per="1000")
