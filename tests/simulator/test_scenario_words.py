"""What the caller has heard, word by word: where words stand that stood still for a while."""

import pytest

from ivr.simulator.scenario.words import TAIL, Words, words_of
from ivr.trace.sound import SegmentEnded, SegmentStarted, SoundWentOn, Strategy

TEXT = "aaaa bbbb cccc dddd"
"""Two seconds; each word begins at a quarter of it, nearly."""


def said(at=1.0, way=0.0, text=TEXT):
    words = Words({TEXT: 2.0}, 8000, way)
    words.see(SegmentStarted("u1", "u1.1", Strategy.CLIP, text, False, 0, at, at))
    return words


def begins(words):
    return [round(words.find(words_of(word)).begins, 2) for word in TEXT.split()]


def test_words_have_their_time_by_their_letters():
    assert begins(said()) == [1.0, 1.53, 2.05, 2.58]
    assert begins(said(way=0.2)) == [1.2, 1.73, 2.25, 2.78]


def test_what_stood_still_goes_on_where_it_was():
    words = said()
    words.stand(1.8, 3.0)
    assert begins(words) == [1.0, 1.53, 5.05, 5.58]
    assert words.pieces[0].ends == pytest.approx(6.0)
    words.stand(5.3, 1.0)
    assert begins(words) == [1.0, 1.53, 5.05, 6.58]


def test_a_standstill_that_goes_on_is_one():
    words = said()
    for seconds in (0.5, 1.0, 3.0):
        words.stand(1.8, seconds)
    assert begins(words) == [1.0, 1.53, 5.05, 5.58]


def test_what_is_over_or_not_begun_did_not_stand_still():
    words = said()
    for since in (0.5, 1.0, 3.0 - TAIL / 2, 3.0, 9.0):
        words.stand(since, 5.0)
    assert begins(words) == [1.0, 1.53, 2.05, 2.58]
    assert words.pieces[0].ends == pytest.approx(3.0)


@pytest.mark.parametrize("way", [0.0, 0.2])
def test_held_sound_goes_on_where_it_was_and_its_end_does_not_forget_it(way):
    words = said(way=way)
    words.see(SegmentStarted("u2", "u2.1", Strategy.CLIP, "later", False, 16000, 3.0, 2.5))
    words.see(SoundWentOn(3.0, 4.8))
    words.see(SegmentEnded("u1", "u1.1", Strategy.CLIP, 16000, 5.0))
    assert begins(words) == [round(at + way, 2) for at in (1.0, 1.53, 5.05, 5.58)]
    assert words.pieces[0].ends == pytest.approx(6.0 + way)
    assert words.find(["later"]).begins == pytest.approx(6.0 + way)
