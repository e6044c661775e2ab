import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.media.limit import CEILING, limit, lookahead
from ivr.media.tones import noise, tone


def test_what_fits_is_untouched():
    samples = tone(440, 0.1, 8000, -1)
    assert limit(samples, 8000) is samples


@given(st.integers(0, 2000), st.floats(-20, 12), st.sampled_from([8000, 24000]))
def test_no_peak_is_over_the_ceiling(length, db, rate):
    assert np.max(np.abs(limit(noise(length, db, seed=length), rate)), initial=0) <= CEILING


@settings(deadline=None)
@given(st.integers(0, 1999), st.integers(1, 400))
def test_a_stretch_with_its_lookahead_gives_the_bits_of_the_whole(start, length):
    samples, reach = noise(2000, -9, seed=7), lookahead(8000)
    left = max(0, start - reach)
    part = limit(samples[left : start + length + reach], 8000)[start - left : start - left + length]
    assert part.tobytes() == limit(samples, 8000)[start : start + length].tobytes()


def test_only_the_neighbourhood_of_a_peak_gives_way_and_slowly():
    samples = tone(440, 0.5, 8000, -6)
    samples[2000] = 4 * CEILING
    gain = 20 * np.log10(np.abs(limit(samples, 8000) / np.where(samples == 0, 1, samples)) + 1e-12)
    gain[samples == 0] = np.nan
    assert np.nanmax(np.abs(gain[:1800])) == np.nanmax(np.abs(gain[2200:])) == 0.0
    assert np.nanmax(np.abs(np.diff(gain))) < 0.1
    assert gain[2000] < -12.0
