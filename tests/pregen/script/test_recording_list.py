import csv
import io

import numpy as np
import pytest
from directory import Directory
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import ConfigError
from ivr.media.wave import write_wav
from ivr.pregen.choice import Choice
from ivr.pregen.files.disk import Disk
from ivr.pregen.script.lines import VALUES, Line, of_words, script
from ivr.pregen.script.sayings import COVERS, ELSEWHERE
from ivr.pregen.script.table import COLUMNS, as_csv
from ivr.pregen.script.usable import usable
from ivr.project.audio.fragments import fragments
from ivr.project.audio.wanted import wanted
from ivr.testing.voices import babble

PHRASES = """
locale: en-US
phrases:
  late: Said by nobody.
  hello: Welcome.
  ask: Press one for your points, two for news.
  ask_again: One or two, please.
  silent: I did not hear you.
  points: "You have {points:number} points, and {amount:money} to spend."
  news: "The news: {headline:text}"
  music: {sound: hold.wav}
  bye: Goodbye.
  wait: One moment.
  sorry: We are sorry.
prompts:
  menu: {say: [[hello, ask], [ask_again]]}
  gone: {say: [music, bye]}
"""
GERMAN = "locale: de-DE\nphrases:\n  hello: Willkommen.\n  bye: Auf Wiederhören.\n"
MAIN = """
dialog: main
start: menu
states:
  unused: {say: late, hang_up: yes}
  bye: {say: gone, hang_up: yes}
  points: {set: {points: "3", amount: "2.5"}, say: points, goto: bye}
  menu:
    say: menu
    menu:
      options: {1: points, 2: told}
      no_input: {say: silent, limit: 1, goto: bye}
  told: {dialog: {run: news, goto: bye}}
"""
NEWS = 'dialog: news\nstart: one\nstates:\n  one: {set: {headline: "\\"rain\\""}, say: news, return: yes}\n'


@pytest.fixture
def shop(tmp_path):
    directory = Directory(tmp_path / "shop")
    directory.write(
        "prompts/ivr.yaml", "project: Shop\nlocale: en-US\ncover: {filler: wait, hold: music, fallback: sorry}\n"
    )
    directory.write("prompts/phrases/en-US.yaml", PHRASES)
    directory.write("prompts/dialogs/main.yaml", MAIN)
    directory.write("prompts/dialogs/news.yaml", NEWS)
    return directory


def take(text, spoil=lambda samples: samples):
    """A recording of it, with quiet around."""
    quiet = np.zeros(8000, dtype=np.float32)
    return write_wav([np.concatenate([quiet, spoil(babble(text, 16000)), quiet]).astype(np.float32)], 16000)


def listed(shop, missing=False, **choice):
    sources, choice = shop.sources(), Choice(**choice)
    chosen = {clip.name for clip in of_words(sources, choice)}
    found, _ = usable(sources, chosen, Disk(sources.audio))
    return script(sources, shop.load().repertoire, found, choice, missing=missing)


def test_every_clip_of_words_is_listed_once_where_it_is_heard_first(shop):
    lines = listed(shop)
    assert [(line.dialog, line.where, line.prompt, line.clip) for line in lines] == [
        ("main", "menu", "menu", "hello"),
        ("main", "menu", "menu", "ask"),
        ("main", "menu", "menu", "ask_again"),
        ("main", "menu, no_input 1", "silent", "silent"),
        ("main", "points", "points", "points"),
        ("main", "points", "points", "points.2"),
        ("main", "points", "points", "points.3"),
        ("main", "bye", "gone", "bye"),
        ("main", "unused", "late", "late"),
        ("news", "one", "news", "news"),
        (COVERS, "filler", "wait", "wait"),
        (COVERS, "fallback", "sorry", "sorry"),
    ]
    assert [line.number for line in lines] == list(range(1, 13))
    texts = {clip.name for clip in wanted(shop.load().catalogues, shop.load().settings) if not clip.own}
    assert {line.clip for line in lines} == texts


