"""The page as a file, out of cards; ``test_preview_browser.py`` opens it."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from recorded import HOSTILE

from ivr.catalog.phrase import Literal, Slot
from ivr.pregen.preview.card import STATES, Card, Preview, Sound, Take, Turn
from ivr.pregen.preview.page import page
from ivr.pregen.preview.told import told
from ivr.trace.html.packed import packed

SOUND = Sound(1.5, -20.2, -3.0, (0, 50, 100), packed(b"RIFF"))
CARD = Card(
    "hello", "hello", "en-US", (Literal("hello", "Hello."),), "ready", "rendered", "hello.wav", "ann", sound=SOUND
)
SLOTS = (Literal("sum", "You have,"), Slot("amount", "money", "."), Literal("sum.2", "Thank you."))


def shown(*cards: Card, turns: tuple[Turn, ...] = (), **more: object) -> Preview:
    said = {"main": frozenset({"hello"})}
    return Preview("Shop", -20.0, cards, turns, said, {}, **more)  # type: ignore[arg-type]


class Seen(HTMLParser):
    """Every element with its attributes, and the whole text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, style: str) -> list[dict[str, str | None]]:
        return [attrs for _, attrs in self.elements if style in (attrs.get("class") or "").split()]


def text_of(row: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", "", row))


def row(card: Card) -> str:
    (found,) = re.findall(r'<li class="clip".*?</li>', page(shown(card)), re.DOTALL)
    return found


def test_it_needs_nothing_but_itself_and_lets_nothing_else_run() -> None:
    text = page(shown(CARD))
    elements = Seen(text).elements
    assert not [attrs for _, attrs in elements if "src" in attrs or "style" in attrs]
    assert not [name for _, attrs in elements for name in attrs if name.startswith("on")]
    assert {attrs["href"] for _, attrs in elements if "href" in attrs} == {"data:,"}
    assert "url(" not in text and "@import" not in text
    policy = next(
        str(attrs["content"]) for _, attrs in elements if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    for tag in ("script", "style"):
        ((inside),) = re.findall(f"<{tag}(?: type=.module.)?>(.*?)</{tag}>", text, re.DOTALL)
        assert f"{tag}-src 'sha256-{b64encode(sha256(inside.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy
    assert "media-src blob:;" in policy


def test_hostile_texts_become_no_element() -> None:
    def made(text: str) -> str:
        parts = (Literal(text, text), Slot(text, text, text))
        card = Card(text, text, text, parts, "stale", "own", text, text, text, (text,), SOUND, link=text)
        linked = replace(card, clip=text + "2", sound=replace(SOUND, packed=""))
        turn = Turn(text, text, text, (text,), (Take(text, ((text, (*parts, Literal("gone", text))),)),))
        said = {text: frozenset({text})}
        return page(Preview(text, -20.0, (card, linked), (turn,), said, said, (text,), 1, 5))

    plain, hostile = Seen(made("plain")), Seen(made(HOSTILE))
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in plain.elements]
    assert [list(attrs) for _, attrs in hostile.elements] == [list(attrs) for _, attrs in plain.elements]
    assert hostile.text.count(HOSTILE) == plain.text.count("plain") > 10


@pytest.mark.parametrize("state", STATES)
def test_each_state_is_told_by_a_word(state: str) -> None:
    word = "not in the lock" if state == "entered" else state
    found = row(replace(CARD, state=state, sound=None if state == "missing" else SOUND))
    assert f">{word}</span>" in found
    mended = state not in ("ready", "entered", "live")
    assert ("todo" in re.search('data-kinds="([^"]*)"', found)[1]) == mended
    assert (STATES[state] in text_of(found)) == mended


def test_what_is_known_of_it_stands_in_place_of_what_the_state_means() -> None:
    found = text_of(row(replace(CARD, state="stale", why="it says “Hi.”")))
    assert "it says “Hi.”" in found and STATES["stale"] not in found


def test_a_recording_says_so_and_warnings_are_told() -> None:
    found = row(replace(CARD, origin="recorded", warnings=("much noise: −41 dBFS",)))
    assert ">recorded</span>" in found and "much noise: −41 dBFS" in found
    assert 'data-kinds="ready warned"' in found and 'data-origin="recorded"' in found
    assert "1 ready; 1 recorded." in page(shown(replace(CARD, origin="recorded")))


@pytest.mark.parametrize(
    ("level", "says"),
    [
        (-20.5, None),
        (-19.5, None),
        (-20.51, "0.51 LU too quiet"),
        (-18.8, "1.20 LU too loud"),
        (-23.4, "3.40 LU too quiet"),
    ],
)
def test_a_level_off_the_target_is_marked_in_words(level: float, says: str | None) -> None:
    found = row(replace(CARD, sound=replace(SOUND, level=level)))
    assert f"{level:.1f}".replace("-", "−") + " LUFS" in found
    assert ("LU too" in found) == (says is not None) == ("off" in re.search('data-kinds="([^"]*)"', found)[1].split())
    if says:
        assert says in found
    own = row(replace(CARD, sound=replace(SOUND, level=level), levelled=False))
    assert "LU too" not in own


def test_a_peak_that_is_too_high_is_marked_and_silence_has_no_level() -> None:
    assert "over −1 dBFS" in row(replace(CARD, sound=replace(SOUND, peak=-0.9)))
    assert "over" not in row(replace(CARD, sound=replace(SOUND, peak=-1.0)))
    assert "over −1 dBFS" in row(replace(CARD, sound=replace(SOUND, peak=0.0)))
    quiet = text_of(row(replace(CARD, sound=replace(SOUND, level=None, peak=None))))
    assert "silent" in quiet and "dBFS" not in quiet


def test_slots_are_marked_and_the_words_of_other_clips_set_off() -> None:
    found = row(replace(CARD, clip="sum", phrase="sum", parts=SLOTS))
    assert "You have, {amount:money}. Thank you." in text_of(found)
    assert re.search(r'class="slot" title="live: [^"]*money[^"]*">\{amount:money\}<', found)
    assert re.findall('class="other"[^>]*>([^<]*)<', found) == ["Thank you."]


def test_sounds_that_are_not_in_the_page_are_linked_and_the_page_says_so() -> None:
    linked = replace(CARD, clip="b", sound=replace(SOUND, packed=""), link="./audio/b.wav")
    text = page(shown(CARD, linked, left_out=1, limit=5_000_000))
    assert text.count("<template id=") == 1 and '<template id="s0">' in text
    assert re.findall('data-src="([^"]*)"', text) == ["", "./audio/b.wav"]
    assert "5 MB of sound are in this page; 1 of its players play the files themselves" in text
    assert "media-src blob: 'self' file:;" in text
    assert "No sound is in this page; 1 of" in page(shown(linked, left_out=1))
    assert "--audio-limit" not in page(shown(CARD))
    assert "<li>no dialogs</li>" in page(shown(CARD, notes=("no dialogs",)))


def test_a_turn_is_made_of_clips_and_what_is_live() -> None:
    cards = [replace(CARD, clip=name, phrase="sum", parts=SLOTS) for name in ("sum", "sum.2")]
    cards[1] = replace(cards[1], state="missing", sound=None)
    turn = Turn("main", "left", "en-US", ("sum",), (Take("first", (("sum", SLOTS), ("x", (Literal("x", "Gone."),)))),))
    text = page(shown(*cards, turns=(turn,)))
    (said,) = re.findall(r'<section class="turn".*?</section>', text, re.DOTALL)
    assert re.findall('data-(clip|live|gone)="([^"]*)"', said) == [
        ("clip", "0"),
        ("live", "amount"),
        ("clip", "1"),
        ("gone", "x"),
    ]
    assert "main › left" in said and 'data-in="0"' in said
    assert text_of(said).count("missing") == 1


def test_the_filters_have_what_there_is_with_counts() -> None:
    cards = [CARD, replace(CARD, clip="b", state="stale", voice="bob"), replace(CARD, clip="c", state="stale")]
    text = page(shown(*cards))
    options = re.findall(r'<option value="([^"]*)">([^<]*)', text)
    assert ("stale", "stale (2)") in options and ("todo", "to be mended (2)") in options
    assert ("bob", "bob") in options and ("missing", "missing (0)") not in options
    assert "3 clips, 4.5 s of sound: 1 ready, 2 stale. Target −20 LUFS ± 0.5 LU." in text


def test_lines_are_counted_as_they_are_shown_and_no_name_is_there_twice() -> None:
    live = replace(CARD, clip="d (en-US)", state="live", origin="live", sound=None)
    said = {"dialogs": {"main": frozenset({"a"})}, "prompts": {"main": frozenset({"a"})}}
    text = page(replace(shown(CARD, live), **said))
    assert "1 clip and 1 live phrase, 1.5 s of sound: 1 ready. Target" in text
    names = re.findall(r'<option value="[^"]*">([^<]*main)', text)
    assert names == ["main", "prompt main"]


def test_the_same_cards_make_the_same_page_and_none_a_page_too() -> None:
    assert page(shown(CARD)) == page(shown(CARD))
    assert "0 clips, 0.0 s of sound" in page(shown())


def test_machines_are_told_the_same() -> None:
    found = told(shown(replace(CARD, clip="sum", phrase="hello", parts=SLOTS, sound=replace(SOUND, level=-21.234))))
    assert found["states"] == {"ready": 1} and found["target"] == -20.0
    (clip,) = found["clips"]
    assert (clip["text"], clip["level"], clip["off"], clip["peak"]) == ("You have,", -21.23, -1.23, -3.0)
    assert (clip["seconds"], clip["dialogs"], clip["prompts"]) == (1.5, ["main"], [])
    assert told(shown(CARD, notes=("no dialogs",)))["notes"] == ["no dialogs"]
    (none,) = told(shown(replace(CARD, sound=None)))["clips"]
    assert none["seconds"] is none["level"] is none["off"] is none["peak"] is None
