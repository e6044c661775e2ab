import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.media.edges import speech_bounds
from ivr.media.sketch import LETTERS, SPOKEN, STEP, evened, hum, sketch
from ivr.media.tones import tone


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000])
@given(quiet=st.integers(0, 40), loud=st.integers(5, 60), level=st.floats(-40, -6))
def test_a_hum_is_as_loud_as_what_was_sketched_and_begins_and_ends_where_it_does(rate, quiet, loud, level):
    block = round(rate / 100)
    silence = np.zeros(quiet * block, dtype=np.float32)
    samples = np.concatenate([silence, tone(300.0, loud * block / rate, rate, level), silence])
    letters = sketch(samples, rate)
    again = hum(letters, len(samples), rate)
    assert len(again) == len(samples)
    for ours, theirs in zip(speech_bounds(again, rate), speech_bounds(samples, rate), strict=True):
        assert abs(ours - theirs) <= block
    powers = [float(np.mean(np.square(part, dtype=np.float64))) for part in (again, samples)]
    assert abs(10 * np.log10(powers[0] / powers[1])) < STEP


def test_silence_nothing_and_what_is_no_letter_is_silent():
    assert sketch(np.zeros(0, dtype=np.float32), 8000) == ""
    assert sketch(np.zeros(85, dtype=np.float32), 8000) == "AA"
    assert sketch(np.full(80, 1.0, dtype=np.float32), 8000) == LETTERS[-1]
    assert not hum("AA??", 400, 8000).any()
    assert not hum("", 400, 8000).any()
    assert len(hum("zzz", 0, 8000)) == 0


@given(quiet=st.integers(0, 40), levels=st.lists(st.floats(-90, -6), min_size=1, max_size=60))
def test_evened_tells_how_long_it_was_and_how_long_silent_at_first_and_no_more(quiet, levels):
    parts = [np.zeros(80 * quiet, dtype=np.float32), tone(300.0, 0.01, 8000, -20.0)]
    parts += [tone(300.0, 0.01, 8000, level) for level in levels]
    letters = evened(sketch(np.concatenate(parts), 8000))
    assert letters == "A" * quiet + letters[-1] * (1 + len(levels))
    assert abs(20 * np.log10(np.sqrt(np.mean(np.square(hum(letters[-1], 80, 8000))))) - SPOKEN) < STEP
    assert evened("AAA") == "AAA"
