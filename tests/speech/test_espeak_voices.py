"""Choosing a voice, bending a speed, and telling words from word events."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.speech.espeak.protocol import Word
from ivr.speech.espeak.voices import (
    Language,
    Refusal,
    WordFilter,
    by_locale,
    by_tag,
    speakable,
    unknown,
    words_per_minute,
)

LANGUAGES = (
    Language("en-029", 5, "gmw/en-029"),
    Language("en", 10, "gmw/en-029"),
    Language("en-us", 2, "gmw/en-US"),
    Language("en", 3, "gmw/en-US"),
    Language("en-gb", 2, "gmw/en"),
    Language("en", 2, "gmw/en"),
    Language("fr-fr", 5, "roa/fr"),
    Language("fr", 5, "roa/fr"),
    Language("fr", 8, "roa/fr-BE"),
)


@pytest.mark.parametrize(
    ("locale", "voice"),
    [
        ("en-US", "gmw/en-US"),
        ("en-GB", "gmw/en"),
        ("en-AU", "gmw/en"),
        ("en", "gmw/en"),
        ("fr-CA", "roa/fr"),
        ("en-US-x-town", "gmw/en-US"),
    ],
)
def test_a_locale_finds_its_nearest_voice(locale, voice):
    assert by_locale(locale, LANGUAGES) == voice


@pytest.mark.parametrize("locale", ["qq-QQ", "", "e", "english"])
def test_a_locale_without_a_voice_is_refused_by_name(locale):
    with pytest.raises(Refusal, match=f"locale '{locale}'") as caught:
        by_locale(locale, LANGUAGES)
    assert caught.value.status == 404


def test_a_tag_is_not_shortened():
    assert by_tag("en-AU", LANGUAGES) is None
    assert by_tag("EN-gb", LANGUAGES) == "gmw/en"


def test_an_unknown_voice_is_told_what_there_is():
    assert "en-gb" in unknown("en-au", LANGUAGES).why
    assert "variant '+zz'" in unknown("en-us+zz", LANGUAGES).why
    assert unknown("en-uk", LANGUAGES).why == "espeak-ng has no voice 'en-uk': did you mean 'en', 'en-gb' or 'en-us'?"
    assert unknown("Nobody", LANGUAGES).why.endswith("name one by its language, such as en-us or fr-fr")


def test_speed_one_is_the_documented_pace():
    assert words_per_minute(1.0) == 165
    assert words_per_minute(1.2) == 198


@pytest.mark.parametrize("speed", [0.0, -1.0, 0.4, 2.8, float("inf"), float("nan")])
def test_a_speed_that_espeak_would_bend_is_refused(speed):
    with pytest.raises(Refusal, match=r"0\.48 to 2\.73") as caught:
        words_per_minute(speed)
    assert caught.value.status == 400


@given(st.text(alphabet=st.characters(), max_size=80))
def test_speakable_text_keeps_its_offsets_and_has_no_commands(text):
    said = speakable(text)
    assert len(said) == len(text)
    assert not set(said) & {"\0", "\x01", "\x7f"}
    assert all(a == b for a, b in zip(said, text, strict=True) if a != " ")


def test_events_of_a_number_are_one_word():
    text = "May 2024 😀 then"
    events = [(0, 1, 3), (900, 5, 4), (950, 6, 4), (990, 6, 4), (2000, 10, 1), (2100, 11, 1), (2200, 12, 4)]
    words = list(WordFilter(text).words(events))
    assert [text[word.offset : word.offset + word.length] for word in words] == ["May", "2024", "😀", "then"]
    assert [word.sample for word in words] == [0, 900, 2000, 2200]


events = st.lists(st.tuples(st.integers(-5, 10**6), st.integers(-3, 40), st.integers(-2, 12)), max_size=30)


@given(st.text(max_size=30), events)
def test_words_rise_do_not_overlap_and_lie_in_the_text(text, raised):
    end = 0
    for word in WordFilter(text).words(raised):
        assert word.offset >= end and word.length > 0 and word.sample >= 0
        end = word.offset + word.length
    assert end <= len(text)


@given(st.lists(events, max_size=5))
def test_words_do_not_depend_on_how_events_are_grouped(groups):
    text = "one two three four five six seven"
    filtered = WordFilter(text)
    grouped: list[Word] = [word for group in groups for word in filtered.words(group)]
    assert grouped == list(WordFilter(text).words([event for group in groups for event in group]))
