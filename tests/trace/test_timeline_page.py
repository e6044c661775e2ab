"""The page as a file; ``test_timeline_browser.py`` opens it."""

from __future__ import annotations

import gzip
import re
from base64 import b64decode, b64encode
from hashlib import sha256
from html.parser import HTMLParser

from recorded import HOSTILE, made

from ivr.trace.events import CallStarted, StateEntered
from ivr.trace.html.entry import Entry, Sound, entry, seen
from ivr.trace.html.packed import packed
from ivr.trace.html.page import page
from ivr.trace.sound import SegmentStarted, Strategy
from ivr.trace.worst import call_figures


def of(name: str = "one", number: int = 0, sound: Sound | None = None, *more: object) -> Entry:
    events = [*made(number).trace]
    events[1:1] = more  # type: ignore[assignment]
    figures = call_figures({"call": name}, events)
    return entry(name, figures, seen(events, figures), sound or Sound("no recording"))


class Seen(HTMLParser):
    """Every element with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def detail_of(one: Entry) -> str:
    return gzip.decompress(b64decode(one.detail)).decode()


def test_it_needs_nothing_but_itself_and_lets_nothing_else_run() -> None:
    text = page([of(), of("two", 3)], "Calls")
    elements = Seen(text).elements
    assert not [attrs for _, attrs in elements if "src" in attrs or "style" in attrs]
    assert not [name for _, attrs in elements for name in attrs if name.startswith("on")]
    links = {attrs["href"] for _, attrs in elements if "href" in attrs}
    assert links == {"#", "#c0", "#c1", "data:,"}
    assert "url(" not in text and "@import" not in text
    policy = next(attrs["content"] for tag, attrs in elements if attrs.get("http-equiv") == "Content-Security-Policy")
    for tag in ("script", "style"):
        ((inside),) = re.findall(f"<{tag}(?: type=.module.)?>(.*?)</{tag}>", text, re.DOTALL)
        assert f"{tag}-src 'sha256-{b64encode(sha256(inside.encode()).digest()).decode()}'" in str(policy)
    assert str(policy).startswith("default-src 'none'; ") and "unsafe" not in str(policy)


def test_a_hostile_trace_becomes_no_element() -> None:
    plain = of("one")
    hostile = of(
        HOSTILE,
        0,
        Sound(HOSTILE),
        CallStarted(HOSTILE, HOSTILE, HOSTILE, 0.0),
        StateEntered(HOSTILE, 0.0, HOSTILE),
        SegmentStarted("u0", HOSTILE, Strategy.CLIP, HOSTILE, False, 0, 0.0, 0.0),
    )
    harmless = [Seen(page([plain], "Calls")).elements, Seen(detail_of(plain)).elements]
    found = [Seen(page([hostile], HOSTILE, [HOSTILE])).elements, Seen(detail_of(hostile)).elements]
    for before, after in zip(harmless, found, strict=True):
        assert {tag for tag, _ in after} <= {tag for tag, _ in before} | {"ul", "li", "rect", "title"}
        assert not [name for _, attrs in after for name in attrs if name.startswith("on")]
    assert "onerror" in detail_of(hostile)


def test_the_list_tells_the_figures_of_each_call() -> None:
    one, two = of("good"), of("bad", 3)
    text = page([two, one], "Calls", ["x.jsonl: damaged"])
    assert text.index(">bad</a>") < text.index(">good</a>")
    assert "<li>x.jsonl: damaged</li>" in text
    kinds = re.findall(r'<tr data-kinds="([^"]*)"', text)
    assert "gaps" in kinds[0].split() and "gaps" not in kinds[1].split()
    assert f'data-v="{two.figures.dead_air:.6f}"' in text
    assert "The worst first: 1 with dead air" in text


def test_what_is_packed_is_the_same_bytes_each_time() -> None:
    assert packed(b"words" * 100) == packed(b"words" * 100)
    assert gzip.decompress(b64decode(packed(b"words"))) == b"words"
    assert page([of()], "Calls") == page([of()], "Calls")


def test_sound_is_stored_once_and_a_call_without_it_says_why() -> None:
    text = page([of("one", 0, Sound("3.0 s", packed(b"RIFF"))), of("two", 1)], "Calls")
    assert text.count('<template id="s') == 1 and '<template id="s0">' in text
    assert "3.0 s" in detail_of(of("one", 0, Sound("3.0 s")))
    assert "no recording of the call" in detail_of(of())


def test_an_empty_list_is_a_page_too() -> None:
    assert "The worst first: none with dead air, 0 with covers." in page([], "Calls")
