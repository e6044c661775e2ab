"""Twilio's wire, by its documentation: each documented message, and everything that is none."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.errors import LocalGatewayError, RemoteGatewayError
from ivr.gateways.codec import MarkKind
from ivr.gateways.events import (
    DigitReceived,
    MarkReached,
    MediaReceived,
    StreamStarted,
    StreamStopped,
)
from ivr.gateways.twilio import DIGITS, TWILIO, TwilioCodec
from ivr.media.format import MULAW_8K

CONNECTED = '{"event":"connected","protocol":"Call","version":"1.0.0"}'
START = (
    '{"event":"start","sequenceNumber":"1","streamSid":"MZ1","start":{"streamSid":"MZ1","callSid":"CA1",'
    '"accountSid":"AC1","tracks":["inbound"],"customParameters":{"from":"+15550001"},'
    '"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}}'
)
MEDIA = (
    '{"event":"media","sequenceNumber":"3","streamSid":"MZ1",'
    '"media":{"track":"inbound","chunk":"2","timestamp":"40","payload":"//8="}}'
)
DTMF = '{"event":"dtmf","sequenceNumber":"9","streamSid":"MZ1","dtmf":{"track":"inbound_track","digit":"5"}}'
MARK = '{"event":"mark","sequenceNumber":"12","streamSid":"MZ1","mark":{"name":"u7"}}'
STOP = '{"event":"stop","sequenceNumber":"40","streamSid":"MZ1","stop":{"accountSid":"AC1","callSid":"CA1"}}'


def codec(listening: bool = False) -> TwilioCodec:
    made = TwilioCodec()
    made.receive(START)
    made.listening = listening
    return made


# ---- what comes in


def test_the_stream_begins():
    made = TwilioCodec()
    assert made.receive(CONNECTED) == ()
    assert made.receive(START) == (StreamStarted("MZ1", "CA1", {"from": "+15550001"}, MULAW_8K),)
    assert made.stream == "MZ1"


@pytest.mark.parametrize(
    ("message", "event"),
    [(DTMF, DigitReceived("5")), (MARK, MarkReached("u7"))],
)
def test_documented_messages(message, event):
    assert codec().receive(message) == (event,)


def test_the_stream_ends():
    (stopped,) = codec().receive(STOP)
    assert isinstance(stopped, StreamStopped)
    assert stopped.reason


@pytest.mark.parametrize("digit", sorted(DIGITS))
def test_every_key(digit):
    assert codec().receive(DTMF.replace('"5"', f'"{digit}"')) == (DigitReceived(digit),)


def test_media_is_heard_only_while_somebody_listens():
    assert codec(listening=True).receive(MEDIA) == (MediaReceived(b"\xff\xff", 40),)
    assert codec().receive(MEDIA) == ()


def test_media_that_nobody_hears_is_not_even_read():
    assert codec().receive('{"event":"media" and what follows is no JSON at all') == ()
    assert codec().receive(MEDIA.replace("//8=", "%%%")) == ()
    with pytest.raises(RemoteGatewayError):
        codec(listening=True).receive('{"event":"media" and what follows is no JSON at all')


def test_media_in_another_order_of_keys_is_dropped_as_well():
    shuffled = json.dumps(dict(reversed(json.loads(MEDIA).items())))
    assert codec().receive(shuffled) == ()
    assert codec(listening=True).receive(shuffled) == (MediaReceived(b"\xff\xff", 40),)


def test_the_callees_track_is_not_the_callers():
    assert codec(listening=True).receive(MEDIA.replace('"inbound"', '"outbound"')) == ()


@pytest.mark.parametrize("timestamp", ['"40"', "40"])
def test_numbers_may_be_texts(timestamp):
    assert codec(listening=True).receive(MEDIA.replace('"40"', timestamp))[0].timestamp == 40


def test_unknown_events_are_ignored_and_counted():
    made = codec()
    for message in ('{"event":"new"}', '{"event":7}', '{"no":"event"}', "{}", '{"event":null}'):
        assert made.receive(message) == ()
    assert made.unknown == 5
    assert made.receive(DTMF) == (DigitReceived("5"),)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "no json",
        "[1]",
        "7",
        "null",
        '"start"',
        '{"event":"start"}',
        '{"event":"start","start":7}',
        '{"event":"start","start":{}}',
        '{"event":"start","start":{"streamSid":""}}',
        '{"event":"start","start":{"streamSid":5}}',
        START.replace("audio/x-mulaw", "audio/l16"),
        '{"event":"dtmf"}',
        '{"event":"dtmf","dtmf":{}}',
        '{"event":"dtmf","dtmf":{"digit":"12"}}',
        '{"event":"dtmf","dtmf":{"digit":null}}',
        '{"event":"mark"}',
        '{"event":"mark","mark":{}}',
        '{"event":"mark","mark":{"name":5}}',
    ],
)
def test_malformed_messages_are_the_far_sides_fault(message):
    with pytest.raises(RemoteGatewayError):
        TwilioCodec().receive(message)


@pytest.mark.parametrize(
    "media",
    [
        {},
        {"payload": 5},
        {"payload": "%%%"},
        {"payload": "AAA"},
        {"payload": "é"},
        {"payload": "//8=", "timestamp": "soon"},
        {"payload": "//8=", "timestamp": []},
        {"payload": "//8=", "timestamp": None},
        {"payload": "//8=", "timestamp": 1e400},
    ],
)
def test_malformed_media_is_the_far_sides_fault(media):
    with pytest.raises(RemoteGatewayError):
        codec(listening=True).receive(json.dumps({"event": "media", "media": media}))


@pytest.mark.parametrize("timestamp", ["1e3", "9" * 5000, "Infinity", "-0.0"])
def test_strange_timestamps_never_leave_the_tree_of_errors(timestamp):
    message = json.dumps({"event": "media", "media": {"payload": "//8=", "timestamp": timestamp}})
    with pytest.raises(RemoteGatewayError):
        codec(listening=True).receive(message)


def test_a_binary_message_is_refused():
    with pytest.raises(RemoteGatewayError, match="binary"):
        codec().receive(b"\xff")


def test_a_stream_begins_once():
    with pytest.raises(RemoteGatewayError, match="second"):
        codec().receive(START)


def test_a_start_may_leave_out_what_is_not_needed():
    (started,) = TwilioCodec().receive('{"event":"start","streamSid":"MZ2","start":{}}')
    assert started == StreamStarted("MZ2", "", {}, MULAW_8K)


def test_parameters_are_texts():
    message = '{"event":"start","start":{"streamSid":"MZ2","callSid":"CA1","customParameters":{"a":1,"b":null}}}'
    (started,) = TwilioCodec().receive(message)
    assert started.parameters == {"a": "1", "b": "None"}


ANY = st.one_of(
    st.text(max_size=60),
    st.binary(max_size=60),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=10,
    ).map(json.dumps),
    st.builds(
        lambda event, inner: json.dumps({"event": event, event: inner}),
        st.sampled_from(["start", "media", "dtmf", "mark", "stop", "connected"]),
        st.dictionaries(
            st.sampled_from(
                "streamSid callSid customParameters mediaFormat track payload timestamp digit name encoding".split()
            ),
            st.none() | st.integers() | st.floats() | st.text(max_size=9) | st.just("inbound") | st.just("//8=")
            | st.dictionaries(st.sampled_from(["encoding", "x"]), st.none() | st.text(max_size=5), max_size=2),
            max_size=5,
        ),
    ),
)  # fmt: skip


@given(st.lists(ANY, max_size=4), st.booleans())
@settings(max_examples=400, deadline=None)
def test_whatever_comes_in_is_events_or_the_far_sides_fault(messages, listening):
    made = TwilioCodec()
    made.listening = listening
    for message in messages:
        try:
            events = made.receive(message)
        except RemoteGatewayError as error:
            assert str(error)
        else:
            for event in events:
                assert isinstance(event, StreamStarted | MediaReceived | DigitReceived | MarkReached | StreamStopped)


# ---- what goes out


@given(st.binary(min_size=1, max_size=4000))
def test_media_is_the_documented_message(payload):
    made = codec()
    message = json.loads(made.media(made.prepare(payload)))
    assert message == {"event": "media", "streamSid": "MZ1", "media": {"payload": b64encode(payload).decode()}}


def test_what_is_prepared_belongs_to_no_stream():
    prepared = TwilioCodec().prepare(b"\xff")
    one, two = codec(), TwilioCodec()
    two.receive(START.replace("MZ1", "MZ2"))
    assert json.loads(one.media(prepared))["streamSid"] == "MZ1"
    assert json.loads(two.media(prepared))["streamSid"] == "MZ2"


@pytest.mark.parametrize("sid", ['M"Z', "M\\Z", "Mé\n", "\u2028"])
def test_a_strange_stream_id_cannot_break_the_message(sid):
    made = TwilioCodec()
    made.receive(json.dumps({"event": "start", "start": {"streamSid": sid}}))
    assert json.loads(made.media(made.prepare(b"\xff")))["streamSid"] == sid
    assert json.loads(made.clear())["streamSid"] == sid
    assert json.loads(made.mark("m"))["streamSid"] == sid


def test_audio_before_the_stream_is_our_fault():
    made = TwilioCodec()
    with pytest.raises(LocalGatewayError):
        made.media(made.prepare(b"\xff"))


def test_marks_and_clears_are_the_documented_messages():
    made = codec()
    assert json.loads(made.mark("u7")) == {"event": "mark", "streamSid": "MZ1", "mark": {"name": "u7"}}
    assert json.loads(made.clear()) == {"event": "clear", "streamSid": "MZ1"}
    assert made.hang_up() is None


def test_a_mark_comes_back_as_it_went():
    made = codec()
    sent = json.loads(made.mark("3.41"))
    assert made.receive(json.dumps({**sent, "sequenceNumber": "4"})) == (MarkReached("3.41"),)


def test_what_the_platform_can_do():
    assert TWILIO.out_format == TWILIO.in_format == MULAW_8K
    assert TWILIO.can_clear
    assert TWILIO.marks is MarkKind.ECHO_ON_CLEAR
    assert codec().capabilities is TWILIO
