"""Small versions of the benches: amounts from fragments are understood and joined as well as those of one synthesis."""

import os

import pytest

from bench.joins import compared
from bench.readback import Result, listen, sounds, swapped
from bench.recognition import Balance, amounts
from bench.spliced import drawn
from ivr.catalog.readback import units
from ivr.project.load import load
from ivr.project.starter import starter_root


@pytest.fixture(scope="module")
def balance():
    return Balance.of(load(starter_root(), os.environ))


def test_amounts_from_fragments_are_understood_and_wrong_ones_are_not(balance):
    result = Result.of(listen(balance, sounds(balance, drawn(balance, amounts(8, 2026))), every=2))
    assert (result.amounts, result.swaps) == (8, 4)
    assert result.whole >= 6
    assert result.spliced >= result.whole - 1
    assert result.swapped == 0


def test_joins_are_as_quiet_as_words_in_one_breath(balance):
    fragments, one = (each.as_json() for each in compared(balance, drawn(balance, amounts(40, 4))))
    assert fragments["pause_median"] <= one["pause_median"]
    assert fragments["pause_p95"] <= one["pause_p95"]
    assert fragments["step_median"] <= one["step_median"] + 0.5
    assert fragments["step_p95"] <= one["step_p95"] + 0.5
    assert fragments["jump_largest"] <= 1.0
    assert fragments["seconds_median"] == pytest.approx(one["seconds_median"], rel=0.05)
    assert fragments["lufs_median"] == pytest.approx(-20, abs=0.8)


def test_swapped_units_keep_the_forms_of_their_places():
    said = units("amount", "money", "21.05", "en-US")
    mixed = swapped(said)
    assert sorted(unit.text for unit in mixed) == sorted(unit.text for unit in said)
    assert [unit.text for unit in mixed] != [unit.text for unit in said]
    assert [unit.final for unit in mixed] == [unit.final for unit in said]


@pytest.mark.parametrize(
    ("spliced", "whole", "only", "holds"), [(880, 900, 30, True), (840, 900, 20, False), (900, 900, 40, True)]
)
def test_the_interval_decides(spliced, whole, only, holds):
    result = Result(1000, spliced, whole, only + max(0, spliced - whole), only + max(0, whole - spliced), 250, 0)
    low, high = result.interval
    assert low < result.difference < high
    assert result.holds is holds
    assert not Result(1000, 900, 900, 10, 10, 250, 6).holds
