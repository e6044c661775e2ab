"""Cards as they are made of a project on disk."""

from __future__ import annotations

import gzip
import re
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
from directory import Voice
from previewed import spoilt, whole

from ivr.catalog.phrase import Slot
from ivr.errors import ConfigError
from ivr.media.format import MULAW_8K
from ivr.media.g711 import mulaw_decode
from ivr.media.tones import tone
from ivr.media.wave import read_wav, write_wav
from ivr.pregen.preview.card import Card, Preview
from ivr.pregen.preview.cards import Reading
from ivr.pregen.preview.gather import gather
from ivr.pregen.preview.room import Room
from ivr.testing.voices import babble

ROOM = 10_000_000


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return spoilt(tmp_path_factory.mktemp("shop") / "it")


def seen(directory, limit: int = ROOM, page: Path | None = None, **options) -> Preview:
    reading = Reading(directory.sources(), Room(limit), page or directory.root / "preview.html")
    return gather(reading, directory.load().repertoire, **options)


def by_name(shown: Preview) -> dict[str, Card]:
    found = {card.clip: card for card in shown.cards}
    assert len(found) == len(shown.cards)
    return found


def heard(card: Card) -> bytes:
    assert card.sound is not None and card.sound.packed
    return gzip.decompress(b64decode(card.sound.packed))


def test_every_clip_has_its_state_and_what_is_known_of_it(project):
    cards = by_name(seen(project))
    states = {name: card.state for name, card in cards.items()}
    assert states == {
        **dict.fromkeys(["hello", "menu", "sum", "sum.2", "bye", "sorry", "music"], "ready"),
        **dict.fromkeys(["es-US/hello", "es-US/menu"], "ready"),
        "menu_again": "stale",
        "deaf": "missing",
        "wait": "corrupt",
        "name_only (en-US)": "live",
        "es-US/bye": "orphaned",
    }
    assert cards["menu_again"].why == "it says “Press one.”"
    assert cards["menu_again"].sound is not None
    assert "cut off" in cards["wait"].why
    assert [cards[name].sound for name in ("deaf", "wait", "name_only (en-US)")] == [None] * 3
    assert (cards["es-US/hello"].voice, cards["hello"].voice, cards["music"].voice) == ("es-419", "en-us", "")
    assert {card.origin for card in cards.values()} == {"rendered", "own", "live"}
    assert list(cards)[-1] == "es-US/bye"


def test_why_a_clip_is_stale_is_told_as_far_as_it_is_known(tmp_path):
    directory = whole(tmp_path / "it")
    directory.write("prompts/ivr.yaml", "voice: {name: other}\ncover: {filler: wait, hold: music, fallback: sorry}\n")
    assert by_name(seen(directory))["bye"].why == "it was spoken by en-us"
    cover = "cover: {filler: wait, hold: music, fallback: sorry}\n"
    directory.write("prompts/ivr.yaml", "voice: {provider: http, url: 'https://v.example.com'}\n" + cover)
    assert by_name(seen(directory))["bye"].why == "it was made by espeak-ng/1.52"
    directory.write("prompts/ivr.yaml", "loudness: -18\ncover: {filler: wait, hold: music, fallback: sorry}\n")
    assert by_name(seen(directory))["bye"].why == "its settings were others"


def test_a_file_that_no_build_made_is_blocked_and_can_be_heard(tmp_path):
    directory = whole(tmp_path / "it")
    directory.write("audio/bye.wav", write_wav([tone(300, 1.0, 8000, -30)], 8000))
    (card,) = (card for card in seen(directory).cards if card.clip == "bye")
    assert card.state == "blocked" and "not written over" in card.why
    assert card.sound is not None and card.sound.seconds == 1.0
    (directory.root / "audio/hello.wav").unlink()
    (directory.root / "audio/hello.wav").mkdir()
    (card,) = (card for card in seen(directory).cards if card.clip == "hello")
    assert (card.state, card.sound) == ("blocked", None) and "directory" in card.why