def test_what_is_heard_around_it(shop):
    by_clip = {line.clip: line for line in listed(shop)}
    around = {clip: (line.before, line.after, line.goes_on) for clip, line in by_clip.items()}
    assert around["hello"] == ("", "Press one for your points, two for news.", False)
    assert around["ask"] == ("Welcome.", "", False)
    assert around["ask_again"] == ("", "", False)
    assert around["points"] == ("", "[twelve] points, and,", True)
    assert around["points.2"] == ("You have, [twelve]", "[twelve dollars and fifty cents] to spend.", True)
    assert around["points.3"] == ("points, and, [twelve dollars and fifty cents]", "", False)
    assert around["news"] == ("", "[headline]", True)
    assert around["bye"] == ("[music]", "", False)
    assert [by_clip[clip].attempt for clip in ("hello", "ask_again", "bye")] == ["1", "2 and later", ""]
    assert by_clip["points.2"].file == "audio/recordings/points.2.wav"


def test_what_no_table_says_stands_at_the_end(shop):
    shop.replace("prompts/dialogs/main.yaml", "  unused: {say: late, hang_up: yes}\n", "")
    last = listed(shop)[-1]
    assert (last.dialog, last.where, last.clip) == (ELSEWHERE, "", "late")


def test_locales(shop):
    shop.write("prompts/phrases/de-DE.yaml", GERMAN)
    lines = listed(shop)
    german = [line for line in lines if line.locale == "de-DE"]
    assert [(line.clip, line.file) for line in german] == [
        ("de-DE/hello", "audio/recordings/de-DE/hello.wav"),
        ("de-DE/bye", "audio/recordings/de-DE/bye.wav"),
    ]
    assert german[0].after == "Press one for your points, two for news."
    assert lines[0].locale == "en-US"
    alone = listed(shop, locales=["de-DE"])
    assert [(line.number, line.clip) for line in alone] == [(1, "de-DE/hello"), (2, "de-DE/bye")]
    with pytest.raises(ConfigError, match="no clip is of locale 'de-AT': did you mean 'de-DE'"):
        listed(shop, locales=["de-AT"])


def test_patterns(shop):
    assert [line.clip for line in listed(shop, phrases=["ask*", "bye"])] == ["ask", "ask_again", "bye"]
    assert [line.number for line in listed(shop, phrases=["ask*", "bye"])] == [1, 2, 3]
    with pytest.raises(ConfigError, match="no phrase matches 'menu'"):
        listed(shop, phrases=["menu"])


def test_what_is_recorded(shop):
    shop.write("audio/recordings/hello.wav", take("Welcome."))
    by_clip = {line.clip: line.recorded for line in listed(shop)}
    assert by_clip["hello"] == "audio/recordings/hello.wav" and by_clip["bye"] == ""
    assert "hello" not in {line.clip for line in listed(shop, missing=True)}
    assert len(listed(shop, missing=True)) == 11


def test_a_recording_of_other_words_is_listed_again(shop, voice):
    shop.write("audio/recordings/bye.wav", write_wav([babble("Goodbye.", 16000)], 16000))
    shop.render(voice, choice=Choice(phrases=["bye"]))
    assert "bye" not in {line.clip for line in listed(shop, missing=True)}
    shop.replace("prompts/phrases/en-US.yaml", "bye: Goodbye.", "bye: So long.")
    (line,) = listed(shop, missing=True, phrases=["bye"])
    assert (line.text, line.recorded) == ("So long.", "")


def test_a_new_recording_of_new_words_is_not_asked_for_again(shop, voice):
    shop.write("audio/recordings/bye.wav", take("Goodbye."))
    shop.render(voice, choice=Choice(phrases=["bye"]))
    shop.replace("prompts/phrases/en-US.yaml", "bye: Goodbye.", "bye: So long.")
    shop.write("audio/recordings/bye.wav", take("So long."))
    assert "bye" not in {line.clip for line in listed(shop, missing=True)}


