import numpy as np
import pytest

from ivr.errors import AudioError
from ivr.media.tones import dtmf, noise, tone

Q23 = {
    "1": (697, 1209),
    "5": (770, 1336),
    "9": (852, 1477),
    "0": (941, 1336),
    "D": (941, 1633),
    "*": (941, 1209),
    "#": (941, 1477),
}


def test_tone_has_its_length_frequency_and_peak():
    samples = tone(1000, 1.0, 8000, -6)
    assert len(samples) == 8000 and samples.dtype == np.float32
    assert np.max(np.abs(samples)) == pytest.approx(10 ** (-6 / 20), rel=1e-3)
    assert np.argmax(np.abs(np.fft.rfft(samples))) == 1000


@pytest.mark.parametrize("digit", Q23)
def test_dtmf_is_the_two_frequencies_of_q23(digit):
    samples = dtmf(digit, 1.0, 8000)
    assert sorted(np.argsort(np.abs(np.fft.rfft(samples)))[-2:]) == list(Q23[digit])
    assert np.max(np.abs(samples)) < 1.0


@pytest.mark.parametrize("digit", ["", "E", "12", "a"])
def test_no_such_key(digit):
    with pytest.raises(AudioError, match="DTMF"):
        dtmf(digit, 0.1, 8000)


def test_noise_has_its_level_and_is_the_seeds():
    samples = noise(80000, -55, 3)
    assert 10 * np.log10(np.mean(samples.astype(np.float64) ** 2)) == pytest.approx(-55, abs=0.1)
    assert np.array_equal(samples, noise(80000, -55, 3))
    assert not np.array_equal(samples, noise(80000, -55, 4))
