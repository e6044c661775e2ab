"""Which values may stand behind a stand-in."""

from __future__ import annotations

import json

import pytest
from manners import tables

from ivr.media.private import stand_in
from ivr.simulator.behind import expressions, numbers_typed, others, plain_value
from ivr.trace.values import masked, written

STATES = """\
dialog: main
start: a
states:
  a: {say: main, collect: {as: pin, digits: 4, valid: pin != '0000', goto: b}}
  b: {set: {y: 2 + 1}, goto: c}
  c: {branch: [{if: y > 30, goto: d}, {goto: e}]}
  d: {dialog: {run: other, with: {z: y + 4}, goto: e}}
  e: {say: main, menu: {options: {1: a, 2: b}}}
"""


def behind(value, *sources):
    """The other values of the shape of ``value``, and what is taken at first."""
    first = plain_value(masked(written(value), stand_in))
    return [json.loads(found) for found in others(first, sources)], json.loads(first)


def test_numbers_are_those_that_are_compared_with_and_their_neighbours():
    found, first = behind(75, "x > 50")
    assert first == 11
    assert found == [50, 49, 51, 99]


def test_only_values_of_that_shape_are():
    found, _ = behind(75, "x > 500 || x < 9 || x == 7.5")
    assert found == [10, 99]  # just above nine, and the greatest
    assert behind("gold", "x == 'gold' || x == 'silver' || x == \"blue\"")[0] == ["gold", "blue"]


@pytest.mark.parametrize(("value", "among"), [(-5.5, -2.0), (0.5, 0.0), (3, 0)])
def test_signs_and_noughts(value, among):
    found, _ = behind(value, "x > 2.0 || x < 0.0")
    assert among in found
    assert {stand_in(str(one)) for one in found} == {stand_in(str(value))}


def test_one_part_at_a_time_and_truths_are_turned_round():
    found, first = behind({"ok": False, "of": [1, {"tier": "gold"}]}, "x.tier == 'blue'")
    assert first == {"ok": True, "of": [1, {"tier": "xxxx"}]}
    assert {"ok": False, "of": [1, {"tier": "xxxx"}]} in found
    assert {"ok": True, "of": [1, {"tier": "blue"}]} in found
    assert {"ok": True, "of": [9, {"tier": "xxxx"}]} in found
    assert first not in found


def test_numbers_in_texts_and_names_are_none():
    assert behind(5, "x1 == '7' && size(y2) > 0")[0] == [0, 9]


def test_nothing_has_no_other():
    assert behind(None, "x == 1") == ([], None)


def test_expressions_are_all_that_a_dialog_computes():
    assert set(expressions(tables(STATES).tables.values())) == {"pin != '0000'", "2 + 1", "y > 30", "y + 4"}


def test_numbers_that_were_typed_are_those_of_that_length():
    assert list(numbers_typed(4, ["pin != '0000' && int(pin) > 5000 && x > 17 && y == '12a4'"])) == [
        *("1111", "0000", "0001", "5000", "4999", "5001", "9999")
    ]
