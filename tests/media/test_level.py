from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from words import RATE, largest_gain_jump, speech

from ivr.errors import AudioError
from ivr.media.level import StreamLeveller, gain_db, level
from ivr.media.loudness import edge_loudness, loudness
from ivr.media.samples import empty, silence
from ivr.media.tones import noise

TARGET = -20.0
LENGTHS = [0.08, 0.25, 0.39, 0.41, 0.6, 0.79, 0.81, 1.0, 1.19, 1.21, 2.0, 6.0]


def heard(leveller, sizes=(10**6,)):
    return np.concatenate([empty(), *(leveller.take(size) for size in sizes), leveller.take(10**6)])


def filled(samples, gain):
    leveller = StreamLeveller(RATE, TARGET, gain)
    leveller.push(samples)
    leveller.finish()
    return leveller


def test_gain_db():
    assert gain_db(np.float32([0.1]), 20)[0] == pytest.approx(1.0)


@pytest.mark.parametrize("samples", [empty(), silence(100), silence(8000)])
def test_silence_stays_silent(samples):
    assert np.array_equal(level(samples, RATE, TARGET), samples)
    assert np.array_equal(heard(filled(samples, 10.0)), samples)


@pytest.mark.parametrize("seconds", LENGTHS)
@pytest.mark.parametrize("seed", range(4))
def test_live_speech_wholly_in_hand_meets_the_target_at_both_edges(seconds, seed):
    samples = speech(seconds, seed)
    levelled = heard(filled(samples, TARGET - loudness(samples, RATE)))
    assert edge_loudness(levelled, RATE, "head") == pytest.approx(TARGET, abs=0.5)
    assert edge_loudness(levelled, RATE, "tail") == pytest.approx(TARGET, abs=0.5)
    assert largest_gain_jump(samples, levelled) < 0.1


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([0.1, 0.5, 1.5]), st.lists(st.integers(0, 3000), max_size=12), st.floats(0, 14))
def test_any_sizes_of_take_give_the_same_samples(seconds, sizes, extra):
    samples = speech(seconds, 3)
    gain = TARGET - loudness(samples, RATE) + extra  # the higher gains wake the limiter
    assert heard(filled(samples, gain), sizes).tobytes() == heard(filled(samples, gain)).tobytes()


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([0.3, 0.7, 2.0]), st.integers(0, 5000), st.lists(st.integers(20, 2000), min_size=1, max_size=12))
def test_arriving_speech_loses_nothing_and_its_gain_never_jumps(seconds, lead, cuts):
    samples = speech(seconds, 5)
    gain = TARGET - loudness(samples, RATE)
    leveller, got, at, turn = StreamLeveller(RATE, TARGET, gain), [], 0, 0
    while at < len(samples):
        size = cuts[turn % len(cuts)]
        leveller.push(samples[at : at + size])
        at, turn = at + size, turn + 1
        if at > lead:
            got.append(leveller.take(leveller.available()))
    leveller.finish()
    got.append(leveller.take(leveller.available()))
    levelled = np.concatenate(got)
    assert len(levelled) == len(samples) == leveller.position
    assert largest_gain_jump(samples, levelled) < 0.1


def test_head_meets_the_target_when_400_ms_are_in_hand():
    samples = np.concatenate((gain_db(speech(0.6, 1), -5), speech(3.0, 2)))
    leveller = StreamLeveller(RATE, TARGET, TARGET - loudness(samples, RATE))
    leveller.push(samples[:4000])
    first = leveller.take(160)
    leveller.push(samples[4000:])
    leveller.finish()
    levelled = np.concatenate((first, heard(leveller)))
    assert edge_loudness(levelled, RATE, "head") == pytest.approx(TARGET, abs=0.5)
    assert edge_loudness(levelled, RATE, "tail") == pytest.approx(TARGET, abs=0.5)


