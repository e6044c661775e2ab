from __future__ import annotations

import io
import wave

import numpy as np

from ivr.trace.audio import stereo


def test_the_caller_is_left_and_the_shorter_side_is_filled_up() -> None:
    caller = np.array([0.5, -0.5], dtype=np.float32)
    ours = np.array([0.25, 0.25, 0.25, -1.0], dtype=np.float32)
    with wave.open(io.BytesIO(stereo(caller, ours, 8000))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getnframes()) == (2, 2, 8000, 4)
        left, right = np.frombuffer(file.readframes(4), dtype="<i2").reshape(-1, 2).T / 32768
    assert np.allclose(left, [0.5, -0.5, 0.0, 0.0], atol=1e-4)
    assert np.allclose(right, [0.25, 0.25, 0.25, -1.0], atol=1e-4)


def test_the_other_side_is_filled_up_as_well() -> None:
    one = np.ones(3, dtype=np.float32) / 2
    with wave.open(io.BytesIO(stereo(one, one[:0], 16000))) as file:
        left, right = np.frombuffer(file.readframes(9), dtype="<i2").reshape(-1, 2).T
    assert left.all() and not right.any() and len(right) == 3
