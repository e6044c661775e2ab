"""Each figure from both sides, on speech of the embedded voice that was spoilt in a known way."""

import re

import numpy as np
import pytest

pytest.importorskip("espeakng_loader", reason="the extra 'voice' is not installed")

from hypothesis import given, settings
from hypothesis import strategies as st
from spoken import LONG, PACES, SENTENCES, codes, hiss, loudness_of, take

from ivr.media.g711 import mulaw_decode, mulaw_encode
from ivr.pregen.takes.check import check, check_channels, check_sound
from ivr.pregen.takes.finding import Finding, powers
from ivr.pregen.takes.sound import Sound

RATE = 44100


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("text", SENTENCES)
def test_a_good_take_is_good_at_every_pace(text, pace):
    assert check(take(text, pace), RATE, text) == []


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 48000])
@pytest.mark.parametrize("loud", [1.0, 0.1, 3.0])
def test_and_at_every_rate_and_level(rate, loud):
    samples = take(LONG, 1.0, rate) * np.float32(loud)
    assert np.abs(samples).max() < 1.0
    assert check(samples, rate, LONG) == []


def test_a_take_in_the_code_of_telephones_is_not_taken_for_clipped():
    samples = mulaw_decode(mulaw_encode(take(LONG, 1.0, 8000) * np.float32(3)))
    assert check(samples, 8000, LONG) == []


@pytest.mark.parametrize(
    ("rate", "clip_rate", "expected"),
    [
        (7999, None, [("rate", "error")]),
        (8000, None, []),
        (8000, 8000, []),
        (8000, 16000, [("rate", "warning")]),
        (15999, 16000, [("rate", "warning")]),
        (16000, 48000, []),
    ],
)
def test_rates(rate, clip_rate, expected):
    samples = take(LONG, 1.0, 8000)
    found = [each for each in check(samples, rate, LONG, clip_rate=clip_rate) if each.code == "rate"]
    assert codes(found) == expected
    assert all(f"{rate:,} Hz" in each.what for each in found)


def clipped(db):
    """As an input that gave up so far under the peak, and was made quieter since."""
    samples = take()
    most = np.abs(samples).max() * 10 ** (-db / 20)
    return np.rint(np.clip(samples, -most, most) * np.float32(0.7 * 32768)) / np.float32(32768)


@pytest.mark.parametrize(
    ("db", "expected"), [(0.0, []), (1.0, [("clipped", "warning")]), (9.0, [("clipped", "error")])]
)
def test_clipping_though_it_was_made_quieter(db, expected):
    assert codes(check(clipped(db).astype(np.float32), RATE, LONG)) == expected


def test_clipping_at_full_scale():
    little, much = (check(np.clip(take() * np.float32(gain), -1, 32767 / 32768), RATE, LONG) for gain in (8, 16))
    assert codes(little) == [("clipped", "warning")]
    (found,) = much
    assert codes([found]) == [("clipped", "error")]
    assert "flat tops" in found.what and "%" in found.what and "less gain" in found.remedy


@given(st.integers(0, 12))
def test_three_flat_tops_are_told(tops):
    """Of a rising and falling line that never repeats its highest value but where it is told to."""
    samples = np.concatenate([np.r_[0.0, 0.3, np.full(3, 0.5), 0.495, 0.2] for _ in range(tops)] + [np.zeros(5000)])
    found = [each for each in check(samples.astype(np.float32), RATE, "") if each.code == "clipped"]
    assert [each.what.split()[2] for each in found] == ([str(tops)] if tops >= 3 else [])


@pytest.mark.parametrize(
    ("under", "expected"),
    [(30, []), (20, [("noise", "warning")]), (12, [("noise", "warning")]), (4, [("noise", "error")])],
)
@pytest.mark.parametrize("text", [SENTENCES[2], LONG, SENTENCES[4]])
def test_noise(text, under, expected):
    samples = take(text)
    noisy = samples + hiss(len(samples), loudness_of(samples) - under)
    assert [each for each in codes(check(noisy, RATE, text)) if each[0] == "noise"] == expected


def test_noise_alone_is_no_speech():
    found = check(hiss(5 * RATE, -20.0), RATE, "")
    assert codes(found) == [("noise", "error")]
    assert "-20 dBFS" in found[0].what


def test_words_without_a_pause_are_not_taken_for_noise():
    samples = take()
    loud = np.flatnonzero(np.abs(samples) > 0.05)
    assert [each for each in check(samples[loud[0] : loud[0] + RATE], RATE, "") if each.code == "noise"] == []


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(RATE), np.full(RATE, 0.0005), hiss(RATE, -66.0)])
def test_silence(samples):
    assert codes(check(samples.astype(np.float32), RATE, LONG)) == [("silent", "error")]


