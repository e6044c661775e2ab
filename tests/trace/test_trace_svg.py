from __future__ import annotations

import itertools
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from ivr.trace.svg import Drawing, fitted, safe, stacked, staggered, used, width, wrapped

extents = st.lists(st.tuples(st.floats(0, 500), st.floats(1, 200)).map(lambda p: (p[0], p[0] + p[1])), max_size=12)


@given(st.text())
def test_any_text_makes_a_document_that_parses(text: str) -> None:
    drawing = Drawing()
    drawing.text(0, 0, text, "a", text)
    drawing.rect(0, 0, 5, 5, "a", text)
    root = ElementTree.fromstring(drawing.document(10, 10, text, ""))
    # A parser turns line ends into one kind.
    shown = safe(text).replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    assert (root[0].text or "") == shown.replace("\r\n", "\n").replace("\r", "\n")


def test_what_no_xml_may_hold_is_replaced() -> None:
    assert safe('a\x00\ud800<&>"') == "a\ufffd\ufffd&lt;&amp;&gt;&quot;"


@given(st.text(), st.floats(0, 300))
def test_what_is_fitted_is_no_wider_than_its_room(text: str, room: float) -> None:
    assert width(fitted(text, 10, room), 10) <= room + 1e-6


def test_what_is_cut_ends_in_an_ellipsis_and_crumbs_are_left_out() -> None:
    assert fitted("Thank you", 10, 1000) == "Thank you"
    assert fitted("Thank you for calling", 10, 60).endswith("…")
    assert fitted("Thank you for calling", 10, 20) == ""


def test_words_are_wrapped_between_words() -> None:
    assert wrapped("one two three", 10, width("one two", 10), 2) == [
        "one two",
        fitted("three", 10, width("one two", 10)),
    ]
    assert wrapped("one two", 10, 500, 2) == ["one two"]
    assert wrapped("", 10, 500, 2) == []
    assert wrapped("incomprehensibilities are long", 10, 60, 2) == [fitted("incomprehensibilities are long", 10, 60)]


@given(extents)
def test_labels_on_one_level_do_not_overlap(places: list[tuple[float, float]]) -> None:
    places.sort()
    chosen = staggered(places, 3)
    for level in range(3):
        row = [place for place, at in zip(places, chosen, strict=True) if at == level]
        assert all(one[1] <= other[0] for one, other in itertools.pairwise(row))


@given(extents)
def test_a_label_covers_no_line_of_one_that_hangs_farther_out(places: list[tuple[float, float]]) -> None:
    places.sort()
    chosen = stacked(places, 4)
    for index, (place, level) in enumerate(zip(places, chosen, strict=True)):
        for other, farther in zip(places[index + 1 :], chosen[index + 1 :], strict=True):
            if level is not None and farther is not None and other[0] < place[1]:
                assert farther < level


def test_labels_without_room_have_no_level() -> None:
    assert staggered([(0, 10), (1, 10), (2, 10), (10, 20)], 2) == [0, 1, None, 0]
    assert stacked([(0, 10), (1, 10), (2, 10)], 2) == [None, 1, 0]
    assert (used([0, None, 1]), used([None]), used([])) == (2, 1, 1)
