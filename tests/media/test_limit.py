import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.media.limit import CEILING, limit, limit_swing, lookahead
from ivr.media.peak import swing
from ivr.media.tones import noise, tone


def test_what_fits_is_untouched():
    samples = tone(440, 0.1, 8000, -1)
    assert limit(samples, 8000) is samples


@given(st.integers(0, 2000), st.floats(-20, 12), st.sampled_from([8000, 24000]))
def test_no_peak_is_over_the_ceiling(length, db, rate):
    assert np.max(np.abs(limit(noise(length, db, seed=length), rate)), initial=0) <= CEILING


@settings(deadline=None)
@given(st.integers(0, 1999), st.integers(1, 400))
def test_a_stretch_with_its_lookahead_gives_the_bits_of_the_whole(start, length):
    samples, reach = noise(2000, -9, seed=7), lookahead(8000)
    left = max(0, start - reach)
    part = limit(samples[left : start + length + reach], 8000)[start - left : start - left + length]
    assert part.tobytes() == limit(samples, 8000)[start : start + length].tobytes()


def test_only_the_neighbourhood_of_a_peak_gives_way_and_slowly():
    samples = tone(440, 0.5, 8000, -6)
    samples[2000] = 4 * CEILING
    gain = 20 * np.log10(np.abs(limit(samples, 8000) / np.where(samples == 0, 1, samples)) + 1e-12)
    gain[samples == 0] = np.nan
    assert np.nanmax(np.abs(gain[:1800])) == np.nanmax(np.abs(gain[2200:])) == 0.0
    assert np.nanmax(np.abs(np.diff(gain))) < 0.1
    assert gain[2000] < -12.0


def wave(level=-6.0, bump=2.0):
    """A tone that swells by 6 dB within 50 ms and falls again."""
    swell = 1 + (bump - 1) * np.exp(-(((np.arange(16000) - 8000) / 160) ** 2))
    return (tone(1000, 2.0, 8000, level) * swell).astype(np.float32)


@settings(deadline=None)
@given(st.floats(-15, -3), st.sampled_from([8000, 22050, 48000]), st.integers(0, 99))
def test_a_clips_waveform_comes_under_the_ceiling_as_well(level, rate, seed):
    samples = noise(rate // 4, level, seed)
    around = swing(limit_swing(samples, swing(samples), rate, 0.85))
    assert np.max(around) <= 0.85 * 1.02


def test_what_a_clip_has_under_the_ceiling_is_untouched():
    samples = wave(-12.0)
    assert limit_swing(samples, swing(samples), 8000, 0.85) is samples


def test_a_limited_peak_makes_no_sound_of_its_own():
    """Clipped, the same 1 kHz has overtones; limited, it has nothing 100 Hz beside itself."""
    samples, window = wave(), np.hanning(16000)

    def beside(heard):
        spectrum = 20 * np.log10(np.abs(np.fft.rfft(heard * window)) + 1e-9)
        away = np.abs(np.fft.rfftfreq(16000, 1 / 8000) - 1000) > 100
        return spectrum[away].max() - spectrum.max()

    assert beside(limit_swing(samples, swing(samples), 8000, 0.56)) < -95
    assert beside(np.clip(samples, -0.56, 0.56)) > -50


def test_a_voices_periods_share_one_gain():
    """Peaks 12.5 ms apart (80 Hz) are all lowered alike: the gain does not swing with the pitch."""
    samples = np.zeros(8000, dtype=np.float32)
    samples[1000:7000:100] = 1.6
    samples[1050:7000:100] = 0.1
    between = limit_swing(samples, swing(samples), 8000, 0.85)[2050:6000:100]
    assert np.ptp(20 * np.log10(between)) < 0.01
    assert between[0] < 0.06
