import json
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import TraceError
from ivr.media.private import Private, stand_in
from ivr.trace.doors import LookupCame
from ivr.trace.events import LookupEnded
from ivr.trace.jsonl import as_dict
from ivr.trace.values import masked, value_of, written

PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.decimals(allow_nan=False)
    | st.dates()
    | st.times().map(lambda value: value.replace(fold=0))
    | st.datetimes().map(lambda value: value.replace(fold=0))
    | st.timedeltas()
    | st.text(st.characters(codec="utf-8"), max_size=12)
)
FIELDS = st.text("abcdefghijklmnopqrstuvwxyz_", max_size=8).map("f{}".format)
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(FIELDS, inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_what_was_written_comes_back_as_the_same_value_of_the_same_types(value):
    found = value_of(written(value))
    assert found == value
    assert repr(found) == repr(value)


@given(VALUES)
def test_of_a_stand_in_a_value_of_the_same_types_can_be_made(value):
    found = value_of(masked(written(value), stand_in), stand_in=True)
    assert _kinds(found) == _kinds(value)


def _kinds(value):
    match value:
        case dict():
            return {key: _kinds(entry) for key, entry in value.items()}
        case list() | tuple():
            return type(value), [_kinds(entry) for entry in value]
    return type(value)


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("Ann 7", "xxx 0"),
        (-12.5, {"$float": "-00.0"}),
        (True, {"$bool": "x"}),
        (None, None),
        (Private(12), {"$int": "00"}),
        ({"amount": 1, "4711": 2, "Ann": 3}, {"amount": {"$int": "0"}, "0000": {"$int": "0"}, "xxx": {"$int": "0"}}),
    ],
)
def test_a_stand_in_has_the_shape_and_nothing_else(value, shape):
    assert json.loads(masked(written(value), stand_in)) == shape


def test_a_masked_date_is_still_a_date():
    for value in (date(2026, 11, 25), time(9, 30), datetime(2026, 11, 25, 9, 30, tzinfo=UTC)):
        found = value_of(masked(written(value), stand_in), stand_in=True)
        assert type(found) is type(value) and found != value
    assert value_of(masked(written("2026-11-25"), stand_in), stand_in=True) == "1111-11-11"


def test_what_cannot_be_written_is_told_by_its_type():
    deep = value = []
    for _ in range(40):
        value.append([])
        value = value[0]
    assert json.loads(written(object())) == {"$other": "object"}
    assert json.loads(written(2**70)) == {"$other": "int"}
    assert json.loads(written({1: 2})) == {"$other": "dict"}
    assert '"$other":"list"' in written(deep)
    assert value_of(written(object())) is None
    assert value_of(written("\ud800")) == "\\ud800"


@pytest.mark.parametrize("text", ["", "{", '{"$decimal":"much"}', '{"$date":7}', '{"$tuple":3}'])
def test_what_is_no_value_is_refused(text):
    with pytest.raises(TraceError, match="is no value of a lookup"):
        value_of(text)


def test_money_keeps_its_places():
    assert value_of(written(Decimal("1.50"))).as_tuple() == Decimal("1.50").as_tuple()


def test_names_of_fields_stay_in_what_came_and_in_no_text_about_it():
    """docs/traces.md says so: a text of a mapping does not tell its names from its values."""
    found = {"balance": 5, "it's 'smith'": "Smith"}
    came = as_dict(LookupCame("lookup1", written(found), True, 1.0))
    ended = as_dict(LookupEnded("lookup1", "bank.balance", "returned", str(found), True, 1.0))
    assert json.loads(came["value"]) == {"balance": {"$int": "0"}, "xx'x 'xxxxx'": "xxxxx"}
    assert ended["detail"] == "{'xxxxxxx': 0, \"xx'x 'xxxxx'\": 'xxxxx'}"
