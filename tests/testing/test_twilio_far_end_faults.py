"""The far end when something goes wrong, on either side of it."""

from __future__ import annotations

import pytest
from far_end_rig import CLEAR, TENTH, Rig, mark, media

from ivr.testing.twilio import Faults


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        (media(TENTH, sid="MZ2"), "'MZ2' is not this stream's, 'MZ1'"),
        ('{"event":"clear"}', "streamSid None"),
        ('{"event":"media","streamSid":"MZ1","media":{"payload":"AA"}}', "not base64"),
        ('{"event":"media","streamSid":"MZ1","media":{"payload":"A-_="}}', "not base64"),
        ('{"event":"media","streamSid":"MZ1","media":{"payload":"é"}}', "not base64"),
        ('{"event":"media","streamSid":"MZ1","media":{"payload":1}}', "media without"),
        ('{"event":"media","streamSid":"MZ1"}', "media without"),
        (media(b"RIFF" + bytes(40)), "WAV header"),
        ('{"event":"mark","streamSid":"MZ1","name":"a"}', "mark.name"),
        ('{"event":"mark","streamSid":"MZ1","mark":{"name":7}}', "mark.name"),
        ('{"event":"mark","streamSid":"MZ1","mark":{"name":""}}', "mark.name"),
        ('{"event":["media"],"streamSid":"MZ1"}', "unknown event ['media']"),
        ('{"event":"media","streamSid":"MZ1","media":[]}', "media without"),
        ('{"streamSid":"MZ1"}', "unknown event None"),
        ('{"event":"hangup","streamSid":"MZ1"}', "unknown event 'hangup'"),
    ],
)
def test_misuse_is_recorded_and_the_stream_goes_on(message, why):
    rig = Rig()
    far_end = rig.send(1.0, message, media(TENTH), mark("a"))
    rig.run(2.0)
    assert len(far_end.protocol_errors) == 1 and why in far_end.protocol_errors[0]
    assert rig.echoes == [(1.1, "a")]
    assert far_end.played(2.0) == far_end.queue.samples == 800


def test_a_binary_frame_ends_the_stream():
    rig = Rig(path_out=0.1, path_in=0.05)
    rig.send(1.0, media(TENTH * 5))
    rig.send(1.2, TENTH)
    far_end = rig.run(9.0)
    assert rig.events == ["connected", "start"]
    assert far_end.protocol_errors == ["31950: a binary frame of 800 bytes; send JSON as text"]
    assert far_end.closed_at == pytest.approx(1.3)
    assert far_end.disconnects_at == pytest.approx(1.35) and far_end.disconnected(9.0)
    assert far_end.played(9.0) == 1600


@pytest.mark.parametrize("drop", [{"b"}, lambda name: name == "b"])
def test_dropped_marks_never_come_back(drop):
    rig = Rig(faults=Faults(drop_marks=drop))
    rig.send(1.0, media(TENTH), mark("a"), mark("b"), mark("c"), CLEAR)
    rig.run(9.0)
    assert rig.echoes == [(1.0, "a"), (1.0, "c")]


def test_late_marks_stay_in_order_and_a_clear_brings_them():
    rig = Rig(faults=Faults(late_marks={"a": 0.5}))
    rig.send(1.0, media(TENTH), mark("a"), media(TENTH), mark("b"))
    rig.send(3.0, media(TENTH), mark("a"))
    rig.send(3.2, CLEAR)
    far_end = rig.run(9.0)
    assert rig.echoes == [(1.6, "a"), (1.6, "b"), (3.2, "a")]
    assert far_end.cleared == [(3.2, 0)]


def test_all_marks_late():
    rig = Rig(faults=Faults(late_marks=0.25))
    rig.send(1.0, media(TENTH), mark("a"), media(TENTH), mark("b"))
    rig.run(9.0)
    assert rig.echoes == [(1.35, "a"), (1.45, "b")]


def test_a_full_queue_drops_whole_messages():
    rig = Rig(faults=Faults(max_queue_seconds=0.2))
    rig.send(1.0, media(TENTH), media(TENTH), media(TENTH))
    far_end = rig.send(1.1, media(TENTH))
    assert far_end.queue.dropped == [(1.0, 800)]
    assert far_end.queue.messages == 3
    assert far_end.played(9.0) == 2400
    assert far_end.queue.longest == pytest.approx(0.2)
