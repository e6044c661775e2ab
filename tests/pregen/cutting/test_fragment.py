"""A fragment is as loud as it was in its sentence, and its edges are silent."""

from dataclasses import replace

import numpy as np
import pytest
from pregen.cutting.sentences import FINAL, MEDIAL, RATE, USUAL, Manner, fragment_of, say

from ivr.errors import CutRefused
from ivr.media.edges import BLOCK
from ivr.media.level import gain_db
from ivr.media.loudness import ungated
from ivr.media.resample import resample
from ivr.pregen.cutting.fragment import ROOM, TAIL_ROOM, Sentence, fragment

TEXT = "seven hundred"
FORMS = pytest.mark.parametrize("carrier", [MEDIAL, FINAL])


def sentence(carrier, manner=USUAL, *, quieter=0.0):
    chunk = say(carrier, TEXT, manner)
    start, stop = (round(at * RATE) for at in fragment_of(carrier, TEXT, chunk))
    samples = chunk.samples.copy()
    samples[start:stop] = gain_db(samples[start:stop], -quieter)
    return Sentence(samples, RATE, carrier.around(TEXT), carrier, chunk.words)


@FORMS
@pytest.mark.parametrize("rate", [8000, 16000, 22050])
def test_it_holds_its_words_and_hardly_more(carrier, rate):
    made = fragment(sentence(carrier), rate, -20)
    start, stop = fragment_of(carrier, TEXT, say(carrier, TEXT))
    most = ROOM + TAIL_ROOM + 2 * BLOCK + 0.001
    assert stop - start - BLOCK < len(made.samples) / rate < stop - start + most
    assert made.rate == rate


@FORMS
def test_its_edges_are_silent(carrier):
    made = fragment(sentence(carrier, Manner(pause=0.1)), 8000, -20)
    assert made.samples[0] == made.samples[-1] == 0


@FORMS
def test_a_word_that_is_quieter_in_its_sentence_stays_so_by_half(carrier):
    loud, quiet = (fragment(sentence(carrier, quieter=by), 8000, -20) for by in (0.0, 6.0))
    around = quiet.loudness_before - loud.loudness_before  # the sentence as a whole is a little quieter too
    assert quiet.loudness - loud.loudness == pytest.approx((-6.0 - around) / 2, abs=0.3)


@FORMS
@pytest.mark.parametrize("level", [-10, -30, -45])
def test_how_loud_the_voice_is_does_not_matter(carrier, level):
    usual = fragment(sentence(carrier), 8000, -20)
    other = fragment(sentence(carrier, Manner(level=level, floor=level - 70)), 8000, -20)
    assert other.loudness == pytest.approx(usual.loudness, abs=0.1)
    assert len(other.samples) == len(usual.samples)


def test_a_sentence_of_even_words_gives_the_target():
    made = fragment(sentence(MEDIAL), 8000, -23)
    assert ungated(made.samples[160:-160], 8000) == pytest.approx(-23, abs=1.5)


def test_no_peak_reaches_the_bound():
    loud = fragment(sentence(MEDIAL), 8000, -6)
    assert loud.peak < -1.0
    assert np.abs(loud.samples).max() < 10 ** (-1.0 / 20)


@FORMS
def test_times_change_nothing_where_pauses_are_clear(carrier):
    told = sentence(carrier)
    untold = replace(told, words=())
    assert np.array_equal(fragment(told, 8000, -20).samples, fragment(untold, 8000, -20).samples)


def test_what_cannot_be_cut_is_refused():
    with pytest.raises(CutRefused, match="no quiet place"):
        fragment(sentence(MEDIAL, Manner(pause=0.0)), 8000, -20)
    silent = replace(sentence(MEDIAL), samples=np.zeros(RATE, dtype=np.float32), words=())
    with pytest.raises(CutRefused, match="nothing was spoken"):
        fragment(silent, 8000, -20)


@FORMS
def test_a_word_that_is_louder_than_what_carries_it_comes_nearer_to_the_target(carrier):
    """Such are letters and digits, of which whole values are made."""
    whole = sentence(carrier, quieter=-6.0)
    start, stop = (round(at * RATE) for at in fragment_of(carrier, TEXT, say(carrier, TEXT)))
    made = fragment(whole, 8000, -26)
    louder = ungated(resample(whole.samples[start:stop], RATE, 8000), 8000) - made.loudness_before
    assert louder > 1.5
    assert made.loudness == pytest.approx(-26 + louder / 2, abs=0.3)
