from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.media.edges import LeadTrimmer, TailTrimmer, fade_in, fade_out, speech_bounds, trim
from ivr.media.samples import empty, silence
from ivr.media.tones import noise, tone

RATE = 8000


def spoken(lead, middle, tail):
    return np.concatenate((silence(lead), tone(440, middle / RATE, RATE, -20), silence(tail)))


@st.composite
def streams(draw):
    """Noise bursts and silences of odd lengths, and a way of cutting them."""
    parts = draw(st.lists(st.tuples(st.booleans(), st.integers(1, 500)), max_size=6))
    samples = np.concatenate([empty(), *(noise(n, -25, n) if loud else silence(n) for loud, n in parts)])
    cuts = [0, *sorted(draw(st.lists(st.integers(0, len(samples)), max_size=10))), len(samples)]
    return samples, cuts


def test_bounds_are_those_of_the_loud_blocks():
    assert speech_bounds(spoken(805, 1600, 403), RATE) == (800, 2408)
    assert speech_bounds(silence(1000), RATE) == speech_bounds(empty(), RATE) == (0, 0)
    assert speech_bounds(tone(440, 0.005, RATE, -20), RATE) == (0, 40)


@given(streams())
def test_reversed_audio_has_reversed_bounds(stream):
    samples, _ = stream
    start, stop = speech_bounds(samples, RATE)
    if stop:
        assert speech_bounds(samples[::-1], RATE) == (len(samples) - stop, len(samples) - start)


def test_trim_leaves_its_room_and_ends_in_zeros():
    samples = spoken(800, 1600, 4000)
    cut = trim(samples, RATE)
    assert len(cut) == 80 + 1600 + 240
    assert cut[0] == cut[-1] == 0
    assert np.array_equal(cut[80:-240], samples[800:2400])


def test_trim_of_speech_without_silence_only_fades_it():
    samples = tone(440, 0.2, RATE, -20)
    cut = trim(samples, RATE)
    assert len(cut) == len(samples)
    assert cut[0] == cut[-1] == 0
    assert np.array_equal(cut[24:-24], samples[24:-24])


def test_a_quiet_clip_survives_and_silence_does_not():
    assert len(trim(spoken(800, 1600, 800) * np.float32(0.005), RATE)) == 80 + 1600 + 240
    assert len(trim(silence(800), RATE)) == len(trim(empty(), RATE)) == 0


def test_fades_are_raised_cosines_and_leave_the_argument():
    ones = np.ones(100, dtype=np.float32)
    faded = fade_out(ones, RATE, 0.005)
    assert faded[-1] == 0 and faded[59] == 1 and faded[79] == pytest.approx(0.5, abs=0.02)
    assert np.all(np.diff(faded[59:]) <= 0)
    assert np.array_equal(fade_in(ones, RATE, 0.005), faded[::-1])
    assert np.all(ones == 1)
    assert len(fade_out(empty(), RATE, 1.0)) == 0


@settings(deadline=None)
@given(streams())
def test_lead_trimmer_drops_the_lead_however_it_is_cut(stream):
    samples, cuts = stream
    trimmer = LeadTrimmer(RATE)
    got = np.concatenate([trimmer.push(samples[a:b]) for a, b in pairwise(cuts)])
    blocks = range(0, len(samples), 80)
    loud = [at for at in blocks if np.sum(np.square(samples[at : at + 80], dtype=np.float64)) > 80e-5]
    kept = samples[max(0, loud[0] - 80) :] if loud else empty()
    wanted = fade_in(np.concatenate((kept, silence(24))), RATE)[: len(kept)]  # a stream is faded as if it went on
    assert got.tobytes() == wanted.tobytes()


def test_lead_trimmer_lets_speech_through_at_once():
    trimmer = LeadTrimmer(RATE)
    assert len(trimmer.push(silence(1000))) == 0
    assert len(trimmer.push(tone(440, 0.004, RATE, -20))) == 40 + 32 + 80


@settings(deadline=None)
@given(streams())
def test_tail_trimmer_drops_the_tail_however_it_is_cut(stream):
    samples, cuts = stream
    trimmer = TailTrimmer(RATE)
    passed = [trimmer.push(samples[a:b]) for a, b in pairwise(cuts)]
    blocks = range(0, len(samples), 80)
    loud = [at for at in blocks if np.sum(np.square(samples[at : at + 80], dtype=np.float64)) > 80e-5]
    end = (loud[-1] + 80 if loud else 0) + 240
    assert np.concatenate((*passed, trimmer.finish())).tobytes() == fade_out(samples[:end], RATE).tobytes()


def test_tail_trimmer_gives_a_pause_back_when_speech_follows():
    trimmer, word = TailTrimmer(RATE), tone(440, 0.1, RATE, -20)
    assert len(trimmer.push(word)) == 800 - 24
    assert len(trimmer.push(silence(1600))) == 0
    assert len(trimmer.push(word)) == 24 + 1600 + 800 - 24
