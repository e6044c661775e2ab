"""Every kind of file that people record, written by ffmpeg from one sound of 24 bits, is read as it stands."""

import shutil
import struct
import subprocess

import numpy as np
import pytest

from ivr.errors import BadAudioFile
from ivr.media.wave import write_wav
from ivr.pregen.takes.sound import LONGEST, Sound, kind_of, read_sound

LENGTH, RATE = 12000, 48000
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


def tones():
    """Two channels of 24 bits."""
    at = np.arange(LENGTH) / RATE * 2 * np.pi
    fine = np.random.default_rng(1).normal(0, 1e-4, (2, LENGTH))
    woven = np.stack((np.sin(440 * at) * 0.5, np.sin(660 * at) * 0.25)) + fine
    return (np.rint(woven * 2**23) / 2**23).astype(np.float32)


def written(path, *words):
    raw = np.ascontiguousarray(tones().T).astype("<f4").tobytes()
    command = ["ffmpeg", "-v", "error", "-f", "f32le", "-ar", str(RATE), "-ac", "2", "-i", "-", *words, str(path)]
    subprocess.run(command, input=raw, check=True)
    return path.read_bytes()


EXACT = {
    "24.wav": ["-c:a", "pcm_s24le"],
    "32.wav": ["-c:a", "pcm_s32le"],
    "float.wav": ["-c:a", "pcm_f32le"],
    "double.wav": ["-c:a", "pcm_f64le"],
    "rf64.wav": ["-c:a", "pcm_s24le", "-rf64", "always"],
    "24.aiff": ["-c:a", "pcm_s24be"],
    "float.aiff": ["-c:a", "pcm_f32be"],
    "24.flac": ["-sample_fmt", "s32", "-bits_per_raw_sample", "24"],
    "alac.m4a": ["-sample_fmt", "s32p", "-c:a", "alac"],
    "flac.ogg": ["-sample_fmt", "s32", "-bits_per_raw_sample", "24", "-c:a", "flac"],
}
ROUNDED = {
    "16.wav": (["-c:a", "pcm_s16le"], 2**-15),
    "8.wav": (["-c:a", "pcm_u8"], 2**-7),
    "16.aiff": (["-c:a", "pcm_s16be"], 2**-15),
    "16.flac": (["-sample_fmt", "s16"], 2**-15),
    "alac.m4a": (["-sample_fmt", "s16p", "-c:a", "alac"], 2**-15),
}
LOSSY = {
    "mu.wav": ["-c:a", "pcm_mulaw"],
    "adpcm.wav": ["-c:a", "adpcm_ms"],
    "ima.wav": ["-c:a", "adpcm_ima_wav"],
    "mp3.wav": ["-c:a", "libmp3lame"],
    "a.mp3": ["-c:a", "libmp3lame"],
    "a.ogg": ["-c:a", "libvorbis"],
    "a.opus": ["-c:a", "libopus"],
    "a.m4a": ["-c:a", "aac"],
}


@needs_ffmpeg
@pytest.mark.parametrize("name", EXACT)
def test_nothing_is_lost_of_24_bits(name, tmp_path):
    sound = read_sound(written(tmp_path / name, *EXACT[name]), name)
    assert (sound.rate, len(sound.channels)) == (RATE, 2)
    assert np.array_equal(np.stack(sound.channels), tones())
    assert np.allclose(sound.mono, tones().mean(axis=0), atol=1e-7)


@needs_ffmpeg
@pytest.mark.parametrize("name", ROUNDED)
def test_fewer_bits_are_what_the_file_has(name, tmp_path):
    words, step = ROUNDED[name]
    sound = read_sound(written(tmp_path / name, *words), name)
    assert sound.rate == RATE
    worst = np.abs(np.stack(sound.channels) - tones()).max()
    assert step / 4 < worst <= step