def test_speech_that_is_just_not_silent():
    samples = take()
    quiet = samples * np.float32(10 ** ((-57 - loudest(samples)) / 20))
    quieter = samples * np.float32(10 ** ((-62 - loudest(samples)) / 20))
    assert "silent" not in dict(codes(check(quiet, RATE, LONG)))
    assert "silent" in dict(codes(check(quieter, RATE, LONG)))


def loudest(samples):
    return 10 * np.log10(powers(samples, RATE)[-1])


@pytest.mark.parametrize(("db", "expected"), [(-33.0, []), (-27.0, [("offset", "warning")])])
@pytest.mark.parametrize("sign", [1, -1])
def test_offset(db, expected, sign):
    samples = take()
    constant = sign * 10 ** ((loudness_of(samples) + db) / 20)
    found = check(samples + np.float32(constant - samples.mean()), RATE, LONG)
    assert codes(found) == expected
    assert all(f"{constant:+.2%}" in each.what for each in found)


@pytest.mark.parametrize("mains", [50, 60])
@pytest.mark.parametrize(("db", "heard"), [(-45.0, False), (-35.0, True), (-20.0, True)])
def test_hum(mains, db, heard):
    samples = take()
    amplitude = 10 ** ((loudness_of(samples) + db) / 20) * np.sqrt(2)
    sine = amplitude * np.sin(2 * np.pi * mains * np.arange(len(samples)) / RATE + 1)
    found = [each for each in check((samples + sine).astype(np.float32), RATE, LONG) if each.code == "hum"]
    assert [each.severity.value for each in found] == ["warning"] * heard
    for each in found:
        told = re.search(r"hums: (\d+) Hz at (-\d+) dB", each.what)
        assert (int(told[1]), float(told[2])) == (mains, pytest.approx(db, abs=1.0))


@pytest.mark.parametrize("cut", [25, 90])
def test_rumble_is_no_hum(cut):
    samples = take()
    spectrum = np.fft.rfft(hiss(len(samples), -20.0))
    spectrum[np.fft.rfftfreq(len(samples), 1 / RATE) > cut] = 0
    rumble = np.fft.irfft(spectrum, len(samples))
    assert "hum" not in dict(codes(check((samples + rumble).astype(np.float32), RATE, LONG)))


def test_the_wrong_take():
    (found,) = check(take("Yes."), RATE, LONG)
    assert codes([found]) == [("words", "error")]
    assert "right take" in found.remedy and LONG in found.remedy
    assert codes(check(take(LONG), RATE, "Yes.")) == [("words", "error")]


def test_too_quick_and_half_of_it():
    assert codes(check(take(LONG, 2.0), RATE, LONG)) in ([("words", "warning")], [("words", "error")])
    half, _ = np.array_split(take(LONG), 2)
    assert codes(check(half, RATE, LONG + " " + LONG)) == [("words", "error")]


def test_too_long():
    assert codes(check(np.zeros(600 * 8000 + 1, dtype=np.float32), 8000, "")) == [("long", "error")]
    assert codes(check(np.zeros(600 * 8000, dtype=np.float32), 8000, "")) == [("silent", "error")]


def test_channels():
    samples = take()
    near = samples + hiss(len(samples), loudness_of(samples) - 36.0)[::-1]
    far = np.roll(samples, 40)
    assert check_channels((samples,)) == check_channels((samples, samples)) == check_channels((samples, near)) == []
    assert (
        codes(check_channels((samples, far))) == codes(check_channels((samples, -samples))) == [("channels", "warning")]
    )
    assert codes(check_channels((samples, 0 * samples))) == [("channels", "warning")]
    assert "silent" in check_channels((samples, 0 * samples))[0].what
    assert check_channels((0 * samples, 0 * samples)) == []
    assert check_channels((samples, samples * np.float32(0.95))) == []
    assert codes(check_sound(Sound((samples, far), RATE), LONG))[0] == ("channels", "warning")


def test_errors_come_first_and_become_problems():
    samples = take()
    bad = samples + np.float32(0.05)
    found = check(bad, 7000, LONG)
    assert [each.severity.value for each in found] == sorted(each.severity.value for each in found)
    problem = found[0].problem("audio/recordings/greeting.wav")
    assert str(problem).startswith("audio/recordings/greeting.wav:1:1: the recording has a rate of 7,000 Hz")
    assert isinstance(found[0], Finding)


@settings(max_examples=40, deadline=None)
@given(st.floats(-20.0, 8.0), st.booleans())
def test_findings_do_not_depend_on_level_or_polarity(db, turned):
    """Where nothing is clipped by it: all figures but silence are against the speech."""
    noisy = take() + hiss(len(take()), loudness_of(take()) - 15) + np.float32(0.02)
    other = noisy * np.float32(10 ** (db / 20) * (-1 if turned else 1))
    assert codes(check(other, RATE, LONG)) == [("offset", "warning"), ("noise", "warning")]
