"""The codec against messages as a real Asterisk sent them."""

import importlib.util
from json import loads

import numpy as np
import pytest

from ivr.errors import LocalGatewayError, RemoteGatewayError
from ivr.gateways.asterisk.codec import AsteriskCodec
from ivr.gateways.asterisk.commands import LONGEST, Command, write
from ivr.gateways.asterisk.control import parse
from ivr.gateways.asterisk.formats import FORMATS, LEAD_FRAMES, capabilities
from ivr.gateways.codec import MarkKind
from ivr.gateways.events import (
    CallerAudible,
    DigitReceived,
    ErrorReported,
    FlowChanged,
    MarkReached,
    MediaReceived,
    QueueReported,
    StreamStarted,
)
from ivr.media.format import L16_16K, MULAW_8K
from ivr.media.pcm import decode, encode

PLAIN = (
    "MEDIA_START connection_id:app channel:WebSocket/app/0x7f9750005400 channel_id:1795363311.2 format:ulaw "
    "optimal_frame_size:160 ptime:20"
)
JSON = (
    '{"event":"MEDIA_START","connection_id":"app","channel":"WebSocket/app/0x7f9760027a00","channel_id":'
    '"1795363371.17","format":"ulaw","optimal_frame_size":160,"ptime":20,"channel_variables":{"DIALEDPEERNUMBER":'
    '"app/c(ulaw)f(json)","MEDIA_WEBSOCKET_CONNECTION_ID":"app","MEDIA_WEBSOCKET_OPTIMAL_FRAME_SIZE":"160"}}'
)
STATUS = (
    "STATUS channel_id:1.1 queue_length:{} xon_level:800 xoff_level:900 queue_full:false bulk_media:false "
    "media_paused:false"
)
needs_g722 = pytest.mark.skipif(importlib.util.find_spec("G722") is None, reason="the extra g722 is not installed")


def started(format="ulaw", size=160, *, json=False, **more):
    codec = AsteriskCodec()
    pairs = {"channel_id": "1.1", "format": format, "optimal_frame_size": size, "ptime": 20, **more}
    if json:
        codec.receive(JSON.replace('"ulaw"', f'"{format}"').replace(":160", f":{size}"))
    else:
        codec.receive("MEDIA_START " + " ".join(f"{name}:{value}" for name, value in pairs.items()))
    return codec


def test_both_notations_start_a_call():
    (plain,) = AsteriskCodec().receive(PLAIN)
    (json,) = AsteriskCodec().receive(JSON)
    assert plain == StreamStarted("1795363311.2", "1795363311.2", {}, MULAW_8K)
    assert json.call == "1795363371.17"
    assert json.parameters["DIALEDPEERNUMBER"] == "app/c(ulaw)f(json)"


MESSAGES = [
    ("DTMF_END digit:1 channel_id:1795363364.14", DigitReceived("1")),
    ('{"event":"DTMF_END","channel_id":"1795363371.17","digit":"1"}', DigitReceived("1")),
    ("MEDIA_MARK_PROCESSED sentence-0", MarkReached("sentence-0")),
    ("MEDIA_MARK_PROCESSED two words", MarkReached("two words")),
    ("MEDIA_MARK_PROCESSED", MarkReached("")),
    ('{"event":"MEDIA_MARK_PROCESSED","channel_id":"1.1","correlation_id":"s0"}', MarkReached("s0")),
    ("MEDIA_XOFF", FlowChanged(True)),
    ('{"event":"MEDIA_XON","channel_id":"1.1"}', FlowChanged(False, 16.0)),
    (STATUS.format(249), (QueueReported(4.98), FlowChanged(False, 4.98))),
    (STATUS.format(850), (QueueReported(17.0),)),
    (STATUS.format(950), (QueueReported(19.0), FlowChanged(True))),
    (
        '{"event":"STATUS","channel_id":"1.1","queue_length":1000,"xon_level":800,"xoff_level":900,"queue_full":true}',
        (QueueReported(20.0), FlowChanged(True)),
    ),
    (
        '{"event":"ERROR","channel_id":"1.1","error_text":"Unable to parse JSON command"}',
        "Unable to parse JSON command",
    ),
    (
        "ERROR channel_id:1795363491.65 error_text:SET_MEDIA_DIRECTION only supports JSON format.\n",
        "SET_MEDIA_DIRECTION only supports JSON format.",
    ),
]


