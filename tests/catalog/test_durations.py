from decimal import Decimal
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from ivr.catalog.durations import Seconds, between, seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [("600 ms", 0.6), ("5s", 5.0), ("1.5 s", 1.5), ("2m", 120.0), (" 0s ", 0.0), ("0.1 ms", 0.0001)],
)
def test_examples(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("5", "'5' has no unit, write '5s' for seconds or '5ms' for milliseconds"),
        ("1.5", "'1.5' has no unit"),
        ("5h", "'h' is no unit of time, use ms, s or m"),
        ("5 sec", "'sec' is no unit of time"),
        ("5S", "'5S' is not a duration, write it as '600 ms', '5s' or '2m'"),
        ("-5s", "not a duration"),
        (".5s", "not a duration"),
        ("5  s", "not a duration"),
        ("٥s", "not a duration"),
        ("1e3s", "not a duration"),
        ("inf", "not a duration"),
        ("", "not a duration"),
        ("9999999999s", "not a duration"),
        (5, "not a duration"),
        (None, "empty is not a duration"),
        ([], "a list is not a duration"),
    ],
)
def test_refusals(text: object, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        seconds(text)
    assert said in str(caught.value)


@given(st.decimals(0, 999_999_999, places=3, allow_nan=False), st.sampled_from(["", " "]))
def test_units_agree(number: Decimal, space: str) -> None:
    assert seconds(f"{number:f}{space}s") == float(number)
    assert seconds(f"{number:f}{space}ms") == float(number / 1000)
    assert seconds(f"{number:f}{space}m") == float(number * 60)


@given(st.text(max_size=12))
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    try:
        assert 0 <= seconds(text) < 6e10
    except ValueError as error:
        assert ", " in str(error)


def test_bounds_are_included() -> None:
    adapter: TypeAdapter[float] = TypeAdapter(Annotated[Seconds, between(1, 60)])
    assert adapter.validate_python("1s") == 1.0
    assert adapter.validate_python("1m") == 60.0
    for text in ("999 ms", "60.1s"):
        with pytest.raises(ValueError, match="out of range, give 1 s to 60 s"):
            adapter.validate_python(text)
