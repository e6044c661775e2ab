"""Words that stand on disk under another name, or that are said twice, are asked for once."""

import asyncio

import pytest
from directory import Directory

from ivr.errors import SpeechRefused
from ivr.phrases.lock import parse
from ivr.pregen.choice import Choice
from ivr.pregen.files.aside import ASIDE
from ivr.pregen.gc import collect
from ivr.pregen.render import render


@pytest.fixture
def shop(tmp_path):
    return Directory(tmp_path / "shop")


def words(directory, texts):
    lines = "".join(f"  {name}: {text}\n" for name, text in texts.items())
    directory.write("prompts/ivr.yaml", "cover: {enabled: no}\n")
    directory.write("prompts/phrases/en-US.yaml", f"locale: en-US\nphrases:\n{lines}")


def heard(directory):
    """What each file says, by the bytes of the clips of a build from nothing."""
    return {name: data for name, data in directory.audio().items() if name.endswith(".wav")}


def moved(directory, voice, before, after):
    """Build both, one behind the other; what the second build said and what it left."""
    words(directory, before)
    assert directory.render(voice).ok
    old = {before[name.removesuffix(".wav")]: data for name, data in heard(directory).items()}
    words(directory, after)
    dry = directory.render(voice, check=True)
    asked = voice.asked.copy()
    report = directory.render(voice)
    assert report.ok
    assert (dry.characters, {one.clip for one in dry.planned if one.twin}) == (report.characters, set(report.copied))
    for name, text in after.items():
        if text in old:
            assert heard(directory)[f"{name}.wav"] == old[text]
            assert voice.asked[text] == asked[text]
    assert not (directory.root / "audio" / ASIDE).exists()
    lock = parse((directory.root / "audio/ivr.lock").read_text(), "lock")
    assert {name: entry.text for name, entry in lock.clips.items() if name in after} == after
    assert len(directory.render(voice).ready) == len(after)
    return report


@pytest.mark.parametrize("ring", [2, 3, 7])
def test_phrases_that_change_places_are_copied(shop, voice, ring):
    before = {f"p{number}": f"Number {number}." for number in range(ring)}
    after = {f"p{number}": f"Number {(number + 1) % ring}." for number in range(ring)}
    assert len(moved(shop, voice, before, after).copied) == ring


def test_a_phrase_before_sixty_others_costs_itself_alone(shop, voice):
    before = {f"p{number:02}": f"Number {number}." for number in range(60)}
    after = {"p00": "New."} | {f"p{number + 1:02}": f"Number {number}." for number in range(60)}
    report = moved(shop, voice, before, after)
    assert (report.rendered, len(report.copied)) == (("p00",), 60)


def test_two_rings_and_copies_of_their_words_beside_them(shop, voice):
    before = {"a": "One.", "b": "Two.", "c": "Three.", "d": "Four.", "e": "Five."}
    after = {"a": "Two.", "b": "One.", "c": "Four.", "d": "Three.", "e": "One.", "f": "Five.", "g": "One.", "h": "Six."}
    report = moved(shop, voice, before, after)
    assert (report.rendered, len(report.copied)) == (("h",), 7)


def test_what_stands_aside_is_kept_until_its_copy_is_made(shop, voice):
    words(shop, {"a": "One."})
    shop.render(voice)
    key = parse((shop.root / "audio/ivr.lock").read_text(), "lock").clips["a"].key
    (shop.root / "audio" / ASIDE).mkdir()
    (shop.root / "audio/a.wav").rename(shop.root / "audio" / ASIDE / f"{key}.wav")
    words(shop, {"b": "One.", "c": "Two."})
    assert shop.render(voice, choice=Choice(["c"])).rendered == ("c",)
    assert shop.render(voice).copied == ("b",)
    assert voice.asked == {"One.": 1, "Two.": 1}
    assert not (shop.root / "audio" / ASIDE).exists()