@needs_ffmpeg
@pytest.mark.parametrize("name", LOSSY)
def test_lossy_files_have_their_tones(name, tmp_path):
    sound = read_sound(written(tmp_path / name, *LOSSY[name]), name)
    assert sound.rate == RATE and len(sound.channels) == 2
    assert 0.24 < len(sound.channels[0]) / RATE < 0.32
    for channel, expected in zip(sound.channels, (440, 660), strict=True):
        middle = channel[2000:10000] * np.hanning(8000)
        assert np.argmax(np.abs(np.fft.rfft(middle))) * RATE / 8000 == pytest.approx(expected, abs=10)


@needs_ffmpeg
def test_gsm_of_telephone_systems(tmp_path):
    data = written(tmp_path / "gsm.wav", "-ar", "8000", "-ac", "1", "-c:a", "libgsm_ms")
    sound = read_sound(data, "gsm.wav")
    assert (sound.rate, len(sound.channels)) == (8000, 1)
    assert np.abs(sound.mono).max() > 0.1


@needs_ffmpeg
def test_the_ending_may_be_wrong(tmp_path):
    data = written(tmp_path / "a.mp3", "-c:a", "libmp3lame")
    assert read_sound(data, "greeting.wav").rate == RATE
    assert read_sound(write_wav([tones()[0]], RATE), "greeting.mp3").rate == RATE


@needs_ffmpeg
def test_flac_without_the_extra(tmp_path, monkeypatch):
    data = written(tmp_path / "24.flac", *EXACT["24.flac"])
    monkeypatch.setitem(__import__("sys").modules, "miniaudio", None)
    assert np.array_equal(np.stack(read_sound(data, "24.flac").channels), tones())
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BadAudioFile, match="codecs"):
        read_sound(data, "24.flac")


@needs_ffmpeg
def test_no_more_is_decoded_than_a_recording_may_have(tmp_path):
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "700", "-b:a", "8k"]
    subprocess.run([*command, str(tmp_path / "long.mp3")], check=True)
    sound = read_sound((tmp_path / "long.mp3").read_bytes(), "long.mp3")
    assert LONGEST < len(sound.mono) / sound.rate < LONGEST + 1.1


@needs_ffmpeg
@pytest.mark.parametrize("name", ["24.aiff", "24.flac", "alac.m4a", "rf64.wav"])
def test_damage_is_an_error_of_ours_or_a_shorter_sound(name, tmp_path):
    data = written(tmp_path / name, *EXACT[name])
    for cut in (12, 40, len(data) // 2):
        try:
            assert len(read_sound(data[:cut], name).mono) < LENGTH
        except BadAudioFile as error:
            assert "again" in str(error)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"Dear Sir or Madam, here", "no sound that is known, whatever '.mp3' says"),
        (b"#EXTM3U\n/etc/passwd\n", "no sound that is known"),
        (b"RIFF\x04\0\0\0WAVE", "the WAV stops"),
        (b"RIFF\x04\0\0\0AVI LIST", "no sound that is known"),
    ],
)
def test_what_is_no_sound(data, said):
    with pytest.raises(BadAudioFile, match=said):
        read_sound(data, "greeting.mp3")


def test_without_ffmpeg_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BadAudioFile, match="apt install ffmpeg"):
        read_sound(b"ID3" + bytes(100), "greeting.mp3")


def test_a_broadcast_wave_has_its_notes_before_its_format():
    wav = write_wav([tones()[0]], RATE)
    notes = struct.pack("<4sI", b"bext", 602) + bytes(602)
    data = wav[:4] + struct.pack("<I", len(wav) - 8 + len(notes)) + wav[8:12] + notes + wav[12:]
    assert len(read_sound(data, "a.wav").mono) == LENGTH


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"\xff\xfb\x90\x00", "mp3"), (b"\xff\xf3\x90\x00", "mp3"), (b"\xff\xf1\x50\x80", ""), (b"\xff", "")],
)
def test_mp3_without_a_tag_and_aac_without_a_box(head, kind):
    assert kind_of(head) == kind


def test_one_channel_is_not_copied():
    one = tones()[0]
    assert Sound((one,), RATE).mono is one
