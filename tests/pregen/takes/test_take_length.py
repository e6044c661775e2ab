from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.media.tones import tone
from ivr.pregen.takes import clipping, hum, noise
from ivr.pregen.takes.check import APART, LOWEST, WIDE
from ivr.pregen.takes.length import FAR, QUICKEST, SLOWEST, check_length, cut_short, spoken
from ivr.pregen.takes.sound import LONGEST


def found(text, seconds, locale="en-US"):
    return [each.severity.value for each in check_length(tone(440, seconds, 8000, -20), 8000, text, locale)]


def test_letters_are_counted_and_punctuation_is_not():
    assert (spoken("Yes, of course!", "en-US").least, spoken("Yes, of course!", "en-US").most) == (11, 11)


@pytest.mark.parametrize(
    ("text", "locale", "least", "most"),
    [
        ("9", "en-US", 4, 4),
        ("42", "en-US", 8, 8),
        ("2026", "en-US", 16, 20),
        ("0142", "en-US", 16, 20),
        ("1,000", "en-US", 7, 16),
        ("12", "de-DE", 5, 8),
        ("12", "xx-YY", 8, 8),
    ],
)
def test_numbers_are_words_of_their_language(text, locale, least, most):
    said = spoken(text, locale)
    assert said.least <= said.most
    assert said.least == pytest.approx(least, abs=5) and said.most == pytest.approx(most, abs=5)


def test_twelve_in_german_and_digit_by_digit():
    assert (spoken("12", "de-DE").least, spoken("12", "de-DE").most) == (len("zwölf"), 8)


def test_signs_and_initials_may_be_said():
    assert (spoken("ATM", "en-US").least, spoken("ATM", "en-US").most) == (3, 9)
    assert spoken("5 %", "en-US").most > spoken("5", "en-US").most
    assert spoken("5 %", "en-US").least == spoken("5", "en-US").least


def test_a_syllable_is_more_than_a_letter():
    assert spoken("请按一", "zh-CN").least == 9
    assert found("感谢您致电港口银行。", 2.0, "zh-CN") == []


@pytest.mark.parametrize("text", ["", "…", "—"])
def test_nothing_is_said_of_no_words(text):
    assert found(text, 30.0) == []


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 400))
def test_both_bounds_and_both_errors(letters):
    text = "a" * letters
    shortest, longest = letters / QUICKEST, letters / SLOWEST + 1.0
    for seconds, expected in (
        (longest - 0.06, []),
        (longest + 0.06, ["warning"]),
        (longest * FAR + 0.06, ["error"]),
    ):
        assert found(text, seconds) == expected
    if shortest > 0.5:
        assert found(text, shortest + 0.06) == []
        assert found(text, shortest - 0.06) == ["warning"]
        assert found(text, shortest / FAR - 0.06) == ["error"]


@settings(deadline=None)
@given(st.text(max_size=60), st.sampled_from(["en-US", "de-DE", "xx"]))
def test_every_text_can_be_counted(text, locale):
    said = spoken(text, locale)
    assert 0 <= said.least <= said.most and said.sentences >= 1


def test_quiet_at_the_ends_does_not_count():
    quiet = np.zeros(80000, dtype=np.float32)
    speech = np.concatenate((quiet, tone(440, 2.0, 8000, -20), quiet))
    assert check_length(speech, 8000, "a" * 30) == []


def test_the_page_has_the_figures_of_the_code():
    page = (Path(__file__).parents[3] / "docs/recordings.md").read_text()
    for said in (
        f"{LOWEST:,} to {WIDE - 1:,} Hz",
        f"{clipping.MUCH * 100:g} % of all samples",
        f"under {noise.NOISY:g} dB | under {noise.LOST:g} dB",
        f"the quietest quarter within {noise.STEADY:g} dB",
        f"louder than {noise.SILENT:g} dBFS",
        f"over {noise.OFFSET:g} dB",
        f"over {hum.LOUD:g} dB",
        f"stands {hum.CLEAR:g} dB out",
        f"quicker than {QUICKEST:g} letters a second; longer than {SLOWEST:g} letters a second",
        f"{FAR:g} times beyond that",
        f"over {LONGEST:g} s",
        f"over {APART:g} dB, or one of them",
    ):
        assert said in page


@pytest.mark.parametrize(
    ("text", "seconds", "speed", "cut"),
    [
        ("You have reached the bank.", 0.4, 1.0, True),
        ("You have reached the bank.", 0.7, 1.0, False),
        ("You have reached the bank.", 0.4, 2.0, False),
        ("You have reached the bank.", 0.4, 0.5, True),
        ("Yes.", 0.1, 1.0, False),
        ("<phoneme alphabet='ipa' ph='aeiouaeiouaeiou'>Yes</phoneme>.", 0.1, 1.0, False),
        ("…", 0.1, 1.0, False),
    ],
)
def test_what_a_voice_sent_is_held_against_the_words(text, seconds, speed, cut):
    assert bool(cut_short(tone(300, seconds, 8000, -20), 8000, text, speed)) == cut


def test_silence_is_not_cut_short():
    assert not cut_short(np.zeros(8000, dtype=np.float32), 8000, "You have reached the bank.", 1.0)
