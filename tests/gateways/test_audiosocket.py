from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import LocalGatewayError, RemoteGatewayError
from ivr.gateways.audiosocket.codec import MOST_EARLY, AudioSocketCodec
from ivr.gateways.audiosocket.formats import KINDS, LEAD, OPENING, RATES, capabilities
from ivr.gateways.audiosocket.packets import DIGIT, ERROR, HANG_UP, HEADER, LONGEST, Packets, write
from ivr.gateways.audiosocket.packets import UUID as NAMES
from ivr.gateways.codec import MarkKind, Pacing
from ivr.gateways.events import (
    CallerAudible,
    DigitReceived,
    ErrorReported,
    MediaReceived,
    StreamStarted,
    StreamStopped,
)
from ivr.media.format import AudioFormat, Encoding

SOMEBODY = UUID("00112233-4455-6677-8899-aabbccddeeff")
NAMED = write(NAMES, SOMEBODY.bytes)
FRAME = bytes(320)
PACKETS = st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=400)), max_size=12)


def in_pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in pairwise(places)]


def begun(kind: int = 0x10, **options) -> AudioSocketCodec:
    codec = AudioSocketCodec(**options)
    assert codec.receive(NAMED) == ()
    codec.receive(write(kind, FRAME))
    return codec


# ---- framing


def test_a_packet_is_a_kind_a_big_endian_length_and_a_payload():
    assert write(0x10, b"ab") == b"\x10\x00\x02ab"
    assert write(HANG_UP) == b"\x00\x00\x00"
    assert write(0x18, bytes(0x1234))[:HEADER] == b"\x18\x12\x34"
    assert len(write(0x18, bytes(LONGEST))) == HEADER + LONGEST
    with pytest.raises(LocalGatewayError, match="65535"):
        write(0x10, bytes(LONGEST + 1))


@given(PACKETS, st.lists(st.integers(0, 100_000), max_size=40))
def test_whatever_the_pieces_the_packets_are_the_same(sent, cuts):
    stream = b"".join(write(kind, payload) for kind, payload in sent)
    packets = Packets()
    found = [packet for piece in in_pieces(stream, cuts) for packet in packets.cut(piece)]
    assert [(packet[0], packet[HEADER:]) for packet in found] == sent
    assert packets.waiting == 0


@given(PACKETS, st.lists(st.integers(0, 100_000), max_size=20), st.integers(0, 100_000))
def test_what_is_not_whole_waits_and_is_less_than_a_packet(sent, cuts, end):
    stream = b"".join(write(kind, payload) for kind, payload in sent)
    stream = stream[: end % (len(stream) + 1)]
    packets = Packets()
    found = [packet for piece in in_pieces(stream, cuts) for packet in packets.cut(piece)]
    assert b"".join(found) == stream[: len(stream) - packets.waiting]
    assert packets.waiting < HEADER + 400


@given(st.integers(0, 1000), st.integers(1, 1000))
def test_a_packet_that_is_too_long_is_refused_by_its_header(longest, more):
    packets = Packets(longest)
    assert list(packets.cut(write(0x10, bytes(longest)))) == [write(0x10, bytes(longest))]
    with pytest.raises(RemoteGatewayError, match=str(longest + more)):
        list(packets.cut(write(0x10, bytes(longest + more))[:HEADER]))


@given(PACKETS, st.lists(st.integers(0, 100_000), max_size=20))
def test_whatever_the_pieces_the_events_are_the_same(sent, cuts):
    sent = [(NAMES, SOMEBODY.bytes), *((kind, payload) for kind, payload in sent if kind != NAMES)]

    def events(pieces):
        codec, packets = AudioSocketCodec(), Packets()
        codec.listening = True
        got = []
        try:
            for piece in pieces:
                for packet in packets.cut(piece):
                    got += codec.receive(packet)
        except RemoteGatewayError as error:
            got.append(str(error))
        return got, codec.unknown

    stream = b"".join(write(kind, payload) for kind, payload in sent)
    assert events(in_pieces(stream, cuts)) == events([stream])


# ---- the stream begins


@pytest.mark.parametrize("rate", KINDS)
def test_the_first_sound_tells_the_rate_and_begins_the_stream(rate):
    codec = AudioSocketCodec()
    assert codec.receive(NAMED) == ()
    began, audible = codec.receive(write(KINDS[rate], FRAME))
    format = AudioFormat(Encoding.L16, rate)
    assert began == StreamStarted(str(SOMEBODY), str(SOMEBODY), {"uuid": str(SOMEBODY)}, format)
    assert audible == CallerAudible()
    assert codec.capabilities.out_format == codec.capabilities.in_format == format
    assert codec.receive(write(KINDS[rate], FRAME)) == []
    assert codec.media(codec.prepare(b"ab")) == write(KINDS[rate], b"ab")
    assert codec.presume() == ()


