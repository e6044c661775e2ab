import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meters import exact_peak
from words import RATE, largest_gain_jump, speech

from ivr.media.format import ALAW_8K, MULAW_8K
from ivr.media.level import gain_db, level
from ivr.media.loudness import edge_loudness, loudness
from ivr.media.pcm import decode, encode
from ivr.media.peak import true_peak, wire_peak
from ivr.media.samples import empty, silence
from ivr.media.tones import noise, tone
from ivr.media.whole import PEAK, bring, held

TARGET = -20.0


@pytest.mark.parametrize("seconds", [0.08, 0.25, 0.37, 0.39, 0.41, 0.6, 0.79, 0.81, 1.0, 1.19, 1.21, 2.0, 6.0])
@pytest.mark.parametrize("seed", range(4))
def test_the_whole_and_both_edges_meet_the_target(seconds, seed):
    samples = speech(seconds, seed)
    brought = bring(samples, RATE, TARGET)
    assert brought.loudness == loudness(brought.samples, RATE) == pytest.approx(TARGET, abs=0.25)
    assert edge_loudness(brought.samples, RATE, "head") == pytest.approx(TARGET, abs=0.3)
    assert edge_loudness(brought.samples, RATE, "tail") == pytest.approx(TARGET, abs=0.3)
    assert len(brought.samples) == len(samples)
    assert largest_gain_jump(samples, brought.samples) < 0.1
    assert np.array_equal(level(samples, RATE, TARGET), brought.samples)


def test_a_gain_that_is_given_is_the_same_everywhere():
    samples = speech(1.0, 3)
    loud = held(samples, RATE, 4.0)
    assert np.allclose(loud.samples, gain_db(samples, 4.0), atol=1e-6)
    assert loud.loudness == pytest.approx(loudness(samples, RATE) + 4.0, abs=0.01)


def test_a_gain_that_is_given_does_not_lift_peaks_over_the_bound():
    loud = held(speech(1.0, 3), RATE, 30.0)
    assert loud.peak < PEAK
    assert wire_peak(loud.samples, RATE) == loud.peak


def test_the_fixture_needs_levelling():
    untouched = [gain_db(clip, TARGET - loudness(clip, RATE)) for clip in (speech(2.0, seed) for seed in range(4))]
    assert max(abs(edge_loudness(clip, RATE, "head") - TARGET) for clip in untouched) > 2


def test_a_loud_middle_does_not_make_a_short_clip_loud():
    """With its edges alone at the target, 1.4 s of this were 3 LU over it."""
    samples = speech(1.4, 1)
    samples[4300:7300] *= np.float32(2.5)
    brought = bring(samples, RATE, TARGET)
    assert brought.loudness == pytest.approx(TARGET, abs=0.3)
    assert edge_loudness(brought.samples, RATE, "head") == pytest.approx(TARGET, abs=0.5)
    assert edge_loudness(brought.samples, RATE, "tail") == pytest.approx(TARGET, abs=0.5)


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.05, 3.0),
    st.integers(0, 99),
    st.floats(-40, -12),
    st.sampled_from([8000, 11025, 16000, 22050, 24000, 44100, 48000]),
    st.floats(-40, 10),
)
def test_loudness_and_peak_hold_at_any_rate_length_and_target(seconds, seed, target, rate, louder):
    samples = gain_db(speech(seconds, seed, rate), louder)
    brought = bring(samples, rate, target)
    assert brought.loudness == pytest.approx(target, abs=0.5)
    assert brought.peak == wire_peak(brought.samples, rate) < PEAK
    assert exact_peak(brought.samples) < PEAK
    assert len(brought.samples) == len(samples)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.05, 1.0), st.integers(0, 99), st.floats(-16, -10))
def test_no_peak_is_over_the_bound_behind_a_telephones_encoding(seconds, seed, target):
    loud = bring(speech(seconds, seed), RATE, target).samples
    for form in (MULAW_8K, ALAW_8K):
        decoded = decode(encode(loud, form), form)
        assert max(exact_peak(decoded), true_peak(decoded)) < PEAK


def test_what_is_far_too_peaky_keeps_its_peaks_under_the_bound_and_stays_quiet():
    clicks = np.zeros(RATE * 2, dtype=np.float32)
    clicks[400::800] = 0.5
    brought = bring(clicks + noise(RATE * 2, -60, 1), RATE, -10.0)
    assert brought.peak < PEAK
    assert brought.loudness < -16


def test_a_limited_clip_is_as_loud_as_it_should_be():
    """One burst 14 dB over the rest is limited, and what that costs is made good."""
    samples = speech(2.0, 1)
    samples[8000:8040] += tone(700, 0.005, RATE, -3)
    brought = bring(samples, RATE, -16.0)
    assert exact_peak(gain_db(samples, -16 - loudness(samples, RATE))) > 4
    assert brought.loudness == pytest.approx(-16, abs=0.2)
    assert brought.peak < PEAK
    assert largest_gain_jump(samples, brought.samples) < 0.1


def test_an_edge_stays_within_12_db_of_the_body():
    samples = np.concatenate((gain_db(speech(1.0, 1), -19), speech(4.0, 2)))
    brought = bring(samples, RATE, TARGET).samples
    gain = np.abs(brought[1000:1100] / samples[1000:1100])
    body = np.abs(brought[20000:20100] / samples[20000:20100])
    assert 20 * np.log10(np.median(gain) / np.median(body)) < 12.5


@pytest.mark.parametrize("samples", [empty(), silence(100), silence(8000)])
def test_silence_stays_silent(samples):
    brought = bring(samples, RATE, TARGET)
    assert np.array_equal(brought.samples, samples)
    assert brought.loudness == brought.peak == -np.inf
