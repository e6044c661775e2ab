import numpy as np
import pytest

from ivr.errors import AudioError
from ivr.media import tones
from ivr.media.clip import beep
from ivr.media.format import MULAW_8K
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


def test_a_beep_fades_in_and_out_and_is_as_loud_as_words():
    sound = tones.beep(0.3, 8000, -20.0)
    assert len(sound) == 2400 and abs(sound[0]) < 1e-3 and abs(sound[-1]) < 2e-3
    clip = beep(MULAW_8K, -20.0)
    assert clip is beep(MULAW_8K, -20.0)
    assert clip.head == pytest.approx(-20.0, abs=0.5)


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("under", [-90.0, -30.0])
def test_every_key_is_known_for_one_wherever_a_frame_begins(rate, under):
    for key in "1234567890*#ABCD":
        sound = tones.dtmf(key, 0.1, rate)
        sound = sound + tones.noise(len(sound), under, 1)
        size = rate // 50
        assert all(tones.is_key(sound[at : at + size], rate) for at in range(0, len(sound) - size, 37))


def test_what_is_no_key():
    silent = np.zeros(160, np.float32)
    for sound in (tones.tone(697, 0.02, 8000, -10), tones.noise(160, -20.0, 1), tones.beep(0.02, 8000, -20), silent):
        assert not tones.is_key(sound, 8000)
