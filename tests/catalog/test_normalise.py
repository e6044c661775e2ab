import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.catalog.normalise import normalise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  two \n\t words\u00a0here ", "two words here"),
        ("“Don’t”", '"Don\'t"'),
        ("cafe\u0301", "caf\u00e9"),
        ("e\u200b\u0301", "\u00e9"),
        ("a\x00b\u200bc\u202ed\u00ade\ufefff", "abcdef"),
        ("Really?! Yes; (no): fine…", "Really?! Yes; (no): fine…"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a\ud800b", "ab"),
        ("a\x1fb", "a b"),
        ("", ""),
        (" \u2003\n", ""),
    ],
)
def test_examples(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(st.text(st.characters() | st.sampled_from(" \n\u200b\u0301\u0338'“’′\u2000\u037e\u1fef")))
def test_laws(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once == once.strip()
    assert "  " not in once
    assert all(unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") for char in once)
    once.encode()


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
def test_printable_ascii_stays(text: str) -> None:
    assert normalise(text) == text
