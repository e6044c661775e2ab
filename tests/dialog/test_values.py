from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.catalog.sayas import KINDS
from ivr.dialog.values import SAID, SAMPLES, Kind, fits, taken
from ivr.errors import WrongValue
from ivr.media.private import Private


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("text", "", ""),
        ("digits", "0451", "0451"),
        ("number", 3, 3),
        ("number", 2.5, 2.5),
        ("number", "12", 12),
        ("number", "-1.50", Decimal("-1.50")),
        ("money", 3, Decimal(3)),
        ("money", 0.1, Decimal("0.1")),
        ("money", "12.50", Decimal("12.50")),
        ("money", Private(Decimal("0.10")), Decimal("0.10")),
        ("date", date(2026, 11, 26), "2026-11-26"),
        ("date", "2026-11-26", "2026-11-26"),
        ("time", time(9, 30), "09:30"),
        ("time", "09:30:15", "09:30"),
        ("yes_no", False, False),
        ("list", (1, 2), [1, 2]),
        ("mapping", {"a": 1}, {"a": 1}),
    ],
)
def test_what_is_kept(kind, value, kept):
    found = taken(Kind(kind), value)
    assert found == kept and type(found) is type(kept)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", 1),
        ("digits", "12*"),
        ("digits", "٣"),
        ("digits", ""),
        ("digits", 12),
        ("number", True),
        ("number", "1e9"),
        ("number", "1_000"),
        ("number", float("nan")),
        ("number", ""),
        ("money", float("inf")),
        ("money", Decimal("NaN")),
        ("money", "NaN"),
        ("money", "9" * 41),
        ("date", "tomorrow"),
        ("date", "2026-02-30"),
        ("date", datetime(2026, 1, 1)),
        ("time", "25:00"),
        ("yes_no", 1),
        ("yes_no", "yes"),
        ("list", "ab"),
        ("mapping", [1]),
        *((kind, None) for kind in Kind),
    ],
)
def test_what_does_not_fit(kind, value):
    with pytest.raises(WrongValue, match="it is to be "):
        taken(Kind(kind), value)
    assert not fits(Kind(kind), value)


@given(kind=st.sampled_from(Kind), value=st.one_of(st.text(), st.integers(), st.floats(), st.decimals(), st.dates()))
def test_what_was_kept_is_kept_again(kind, value):
    try:
        once = taken(kind, value)
    except WrongValue as error:
        assert len(str(value)) < 12 or str(value) not in str(error)
        return
    assert taken(kind, once) == once


def test_every_type_says_what_says_it_and_its_samples_fit():
    assert SAID.keys() == set(Kind)
    assert frozenset().union(*SAID.values()) == KINDS
    assert all(fits(kind, sample) for kind, samples in SAMPLES.items() for sample in samples)