@pytest.mark.parametrize("presumed", [8000, 16000])
def test_without_sound_it_begins_as_presumed(presumed):
    codec = AudioSocketCodec(presumed)
    assert codec.presume() == ()  # nobody has said who calls
    codec.receive(NAMED)
    (began,) = codec.presume()
    assert began.format == AudioFormat(Encoding.L16, presumed)
    assert codec.presume() == ()
    # The first sound is as presumed, and nothing begins anew.
    assert codec.receive(write(KINDS[presumed], FRAME)) == [CallerAudible()]


def test_a_wrong_presumption_begins_the_stream_anew_once():
    codec = AudioSocketCodec(8000)
    codec.receive(NAMED)
    codec.presume()
    began, _ = codec.receive(write(0x12, FRAME))
    assert isinstance(began, StreamStarted)
    assert began.format.rate == 16000
    assert codec.media(codec.prepare(b"ab"))[0] == 0x12


def test_digits_before_the_stream_are_told_behind_its_beginning():
    codec = AudioSocketCodec()
    codec.receive(NAMED)
    for digit in b"12":
        assert codec.receive(write(DIGIT, bytes([digit]))) == ()
    _, *early = codec.presume()
    assert early == [DigitReceived("1"), DigitReceived("2")]
    codec = AudioSocketCodec()
    codec.receive(NAMED)
    for _ in range(2 * MOST_EARLY):
        codec.receive(write(DIGIT, b"1"))
    assert len(codec.presume()) == 1 + MOST_EARLY


# ---- events


@pytest.mark.parametrize("digit", "0123456789*#ABCDabcd")
def test_a_digit(digit):
    assert begun().receive(write(DIGIT, digit.encode())) == (DigitReceived(digit.upper()),)


def test_a_hang_up_an_error_and_what_nobody_knows():
    codec = begun()
    (stopped,) = codec.receive(write(HANG_UP))
    assert isinstance(stopped, StreamStopped)
    assert codec.receive(write(ERROR, b"\x02")) == (ErrorReported("error 02"),)
    assert codec.receive(write(ERROR)) == (ErrorReported("error without a code"),)
    for kind in (0x02, 0x04, 0x0F, 0x19, 0xFE):
        assert codec.receive(write(kind, b"xyz")) == ()
    assert codec.unknown == 5


BROKEN = {
    "sound first": ([write(0x10, FRAME)], "before the UUID"),
    "a second UUID": ([NAMED, NAMED], "second UUID"),
    "a short UUID": ([write(NAMES, b"short")], "5 bytes"),
    "another rate": ([NAMED, write(0x10, FRAME), write(0x12, FRAME)], "16000 Hz on a stream at 8000 Hz"),
    "no digit": ([NAMED, write(DIGIT)], "digit"),
    "two digits": ([NAMED, write(DIGIT, b"12")], "digit"),
    "a letter": ([NAMED, write(DIGIT, b"x")], "digit"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_the_protocol_is_said(name):
    packets, why = BROKEN[name]
    codec = AudioSocketCodec()
    with pytest.raises(RemoteGatewayError, match=why):
        for packet in packets:
            codec.receive(packet)


@given(st.lists(st.binary(max_size=99), min_size=1, max_size=20))
def test_sound_comes_in_whole_samples_with_the_time_of_what_came(payloads):
    codec = begun(0x12)
    codec.listening = True
    got = [event for payload in payloads for event in codec.receive(write(0x12, payload))]
    assert all(isinstance(event, MediaReceived) and len(event.payload) % 2 == 0 for event in got)
    sound = b"".join(payloads)
    assert b"".join(event.payload for event in got) == sound[: len(sound) // 2 * 2]
    before = 0
    for event in got:
        assert event.timestamp == round(before / 16000 * 1000)
        before += len(event.payload) // 2


def test_sound_that_nobody_listens_to_is_not_looked_at():
    assert begun().receive(write(0x10, b"\x01")) == []


# ---- what we send


@given(st.sampled_from(sorted(RATES)), st.binary(min_size=1, max_size=4000))
def test_what_is_prepared_is_the_same_for_all_calls_and_a_packet_of_its_kind(kind, payload):
    prepared = AudioSocketCodec().prepare(payload)
    packet = begun(kind).media(prepared)
    (found,) = Packets().cut(packet)
    assert found == packet == write(kind, payload)


def test_nothing_is_sent_but_sound_and_a_hang_up():
    codec = begun()
    assert codec.hang_up() == b"\x00\x00\x00"
    assert codec.mark("x") is codec.clear() is codec.answer() is codec.probe() is None
    with pytest.raises(LocalGatewayError, match="StreamStarted"):
        AudioSocketCodec().media(codec.prepare(b"ab"))


@pytest.mark.parametrize("rate", KINDS)
def test_we_are_the_clock_and_silence_is_ours(rate):
    able = capabilities(rate)
    assert able.pacing is Pacing.REALTIME
    assert able.marks is MarkKind.NONE
    assert not able.can_clear
    assert able.fills_silence and able.close_is_hangup
    assert (able.max_lead, able.presumes_after) == (LEAD, OPENING)
    assert able.out_format.size(able.out_format.frame) <= able.max_message <= LONGEST


def test_a_rate_of_no_kind_is_refused():
    with pytest.raises(RemoteGatewayError, match="11025"):
        AudioSocketCodec(11025)
