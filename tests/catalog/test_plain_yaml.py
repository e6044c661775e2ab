"""The quick reader never says anything but what the careful one says."""

import pytest
from corpus import BASE, CORPUS, case
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivr.catalog.careful_yaml import carefully
from ivr.catalog.plain_yaml import plain
from ivr.project.starter import starter_root

STARTER = [file.read_text() for file in sorted((starter_root() / "prompts").rglob("*.yaml"))]
TEXTS = [*STARTER, *BASE.values(), *(text for path in CORPUS for text in case(path).files.values())]

SIGNS = "a|b: |- |\n|\n  |\n    | |{|}|[|]|, |: |:|'|\"|#| # c|>-\n|\\|\t|~|null|yes|1|&x |*x|!t |<<: |? |---|...|%|@|`"
ODD = "é|😀|\r\n|\r|\x85|\u2028|\ufeff|\x00|\x07|key: 'it''s'\n|k2: \"a\\n\\u00e9\"\n|k3: {x:y}\n|k4:\n"
PIECES = st.sampled_from([*SIGNS.split("|"), *ODD.split("|"), "|\n", "k5: |\n  x\n"])


def the_same(text):
    quick = plain(text)
    if quick is None:
        return False
    data, problems, places = carefully(text, "f.yaml")
    assert (problems, data, places) == ((), *quick)
    return True


@pytest.mark.parametrize("text", TEXTS)
def test_files_are_read_alike(text):
    the_same(text)


def test_good_files_are_read_quickly():
    good = [text for text in (*STARTER, *BASE.values()) if "def left" not in text]
    assert len(good) == 8 and all(the_same(text) for text in good)


@pytest.mark.parametrize(
    "text",
    ["", "- a\n", "a: &x 1\n", "a: *x\n", "a: !t 1\n", "<<: {a: b}\n", "a: 1\na: 2\n", "? [a]\n: b\n",
     "a: {b, ? , c: d}\n",
     "a: 1\n---\nb: 2\n", "%YAML 1.1\n---\na: yes\n", "a: 'x\x85y'\n", "a: " + "[" * 40 + "]" * 40 + "\n", "a: \x00\n"],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_other(text):
    assert plain(text) is None


def test_an_end_that_is_written_is_left():
    assert plain("top: 1\n...\n") is None and plain("top: 1\n...\n...\n") is None


@settings(max_examples=1000, deadline=None)
@given(st.lists(PIECES, max_size=24).map("".join))
@example("...\n...")
@example("a: |\n  x\n b: c\n")
def test_any_text_is_read_alike_or_left(text):
    the_same(f"top: 1\n{text}")


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(TEXTS), st.integers(0, 5000), st.integers(0, 9), st.lists(PIECES, max_size=3).map("".join))
def test_spoiled_files_are_read_alike_or_left(text, at, cut, piece):
    at %= len(text) + 1
    the_same(text[:at] + piece + text[at + cut :])
