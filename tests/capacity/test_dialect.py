"""Every message against a websocket server of its own and the documents' field names."""

from __future__ import annotations

import base64
import json

import pytest
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from ivr.capacity.dialect import Wire
from ivr.gateways.events import DigitReceived, MarkReached, StreamStarted, StreamStopped
from ivr.gateways.twilio import TwilioCodec

WIRE = Wire("MZ7")


def read(data: bytes) -> list[dict]:
    """As a server reads them."""
    protocol = ServerProtocol(state=OPEN)
    protocol.receive_data(data)
    events = protocol.events_received()
    assert all(isinstance(event, Frame) and event.opcode is Opcode.TEXT for event in events)
    assert protocol.parser_exc is None
    return [json.loads(event.data) for event in events]


def test_a_stream_begins_with_two_messages():
    connected, start = read(WIRE.start("+15550100"))
    assert (connected["event"], start["event"]) == ("connected", "start")
    assert start["start"]["customParameters"] == {"from": "+15550100"}
    assert start["start"]["mediaFormat"] == {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}


def test_a_media_message_is_20_ms():
    (media,) = read(WIRE.media())
    assert len(base64.b64decode(media["media"]["payload"])) == 160
    assert media["media"]["track"] == "inbound"


@pytest.mark.parametrize("digit", "0123456789*#")
def test_keys(digit):
    (key,) = read(WIRE.key(digit))
    assert key["dtmf"] == {"track": "inbound_track", "digit": digit}


@pytest.mark.parametrize("name", ["u1", 'a "quoted" one', "ü\\", ""])
def test_a_mark_comes_back_with_its_name(name):
    (mark,) = read(WIRE.echo(name))
    assert (mark["event"], mark["mark"]["name"]) == ("mark", name)


def test_every_message_names_its_stream():
    for data in (WIRE.media(), WIRE.key("1"), WIRE.echo("x"), WIRE.stop(), WIRE.start("x")):
        assert read(data)[-1]["streamSid"] == "MZ7"


def test_our_codec_reads_it_all():
    codec = TwilioCodec()
    data = WIRE.start("+15550100") + WIRE.media() + WIRE.key("5") + WIRE.echo("m") + WIRE.stop()
    events = [event for message in read(data) for event in codec.receive(json.dumps(message))]
    assert [type(event) for event in events] == [StreamStarted, DigitReceived, MarkReached, StreamStopped]
