import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meters import exact_peak
from words import speech

from ivr.errors import AudioError
from ivr.media.edges import ROOM, SPEECH_DB, TAIL_ROOM, fade_in, fade_out, speech_bounds
from ivr.media.finish import TOLERANCE, finish
from ivr.media.level import gain_db
from ivr.media.loudness import edge_loudness, loudness
from ivr.media.pcm import decode, encode
from ivr.media.peak import wire_forms, wire_peak
from ivr.media.samples import empty, silence
from ivr.media.tones import noise, tone

RATES = [8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000]


def spoken(seconds, seed, rate, lead=0.3, tail=0.4):
    """Words as a voice gives them: on a floor of noise at -75 dBFS, with silence before and after."""
    words = speech(seconds, seed, rate)
    whole = np.concatenate((silence(round(lead * rate)), words, silence(round(tail * rate))))
    return whole + noise(len(whole), -75, seed)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(RATES),
    st.sampled_from([8000, 16000, 22050, 48000]),
    st.floats(0.1, 3.0),
    st.integers(0, 99),
    st.floats(-30, -12),
)
def test_a_finished_clip_is_as_loud_as_asked_and_its_peaks_are_bounded(rate, to_rate, seconds, seed, target):
    finished = finish(spoken(seconds, seed, rate), rate, to_rate, target)
    assert finished.rate == to_rate
    assert abs(finished.loudness - target) <= TOLERANCE and finished.shortfall == 0
    assert finished.loudness == loudness(finished.samples, to_rate)
    assert finished.peak == wire_peak(finished.samples, to_rate) < -1
    for form in wire_forms(to_rate):
        assert exact_peak(decode(encode(finished.samples, form), form)) < -1
    for side in ("head", "tail"):
        assert edge_loudness(finished.samples, to_rate, side) == pytest.approx(target, abs=0.5)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(RATES), st.sampled_from([8000, 24000]), st.integers(0, 99), st.floats(0, 0.5), st.floats(0, 0.5))
def test_the_room_of_silence_is_set(rate, to_rate, seed, lead, tail):
    finished = finish(spoken(0.7, seed, rate, lead, tail), rate, to_rate, -20.0)
    start, stop = speech_bounds(finished.samples, to_rate)
    block = 0.010  # speech is judged in blocks, counted from the start of what was spoken
    assert start / to_rate <= ROOM + block + 0.001
    assert (len(finished.samples) - stop) / to_rate <= TAIL_ROOM + block + 0.001
    assert finished.samples[0] == finished.samples[-1] == 0


def test_the_room_is_what_is_promised_where_speech_is_sharply_cut():
    samples = np.concatenate((silence(800), tone(440, 0.7, 8000, -20), silence(4000)))
    finished = finish(samples, 8000, 8000, -20.0)
    assert len(finished.samples) == 80 + 5600 + 240
    assert np.all(finished.samples[:80] == 0) and np.all(finished.samples[-240:] == 0)


def test_the_noise_around_a_short_word_stays_noise():
    """Judged by its loudness with the silence around it, 0.1 s of speech would be raised until the noise is speech."""
    finished = finish(spoken(0.1015625, 1, 8000), 8000, 8000, -12.0)
    assert len(finished.samples) / 8000 == pytest.approx(0.14, abs=0.01)
    assert finished.loudness == pytest.approx(-12, abs=0.1) and finished.shortfall == 0


@settings(max_examples=20, deadline=None)
@given(st.floats(-40, 10), st.integers(0, 99))
def test_the_same_words_spoken_more_quietly_give_the_same_clip(louder, seed):
    samples = spoken(0.7, seed, 22050)
    one, other = finish(samples, 22050, 8000, -20.0), finish(gain_db(samples, louder), 22050, 8000, -20.0)
    assert len(one.samples) == len(other.samples)
    assert np.abs(one.samples - other.samples).max() < 0.01
    assert other.loudness_before - one.loudness_before == pytest.approx(louder, abs=0.1)


def test_what_a_telephone_does_not_carry_is_no_beginning():
    """150 ms of an s that is all above 4 kHz would be silence at 8 kHz, and late words."""
    hiss = fade_out(fade_in(tone(6000, 0.15, 22050, -20), 22050, 0.02), 22050, 0.02)
    samples = np.concatenate((silence(2000), hiss, tone(440, 0.5, 22050, -20), silence(2000)))
    assert len(finish(samples, 22050, 22050, -20.0).samples) / 22050 == pytest.approx(0.69, abs=0.015)
    assert len(finish(samples, 22050, 8000, -20.0).samples) / 8000 == pytest.approx(0.54, abs=0.015)


def test_a_tone_that_is_all_above_4_khz_is_silence_at_8_khz():
    finished = finish(fade_out(fade_in(tone(5000, 1.0, 48000, -6), 48000), 48000), 48000, 8000, -20.0)
    assert len(finished.samples) == 0 and finished.loudness == -np.inf


def test_words_at_48_khz_have_no_ghosts_in_a_finished_telephone_clip():
    word, hiss = tone(937, 1.0, 48000, -12), tone(5300, 1.0, 48000, -12)
    clip, clean = (finish(each, 48000, 8000, -20.0) for each in (word + hiss, word))
    assert clip.loudness == pytest.approx(-20, abs=0.1)
    assert clip.loudness_before == pytest.approx(clean.loudness_before, abs=0.05)

    def at_2700(finished):
        heard = decode(encode(finished.samples, wire_forms(8000)[0]), wire_forms(8000)[0])[400:7600]
        spectrum = np.abs(np.fft.rfft(heard * np.hanning(7200)))
        return 20 * np.log10(spectrum[2700 * 7200 // 8000] / spectrum.max())

    assert at_2700(clip) < -60


def test_peaks_win_over_loudness_and_the_shortfall_is_told():
    clicks = np.zeros(96000, dtype=np.float32)
    clicks[2400::4800] = 0.5
    finished = finish(clicks + noise(96000, -55, 1), 48000, 8000, -10.0)
    assert finished.peak < -1
    assert finished.shortfall == pytest.approx(-10 - finished.loudness)
    assert finished.shortfall > 3


@pytest.mark.parametrize("samples", [empty(), silence(100), silence(22050), np.full(22050, 1e-5, dtype=np.float32)])
def test_silence_gives_no_samples(samples):
    finished = finish(samples, 22050, 8000, -20.0)
    assert len(finished.samples) == 0
    assert finished.loudness_before == finished.loudness == finished.peak == -np.inf
    assert finished.shortfall == 0


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_refused(value):
    samples = noise(100, -20, 1)
    samples[17] = value
    with pytest.raises(AudioError, match="sample 17 of 100"):
        finish(samples, 22050, 8000, -20.0)


def test_the_thresholds_that_are_promised():
    assert (ROOM, TAIL_ROOM, SPEECH_DB) == (0.010, 0.030, -50.0)
