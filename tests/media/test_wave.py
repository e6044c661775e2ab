import io
import struct
import wave as stdlib_wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import AudioError, BadAudioFile
from ivr.media import g711
from ivr.media.format import AudioFormat, Encoding
from ivr.media.tones import tone
from ivr.media.wave import WavStream, mulaw_wav, read_channels, read_wav, write_wav

SINE = tone(440, 0.05, 8000, -6)


def riff(tag, bits, body, channels=1, rate=8000, length=None, before=b"", after=b"", extensible=False):
    step = channels * bits // 8
    fmt = struct.pack("<HHIIHH", 0xFFFE if extensible else tag, channels, rate, rate * step, step, bits)
    if extensible:
        fmt += struct.pack("<HHIH", 22, bits, 4, tag) + bytes.fromhex("000000001000800000aa00389b71")
    size = len(body) if length is None else length
    chunks = before + b"fmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", size) + body + after
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def listed(size):
    return b"LIST" + struct.pack("<I", size) + bytes(size + size % 2)


L16 = (SINE * 32768).round().astype("<i2").tobytes()
WIDE = (SINE.astype(np.float64) * 2**31).round().astype("<i4")
KINDS = {
    "8": (1, 8, (SINE * 128 + 128).round().astype(np.uint8).tobytes(), 1 / 128),
    "16": (1, 16, L16, 1 / 32768),
    "24": (1, 24, WIDE.view(np.uint8).reshape(-1, 4)[:, 1:].tobytes(), 2 / 2**23),
    "32": (1, 32, WIDE.tobytes(), 1e-6),
    "float32": (3, 32, SINE.astype("<f4").tobytes(), 0),
    "float64": (3, 64, SINE.astype("<f8").tobytes(), 0),
    "alaw": (6, 8, g711.alaw_encode(SINE), 0.02),
    "mulaw": (7, 8, g711.mulaw_encode(SINE), 0.02),
}


@pytest.mark.parametrize("channels", [1, 2])
def test_the_standard_library_reads_what_is_written(channels):
    data = write_wav([SINE, -SINE][:channels], 8000)
    with stdlib_wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (channels, 2, 8000)
        frames = np.frombuffer(file.readframes(10**6), dtype="<i2").reshape(-1, channels)
    assert np.array_equal(frames[:, 0], np.rint(SINE * 32768))
    assert np.array_equal(frames[:, -1], np.rint(SINE * 32768 * (-1) ** (channels - 1)))


@pytest.mark.parametrize("length", [0, 1, 400])
def test_mulaw_is_written_as_it_is_read(length):
    payload = g711.mulaw_encode(SINE[:length])
    data = mulaw_wav(payload, 8000)
    samples, rate = read_wav(data)
    assert rate == 8000 and g711.mulaw_encode(samples) == payload
    assert len(data) % 2 == 0 and struct.unpack_from("<I", data, 4)[0] == len(data) - 8


def test_round_trip():
    samples, rate = read_wav(write_wav([SINE], 16000))
    assert rate == 16000
    assert np.max(np.abs(samples - SINE)) <= 0.5 / 32768


@pytest.mark.parametrize("channels", [[], [SINE, SINE[1:]], [SINE] * 3])
def test_other_channels_are_refused(channels):
    with pytest.raises(AudioError, match="one or two"):
        write_wav(channels, 8000)


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read(kind, extensible):
    tag, bits, body, error = KINDS[kind]
    samples, rate = read_wav(riff(tag, bits, body, before=listed(5), after=listed(8), extensible=extensible))
    assert rate == 8000 and samples.dtype == np.float32
    assert np.max(np.abs(samples - SINE)) <= error


def test_stereo_is_mixed():
    samples, _ = read_wav(write_wav([SINE, SINE * np.float32(0.5)], 8000))
    assert np.max(np.abs(samples - SINE * np.float32(0.75))) < 1e-4


