"""The store of the embedded voice's audio: the same bytes whoever asks first, and nothing half written."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from ivr.errors import MissingExtra, SpeechRefused
from ivr.simulator.store import SpeechStore, stored_voice, usual_place
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest
from ivr.testing.voices import ScriptedVoice

REQUEST = SpeechRequest("your balance is ten dollars", "", "en-US")
OTHER = SpeechRequest("good bye", "", "en-US")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return SpeechStore(tmp_path_factory.mktemp("speech"))


def entry(store: SpeechStore, request: SpeechRequest) -> Path:
    key = store.key(request)
    return store._root / key[:2] / f"{key}.speech"


def test_the_same_text_has_the_same_bytes_whatever_was_said_before(store, tmp_path):
    store.speech(REQUEST)
    store.speech(OTHER)
    backwards = SpeechStore(tmp_path)
    backwards.speech(OTHER)
    backwards.speech(REQUEST)
    for request in (REQUEST, OTHER):
        assert entry(store, request).read_bytes() == entry(backwards, request).read_bytes()


def test_an_entry_is_read_and_not_made_again(store, monkeypatch):
    made = store.speech(REQUEST)
    monkeypatch.setattr("ivr.simulator.store.render", lambda request: pytest.fail("made again"))
    read = store.speech(REQUEST)
    assert np.array_equal(made.samples, read.samples) and made.words == read.words and read.words
    assert read.rate == made.rate and not read.samples.flags.writeable


@pytest.mark.parametrize("broken", [b"", b"{}\n", b'{"version": 1', b"\xff\xfe\n\x00"])
def test_an_entry_that_is_not_whole_is_made_again(store, broken):
    store.speech(OTHER)
    whole = entry(store, OTHER).read_bytes()
    for data in (broken, whole[:-100]):
        entry(store, OTHER).write_bytes(data)
        store.speech(OTHER)
        assert entry(store, OTHER).read_bytes() == whole


def test_every_part_of_a_request_is_in_its_key(store):
    others = [
        SpeechRequest("x", "", "en-US"),
        SpeechRequest(REQUEST.text, "en", "en-US"),
        SpeechRequest(REQUEST.text, "", "en-GB"),
        SpeechRequest(REQUEST.text, "", "en-US", 1.1),
    ]
    assert len({store.key(request) for request in (REQUEST, *others)}) == 5


def test_what_was_not_used_for_longest_goes(store, tmp_path):
    small = SpeechStore(tmp_path)
    for age, request in enumerate((REQUEST, OTHER)):
        small.speech(request)
        os.utime(entry(small, request), (1000.0 + age, 1000.0 + age))
    SpeechStore(tmp_path, limit=entry(small, OTHER).stat().st_size).prune()
    assert not entry(small, REQUEST).exists() and entry(small, OTHER).exists()


def test_it_speaks_in_a_simulation_with_its_words(store):
    parts = list(stored_voice(store, ScriptedVoice(first_audio=0.3))(REQUEST, 1))
    chunks = [part for _, part in parts if isinstance(part, SpeechChunk)]
    spoken = store.speech(REQUEST)
    assert parts[0][0] == 0.3 and parts[-1][1] is None
    assert np.array_equal(np.concatenate([chunk.samples for chunk in chunks]), spoken.samples)
    assert tuple(word for chunk in chunks for word in chunk.words) == spoken.words


def test_what_the_voice_refuses_is_refused_in_the_simulation(store):
    request = SpeechRequest("hello", "no-such-voice", "en-US")
    ((_, error),) = stored_voice(store)(request, 1)
    assert isinstance(error, SpeechRefused)
    assert not entry(store, request).exists()


def test_without_the_voice_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match="voice"):
        SpeechStore(tmp_path)


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="XDG is of other systems")
def test_its_usual_place_is_the_platforms(tmp_path):
    assert usual_place({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "ivr-runtime" / "speech"
    assert usual_place({"XDG_CACHE_HOME": "relative"}) == Path.home() / ".cache" / "ivr-runtime" / "speech"