@pytest.mark.parametrize(("message", "event"), MESSAGES)
def test_messages_as_they_were_seen(message, event):
    expected = ErrorReported(event) if isinstance(event, str) else event
    assert tuple(started().receive(message)) == (expected if isinstance(expected, tuple) else (expected,))


@pytest.mark.parametrize("message", ["QUEUE_DRAINED", "MEDIA_BUFFERING_COMPLETED buf1"])
def test_messages_that_tell_nothing_new(message):
    codec = started()
    assert list(codec.receive(message)) == []
    assert codec.unknown == 0


@pytest.mark.parametrize("message", ["", "SOMETHING new:1", '{"event":"SOMETHING"}'])
def test_unknown_events_are_ignored_and_counted(message):
    codec = started()
    assert list(codec.receive(message)) == []
    assert codec.unknown == 1


@pytest.mark.parametrize(
    "message",
    ["{nonsense", "{}", '{"event":5}', "DTMF_END digit:x", "DTMF_END", "STATUS queue_length:many", PLAIN],
)
def test_malformed_messages(message):
    with pytest.raises(RemoteGatewayError):
        started().receive(message)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"format": "opus"}, "ulaw, alaw, slin"),
        ({"passthrough": "true"}, "passthrough"),
        ({"unbuffered": "true"}, "unbuffered"),
    ],
)
def test_channels_that_cannot_be_spoken_to_are_refused_with_a_remedy(more, why):
    with pytest.raises(RemoteGatewayError, match=why):
        started(**more)


def test_a_start_without_a_format_names_the_old_peer():
    with pytest.raises(RemoteGatewayError, match="too old"):
        AsteriskCodec().receive("MEDIA_START connection_id:app channel:WebSocket/app/0x1 optimal_frame_size:160")


def test_g722_without_its_extra_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "G722", None)
    with pytest.raises(RemoteGatewayError, match=r"ivr-runtime\[g722\].*slin16"):
        started("g722")


def test_the_start_may_be_overtaken_by_sound():
    codec = AsteriskCodec()
    assert list(codec.receive(b"\xff" * 160)) == []
    assert [type(event) for event in codec.receive(PLAIN)] == [StreamStarted, CallerAudible]


def test_sound_that_nobody_listens_to_is_told_once():
    codec = started()
    assert list(codec.receive(b"\xff" * 240)) == [CallerAudible()]
    assert list(codec.receive(b"\xff" * 240)) == []


def test_the_call_is_its_channel_and_not_its_connection_which_all_calls_share():
    starts = [AsteriskCodec().receive(PLAIN.replace("1795363311.2", id))[0] for id in ("1.1", "1.2")]
    assert [start.call for start in starts] == ["1.1", "1.2"]


def test_plain_text_brings_no_variables_of_the_channel():
    assert [dict(AsteriskCodec().receive(start)[0].parameters) == {} for start in (PLAIN, JSON)] == [True, False]


def test_the_name_that_asterisks_own_help_gives_for_slin16_is_no_format():
    with pytest.raises(RemoteGatewayError, match="slin16"):
        started("sln16", 640)


def test_linear_sound_is_little_endian_both_ways():
    codec = started("slin16", 640)
    codec.listening = True
    half = b"\x00\x40" * 320
    heard = next(event for event in codec.receive(half) if isinstance(event, MediaReceived))
    assert set(decode(heard.payload, L16_16K).tolist()) == {0.5}
    assert codec.media(codec.prepare(encode(np.full(320, 0.5, np.float32), L16_16K))) == half


@pytest.mark.parametrize("json", [False, True])
def test_commands_are_in_capitals_because_others_are_unknown_and_get_no_reply(json):
    codec = started(json=json)
    written = [codec.mark("0.1"), codec.clear(), codec.hang_up(), codec.answer(), codec.probe(), codec.pause()]
    names = [loads(each)["command"] if json else each.split()[0] for each in written]
    assert names == [name.upper() for name in names]


