import builtins
import struct
from itertools import pairwise
from pathlib import Path

import miniaudio
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import MissingExtra, SpeechBroken
from ivr.media import pcm
from ivr.media.format import AudioFormat, Encoding
from ivr.media.wave import write_wav
from ivr.speech.decode import AUDIO, Audio, Decoder, decoder_for, decoder_for_content, is_audio
from ivr.speech.http import HttpVoice, HttpVoiceSettings
from ivr.speech.mp3 import FrameCutter, Mp3Decoder, parse_header

HERE = Path(__file__).parent
TONE = (HERE / "tone.mp3").read_bytes()
"""0.6 s at 24 kHz, mono, VBR with an Info tag: LAME 3.100, -V 4."""
STEREO = (HERE / "stereo.mp3").read_bytes()
"""0.25 s at 44.1 kHz, joint stereo, 64 kbit/s, ID3v2 and no Info tag: LAME 3.100, -t -b 64."""
NOISE = (HERE / "noise.mp3").read_bytes()
"""0.3 s at 16 kHz, mono, 128 kbit/s: frames so long that one fills the reservoir: LAME 3.100, -t -b 128."""


def whole(decoder: Decoder, *pieces: bytes):
    parts = [decoder.push(piece) for piece in pieces]
    return np.concatenate([*parts, decoder.finish()])


def reference(data: bytes):
    """The whole file through miniaudio, channels averaged."""
    sound = miniaudio.mp3_read_f32(data)
    return np.frombuffer(sound.samples, np.float32).reshape(-1, sound.nchannels).mean(axis=1, dtype=np.float32)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


def body(audio: Audio, samples, rate: int) -> bytes:
    if audio == "wav":
        return write_wav([samples], rate)
    encoding = {"pcm": Encoding.L16, "mulaw": Encoding.MULAW, "alaw": Encoding.ALAW}[audio]
    return pcm.encode(samples, AudioFormat(encoding, rate))


def chirp(rate: int, seconds: float = 0.2):
    t = np.arange(round(rate * seconds)) / rate
    return (0.5 * np.sin(2 * np.pi * (200 * t + 1500 * t * t))).astype(np.float32)


PLACES = st.lists(st.integers(0, 1 << 30), max_size=12)


@pytest.mark.parametrize("audio", [name for name in AUDIO if name != "mp3"])
@given(places=PLACES)
def test_any_chunking_gives_the_same_samples(audio, places):
    data = body(audio, chirp(8000), 8000)
    at_once = whole(decoder_for(audio, 8000), data)
    assert np.array_equal(whole(decoder_for(audio, 8000), *cut(data, places)), at_once)


@pytest.mark.parametrize(("audio", "error"), [("pcm", 2e-5), ("wav", 2e-5), ("mulaw", 0.017), ("alaw", 0.017)])
def test_decoded_is_what_was_encoded(audio, error):
    sound = chirp(8000)
    decoder = decoder_for(audio, 8000)
    heard = whole(decoder, body(audio, sound, 8000))
    assert decoder.rate == 8000
    assert len(heard) == len(sound)
    assert np.abs(heard - sound).max() < error


@pytest.mark.parametrize("data", [TONE, STEREO, NOISE], ids=["tone", "stereo", "noise"])
@given(places=PLACES)
def test_mp3_in_any_chunking_is_the_whole_file_sample_for_sample(data, places):
    assert np.array_equal(whole(Mp3Decoder(), *cut(data, places)), reference(data))


@pytest.mark.parametrize("data", [TONE, STEREO, NOISE], ids=["tone", "stereo", "noise"])
def test_mp3_byte_by_byte(data):
    assert np.array_equal(whole(Mp3Decoder(), *(bytes([byte]) for byte in data)), reference(data))


def test_mp3_padding_of_the_encoder_is_not_heard():
    assert len(whole(Mp3Decoder(), TONE)) == 14400


def test_mp3_gives_sound_before_the_second_frame_is_whole():
    decoder = Mp3Decoder()
    first = parse_header(STEREO, STEREO.index(b"\xff\xfb"))
    assert len(decoder.push(STEREO[: STEREO.index(b"\xff\xfb") + first.size])) == first.samples
    assert decoder.rate == 44100


def test_mp3_files_end_to_end_lose_nothing():
    twice = whole(Mp3Decoder(), TONE + TONE)
    assert np.array_equal(twice, np.concatenate([reference(TONE)] * 2))


def test_mp3_tags_and_junk_are_stepped_over():
    id3v1 = b"TAG" + bytes(125)
    assert np.array_equal(whole(Mp3Decoder(), TONE + id3v1), reference(TONE))
    start = STEREO.index(b"\xff\xfb")
    junk = b"junk \xff\xfb\x50\xc4 that looks like a mono header" + b"junk" * 80
    assert np.array_equal(whole(Mp3Decoder(), junk + STEREO[start:]), reference(STEREO))


def test_mp3_cut_inside_a_frame():
    decoder = Mp3Decoder()
    decoder.push(STEREO[:-7])
    with pytest.raises(SpeechBroken, match="inside a frame"):
        decoder.finish()


