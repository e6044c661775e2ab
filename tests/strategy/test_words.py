"""Prompts in pieces: as the runtime resolves them, with the lengths of clips where they are known."""

import pytest
from planned import project

from ivr.phrases.lock import Lock, LockEntry
from ivr.project.profiles.profile import load_profile
from ivr.project.settings.readback import ReadBackSettings
from ivr.strategy.told import Row, row
from ivr.strategy.values import lengths
from ivr.strategy.words import Handling, Words, brief, label, seconds_of

DIALOG = """\
dialog: main
start: a
states:
  a: {lookup: {run: bank.balance, as: amount}, say: sum, goto: b}
  b: {say: again, collect: {as: typed, digits: 2-4, end: "#", goto: c}}
  c: {say: code, hang_up: yes}
"""


def entry(text, seconds, origin="rendered"):
    return LockEntry(
        clip="hello",
        phrase="hello",
        locale="en-US",
        text=text,
        origin=origin,
        file="hello.wav",
        provider="espeak-ng/1",
        voice="v",
        seconds=seconds,
        rate=8000,
        loudness=-20.0,
        level=-20.0,
        peak=-6.0,
        key="k",
        sha256="0",
    )


@pytest.fixture
def words(tmp_path):
    loaded = project(tmp_path, DIALOG).load()
    return Words(loaded.catalogue(), Lock({"hello": entry("Welcome to the bank.", 1.001)}), {("amount", "money"): 20.0})


def test_a_prompt_is_its_clips_slots_and_pauses(words):
    assert [(piece.handling, piece.text, round(piece.seconds, 3)) for piece in words.of("again")] == [
        (Handling.CLIP, "Welcome to the bank.", 1.02),  # whole frames of 20 ms
        (None, "", 0.3),
        (Handling.CLIP, "Press one, or two.", 1.2),  # by its letters
        (None, "", 0.3),
    ]
    assert [piece.measured for piece in words.of("again") if piece.handling] == [True, False]
    assert [piece.text for piece in words.of("again", 2)] == ["Press one, or two.", ""]
    assert words.of("nobody") == ()


def test_a_slot_is_live_and_as_long_as_its_value_with_what_ends_it(words):
    preamble, live, pause = words.of("sum")
    assert (preamble.characters, live.characters) == (len("You have,"), 21)
    assert (live.text, live.slot.kind, live.seconds) == ("{amount:money}", "money", pytest.approx(21 / 15))
    assert pause.handling is None


@pytest.mark.parametrize(
    ("prompt", "strategy", "fits"),
    [("hello", "clip", Row.PRE_GENERATE), ("sum", "clip then stream", Row.BOTH), ("bare", "stream", Row.STREAMING),
     ("code", "clip then stream then clip then stream", Row.BOTH), ("hold", "clip", Row.PRE_GENERATE)],
)  # fmt: skip
def test_what_fits_words(words, prompt, strategy, fits):
    assert (label(words.of(prompt)), row(words.of(prompt))) == (strategy, fits)


@pytest.mark.parametrize(
    ("names", "told"),
    [(["clip"], "clip"), (["clip", "auto"] * 2, "clip then auto then clip then auto"),
     (["clip", "auto"] * 11, "clip then auto, 11 times"),
     ([*["clip", "auto"] * 11, "clip"], "clip then auto, 11 times, then clip"),
     ([*["clip", "auto"] * 2, "clip", "stream"], "clip × 3, auto × 2, stream × 1"),
     ([*["clip", "auto"] * 2, "stream"], "clip × 2, auto × 2, stream × 1")],
)  # fmt: skip
def test_a_long_strategy_is_told_in_few_words(names, told):
    assert brief(" then ".join(names)) == told


def test_in_fragments_no_value_is_live_but_where_its_phrase_may_stream(tmp_path):
    loaded = project(tmp_path, DIALOG).load()
    for stream, strategy in (((), "clip then fragments"), (("sum",), "clip then stream")):
        asked = ReadBackSettings(mode="fragments", stream=stream)
        words = Words(loaded.catalogue(), Lock(), {}, asked)
        assert label(words.of("sum")) == strategy
    asked = ReadBackSettings(mode="auto")
    assert label(Words(loaded.catalogue(), Lock(), {}, asked).of("sum")) == "clip then auto"


def test_a_clip_of_other_words_has_an_estimated_length():
    lock = Lock(
        {
            "hello": entry("Other words.", 1.0),
            "music": entry("", 2.0, "own"),
            "said": entry("Old words.", 1.5, "recorded"),
        }
    )
    assert seconds_of("hello", "Welcome.", lock) is None
    assert seconds_of("hello", "Other words.", lock) == 1.0
    assert seconds_of("music", "", lock) == 2.0
    assert seconds_of("said", "New words.", lock) == 1.5  # what a person said is what is heard
    assert seconds_of("none", "", lock) is None


def test_lengths_come_from_the_profile_and_from_what_is_typed(tmp_path):
    directory = project(tmp_path, DIALOG)
    loaded = directory.load()
    file = directory.write("prompts/profiles/tried.yaml", "lookups: {bank.balance: {returns: [1, 5.50]}}")
    found, assumed = lengths(loaded, load_profile(loaded, str(file)), "en-US")
    assert found["amount", "money"] == (len("one dollar") + len("five dollars and fifty cents")) / 2
    assert found["typed", "digits"] == (len("one one") + len("one one one one")) / 2
    assert assumed == set()
    file.write_text("{}")
    found, assumed = lengths(loaded, load_profile(loaded, str(file)), "en-US")
    assert assumed == {("amount", "money")}
    assert found["amount", "money"] == len("one thousand two hundred thirty four dollars and fifty six cents")
