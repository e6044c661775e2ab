from __future__ import annotations

import numpy as np
import pytest

from ivr.media.samples import empty, silence
from ivr.media.tones import tone
from ivr.pregen.preview.measure import BARS, bars, measure
from ivr.pregen.preview.room import Room
from ivr.trace.html.packed import packed


def test_a_tone_measures_as_it_was_made():
    sound = measure(tone(997, 2.0, 8000, -20), 8000)
    assert sound.seconds == 2.0
    assert sound.level == pytest.approx(-23.0, abs=3.1) and sound.peak == pytest.approx(-17.0, abs=3.1)
    louder = measure(tone(997, 2.0, 8000, -14), 8000)
    assert louder.level - sound.level == pytest.approx(6, abs=0.05)
    assert louder.peak - sound.peak == pytest.approx(6, abs=0.05)


def test_silence_and_nothing_have_no_level():
    for samples in (silence(8000), empty()):
        sound = measure(samples, 8000)
        assert (sound.level, sound.peak) == (None, None)


def test_bars_show_where_it_is_loud_on_one_scale():
    samples = np.concatenate([silence(4000), np.full(4000, -0.5, np.float32)])
    found = bars(samples)
    assert found == (0,) * (BARS // 2) + (50,) * (BARS // 2)
    assert bars(np.array([0.1, 2.0], np.float32)) == (10, 100)
    assert bars(empty()) == ()
    assert len(bars(silence(BARS + 1))) == BARS


def test_room_is_given_until_it_is_full_and_nothing_is_made_for_the_bin():
    made = []

    def make() -> bytes:
        made.append(1)
        return b"x" * 100

    room = Room(2 * len(packed(make())) + 1)
    made.clear()
    assert [bool(room.of(make)) for _ in range(5)] == [True, True, False, False, False]
    assert len(made) == 3 and room.refused == 3 and room.taken == room.limit - 1
    assert Room(0).of(make) == "" and len(made) == 3
