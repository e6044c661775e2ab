from __future__ import annotations

from base64 import b64decode

import numpy as np
import pytest

from ivr.media.g711 import mulaw_encode
from ivr.testing.line import CallerVoice, Path, background, exponential_jitter, mulaw_frames


def ramp(samples: int) -> np.ndarray:
    return np.linspace(-0.9, 0.9, samples, dtype=np.float32)


def frames(voice: CallerVoice, until: float) -> list[tuple[int, bytes]]:
    taken = []
    while voice.due <= until:
        milliseconds, payload = voice.take()
        taken.append((milliseconds, b64decode(payload)))
    return taken


def test_jitter_is_added_and_order_is_kept():
    path = Path(0.1, [0.0, 0.05, 0.0, -5.0])
    assert [path.arrival(sent) for sent in (1.0, 1.02, 1.03, 1.04)] == pytest.approx([1.1, 1.17, 1.17, 1.17])
    assert path.arrival(2.0) == pytest.approx(2.1)


def test_exponential_jitter_repeats_with_its_seed():
    first = exponential_jitter(np.random.default_rng(7), 0.01)
    second = exponential_jitter(np.random.default_rng(7), 0.01)
    drawn = [next(first) for _ in range(600)]
    assert drawn == [next(second) for _ in range(600)]
    assert min(drawn) >= 0.0 and np.mean(drawn) == pytest.approx(0.01, rel=0.2)


def test_background_has_the_level_that_was_asked_for():
    noise = background(2.0, level_db=-40.0)
    assert len(noise) == 16000 and noise.dtype == np.float32
    assert 10 * np.log10(np.mean(np.square(noise))) == pytest.approx(-40.0, abs=0.2)


def test_frames_are_160_bytes_and_the_last_is_filled_up():
    sound = ramp(200)
    cut = [b64decode(frame) for frame in mulaw_frames(sound)]
    assert [len(frame) for frame in cut] == [160, 160]
    assert b"".join(cut) == mulaw_encode(sound) + b"\xff" * 120


def test_a_background_repeats_on_the_grid():
    voice = CallerVoice(ramp(320))
    voice.begin(10.0)
    taken = frames(voice, 10.0801)
    assert [at for at, _ in taken] == [20, 40, 60, 80]
    assert taken[0][1] == taken[2][1] != taken[1][1] == taken[3][1]


def test_speech_replaces_the_background_from_its_first_whole_frame():
    voice = CallerVoice(np.zeros(160, dtype=np.float32))
    voice.begin(0.0)
    frames(voice, 0.1001)
    voice.say(ramp(320), 0.105)
    taken = frames(voice, 0.2001)
    assert [at for at, _ in taken] == [120, 140, 160, 180, 200]
    assert b"".join(sound for _, sound in taken) == b"\xff" * 160 + mulaw_encode(ramp(320)) + b"\xff" * 320


def test_without_background_there_are_frames_only_while_someone_speaks():
    voice = CallerVoice()
    voice.begin(5.0)
    assert voice.due == float("inf")
    voice.say(ramp(320), 6.0)
    voice.say(ramp(160), 6.001)
    assert [at for at, _ in frames(voice, 99.0)] == [1020, 1040, 1060]
    assert voice.due == float("inf")
    voice.say(ramp(160), 7.0)
    voice.end()
    assert frames(voice, 99.0) == []
