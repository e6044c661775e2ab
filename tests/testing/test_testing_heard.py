from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.testing.heard import Heard, Silence


def tone(samples: int, level: float = 0.5) -> np.ndarray:
    return np.full(samples, level, dtype=np.float32)


def test_pieces_stand_at_their_times_with_silence_between():
    heard = Heard()
    heard.append(1.0, tone(80))
    heard.append(1.02, tone(80, 0.25))
    sound = heard.timeline(0.99, 1.04)
    assert sound.dtype == np.float32
    assert sound.tolist() == [0.0] * 80 + [0.5] * 80 + [0.0] * 80 + [0.25] * 80 + [0.0] * 80


def test_a_rendering_may_begin_and_end_inside_a_piece():
    heard = Heard()
    heard.append(0.0, np.arange(800, dtype=np.float32))
    assert heard.timeline(0.01, 0.02).tolist() == list(range(80, 160))
    assert len(heard.timeline(1.0, 0.5)) == 0


def test_a_piece_stands_at_the_nearest_sample():
    heard = Heard()
    heard.append(0.6 / 8000, tone(1))
    heard.append(2.4 / 8000, tone(1, 0.25))
    assert heard.timeline(0.0, 4 / 8000).tolist() == [0.0, 0.5, 0.25, 0.0]


def test_mulaw_is_decoded_when_it_is_rendered():
    heard = Heard()
    heard.append(0.0, b"\xff\x00\x80")  # zero, and the two ends of the scale (G.711 table 2a)
    heard.append(3 / 8000, tone(1))
    assert heard.timeline(0.0, 4 / 8000).tolist() == pytest.approx([0.0, -32124 / 32768, 32124 / 32768, 0.5])


def test_played_samples_counts_whole_samples_only():
    heard = Heard()
    heard.append(10.0, tone(800))
    heard.append(11.0, tone(800))
    assert [heard.played_samples(at) for at in (9.9, 10.0, 10.05, 10.1, 10.9, 11.0001, 11.1, 99.0)] == [
        0,
        0,
        400,
        800,
        800,
        800,
        1600,
        1600,
    ]


def test_cut_takes_out_what_comes_after():
    heard = Heard()
    heard.append(0.0, tone(800))
    heard.append(0.1, b"\xff" * 800)
    heard.append(0.2, tone(800))
    assert heard.cut(0.15) == 1200
    assert heard.played_samples(9.0) == 1200
    assert heard.cut(0.15) == 0
    heard.append(0.15, tone(8))
    assert heard.played_samples(9.0) == 1208
    assert heard.cut(-1.0) == 1208
    assert heard.start is None and heard.stop is None


def test_pieces_may_not_overlap():
    heard = Heard()
    heard.append(0.0, tone(800))
    with pytest.raises(ValueError, match="overlaps"):
        heard.append(0.09, tone(8))


def test_what_is_not_known_yet_is_not_heard():
    heard = Heard()
    heard.append(1.0, tone(8000))
    heard.known_until = 1.5
    assert heard.played_samples(3.0) == 4000
    assert heard.stop == 1.5
    assert np.count_nonzero(heard.timeline(0.0, 3.0)) == 4000
    assert heard.silences(start=1.0, stop=3.0) == []
    heard.known_until = 0.5
    assert heard.start is None


def test_silences_between_pieces_and_inside_them():
    heard = Heard()
    heard.append(1.0, tone(800))
    heard.append(1.4, np.concatenate([tone(800), tone(2400, 0.001), tone(800)]))  # -60 dB in the middle
    assert heard.silences() == [
        Silence(pytest.approx(1.1), pytest.approx(1.4)),
        Silence(pytest.approx(1.5), pytest.approx(1.8)),
    ]
    assert heard.silences()[0].seconds == pytest.approx(0.3)
    assert len(heard.silences(threshold_db=-70)) == 1
    assert heard.silences(minimum=0.31) == []
    assert heard.silences(start=0.5, stop=1.05) == [Silence(0.5, pytest.approx(1.0))]
    assert Heard().silences() == []


def test_a_sound_of_one_block_breaks_a_silence():
    heard = Heard()
    heard.append(0.15, tone(80, 0.01))  # -40 dB
    assert heard.silences(start=0.0, stop=0.3) == []
    assert len(heard.silences(threshold_db=-35, start=0.0, stop=0.3)) == 1


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 60)), min_size=1, max_size=12), st.floats(0, 1e6))
def test_law_a_rendering_holds_every_sample_once(pieces, origin):
    """Back-to-back pieces leave neither a gap nor an overlap, wherever the origin falls between two samples."""
    heard, at, expected, value = Heard(), 0, [], 0.0
    for gap, length in pieces:
        at += gap
        expected += [0.0] * gap
        values = [float(value + i + 1) for i in range(length)]
        value += length
        heard.append(origin + at / 8000, np.array(values, dtype=np.float32))
        expected += values
        at += length
    rendering = heard.timeline(origin, origin + at / 8000)
    assert rendering.tolist() == expected
    assert heard.played_samples(origin + at / 8000) == int(value)


def test_the_first_stretch_in_which_nothing_was_played():
    heard = Heard()
    for at, seconds in ((0.0, 1.0), (1.0, 0.5), (2.0, 1.0), (5.0, 1.0)):
        heard.append(at, tone(round(seconds * 8000), 0.0))  # silence that is played is sound
    assert [heard.silent_after(since) for since in (0.0, 1.2, 1.6)] == [
        Silence(1.5, 2.0),
        Silence(1.5, 2.0),
        Silence(3.0, 5.0),
    ]
    heard.known_until = 4.0
    assert heard.silent_after(1.6) == Silence(3.0, 4.0)
    assert Heard().silent_after(0.0) is None
    heard.known_until = 2.5
    assert heard.silent_after(1.6) is None