def test_words_that_stand_twice_are_asked_for_once(shop, voice):
    words(shop, {"a": "One.", "b": "One.", "c": "One.", "d": "Two."})
    dry = shop.render(voice, check=True)
    assert {one.clip: one.twin for one in dry.planned} == {"a": "", "b": "a.wav", "c": "a.wav", "d": ""}
    report = shop.render(voice)
    assert (report.rendered, report.copied) == (("a", "d"), ("b", "c"))
    assert (report.characters, dry.characters) == (8, 8)
    assert voice.asked == {"One.": 1, "Two.": 1}
    assert heard(shop)["a.wav"] == heard(shop)["b.wav"] == heard(shop)["c.wav"]


def test_words_that_stand_twice_and_cannot_be_said_are_named_each(shop, voice):
    words(shop, {"a": "One.", "b": "One.", "c": "Two."})
    voice.fails = {"One.": [SpeechRefused(400, "no such word")]}
    report = shop.render(voice)
    assert sorted(report.failed) == ["a", "b"]
    assert "'b' was not rendered" in report.failed["b"].what
    assert voice.asked["One."] == 1
    again = shop.render(voice)
    assert (again.rendered, again.copied, voice.asked["One."]) == (("a",), ("b",), 2)


def test_a_build_that_is_stopped_between_the_two_asks_for_nothing_again(shop, voice):
    words(shop, {"a": "One.", "b": "One."})

    async def stopped():
        build = asyncio.create_task(render(shop.sources(), voice, progress=lambda progress: build.cancel()))
        with pytest.raises(asyncio.CancelledError):
            await build

    asyncio.run(stopped())
    (shop.root / "audio/ivr.lock").unlink()
    report = shop.render(voice)
    assert sorted(report.copied + report.entered) == ["a", "b"]  # a copy that was under way may have been made
    assert (report.rendered, voice.asked["One."]) == ((), 1)


def test_what_stands_aside_is_left_by_gc(shop, voice):
    words(shop, {"a": "One."})
    shop.render(voice)
    shop.write(f"audio/{ASIDE}/{'0' * 32}.wav", heard(shop)["a.wav"])
    assert collect(shop.sources()).removed == []
    shop.render(voice)
    assert not (shop.root / "audio" / ASIDE).exists()


def test_the_words_of_a_phrase_that_was_not_chosen_are_put_aside(shop, voice):
    words(shop, {"a": "One.", "b": "Two.", "c": "Three."})
    shop.render(voice)
    old = heard(shop)
    words(shop, {"a": "Two.", "b": "One.", "c": "Three."})
    assert shop.render(voice, choice=Choice(phrases=["a"])).copied == ("a",)
    assert shop.render(voice, check=True).characters == 0
    report = shop.render(voice)
    assert (report.copied, report.rendered) == (("b",), ())
    assert heard(shop) == {"a.wav": old["b.wav"], "b.wav": old["a.wav"], "c.wav": old["c.wav"]}
    assert not (shop.root / "audio" / ASIDE).exists()
    assert set(voice.asked.values()) == {1}


def test_nothing_is_put_aside_that_nobody_wants_or_that_stands_elsewhere(shop, voice):
    words(shop, {"a": "One.", "b": "Two.", "c": "One."})
    shop.render(voice)
    words(shop, {"a": "Four.", "b": "Five.", "c": "One."})
    assert shop.render(voice, choice=Choice(phrases=["a", "b"])).ok
    assert not (shop.root / "audio" / ASIDE).exists()


def test_where_words_cannot_be_put_aside_nothing_is_written_over_them(shop, voice):
    words(shop, {"a": "One.", "b": "Two.", "d": "Four."})
    shop.render(voice)
    old = heard(shop)
    words(shop, {"a": "New.", "b": "One.", "c": "New.", "d": "Five."})
    shop.write(f"audio/{ASIDE}", b"")  # no directory can be made there
    report = shop.render(voice, choice=Choice(phrases=["a", "c", "d"]))
    assert (set(report.failed), report.rendered) == ({"a", "c"}, ("d",))
    assert str(shop.root / "audio" / ASIDE) in report.failed["a"].what
    assert heard(shop)["a.wav"] == old["a.wav"]
    (shop.root / "audio" / ASIDE).unlink()
    assert shop.render(voice).copied == ("b", "c")
    assert voice.asked["One."] == 1