def taken(text: str) -> bytes:
    """What somebody recorded, with pauses around the words."""
    room = np.zeros(22050 // 4, np.float32)
    return write_wav([np.concatenate((room, babble(text), room))], 22050)


def test_a_recording_stands_in_place_of_the_voice(tmp_path):
    directory = whole(tmp_path / "it")
    said = directory.write("audio/recordings/bye.wav", taken("Goodbye, recorded."))

    def bye() -> Card:
        reading = Reading(directory.sources(), Room(0), tmp_path / "p.html")
        return by_name(gather(reading, None))["bye"]

    found = bye()
    assert (found.state, found.origin, found.voice) == ("stale", "rendered", "en-us")
    assert found.why == "it is to be made from a recording"
    directory.render(Voice())
    found = bye()
    assert (found.state, found.origin, found.voice, found.levelled) == ("ready", "recorded", "", True)
    said.write_bytes(taken("Goodbye, recorded again."))
    assert (bye().state, bye().why) == ("stale", "the recording or its settings were others")
    directory.replace("prompts/phrases/en-US.yaml", "bye: Goodbye.", "bye: Farewell.")
    directory.write("audio/recordings/bye.wav", taken("Goodbye, recorded."))
    assert bye().state == "blocked" and "record it again" in bye().why


def test_the_peak_is_the_locks_where_the_lock_has_it(tmp_path):
    directory = whole(tmp_path / "it")
    lock = directory.root / "audio/ivr.lock"
    before = by_name(seen(directory))["bye"]
    assert before.sound is not None
    lock.write_text(re.sub('("clip": "bye",.*?"peak": )[-.0-9]+', r"\g<1>-7.25", lock.read_text()))
    after = by_name(seen(directory))["bye"]
    assert after.sound is not None and after.sound.peak == -7.25 != before.sound.peak
    assert after.state == "ready"


def test_a_phrase_with_slots_stands_whole_on_the_card_of_each_clip(project):
    cards = by_name(seen(project))
    assert cards["sum"].parts == cards["sum.2"].parts
    assert [part.name for part in cards["sum"].parts if isinstance(part, Slot)] == ["amount", "name"]


def test_what_is_heard_is_what_calls_send(project):
    loaded = whole(project.root.parent / "other").load(clips=True)
    cards = by_name(seen(project))
    for name in ("hello", "sum", "music", "es-US/hello"):
        samples, rate = read_wav(heard(cards[name]))
        assert rate == 8000
        assert np.array_equal(samples, mulaw_decode(loaded.store.clip(name, MULAW_8K).payload))


def test_the_level_is_the_files_and_own_sounds_are_not_off_the_target(project):
    music = by_name(seen(project))["music"]
    assert music.sound is not None and music.sound.level == pytest.approx(-34.7, abs=0.1)
    assert music.off(-20.0) is None and not music.high
    louder, _ = read_wav(heard(music))
    quiet, _ = read_wav((project.root / "audio/music.wav").read_bytes())
    assert np.abs(louder).max() > 2 * np.abs(quiet).max()


def test_beyond_its_room_players_point_at_the_files(project, tmp_path):
    shown = seen(project, 0)
    cards = by_name(shown)
    assert shown.left_out == sum(card.sound is not None for card in shown.cards)
    assert not any(card.sound.packed for card in shown.cards if card.sound)
    assert cards["es-US/hello"].link == "./audio/es-US/hello.wav"
    away = seen(project, 0, tmp_path / "deep" / "er" / "page.html")
    link = (tmp_path / "deep" / "er" / by_name(away)["hello"].link).resolve()
    assert link == (project.root / "audio" / "hello.wav").resolve()


def test_who_comes_first_has_room(project):
    first = len(seen(project, ROOM, only=["hello"]).cards[0].sound.packed)
    shown = seen(project, first)
    assert [bool(card.sound.packed) for card in shown.cards if card.sound] == [True] + [False] * shown.left_out


def test_a_path_with_letters_of_addresses_is_written_so_that_they_lead_there(tmp_path):
    directory = whole(tmp_path / "50% #1?")
    (card,) = (card for card in seen(directory, 0, tmp_path / "p.html").cards if card.clip == "bye")
    assert card.link == "./50%25%20%231%3F/audio/bye.wav"


def test_only_and_locale_choose_and_orphans_go_with_neither(project):
    assert {card.clip for card in seen(project, only=["sum", "name_*"]).cards} == {"sum", "sum.2", "name_only (en-US)"}
    assert {card.clip for card in seen(project, locale="es-US").cards} == {"es-US/hello", "es-US/menu", "es-US/bye"}
    shown = seen(project, only=["hello"], locale="es-US")
    assert {card.clip for card in shown.cards} == {"es-US/hello"}
    assert {turn.locale for turn in shown.turns} == {"es-US"}
    assert {turn.name for turn in seen(project, only=["bye"]).turns} == {"end", "unsaid"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"only": ["nothing*"]}, "no phrase matches 'nothing\\*'"),
        ({"locale": "fr-FR"}, "no phrases for locale 'fr-FR': name one of en-US, es-US"),
        ({"only": ["sorry"], "locale": "es-US"}, "no phrase of locale 'es-US' matches sorry"),
    ],
)
def test_what_matches_nothing_is_refused(project, options, says):
    with pytest.raises(ConfigError, match=says):
        seen(project, **options)


def test_who_says_a_phrase_is_known(project):
    shown = seen(project)
    assert shown.dialogs["main"] >= {"hello", "menu", "menu_again", "sum", "bye", "deaf"}
    assert shown.dialogs["covers"] == {"wait", "music", "sorry"}
    assert shown.prompts == {"main": {"hello", "menu", "menu_again"}, "unsaid": {"bye", "hello"}}
