import pytest

from ivr.phrases.key import Delivery, phrase_key, recording_key

BASE = {
    "text": "Hello there.",
    "provider": "espeak-ng/1.52",
    "delivery": Delivery("en-us"),
    "locale": "en-US",
    "target": -20.0,
    "rate": 8000,
}


def test_a_key_is_the_same_on_every_machine():
    assert phrase_key(**BASE) == "8b37f043e44214b85dfcb362db896d44"


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("text", "Hello, there."),
        ("provider", "espeak-ng/1.53"),
        ("delivery", Delivery("en-gb")),
        ("delivery", Delivery("en-us", 1.1)),
        ("delivery", Delivery("en-us", model="large")),
        ("delivery", Delivery("en-us", style="large")),
        ("delivery", Delivery("en-us", sent="pcm/24000")),
        ("locale", "en-GB"),
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
    assert phrase_key(**{**BASE, "delivery": Delivery("en-us", 1), "target": -20}) == phrase_key(**BASE)


RECORDED = {"sha256": "a" * 64, "target": -20.0, "rate": 8000}


@pytest.mark.parametrize(("part", "value"), [("sha256", "b" * 64), ("target", -19.0), ("rate", None)])
def test_each_part_makes_another_key_of_a_recording(part, value):
    assert recording_key(**{**RECORDED, part: value}) != recording_key(**RECORDED)
