"""What slots can say before any call is known: held against what `say_as` does with such values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.catalog.sayas import KINDS, say_as
from ivr.dialog.sayable import Constant, Hinted, Keys, refusal, remedy
from ivr.dialog.values import Kind
from ivr.errors import SlotError

VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.dates(), st.times())


@given(VALUES, st.sampled_from(sorted(KINDS)), st.sampled_from(["en-US", "de-DE", "es-ES", "fr-FR"]))
def test_a_constant_is_refused_if_and_only_if_it_cannot_be_said(value, kind, locale):
    try:
        say_as("slot", kind, value, locale)
        says = True
    except SlotError:
        says = False
    assert (refusal(kind, locale, Constant(value)) is None) is says


@given(st.sampled_from(sorted(KINDS)), st.integers(1, 40), st.text("0123456789", min_size=40, max_size=40))
def test_keys_that_are_refused_for_good_are_never_said(kind, size, digits):
    """Whatever is typed: but for zeros in front, where nobody judges what is typed."""
    keys = digits[:size]
    if refusal(kind, "en-US", Keys(size, size)) is not None and not keys.startswith("0"):
        with pytest.raises(SlotError):
            say_as("slot", kind, keys)


def test_what_is_declared_as_a_number_is_one():
    assert refusal("digits", "en-US", Keys(4, 4, kind=Kind.NUMBER)) is not None
    assert refusal("number", "en-US", Keys(4, 4, kind=Kind.NUMBER)) is None


def test_a_locale_without_words_is_told_elsewhere():
    assert refusal("money", "it-IT", Constant("abc")) is None


def test_the_remedy_names_kinds_that_can_say_it():
    assert (
        remedy("money", "en-US", Constant("A7")) == "write what fits, such as 12.50, or say it as code, spelled, text"
    )
    assert remedy("date", "en-US", Hinted(int, "this is a")).startswith("say it as duration, money, number, ordinal")
    assert "chosen in a branch" in remedy("money", "en-US", Hinted(bool, "this is a"))
    assert remedy("money", "en-US", Constant([])) == "write what fits, such as 12.50"
    assert remedy("digits", "en-US", Constant(4512)).startswith("write a text, '4512' in quotes, or say it as ")
    assert remedy("phone", "en-US", Constant(True)) == "write what fits, such as '+12125550142'"
