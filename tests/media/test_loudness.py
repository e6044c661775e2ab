import numpy as np
import pytest
from meters import FFMPEG, ffmpeg_measures

from ivr.media.loudness import HIGH_PASS, SHELF, edge_loudness, k_response, level_step, loudness, ungated
from ivr.media.resample import resample
from ivr.media.samples import empty, silence
from ivr.media.tones import noise, tone

RATES = [8000, 16000, 22050, 24000, 44100, 48000]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("seconds", [0.1, 0.399, 0.4, 3.0])
def test_full_scale_997_hz_reads_minus_3_01(rate, seconds):
    """BS.1770-4 annex 1: a 0 dBFS 997 Hz sine in one channel reads -3.01 LKFS."""
    assert loudness(tone(997, seconds, rate, 0), rate) == pytest.approx(-3.01, abs=0.02)


def test_the_table_is_the_analogue_prototype_at_48_khz():
    """The bilinear transform of the shelf (1682 Hz, +4 dB) and the high-pass (38 Hz) gives the printed coefficients."""
    k, q = np.tan(np.pi * 1681.974450955533 / 48000), 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    norm = 1 + k / q + k * k
    assert np.allclose(
        SHELF[0],
        [(high + band * k / q + k * k) / norm, 2 * (k * k - high) / norm, (high - band * k / q + k * k) / norm],
        atol=1e-8,
    )
    assert np.allclose(SHELF[1], [1, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm], atol=1e-8)
    k, q = np.tan(np.pi * 38.13547087602444 / 48000), 0.5003270373238773
    norm = 1 + k / q + k * k
    assert np.allclose(HIGH_PASS[1], [1, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm], atol=1e-8)


@pytest.mark.parametrize(("hertz", "db"), [(38.1355, -6.0), (997, 0.691), (10000, 4.04)])
def test_response(hertz, db):
    assert 20 * np.log10(abs(k_response(hertz))) == pytest.approx(db, abs=0.05)


@pytest.mark.parametrize("frequency", [100, 300, 1000, 3000])
def test_8_khz_weighs_as_48_khz_does(frequency):
    low, high = (loudness(tone(frequency, 1, rate, -20), rate) for rate in (8000, 48000))
    assert low == pytest.approx(high, abs=0.02)


def test_pauses_are_gated_out():
    loud = tone(997, 2, 8000, -20)
    with_pause = np.concatenate((loud, silence(16000), loud * np.float32(0.01)))
    # The blocks that straddle the end of the tone count: 3 of 20, up to 6 dB down.
    assert loudness(with_pause, 8000) == pytest.approx(-23.01, abs=0.4)


@pytest.mark.parametrize("samples", [empty(), silence(100), silence(8000)])
def test_silence_is_minus_infinity(samples):
    assert loudness(samples, 8000) == -np.inf
    assert edge_loudness(samples, 8000, "head") == edge_loudness(samples, 8000, "tail") == -np.inf


@pytest.mark.parametrize("lead", [0.0, 0.05, 0.2])
def test_under_400_ms_the_speech_alone_counts(lead):
    """The proxy: silence at the edges of a short word makes it no quieter, and the edges are as loud as the whole."""
    word = noise(1200, -20, 3)
    clip = np.concatenate((silence(round(lead * 8000)), word, silence(240)))
    assert loudness(clip, 8000) == pytest.approx(ungated(word, 8000), abs=1e-6)
    assert loudness(clip, 8000) == edge_loudness(clip, 8000, "head") == edge_loudness(clip, 8000, "tail")


def test_a_short_word_under_every_threshold_is_weighed_as_a_whole():
    word = noise(1200, -60, 3)
    assert loudness(word, 8000) == ungated(word, 8000) == pytest.approx(-60.7 + 3, abs=2)


def words(rate, seed):
    """Noise up to 3.1 kHz, so that the other meter's own resampling finds nothing to add, in words of 150 ms."""
    random = np.random.default_rng(seed)
    parts = [resample(noise(1020, -20 - random.uniform(0, 12), seed + n), 6800, rate) for n in range(12)]
    gaps = [silence(round(rate * random.choice([0, 0, 0.1, 0.6]))) for _ in parts]
    return np.concatenate([each for pair in zip(parts, gaps, strict=True) for each in pair])


@pytest.mark.skipif(FFMPEG is None, reason="ffmpeg is not installed: no other meter to compare with")
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("seconds", [0.45, 0.75, 1.3, 9])
def test_another_meter_reads_the_same(rate, seconds):
    samples = words(rate, round(seconds * 100))[: round(seconds * rate)]
    theirs, _ = ffmpeg_measures(samples, rate)
    assert loudness(samples, rate) == pytest.approx(theirs, abs=0.15)


def test_edges_skip_silence_and_see_400_ms():
    rate = 8000
    clip = np.concatenate(
        (silence(800), tone(997, 0.4, rate, -20), tone(997, 1, rate, -6), tone(997, 0.4, rate, -30), silence(4000))
    )
    assert edge_loudness(clip, rate, "head") == pytest.approx(-23.01, abs=0.1)
    assert edge_loudness(clip, rate, "tail") == pytest.approx(-33.01, abs=0.1)


def test_silence_after_a_short_word_does_not_count():
    word = np.concatenate((tone(997, 0.1, 8000, -20), silence(8000)))
    assert edge_loudness(word, 8000, "head") == pytest.approx(-23.01, abs=0.1)


def test_reversed_audio_has_its_edges_swapped():
    clip = noise(5000, -20, 1) * np.linspace(0, 1, 5000, dtype=np.float32)
    assert edge_loudness(clip, 8000, "tail") == pytest.approx(edge_loudness(clip[::-1], 8000, "head"))


def test_level_step_is_after_less_before():
    quiet, loud = tone(997, 1, 8000, -26), tone(997, 1, 8000, -20)
    assert level_step(quiet, loud, 8000) == pytest.approx(6.0, abs=0.01)
    assert level_step(loud, quiet, 8000) == pytest.approx(-6.0, abs=0.01)
    assert level_step(silence(800), loud, 8000) == level_step(silence(80), silence(80), 8000) == 0.0
