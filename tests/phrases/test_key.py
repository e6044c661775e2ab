import pytest

from ivr.phrases.key import phrase_key

BASE = {
    "text": "Hello there.",
    "provider": "espeak-ng/1.52",
    "voice": "en-us",
    "locale": "en-US",
    "speed": 1.0,
    "target": -20.0,
    "rate": 8000,
}


def test_a_key_is_the_same_on_every_machine():
    assert phrase_key(**BASE) == "55ddf4809e2cf17132c09999670f05fd"


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("text", "Hello, there."),
        ("provider", "espeak-ng/1.53"),
        ("voice", "en-gb"),
        ("locale", "en-GB"),
        ("speed", 1.1),
        ("target", -19.0),
        ("rate", None),
    ],
)
def test_each_part_makes_another_key(part, value):
    assert phrase_key(**{**BASE, part: value}) != phrase_key(**BASE)


def test_spellings_that_sound_alike_share_a_key():
    assert phrase_key(**{**BASE, "text": " Hello\n  there. "}) == phrase_key(**BASE)
    assert phrase_key(**{**BASE, "text": "caf\u00e9"}) == phrase_key(**{**BASE, "text": "cafe\u0301"})


def test_whole_numbers_are_the_same_as_floats():
    assert phrase_key(**{**BASE, "speed": 1, "target": -20}) == phrase_key(**BASE)