def test_frames_may_be_of_any_size():
    codec = started("slin16", 640)
    codec.listening = True
    sizes = [960, 584, 1, 639, 0]
    events = [event for size in sizes for event in codec.receive(bytes(size)) if isinstance(event, MediaReceived)]
    assert sum(len(event.payload) for event in events) == sum(sizes)
    assert all(len(event.payload) % 2 == 0 for event in events)
    assert [event.timestamp for event in events] == [0, 30, 48, 48]


def test_what_is_sent_is_whole_frames():
    codec = started("ulaw", 240)  # 30 ms, as a channel may ask for
    sent = [codec.media(bytes([n]) * 800) for n in range(3)]
    assert [len(message) % 240 for message in sent] == [0, 0, 0]
    assert b"".join(sent) == (b"\0" * 800 + b"\1" * 800 + b"\2" * 800)[: sum(map(len, sent))]
    assert len(b"".join(sent)) == 2400
    codec.media(bytes(100))
    codec.clear()
    assert codec.media(bytes(240)) == bytes(240)


def test_a_usual_message_is_sent_as_it_is_and_shared():
    codec = started()
    payload = codec.prepare(b"\xff" * 800)
    assert codec.media(payload) is payload
    with pytest.raises(LocalGatewayError):
        AsteriskCodec().media(payload)


@needs_g722
def test_g722_is_encoded_with_the_state_of_its_stream():
    from ivr.media.g722 import G722Decoder
    from ivr.media.tones import tone

    samples = tone(440, 1.0, 16000, -20)
    linear = encode(samples, L16_16K)
    codec = started("g722", 160)
    assert codec.capabilities.out_format == L16_16K
    sent = b"".join(codec.media(codec.prepare(linear[at : at + 3200])) for at in range(0, len(linear), 3200))
    assert len(sent) == 8000
    heard = decode(G722Decoder().decode(sent), L16_16K)
    delay = int(np.argmax(np.correlate(heard[4000:12000], samples[4000:8000], "valid")))
    error = heard[4000 + delay : 12000 + delay] - samples[4000:12000]
    assert 20 * np.log10(np.std(samples) / np.std(error)) > 20


@pytest.mark.parametrize("json", [False, True])
def test_commands_are_in_the_notation_of_the_start(json):
    codec = started(json=json)
    plain = ["MARK_MEDIA 0.1", "FLUSH_MEDIA", "HANGUP", "ANSWER", "GET_STATUS", "PAUSE_MEDIA", "CONTINUE_MEDIA"]
    written = [
        codec.mark("0.1"), codec.clear(), codec.hang_up(), codec.answer(), codec.probe(), codec.pause(), codec.resume()
    ]  # fmt: skip
    if not json:
        assert written == plain
        return
    assert written[0] == '{"command":"MARK_MEDIA","correlation_id":"0.1"}'
    assert written[1:] == [f'{{"command":"{name}"}}' for name in plain[1:]]


def test_every_command_can_be_written_both_ways():
    for command in Command:
        assert write(command, json=False) == command.value
        assert write(command, json=True) == f'{{"command":"{command.value}"}}'


@pytest.mark.parametrize("json", [False, True])
def test_a_command_of_over_128_bytes_is_refused_here_because_it_is_ignored_there(json):
    room = LONGEST - len(write(Command.MARK_MEDIA, "x", json=json)) + 1
    assert len(write(Command.MARK_MEDIA, "x" * room, json=json)) == LONGEST
    with pytest.raises(LocalGatewayError, match="128"):
        write(Command.MARK_MEDIA, "x" * (room + 1), json=json)


def test_what_the_gateway_can_do():
    for name, found in FORMATS.items():
        able = capabilities(name)
        assert able.marks is MarkKind.LOST_ON_CLEAR
        assert able.can_clear
        assert able.max_lead == LEAD_FRAMES * 0.02 == 15.0
        assert able.out_format == found.linear
        assert able.max_message < 65_500
    assert capabilities("slin16") is capabilities("slin16")


def test_a_plain_error_holds_spaces_and_may_look_like_anything():
    assert parse("ERROR channel_id:1 error_text:digit:5 a:b").values["error_text"] == "digit:5 a:b"
