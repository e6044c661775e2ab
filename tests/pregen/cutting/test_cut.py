"""Each rule of a cut from both sides."""

from dataclasses import replace

import numpy as np
import pytest
from pregen.cutting.sentences import FINAL, MEDIAL, RATE, USUAL, Manner, fragment_of, say

from ivr.errors import CutRefused
from ivr.media.samples import silence
from ivr.pregen.cutting.cut import LONGEST_INSIDE, NEAR, SHORTEST, cut
from ivr.speech.synthesizer import WordTiming

TEXT = "twenty one"
FORMS = pytest.mark.parametrize("carrier", [MEDIAL, FINAL])


def cut_of(carrier, manner=USUAL, text=TEXT, *, timings=False, words=None):
    chunk = say(carrier, text, manner)
    given = words if words is not None else chunk.words if timings else ()
    return cut(chunk.samples, RATE, carrier, carrier.around(text), given), chunk


def refusal(carrier, manner=USUAL, **how):
    with pytest.raises(CutRefused) as refused:
        cut_of(carrier, manner, **how)
    return str(refused.value)


@FORMS
@pytest.mark.parametrize("timings", [True, False])
@pytest.mark.parametrize("text", ["six", "twenty one", "seven hundred", "thirty four thousand"])
def test_the_cut_lies_in_the_silence_around_the_words(carrier, timings, text):
    span, chunk = cut_of(carrier, text=text, timings=timings)
    start, stop = fragment_of(carrier, text, chunk)
    assert start - 0.2 < span.start / RATE < start
    assert stop < span.stop / RATE < stop + 0.2


@FORMS
def test_a_voice_that_tells_times_is_cut_where_one_that_tells_none_is(carrier):
    for pause in (0.1, 0.2, 0.4):
        manner = Manner(pause=pause)
        assert cut_of(carrier, manner, timings=True)[0] == cut_of(carrier, manner)[0]


@FORMS
def test_a_short_rest_is_no_pause(carrier):
    cut_of(carrier, Manner(pause=SHORTEST + 0.015))
    needed = 1 if carrier is FINAL else 2
    why = refusal(carrier, Manner(pause=SHORTEST - 0.015))
    assert why == f"the voice made 0 pauses where the sentence has {needed}"


@FORMS
def test_pauses_must_be_longer_than_any_other_rest(carrier):
    cut_of(carrier, Manner(pause=0.2, inside=0.18))
    assert "it is not clear which" in refusal(carrier, Manner(pause=0.2, inside=0.22))


def test_the_words_around_have_no_pauses():
    cut_of(FINAL, Manner(pause=0.3, between=0.06))
    assert "it is not clear which of its 3 pauses" in refusal(FINAL, Manner(pause=0.3, between=0.1))


@FORMS
def test_words_times_tell_what_pauses_do_not(carrier):
    manner = Manner(pause=0.05, between=0.04, inside=0.04)
    assert "0 pauses" in refusal(carrier, manner)
    span, chunk = cut_of(carrier, manner, timings=True)
    start, stop = fragment_of(carrier, TEXT, chunk)
    assert start - 0.05 < span.start / RATE < start
    assert stop < span.stop / RATE < stop + 0.1


@FORMS
def test_words_that_run_into_each_other_are_not_cut(carrier):
    cut_of(carrier, Manner(pause=0.03), timings=True)
    assert "there is no quiet place before its words" in refusal(carrier, Manner(pause=0.0), timings=True)


def test_the_place_behind_the_words_must_be_quiet_as_well():
    chunk = say(MEDIAL, TEXT)
    _, stop = fragment_of(MEDIAL, TEXT, chunk)
    filled = chunk.samples.copy()
    gap = slice(round(stop * RATE) - 80, round((stop + 0.2) * RATE) + 80)
    filled[gap] = say(MEDIAL, "a" * 9).samples[480 : 480 + 3360][: gap.stop - gap.start]
    with pytest.raises(CutRefused, match="there is no quiet place behind its words"):
        cut(filled, RATE, MEDIAL, MEDIAL.around(TEXT), chunk.words)


