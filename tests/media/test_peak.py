import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meters import exact_peak

from ivr.media.format import ALAW_8K, L16_8K, L16_24K, MULAW_8K
from ivr.media.g711 import alaw_decode, alaw_encode, mulaw_decode, mulaw_encode
from ivr.media.linear import from_int16, to_int16
from ivr.media.peak import swing, true_peak, wire_forms, wire_peak
from ivr.media.samples import empty, silence
from ivr.media.tones import noise, tone


def eased(samples):
    """Faded in and out, so that the beginning is no step, which would swing over by itself."""
    return (samples * np.sin(np.pi * np.arange(len(samples)) / len(samples)) ** 0.2).astype(np.float32)


def test_a_peak_between_two_samples_is_found():
    """A sine of a quarter of the rate at 45 degrees: every sample is 3 dB under its crest."""
    samples = eased(np.sin(np.pi / 2 * np.arange(4000) + np.pi / 4))
    assert 20 * np.log10(np.abs(samples).max()) == pytest.approx(-3.01, abs=0.01)
    assert true_peak(samples) == pytest.approx(0.0, abs=0.02)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.001, 0.46), st.floats(0, 6.28), st.floats(-40, 0))
def test_a_sine_reads_its_amplitude(share, phase, level):
    wave = np.sin(2 * np.pi * share * np.arange(9000) + phase) * 10 ** (level / 20)
    assert true_peak(eased(wave)) == pytest.approx(exact_peak(eased(wave)), abs=0.16)
    assert true_peak(eased(wave)) <= level + 0.02


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 20000), st.integers(0, 99))
def test_noise_of_any_length_reads_what_its_whole_spectrum_says(length, seed):
    """Lengths around 3840 and its multiples are where one span ends and the next begins."""
    samples = noise(length, -20, seed)
    assert true_peak(samples) == pytest.approx(exact_peak(samples), abs=0.2)
    assert true_peak(samples) >= 20 * np.log10(np.abs(samples).max()) - 1e-6


@settings(max_examples=30, deadline=None)
@given(st.integers(3700, 4000), st.integers(1, 500))
def test_where_it_stands_does_not_matter(place, lead):
    word = eased(tone(1234.5, 0.05, 8000, -6))
    there = np.concatenate((silence(place), word, silence(lead)))
    assert true_peak(there) == pytest.approx(true_peak(word), abs=0.01)


def test_the_swing_is_told_where_it_is():
    samples = np.concatenate((silence(5000), eased(tone(900, 0.1, 8000, -6)), silence(5000)))
    around = swing(samples)
    assert len(around) == len(samples) and np.all(around >= np.abs(samples))
    assert 5000 < np.argmax(around) < 5800
    assert around[:4900].max() < 1e-3 and around[5900:].max() < 1e-3


@pytest.mark.parametrize("samples", [empty(), silence(100), silence(9000)])
def test_silence_has_no_peak(samples):
    assert true_peak(samples) == wire_peak(samples, 8000) == wire_peak(samples, 24000) == -np.inf
    assert len(swing(samples)) == len(samples)


def test_forms_of_a_rate():
    assert wire_forms(8000) == (MULAW_8K, ALAW_8K, L16_8K)
    assert wire_forms(24000) == (L16_24K,)


def test_the_peak_on_the_wire_is_that_of_the_worst_encoding():
    samples = eased(noise(8000, -14, 3)).clip(-0.95, 0.95)
    encoded = [mulaw_decode(mulaw_encode(samples)), alaw_decode(alaw_encode(samples)), from_int16(to_int16(samples))]
    peaks = [true_peak(each) for each in encoded]
    assert wire_peak(samples, 8000) == max(peaks) > peaks[2]
    assert wire_peak(samples, 16000) == peaks[2]
