import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import FormatMismatch
from ivr.media.format import ALAW_8K, L16_8K, L16_24K, MULAW_8K
from ivr.media.pcm import decode, encode


@pytest.mark.parametrize("format", [MULAW_8K, ALAW_8K, L16_24K])
def test_silence_is_the_formats_silence(format):
    assert encode(np.zeros(5, dtype=np.float32), format) == format.silence(5)


def test_l16_clips_rounds_and_is_little_endian():
    samples = np.array([2.0, -2.0, 1.6 / 32768, 258 / 32768], dtype=np.float32)
    assert encode(samples, L16_8K) == b"\xff\x7f\x00\x80\x02\x00\x02\x01"


@given(st.binary(max_size=200).map(lambda data: data[: len(data) // 2 * 2]))
def test_l16_round_trip_is_exact(payload):
    assert encode(decode(payload, L16_8K), L16_8K) == payload


@pytest.mark.parametrize("format", [MULAW_8K, ALAW_8K, L16_8K])
def test_samples_are_float32_and_as_many_as_the_bytes_hold(format):
    samples = decode(bytes(12), format)
    assert samples.dtype == np.float32
    assert format.size(len(samples)) == 12


def test_half_a_sample_is_refused():
    with pytest.raises(FormatMismatch, match="3 bytes"):
        decode(b"abc", L16_8K)
