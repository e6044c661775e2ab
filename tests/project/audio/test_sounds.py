"""Sounds of a project's own, in the forms that people have them in."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from ivr.errors import BadAudioFile
from ivr.media.tones import tone
from ivr.media.wave import write_wav
from ivr.project.audio.sounds import decode_sound

MP3 = Path(__file__).parents[2] / "speech" / "tone.mp3"


def frequency(samples, rate):
    """Of the strongest tone, Hz."""
    middle = samples[len(samples) // 4 : 3 * len(samples) // 4]
    return float(np.argmax(np.abs(np.fft.rfft(middle))) * rate / len(middle))


def test_wav():
    samples, rate = decode_sound(write_wav([tone(440, 0.5, 8000, -20)], 8000), "hold.WAV")
    assert (len(samples), rate) == (4000, 8000)
    assert frequency(samples, rate) == pytest.approx(440, abs=5)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_what_people_have_goes_through_pydub():
    samples, rate = decode_sound(MP3.read_bytes(), "hold.mp3")
    assert samples.dtype == np.float32
    assert 0.4 < len(samples) / rate < 0.9
    assert 0.01 < np.abs(samples).max() <= 1.0


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_what_is_no_sound_is_refused():
    with pytest.raises(BadAudioFile, match="mp3 file that can be read"):
        decode_sound(b"not a sound at all" * 100, "hold.mp3")


def test_without_ffmpeg_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BadAudioFile, match="apt install ffmpeg"):
        decode_sound(MP3.read_bytes(), "hold.mp3")


def test_damaged_wav():
    with pytest.raises(BadAudioFile):
        decode_sound(b"RIFF", "hold.wav")
