import numpy as np
import pytest

from ivr.media import g711

# Code and value y of G.711 tables 2a (14 bits) and 1a (13 bits) at the segments' ends, and some of their negatives.
MULAW = {
    0x80: 8031,
    0x8F: 4191,
    0x90: 3999,
    0x9F: 2079,
    0xAF: 1023,
    0xBF: 495,
    0xCF: 231,
    0xDF: 99,
    0xEF: 33,
    0xFE: 2,
    0xFF: 0,
    0x00: -8031,
    0x7E: -2,
}
ALAW = {
    0xAA: 4032,
    0xA5: 2112,
    0xB5: 1056,
    0x85: 528,
    0x95: 264,
    0xE5: 132,
    0xF5: 66,
    0xC5: 33,
    0xD5: 1,
    0x55: -1,
    0x2A: -4032,
}
# Decision values x at which a segment begins, on the same scales.
MULAW_SEGMENTS = {4063: 0x8F, 2015: 0x9F, 991: 0xAF, 479: 0xBF, 223: 0xCF, 95: 0xDF, 31: 0xEF, 1: 0xFE}
ALAW_SEGMENTS = {2048: 0xA5, 1024: 0xB5, 512: 0x85, 256: 0x95, 128: 0xE5, 64: 0xF5, 32: 0xC5}
ALL = bytes(range(256))


def floats(steps):
    return np.array(steps, dtype=np.float32) / 32768


@pytest.mark.parametrize(("decode", "table", "scale"), [(g711.mulaw_decode, MULAW, 4), (g711.alaw_decode, ALAW, 8)])
def test_decoding_is_the_standards_table(decode, table, scale):
    assert (decode(bytes(table)) * 32768).tolist() == [value * scale for value in table.values()]


@pytest.mark.parametrize(
    ("encode", "segments", "scale"), [(g711.mulaw_encode, MULAW_SEGMENTS, 4), (g711.alaw_encode, ALAW_SEGMENTS, 8)]
)
def test_segments_begin_at_the_standards_decision_values(encode, segments, scale):
    for decision, code in segments.items():
        below, at = encode(floats([decision * scale - 1, decision * scale]))
        assert at == code
        assert below != code


def test_every_mulaw_code_survives_but_minus_zero():
    expected = bytearray(ALL)
    expected[0x7F] = 0xFF
    assert g711.mulaw_encode(g711.mulaw_decode(ALL)) == expected


def test_every_alaw_code_survives():
    assert g711.alaw_encode(g711.alaw_decode(ALL)) == ALL


@pytest.mark.parametrize(
    ("encode", "decode", "top"),
    [(g711.mulaw_encode, g711.mulaw_decode, 0x80), (g711.alaw_encode, g711.alaw_decode, 0xAA)],
)
def test_each_code_stands_for_the_middle_of_its_inputs(encode, decode, top):
    steps = np.arange(-32768, 32768)
    codes = np.frombuffer(encode(floats(steps)), dtype=np.uint8)
    values = decode(ALL).astype(np.float64) * 32768
    for code in set(ALL) - {top, top ^ 0x80, 0x7F, 0xFF}:
        assert abs(steps[codes == code].mean() - values[code]) <= 1
    assert np.all(np.diff(values[codes]) >= 0)


@pytest.mark.parametrize(("encode", "zero", "top"), [(g711.mulaw_encode, 0xFF, 0x80), (g711.alaw_encode, 0xD5, 0xAA)])
def test_silence_and_overload(encode, zero, top):
    assert encode(floats([0, 40000, -40000])) == bytes([zero, top, top ^ 0x80])