def test_mp3_cut_between_frames_is_told_by_its_info_tag():
    frames = list(FrameCutter().push(TONE))
    decoder = Mp3Decoder()
    decoder.push(b"".join(frame.data for frame in frames[:-3]))
    with pytest.raises(SpeechBroken, match="Info tag"):
        decoder.finish()


@pytest.mark.parametrize("data", [b"\x00" * 5000, b"OggS" + bytes(range(255)) * 40], ids=["zeros", "ogg"])
def test_mp3_that_is_none(data):
    with pytest.raises(SpeechBroken, match="not MP3"):
        whole(Mp3Decoder(), data)


@given(st.binary(max_size=3000))
def test_mp3_of_any_bytes_ends_in_sound_or_speech_broken(data):
    try:
        whole(Mp3Decoder(), STEREO[:1500], data)
    except SpeechBroken:
        pass


def test_mp3_without_miniaudio(monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name == "miniaudio":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match="MP3 speech needs the extra 'codecs'"):
        decoder_for("mp3", 24000)
    with pytest.raises(MissingExtra):
        HttpVoice(HttpVoiceSettings("https://api.example.com", "key", format="mp3"))
    with pytest.raises(SpeechBroken, match=r"audio/mpeg.*'codecs'"):
        decoder_for_content("audio/mpeg", "pcm", 24000)


@pytest.mark.parametrize("audio", AUDIO)
def test_no_bytes_are_no_samples_and_no_error(audio):
    assert len(whole(decoder_for(audio, 8000))) == 0


def test_half_a_sample_left_over():
    decoder = decoder_for("pcm", 24000)
    assert len(decoder.push(b"\x00\x01\x02")) == 1
    with pytest.raises(SpeechBroken, match="inside a 16-bit sample"):
        decoder.finish()


@pytest.mark.parametrize("kept", [10, 30, 44, 100, -1])
def test_wav_shorter_than_its_header_says(kept):
    decoder = decoder_for("wav", 8000)
    decoder.push(write_wav([chirp(8000)], 8000)[:kept])
    with pytest.raises(SpeechBroken, match="cut off"):
        decoder.finish()


def test_wav_of_unknown_length_ends_where_it_ends():
    data = bytearray(write_wav([chirp(8000)], 16000))
    struct.pack_into("<I", data, 4, 0xFFFFFFFF)
    struct.pack_into("<I", data, 40, 0xFFFFFFFF)
    decoder = decoder_for("wav", 8000)
    assert len(whole(decoder, bytes(data))) == len(chirp(8000))
    assert decoder.rate == 16000


def test_wav_that_is_none():
    with pytest.raises(SpeechBroken, match="not the WAV"):
        decoder_for("wav", 8000).push(b"<html> no such voice </html>")


@pytest.mark.parametrize(
    ("content_type", "asked", "kind", "rate"),
    [
        ("audio/wav", "pcm", "wav", 16000),
        ("audio/x-wav", "mp3", "wav", 16000),
        ("audio/basic", "pcm", "mulaw", 8000),
        ("audio/basic", "mulaw", "mulaw", 8000),
        ("audio/x-mulaw", "mulaw", "mulaw", 24000),
        ("audio/PCMA;rate=16000", "pcm", "alaw", 16000),
        ("audio/L16; rate=16000; channels=1", "wav", "pcm", 16000),
        ("audio/l16", "pcm", "pcm", 24000),
        ("audio/pcm", "pcm", "pcm", 24000),
        ("application/octet-stream", "pcm", "pcm", 24000),
        ("application/octet-stream", "alaw", "alaw", 24000),
        (None, "mulaw", "mulaw", 24000),
    ],
)
def test_the_content_type_chooses(content_type, asked, kind, rate):
    sound = chirp(8000)
    decoder = decoder_for_content(content_type, asked, 24000)
    heard = whole(decoder, body(kind, sound, rate))
    assert decoder.rate == rate
    assert np.abs(heard - sound).max() < 0.02


def test_mpeg_content_type():
    decoder = decoder_for_content("audio/mpeg", "pcm", 8000)
    assert np.array_equal(whole(decoder, TONE), reference(TONE))
    assert decoder.rate == 24000


def test_big_endian_where_the_header_says_so():
    sound = chirp(8000)
    swapped = np.frombuffer(body("pcm", sound, 8000), "<i2").astype(">i2").tobytes()
    decoder = decoder_for_content("audio/l16;rate=8000;endianness=big-endian", "pcm", 24000)
    assert np.abs(whole(decoder, swapped[:33], swapped[33:]) - sound).max() < 2e-5


@pytest.mark.parametrize(
    "kind", ["text/html; charset=utf-8", "application/json", "audio/ogg", "audio/flac", "nonsense"]
)
def test_another_content_type_is_named(kind):
    with pytest.raises(SpeechBroken, match=kind.split(";")[0]):
        decoder_for_content(kind, "pcm", 24000)


@pytest.mark.parametrize("kind", ["audio/l16;rate=fast", "audio/l16;rate=7", "audio/l16;rate=8000;channels=2"])
def test_a_content_type_that_cannot_be_played(kind):
    with pytest.raises(SpeechBroken, match=kind):
        decoder_for_content(kind, "pcm", 24000)


def test_formats_have_names():
    assert is_audio("wav") and not is_audio("ogg")
