"""Fragments joined: sample for sample, in order, with their pauses, in whole frames."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.catalog.readback import units
from ivr.catalog.saying.unit import Unit
from ivr.media.clip import Clip
from ivr.media.format import ALAW_8K, L16_16K, MULAW_8K
from ivr.media.tones import tone
from ivr.phrases.fragments import Fragments, fragment_name, is_fragment
from ivr.phrases.store import PhraseStore

TEXTS = ["one", "two", "twenty one", "dollars", "cents"]
FORMATS = [MULAW_8K, ALAW_8K, L16_16K]
spoken = st.lists(
    st.builds(Unit, st.sampled_from(TEXTS), st.booleans(), st.floats(0, 0.5, allow_nan=False)), min_size=1, max_size=12
)


def clip(text, final, format, samples):
    """Bytes that tell which fragment they are of."""
    mark = 1 + 2 * TEXTS.index(text) + final
    return Clip(bytes([mark]) * format.size(samples), format, -20.0 - mark, -21.0 - mark, "x")


def made(format, lengths):
    named = {}
    for text in TEXTS:
        for final in (False, True):
            length = lengths[TEXTS.index(text)] + final
            named[fragment_name("en-US", text, final)] = clip(text, final, format, length)
    return Fragments(named, format), named


@given(spoken, st.sampled_from(FORMATS), st.lists(st.integers(1, 4000), min_size=5, max_size=5))
def test_the_fragments_their_pauses_and_nothing_else(said, format, lengths):
    fragments, named = made(format, lengths)
    whole = fragments.assemble(said, "en-US")
    expected = b""
    for number, unit in enumerate(said):
        expected += named[fragment_name("en-US", unit.text, unit.final)].payload
        if number + 1 < len(said):
            expected += format.silence(round(unit.pause * format.rate))
    assert whole.payload[: len(expected)] == expected
    filled = whole.payload[len(expected) :]
    assert filled == format.silence(len(filled) // format.sample_bytes)
    assert len(filled) < format.size(format.frame)
    assert whole.samples % format.frame == 0
    assert (whole.head, whole.tail) == (
        named[fragment_name("en-US", said[0].text, said[0].final)].head,
        named[fragment_name("en-US", said[-1].text, said[-1].final)].tail,
    )
    assert whole.name == ""  # it would tell the value


@given(spoken, st.data())
def test_where_one_is_missing_there_is_nothing_to_hear(said, data):
    gone = data.draw(st.sampled_from(said))
    _, named = made(MULAW_8K, [800] * 5)
    del named[fragment_name("en-US", gone.text, gone.final)]
    fragments = Fragments(named, MULAW_8K)
    assert fragments.assemble(said, "en-US") is None
    assert fragments.missing(said, "en-US") == [fragment_name("en-US", gone.text, gone.final)]


def test_no_units_and_another_locale_are_nothing():
    fragments, _ = made(MULAW_8K, [800] * 5)
    assert fragments.assemble((), "en-US") is None
    assert fragments.assemble((Unit("one"),), "de-DE") is None


def test_the_name_is_the_place_below_audio():
    assert fragment_name("en-US", "twenty one", False) == "fragments/en-US/twenty_one"
    assert fragment_name("en-US", "twenty one", True) == "fragments/en-US/twenty_one.final"
    assert is_fragment("fragments/en-US/one") and not is_fragment("de-DE/greeting")


@given(st.decimals(-999999, 999999, places=2))
def test_the_last_of_an_amount_is_the_one_that_falls(amount):
    said = units("amount", "money", amount, "en-US")
    assert [unit.final for unit in said] == [False] * (len(said) - 1) + [True]


@pytest.mark.parametrize("format", FORMATS)
def test_a_store_pads_no_fragment_and_leaves_its_level(format):
    sound = tone(500, 0.1234, format.rate, -30.0)
    sounds = {"fragments/en-US/one": (sound, format.rate), "hello": (sound, format.rate)}
    clips = PhraseStore(sounds, -20.0).clips(format)
    assert clips["fragments/en-US/one"].samples == len(sound)
    assert clips["hello"].samples == format.whole_frames(len(sound))
    assert clips["hello"].tail > clips["fragments/en-US/one"].tail + 5
