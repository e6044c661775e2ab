"""Who says the values of an utterance in ``auto``: the cases of docs/readback.md, each in one case of the vectors."""

import numpy as np
import pytest

from ivr.catalog.phrase import Slot
from ivr.strategy.covering import Covering
from ivr.strategy.delays import CASES
from ivr.strategy.either import Value
from ivr.strategy.timeline import Timeline
from ivr.strategy.voice import Sound
from ivr.strategy.words import Handling, Piece

NEVER = np.inf
BEFORE = Piece(Handling.CLIP, 1.0, "p", "You have", 8)
SLOT = Piece(Handling.EITHER, 2.0, "p", "{x:money}", 10, Slot("x", "money"), False)
COVERS = Covering(0.15, 30.0, 0.8, True, 2.0)


def value(known, once, again=None, fails=NEVER):
    """Seconds: when it is known, and from there until the voice sounds that is asked once, or again; when it fails."""
    begins = once if again is None else again
    return Value(np.full(CASES, known), Sound(*(np.full(CASES, each) for each in (begins, once, fails))))


def said(*pieces, covers=COVERS):
    """What became of each value: when it began, behind what, by whom, and whether the voice was asked."""
    line, values = Timeline(), {n: each for n, each in enumerate(pieces) if isinstance(each, Value)}
    told = line.say(tuple(SLOT if isinstance(each, Value) else each for each in pieces), values, covers)
    found = []
    for each in (each.said for each in told):
        vectors = (each.starts, each.covered, each.fragments, each.asked)
        assert all(len(set(vector)) == 1 for vector in vectors)
        found.append(tuple(pytest.approx(float(vector[0])) for vector in vectors))
    return found


@pytest.mark.parametrize(
    ("given", "starts", "fragments"),
    [
        (value(0.0, 0.85), 1.0, 0),  # in hand a message before it is due
        (value(0.0, 0.95), 1.0, 1),  # late by a moment: fragments, with no cover
        (value(0.6, 0.2), 1.0, 0),
        (value(0.6, 0.4), 1.0, 1),
        (value(0.0, NEVER, 0.6, fails=0.1), 1.0, 1),  # not asked again
    ],
)
def test_the_voice_says_it_where_it_is_in_time_behind_words(given, starts, fragments):
    assert said(BEFORE, given) == [(starts, 0, fragments, 1)]


@pytest.mark.parametrize(
    ("given", "starts", "fragments"),
    [
        (value(0.0, 0.1), 0.1, 0),
        (value(0.0, 0.2), 0.15, 1),  # the grace is over
        (value(0.0, NEVER, 0.1, fails=0.05), 0.05, 1),  # it failed before
    ],
)
def test_a_value_that_begins_a_turn_has_the_grace(given, starts, fragments):
    assert said(given) == [(starts, 0, fragments, 1)]


def test_a_late_lookup_is_covered_and_its_value_follows_at_the_clean_edge():
    assert said(BEFORE, value(1.2, 0.5)) == [(1.8, 1, 0, 1)]  # the voice had the filler's time
    assert said(BEFORE, value(1.2, 0.7)) == [(1.8, 1, 1, 1)]
    assert said(BEFORE, value(3.0, 0.5)) == [(3.1, 1, 1, 1)]  # the hold loop makes way
    assert said(BEFORE, value(99.0, 0.5)) == [(31.1, 1, 0, 0)]  # the fallback: nobody is asked


def test_without_covers_it_is_said_when_it_is_known():
    assert said(value(0.0, 0.1), covers=None) == [(0.0, 0, 1, 1)]
    assert said(BEFORE, value(2.0, 0.1), covers=None) == [(2.0, 0, 1, 1)]


def test_the_voice_must_have_all_values_that_are_known():
    both = [value(0.0, 0.5), value(0.0, 2.0)]
    assert said(BEFORE, *both) == [(1.0, 0, 1, 1), (3.0, 0, 1, 1)]
    failed = value(0.0, NEVER, 0.6, fails=0.1)  # which is not asked again
    assert said(BEFORE, both[0], failed) == [(1.0, 0, 1, 1), (3.0, 0, 1, 1)]
    assert said(BEFORE, both[0], both[0]) == [(1.0, 0, 0, 1), (3.0, 0, 0, 1)]


def test_behind_fragments_a_later_value_is_not_asked_of_the_voice():
    assert said(BEFORE, value(0.0, 2.0), value(2.0, 0.1)) == [(1.0, 0, 1, 1), (3.0, 0, 1, 0)]


def test_a_value_that_is_not_known_when_it_is_decided_makes_fragments_of_all():
    first = value(0.0, 0.5)
    assert said(BEFORE, first, value(0.4, 0.5)) == [(1.0, 0, 0, 1), (3.0, 0, 0, 1)]  # both are in hand
    assert said(BEFORE, first, value(0.4, 0.6)) == [(1.0, 0, 1, 1), (3.0, 0, 1, 1)]
    assert said(BEFORE, first, value(2.0, 0.1)) == [(1.0, 0, 1, 1), (3.0, 0, 1, 0)]
    assert said(BEFORE, first, value(5.0, 0.1))[1] == (5.1, 1, 1, 0)  # its lookup is covered