def loud(samples):
    return np.clip(samples * 40, -0.5, 0.5)


@pytest.mark.parametrize(
    "useless", [b"", b"no sound at all", take("Welcome.", lambda samples: samples * 0), take("Welcome.", loud)]
)
def test_a_recording_that_cannot_be_used_is_to_be_made_again(shop, useless):
    shop.write("audio/recordings/hello.wav", useless)
    (line,) = listed(shop, missing=True, phrases=["hello"])
    assert (line.clip, line.recorded) == ("hello", "")


def test_of_two_recordings_of_one_clip_none_counts(shop):
    for name in ("hello.wav", "HELLO.wav"):
        shop.write(f"audio/recordings/{name}", take("Welcome."))
    assert "hello" in {line.clip for line in listed(shop, missing=True)}


def test_the_length_of_the_clip_that_there_is(shop, voice):
    assert {line.seconds for line in listed(shop)} == {None}
    shop.render(voice, choice=Choice(phrases=["bye"]))
    assert {line.clip for line in listed(shop) if line.seconds} == {"bye"}


def a_line(**changes):
    usual = {"number": 1, "locale": "en-US", "dialog": "main", "where": "a", "prompt": "p", "attempt": ""}
    rest = {"phrase": "p", "clip": "p", "file": "f", "text": "t", "before": "", "after": "", "goes_on": False}
    return Line(**{**usual, **rest, "seconds": 1.5, "recorded": "", **changes})


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=4))
def test_a_spreadsheet_gets_every_text_and_runs_none(texts):
    found = [row["text"] for row in rows(as_csv([a_line(text=text) for text in texts]))]
    for each, text in zip(found, texts, strict=True):
        assert each in (text, f"'{text}")
    assert not any(each[:1] in tuple("=+-@\t\r") for each in found if each)


def test_columns():
    (row,) = rows(as_csv([a_line(text="=1+1", before='say "x", now', goes_on=True)]))
    assert tuple(row) == COLUMNS
    assert (row["text"], row["before"], row["ending"], row["seconds"]) == ("'=1+1", 'say "x", now', "goes on", "1.50")
    assert as_csv([]) == ",".join(COLUMNS) + "\r\n"


def test_fragments_of_values_stand_behind_the_words_of_their_locale(shop):
    shop.replace("prompts/ivr.yaml", "project: Shop", "project: Shop\nreadback: {mode: fragments, stream: [news]}")
    sources = shop.sources()
    needed = {clip.name for clip in fragments(sources.catalogues, sources.settings)}
    lines = listed(shop)
    values = [line for line in lines if line.dialog == VALUES]
    assert {line.clip for line in values} == needed
    numbers = [line.number for line in lines]
    assert numbers == list(range(1, len(lines) + 1))
    english = [line for line in lines if line.locale == "en-US"]
    assert [line.dialog for line in english[-len(values) :]] == [VALUES] * len(values)
    two = next(line for line in values if line.clip == "fragments/en-US/two")
    assert (two.text, two.before, two.after, two.goes_on) == ("two", "Now,", "then.", True)
    assert (two.file, two.where) == ("audio/recordings/fragments/en-US/two.wav", "within a sentence")
    assert [line.goes_on for line in values] == sorted((line.goes_on for line in values), reverse=True)


def test_a_fragment_that_was_recorded_is_not_asked_for_again(shop):
    shop.replace("prompts/ivr.yaml", "project: Shop", "project: Shop\nreadback: {mode: fragments, stream: [news]}")
    before = {line.clip for line in listed(shop, missing=True)}
    shop.write("audio/recordings/fragments/en-US/two.wav", take("two"))
    assert before - {line.clip for line in listed(shop, missing=True)} == {"fragments/en-US/two"}
