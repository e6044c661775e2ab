"""How the quiet of a clip is told."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.media.clip import make_clip
from ivr.media.format import MULAW_8K
from ivr.media.quiet import quiet_within

RATE = 8000


def sound(*seconds: float) -> np.ndarray:
    """A tone and quiet in turn."""
    parts = [np.full(round(each * RATE), 0.2 if n % 2 == 0 else 0.001) for n, each in enumerate(seconds)]
    return np.concatenate(parts).astype(np.float32)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        ((1.0,), ()),
        ((1.0, 0.45, 1.0), (0.0, 0.45, 0.0)),
        ((1.0, 0.04, 1.0), ()),
        ((0.0, 0.3, 1.0, 0.2, 0.5, 0.1, 0.5, 0.4), (0.3, 0.2, 0.1, 0.4)),
        ((0.0, 0.1, 1.0, 0.1), ()),
        ((0.0, 0.5), (0.5, 0.0)),
    ],
)
def test_quiet_is_told_where_it_is_long_enough_to_be_heard(seconds, told):
    assert quiet_within(sound(*seconds), RATE) == told


def test_a_clip_tells_its_quiet_as_it_sounds_on_the_wire():
    clip = make_clip(sound(1.0, 0.45, 1.0), MULAW_8K)
    assert clip.quiet == (0.0, 0.45, 0.0)
    assert clip.quiet is clip.quiet
