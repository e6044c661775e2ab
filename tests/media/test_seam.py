import numpy as np
import pytest

from ivr.media.samples import empty, silence
from ivr.media.seam import QUANTUM, jump_ratio
from ivr.media.tones import tone


def test_a_cut_put_together_again_does_not_click():
    sine = tone(440, 0.2, 8000, -10)
    assert all(jump_ratio(sine[:at], sine[at:], 8000) <= 1.0 for at in range(300, 500))


def test_a_step_clicks_by_its_size():
    sine = tone(440, 0.1, 8000, -10)
    largest = np.max(np.abs(np.diff(sine[-160:])))
    after = sine + np.float32(0.3) + sine[-1]
    assert jump_ratio(sine, after, 8000) == pytest.approx(0.3 / largest, rel=0.02)


def test_silence_has_no_jump_and_a_quantum_is_none():
    assert jump_ratio(silence(100), silence(100), 8000) == jump_ratio(empty(), empty(), 8000) == 0.0
    assert jump_ratio(silence(100), silence(100) + np.float32(QUANTUM), 8000) == pytest.approx(1.0)
    assert jump_ratio(empty(), np.full(100, 0.5, dtype=np.float32), 8000) == pytest.approx(0.5 / QUANTUM)


def test_only_20_ms_beside_the_seam_count():
    before = silence(1000)
    before[100] = 1.0
    assert jump_ratio(before, silence(10) + np.float32(0.1), 8000) > 100