@pytest.mark.parametrize("timings", [True, False])
def test_words_that_break_off_are_refused(timings):
    chunk = say(FINAL, TEXT)
    words = chunk.words if timings else ()
    _, stop = fragment_of(FINAL, TEXT, chunk)
    cut(chunk.samples[: round((stop + 0.02) * RATE)], RATE, FINAL, FINAL.around(TEXT), words)
    with pytest.raises(CutRefused, match="no quiet place behind its words"):
        cut(chunk.samples[: round((stop - 0.05) * RATE)], RATE, FINAL, FINAL.around(TEXT), words)


@FORMS
@pytest.mark.parametrize(("late", "right"), [(-NEAR + 0.01, True), (NEAR - 0.01, True), (-0.3, False), (0.3, False)])
def test_times_must_be_those_of_the_pauses(carrier, late, right):
    words = [replace(word, sample=max(0, word.sample + round(late * RATE))) for word in say(carrier, TEXT).words]
    if right:
        assert cut_of(carrier, words=words)[0] == cut_of(carrier)[0]
    else:
        refusal(carrier, words=words)


@FORMS
def test_times_that_cannot_be_are_refused(carrier):
    words = say(carrier, TEXT).words
    contradict = "the times that the voice gave for its words contradict each other or the sound"
    assert refusal(carrier, words=words[::-1]) == contradict
    assert refusal(carrier, words=[*words, WordTiming(10**7, 60, 1)]) == contradict
    assert refusal(carrier, words=[replace(words[0], sample=-1), *words[1:]]) == contradict


@FORMS
def test_a_word_without_a_time_is_refused(carrier):
    words = say(carrier, TEXT).words
    missing = "the voice gave no time for the words at which it is to be cut"
    lacking = [word for word in words if word.offset != len(carrier.before)]
    assert refusal(carrier, words=lacking) == missing
    if carrier is MEDIAL:
        assert refusal(carrier, words=words[:-1]) == missing


@FORMS
@pytest.mark.parametrize("timings", [True, False])
def test_words_are_as_fast_as_those_around_them(carrier, timings):
    for stretched in (0.5, 2.0):
        cut_of(carrier, Manner(stretched=stretched), timings=timings)
    assert "too long for its words" in refusal(carrier, Manner(stretched=6.0), timings=timings)
    assert "too short for its words" in refusal(carrier, Manner(stretched=0.15), timings=timings)


@FORMS
def test_speed_by_itself_is_no_reason(carrier):
    for letter in (0.03, 0.15):
        cut_of(carrier, Manner(letter=letter))


@FORMS
def test_a_pause_within_the_words_is_refused(carrier):
    cut_of(carrier, Manner(pause=0.4, inside=LONGEST_INSIDE - 0.01))
    assert refusal(carrier, Manner(pause=0.4, inside=LONGEST_INSIDE + 0.02)) == "there is a pause within its words"


@FORMS
def test_it_does_not_matter_how_loud_the_voice_is(carrier):
    assert len({cut_of(carrier, Manner(level=level, floor=-120))[0] for level in (-6, -20, -50)}) == 1


@FORMS
def test_a_floor_of_noise_is_no_speech_until_it_hides_the_pauses(carrier):
    start, stop = fragment_of(carrier, TEXT, say(carrier, TEXT))
    span, _ = cut_of(carrier, Manner(floor=-55))
    assert span.start / RATE < start < stop < span.stop / RATE
    assert "0 pauses" in refusal(carrier, Manner(floor=-40))


def test_a_click_in_a_pause_does_not_end_it():
    chunk = say(MEDIAL, TEXT)
    start, _ = fragment_of(MEDIAL, TEXT, chunk)
    clicked = chunk.samples.copy()
    clicked[round((start - 0.1) * RATE)] = 0.5
    span = cut(clicked, RATE, MEDIAL, MEDIAL.around(TEXT))
    assert start - 0.2 < span.start / RATE < start


@FORMS
def test_silence_is_refused(carrier):
    for samples in (silence(RATE), silence(0), np.full(3, 0.0, dtype=np.float32)):
        with pytest.raises(CutRefused):
            cut(samples, RATE, carrier, carrier.around(TEXT))
