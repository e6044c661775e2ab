from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivr.errors import AudioError
from ivr.media.g711 import mulaw_decode, mulaw_encode
from ivr.media.resample import Resampler, resample
from ivr.media.tones import noise, tone
from ivr.media.wave import read_wav, write_wav

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
    for frequency, flat, same in (
        (100, 0.01, -75),
        (300, 0.01, -75),
        (1000, 0.01, -75),
        (3300, 0.01, -75),
        (3400, 0.02, -50),
    ):
        got = resample(tone(frequency, 0.4, source, 0), source, target)
        wanted = tone(frequency, 0.4, target, 0)
        assert decibels(got, target) == pytest.approx(0.0, abs=flat)
        assert decibels(got - wanted, target) < same


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(DOWN), st.floats(300, 3400))
def test_the_telephone_band_is_flat(rates, frequency):
    assert decibels(resample(tone(frequency, 0.3, rates[0], 0), *rates), rates[1]) == pytest.approx(0.0, abs=0.02)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(DOWN), st.floats(4001, 23000))
@example((48000, 8000), 4001.0)
@example((22050, 8000), 4016.0)
@example((16000, 8000), 4050.0)
def test_no_tone_above_4_khz_folds_back(rates, frequency):
    """A tone of full scale leaves less than -75 dB of itself below 4 kHz, wherever it stands."""
    source, target = rates
    frequency = min(frequency, source / 2 - 1)
    assert decibels(resample(tone(frequency, 0.3, source, 0), source, target), target) < -75


@pytest.mark.parametrize("source", [48000, 44100, 24000, 22050, 16000])
def test_a_sweep_is_heard_up_to_4_khz_and_not_above(source):
    """100 Hz to 23 kHz, or to half the rate, a kilohertz in 100 ms; 10 ms are judged by where they began."""
    top = min(23000, source / 2 - 50)
    time = np.arange(round((top - 100) / 10000 * source)) / source
    sweep = np.sin(2 * np.pi * (100 * time + 5000 * time**2)).astype(np.float32)
    swept = resample(sweep, source, 8000)
    blocks = swept[: len(swept) // 80 * 80].reshape(-1, 80)
    level = 10 * np.log10(2 * np.mean(np.square(blocks, dtype=np.float64), axis=1) + 1e-20)
    began = 100 + 100 * np.arange(len(level))
    assert np.abs(level[(began >= 300) & (began <= 3300)]).max() < 0.5
    assert level[(began >= 4200) & (began < top - 300)].max() < -75


def test_a_word_at_48_khz_has_no_ghost_in_mu_law():
    """WAV, resampler, mu-law and back: a tone at 5.3 kHz would fold to 2.7 kHz, where only mu-law's own noise is."""
    window = np.hanning(7200)

    def at_2700(samples):
        wav, rate = read_wav(write_wav([samples], 48000))
        heard = mulaw_decode(mulaw_encode(resample(wav, rate, 8000)))[400:7600]
        spectrum = np.abs(np.fft.rfft(heard * window)) * 4 / len(window)
        return 20 * np.log10(spectrum[2700 * 7200 // 8000] + 1e-12)

    word, hiss = tone(937, 1.0, 48000, -12), tone(5300, 1.0, 48000, -12)
    assert at_2700(word + hiss) < -12 - 60
    assert at_2700(hiss) < -200
    assert at_2700(word + tone(2700, 1.0, 48000, -52)) > -12 - 42


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
