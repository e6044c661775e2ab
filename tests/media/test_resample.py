from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.errors import AudioError
from ivr.media.resample import Resampler, resample
from ivr.media.tones import noise, tone

DOWN = [(24000, 8000), (22050, 8000), (44100, 8000), (48000, 8000), (16000, 8000), (11025, 8000)]
UP = [(8000, 16000), (8000, 48000), (8000, 22050)]


def decibels(samples, rate):
    """Of a sine: 0 dB swings to ±1. The first and last 50 ms, where it begins and ends, do not count."""
    inner = samples[rate // 20 : -rate // 20].astype(np.float64)
    return 10 * np.log10(2 * np.mean(inner**2) + 1e-20)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(DOWN + UP), st.integers(0, 3000), st.data())
def test_any_chunking_gives_the_same_bits(rates, length, data):
    source, target = rates
    samples = noise(length, -20, seed=length)
    cuts = [0, *sorted(data.draw(st.lists(st.integers(0, length), max_size=12))), length]
    stream = Resampler(source, target)
    parts = [stream.push(samples[a:b]) for a, b in pairwise(cuts)]
    whole = resample(samples, source, target)
    assert np.concatenate([*parts, stream.finish()]).tobytes() == whole.tobytes()
    assert len(whole) == -(-length * target // source)


@pytest.mark.parametrize(("source", "target"), DOWN + UP)
def test_telephone_band_passes_without_delay(source, target):
    for frequency in (300, 1000, 3400):
        got = resample(tone(frequency, 0.4, source, 0), source, target)
        wanted = tone(frequency, 0.4, target, 0)
        assert decibels(got, target) == pytest.approx(0.0, abs=0.01)
        assert decibels(got - wanted, target) < -75


@pytest.mark.parametrize(("source", "target"), DOWN)
@pytest.mark.parametrize("frequency", [4300, 4600, 5000, 5400, 7000, 10500])
def test_nothing_folds_back(source, target, frequency):
    if frequency < source / 2:
        assert decibels(resample(tone(frequency, 0.4, source, 0), source, target), target) < -80


def test_push_holds_back_four_milliseconds():
    stream = Resampler(24000, 8000)
    assert len(stream.push(noise(480, -20, 1))) == 160 - 32


def test_a_constant_stays_constant():
    level = resample(np.full(4000, 0.5, dtype=np.float32), 22050, 8000)
    assert np.max(np.abs(level[100:-100] - 0.5)) < 1e-6


def test_same_rate_passes_through():
    samples = noise(100, -20, 1)
    stream = Resampler(8000, 8000)
    assert stream.push(samples) is samples
    assert len(stream.finish()) == 0


def test_finish_and_reset_make_it_new():
    samples = noise(500, -20, 1)
    stream = Resampler(24000, 8000)
    first = np.concatenate((stream.push(samples), stream.finish()))
    second = np.concatenate((stream.push(samples), stream.finish()))
    stream.push(samples)
    stream.reset()
    third = np.concatenate((stream.push(samples), stream.finish()))
    assert first.tobytes() == second.tobytes() == third.tobytes()


@pytest.mark.parametrize("rates", [(0, 8000), (8000, -1)])
def test_rates_must_be_positive(rates):
    with pytest.raises(AudioError, match="positive"):
        Resampler(*rates)
