"""The pipe protocol: everything survives the trip, however the pipe cuts it; what is no record is refused."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import SpeechBroken
from ivr.speech.espeak.protocol import (
    MAX_PAYLOAD,
    Cancel,
    Hello,
    Kind,
    Record,
    RecordDecoder,
    Refused,
    Speak,
    Word,
    decode_request,
    encode_record,
    encode_request,
    pack_facts,
    pack_words,
    unpack_hello,
    unpack_refused,
    unpack_words,
)

uint32 = st.integers(0, 2**32 - 1)
any_text = st.text(alphabet=st.characters(), max_size=60)
speaks = st.builds(Speak, uint32, any_text, any_text, any_text, st.floats(allow_nan=False, allow_infinity=False))
records = st.builds(Record, st.sampled_from(Kind), uint32, st.binary(max_size=200))


@given(st.one_of(speaks, st.builds(Cancel, uint32)))
def test_a_request_survives_as_one_line_of_ascii(request_):
    line = encode_request(request_)
    assert line.endswith(b"\n") and line.count(b"\n") == 1 and line.isascii()
    assert decode_request(line) == request_


@given(st.lists(records, max_size=8), st.lists(st.integers(1, 40), max_size=60))
def test_records_survive_any_cutting_of_the_pipe(sent, cuts):
    stream = b"".join(map(encode_record, sent))
    decoder, got, at = RecordDecoder(), [], 0
    for cut in [*cuts, len(stream)]:
        got += decoder.feed(stream[at : at + cut])
        at += cut
    assert got == sent
    assert not decoder.partial


@given(records, st.data())
def test_a_record_cut_short_is_kept_and_not_given_out(record, data):
    stream = encode_record(record)
    decoder = RecordDecoder()
    assert list(decoder.feed(stream[: data.draw(st.integers(1, len(stream) - 1))])) == []
    assert decoder.partial


@given(st.lists(st.builds(Word, uint32, uint32, uint32), max_size=20))
def test_words_survive(words):
    assert unpack_words(pack_words(words)) == tuple(words)


@given(any_text, st.integers(0, 96000), st.booleans())
def test_a_greeting_survives(version, rate, reusable):
    hello = Hello(version, rate, reusable)
    assert unpack_hello(pack_facts(hello)) == hello


@given(st.integers(400, 599), any_text)
def test_a_refusal_survives(status, why):
    assert unpack_refused(pack_facts(Refused(status, why))) == Refused(status, why)


@pytest.mark.parametrize(
    "line", [b"", b"hello\n", b"[]\n", b'{"shout": {}}\n', b'{"cancel": {"id": 1, "more": 2}}\n', b'{"speak": {}}\n']
)
def test_a_line_that_is_no_request_is_refused(line):
    with pytest.raises(ValueError):
        decode_request(line)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"Segmentation fault\n", "unknown kind 83"),
        (struct.pack("<BII", Kind.AUDIO, 1, MAX_PAYLOAD + 1), f"{MAX_PAYLOAD + 1} bytes"),
    ],
)
def test_what_is_no_record_breaks_the_stream(data, said):
    with pytest.raises(SpeechBroken, match=said):
        list(RecordDecoder().feed(data))


@pytest.mark.parametrize("unpack", [unpack_hello, unpack_refused])
@pytest.mark.parametrize("payload", [b"", b"[]", b"7", b'{"version": 1}', b"\xff"])
def test_facts_that_are_none_break_the_stream(unpack, payload):
    with pytest.raises(SpeechBroken):
        unpack(payload)


def test_half_a_word_breaks_the_stream():
    with pytest.raises(SpeechBroken, match="13 bytes"):
        unpack_words(b"\0" * 13)