def test_the_channels_of_a_recording_stay_apart():
    (left, right), rate = read_channels(write_wav([SINE, SINE / 2], 16000))
    assert rate == 16000
    assert np.allclose(left, SINE, atol=1e-4) and np.allclose(right, SINE / 2, atol=1e-4)
    ((only,), _) = read_channels(write_wav([SINE], 8000))
    assert np.array_equal(only, read_wav(write_wav([SINE], 8000))[0])


def test_floats_that_are_no_numbers_become_silence():
    samples, _ = read_wav(riff(3, 32, np.array([np.nan, np.inf, -0.5], dtype="<f4").tobytes()))
    assert np.all(np.isfinite(samples)) and samples[0] == 0 and samples[2] == -0.5


@pytest.mark.parametrize("length", [0, 0x7FFFFFFF, 0xFFFFFFFF])
def test_unknown_length_means_until_the_end(length):
    samples, _ = read_wav(riff(1, 16, L16 + b"x", length=length))
    assert len(samples) == len(SINE)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "stops after 0"),
        (b"RIFF", "stops after 4"),
        (b"ID3\x04 not a wav at all", "not a WAV"),
        (b"OggS" + bytes(50), "not a WAV"),
        (riff(1, 16, L16)[:-10], "cut off"),
        (riff(1, 16, L16)[:30], "before its audio"),
        (riff(85, 16, L16), "WAV format 85"),
        (riff(1, 16, L16, channels=0), "contradicts"),
        (riff(1, 16, L16, rate=0), "contradicts"),
        (b"RIFF\0\0\0\0WAVEdata\4\0\0\0abcd", "before its fmt"),
        (b"RIFF\0\0\0\0WAVEfmt \2\0\0\0ab" + bytes(20), "damaged"),
    ],
)
def test_foreign_and_damaged_files_say_what_is_wrong(data, says):
    with pytest.raises(BadAudioFile, match=says):
        read_wav(data)


@given(st.binary(max_size=80), st.integers(0, 60))
def test_garbage_raises_only_bad_audio_file(garbage, keep):
    good = riff(1, 16, L16)
    for data in (garbage, good[:keep] + garbage):
        try:
            read_wav(data)
        except BadAudioFile:
            pass


@given(st.lists(st.integers(1, 300), min_size=1, max_size=8), st.sampled_from([None, 0, 0xFFFFFFFF]))
def test_stream_gives_the_payload_however_it_is_cut(sizes, length):
    after = b"" if length is not None else listed(6)
    data = riff(1, 16, L16, before=listed(3), after=after, length=length)
    stream, got, at, turn = WavStream(), [], 0, 0
    while at < len(data):
        got.append(stream.push(data[at : at + sizes[turn % len(sizes)]]))
        at, turn = at + sizes[turn % len(sizes)], turn + 1
    stream.finish()
    assert all(len(part) % 2 == 0 for part in got)
    assert b"".join(got) == L16
    assert stream.format == AudioFormat(Encoding.L16, 8000)


def test_stream_knows_mulaw_before_any_audio():
    stream = WavStream()
    assert stream.format is None
    assert stream.push(riff(7, 8, b"")) == b""
    assert stream.format == AudioFormat(Encoding.MULAW, 8000)


@pytest.mark.parametrize("data", [riff(1, 24, bytes(6)), riff(1, 16, bytes(8), channels=2), b"<html>", b"ID3"])
def test_stream_refuses_what_it_cannot_pass_on(data):
    with pytest.raises(BadAudioFile):
        WavStream().push(data)


def test_stream_does_not_swallow_endless_headers():
    stream = WavStream()
    stream.push(b"RIFF\0\0\0\0WAVE")
    with pytest.raises(BadAudioFile, match="no audio in the first"):
        for _ in range(20):
            stream.push(listed(100_000))


@pytest.mark.parametrize("data", [riff(1, 16, L16)[:-2], riff(1, 16, L16)[:20]])
def test_a_stream_that_broke_off_says_so_at_its_end(data):
    stream = WavStream()
    stream.push(data)
    with pytest.raises(BadAudioFile, match="ended"):
        stream.finish()