def test_the_gain_reaches_the_voices_200_ms_after_the_head():
    samples = np.concatenate((gain_db(noise(4000, -24, 1), -6), noise(16000, -24, 2)))
    leveller = StreamLeveller(RATE, TARGET, 2.5)
    leveller.push(samples)
    levelled = leveller.take(12000)
    assert np.allclose(levelled[4800:12000], gain_db(samples[4800:12000], 2.5), rtol=1e-5)
    head = 20 * np.log10(levelled[0] / samples[0])
    assert head > 6
    assert np.allclose(levelled[:3200], gain_db(samples[:3200], head), rtol=1e-4)


def test_little_speech_in_hand_moves_the_gain_little():
    """60 ms of a quiet consonant are no ground for 9 dB on the vowel after it."""
    samples = np.concatenate((noise(480, -44, 1), noise(8000, -24, 2)))
    leveller = StreamLeveller(RATE, TARGET, 4.0)
    leveller.push(samples[:480])
    first = leveller.take(160)
    assert 0 <= 20 * np.log10(first[0] / samples[0]) - 4.0 < 2.0
    leveller.push(samples[480:])
    levelled = np.concatenate((first, leveller.take(8000)))
    assert edge_loudness(levelled, RATE, "head") == pytest.approx(TARGET, abs=0.5)


def test_live_edges_stay_within_9_db_of_the_voice():
    leveller = filled(noise(8000, -45, 1), 0.0)
    raw = noise(8000, -45, 1)
    assert 20 * np.log10(np.max(np.abs(heard(leveller) / raw))) == pytest.approx(9.0, abs=0.01)


def test_what_is_left_of_the_tail_is_still_bent_to_the_target():
    samples = np.concatenate((noise(16000, -24, 1), gain_db(noise(3200, -24, 2), -3)))
    body = TARGET - loudness(samples[:16000], RATE)
    misses = []
    for taken in (15000, 17000, 18000, len(samples)):
        leveller = StreamLeveller(RATE, TARGET, body)
        leveller.push(samples)
        first = leveller.take(taken)
        leveller.finish()
        levelled = np.concatenate((first, heard(leveller)))
        misses.append(abs(edge_loudness(levelled, RATE, "tail") - TARGET))
    assert misses[0] < 0.3 and misses[1] < 0.5
    assert misses[2] < misses[3] == pytest.approx(3.0, abs=0.3)


def test_available_keeps_20_ms_back_until_the_end_is_known():
    leveller = StreamLeveller(RATE, TARGET, 0.0)
    assert leveller.available() == leveller.available(final=True) == 0
    leveller.push(noise(1000, -24, 1))
    assert (leveller.available(), leveller.available(final=True)) == (840, 1000)
    leveller.finish()
    assert leveller.available() == 1000
    assert len(leveller.take(600)) == 600
    assert (leveller.available(), leveller.position) == (400, 600)
    assert len(leveller.take(600)) == 400
    with pytest.raises(AudioError, match="finish"):
        leveller.push(silence(1))


def test_rewind_replays_and_levels_a_new_beginning():
    samples = np.concatenate((noise(16000, -24, 1), gain_db(noise(8000, -24, 2), -5)))
    leveller = filled(samples, 3.0)
    whole = heard(leveller)
    leveller.rewind(0)
    assert heard(leveller).tobytes() == whole.tobytes()
    leveller.rewind(16000)
    assert leveller.position == 16000 and leveller.available() == 8000
    again = heard(leveller)
    assert len(again) == 8000
    assert edge_loudness(again, RATE, "head") == pytest.approx(TARGET, abs=0.5)
    with pytest.raises(AudioError, match="rewind"):
        leveller.rewind(24001)


def test_long_live_speech_is_not_disturbed_by_its_end():
    """The tail's gain starts from what is being heard: samples far before it are the voice's gain."""
    samples = noise(80000, -24, 1)
    leveller, got = StreamLeveller(RATE, TARGET, 3.5), []
    for a, b in pairwise(range(0, 80001, 800)):
        leveller.push(samples[a:b])
        got.append(leveller.take(max(0, leveller.available() - 8000)))
    leveller.finish()
    levelled = np.concatenate((*got, heard(leveller)))
    assert np.allclose(levelled[6000:74000], gain_db(samples[6000:74000], 3.5), rtol=1e-5)
    assert edge_loudness(levelled, RATE, "tail") == pytest.approx(TARGET, abs=0.5)
