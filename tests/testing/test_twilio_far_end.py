"""The far end as it should be used: what it says, and what its caller hears."""

from __future__ import annotations

from base64 import b64decode

import numpy as np
import pytest
from far_end_rig import CLEAR, TENTH, Rig, mark, media

from ivr.media.g711 import mulaw_decode, mulaw_encode
from ivr.testing.line import Path
from ivr.testing.twilio import TwilioFarEnd


def test_connected_and_start_have_the_documented_shape():
    rig = Rig(2.0, stream_sid="MZ9", call_sid="CA9", parameters={"from": "+15550001"}, path_in=0.05)
    assert rig.far_end.messages(2.049) == []
    rig.run(9.0)
    assert rig.came == [
        (2.05, {"event": "connected", "protocol": "Call", "version": "1.0.0"}),
        (
            2.05,
            {
                "event": "start",
                "sequenceNumber": "1",
                "streamSid": "MZ9",
                "start": {
                    "streamSid": "MZ9",
                    "callSid": "CA9",
                    "accountSid": "AC1",
                    "tracks": ["inbound"],
                    "customParameters": {"from": "+15550001"},
                    "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                },
            },
        ),
    ]
    assert rig.far_end.next_timer() is None


def test_a_key_press_and_the_end_of_the_call():
    rig = Rig(path_in=0.05)
    far_end = rig.run(1.0)
    far_end.press("5", 1.0)
    far_end.hang_up(1.01)
    rig.run(1.055)
    assert not far_end.disconnected(1.055)
    rig.run(9.0)
    dtmf = {"track": "inbound_track", "digit": "5"}
    stop = {"accountSid": "AC1", "callSid": "CA1"}
    assert rig.came[2:] == [
        (1.05, {"event": "dtmf", "sequenceNumber": "2", "streamSid": "MZ1", "dtmf": dtmf}),
        (1.06, {"event": "stop", "sequenceNumber": "3", "streamSid": "MZ1", "stop": stop}),
    ]
    assert far_end.disconnected(1.06)
    assert far_end.closed_at == 1.01
    assert far_end.next_timer() is None


def test_the_driver_is_told_when_the_socket_closes_after_stop():
    rig = Rig(path_in=Path(0.05, [0.0, 0.0, 0.0, 0.1]))
    far_end = rig.run(1.0)
    far_end.hang_up(1.0)
    rig.run(1.1)
    assert rig.events == ["connected", "start", "stop"]
    assert far_end.next_timer() == pytest.approx(1.15)
    assert not far_end.disconnected(1.1)
    rig.run(1.16)
    assert far_end.disconnected(1.16)
    assert far_end.next_timer() is None


@pytest.mark.parametrize("key", ["", "12", "E", "a", " "])
def test_only_keys_can_be_pressed(key):
    with pytest.raises(ValueError, match="not one key"):
        Rig().run(1.0).press(key, 1.0)


def test_a_parameter_of_500_characters_is_refused():
    TwilioFarEnd(parameters={"n" * 9: "v" * 490})
    with pytest.raises(ValueError, match="under 500"):
        TwilioFarEnd(parameters={"n" * 10: "v" * 490})


def test_inbound_media_comes_every_20_ms_with_numbers_as_strings():
    sound = np.linspace(-0.5, 0.5, 320, dtype=np.float32)
    rig = Rig(inbound=sound, path_in=0.1)
    rig.run(0.05).press("1", 0.05)
    rig.run(0.1801)
    assert rig.events == ["connected", "start", "media", "media", "dtmf", "media", "media"]
    assert [data["sequenceNumber"] for _, data in rig.came[1:]] == ["1", "2", "3", "4", "5", "6"]
    frames = [(at, data["media"]) for at, data in rig.came if data["event"] == "media"]
    assert [at for at, _ in frames] == pytest.approx([0.12, 0.14, 0.16, 0.18])
    assert [(media["chunk"], media["timestamp"]) for _, media in frames] == [
        ("1", "20"),
        ("2", "40"),
        ("3", "60"),
        ("4", "80"),
    ]
    assert {media["track"] for _, media in frames} == {"inbound"}
    spoken = b"".join(b64decode(media["payload"]) for _, media in frames)
    assert len(spoken) == 640 and sorted(spoken) == sorted(mulaw_encode(sound) * 2)
    assert spoken in mulaw_encode(sound) * 3


def test_the_caller_speaks_over_a_line_without_background():
    rig = Rig()
    rig.run(1.0).say(np.full(400, 0.5, dtype=np.float32), 1.0)
    rig.run(9.0)
    assert [at for at, _ in rig.came[2:]] == pytest.approx([1.02, 1.04, 1.06])
    assert [data["media"]["timestamp"] for _, data in rig.came[2:]] == ["1020", "1040", "1060"]
    assert [data["media"]["chunk"] for _, data in rig.came[2:]] == ["1", "2", "3"]
    assert rig.far_end.next_timer() is None


def test_sound_starts_on_arrival_and_plays_in_real_time():
    far_end = Rig(path_out=0.1).send(1.0, media(TENTH))
    assert [far_end.played(at) for at in (1.0, 1.1, 1.15, 1.2, 1.3)] == [0, 0, 400, 800, 800]
    assert far_end.heard.start == pytest.approx(1.1)
    assert far_end.heard.timeline(1.1, 1.2).tolist() == mulaw_decode(TENTH).tolist()


def test_a_burst_is_queued_and_played_back_to_back():
    rig = Rig()
    rig.send(1.0, media(TENTH), media(TENTH), media(TENTH))
    far_end = rig.send(1.25, media(TENTH))
    assert far_end.played(1.05) == 400
    assert far_end.played(9.0) == 3200
    assert far_end.heard.stop == pytest.approx(1.4)
    assert far_end.heard.timeline(1.0, 1.4).tolist() == mulaw_decode(TENTH * 4).tolist()
    assert (far_end.queue.messages, far_end.queue.samples) == (4, 3200)
    assert far_end.queue.longest == pytest.approx(0.3)


def test_a_queue_that_ran_dry_starts_again_on_arrival():
    rig = Rig()
    rig.send(1.0, media(TENTH))
    rig.send(1.5, media(TENTH))
    gaps = rig.run(9.0).heard.silences(threshold_db=-80)
    assert [(gap.start, gap.stop) for gap in gaps] == [(pytest.approx(1.1), pytest.approx(1.5))]


def test_what_is_queued_is_not_heard_before_its_time():
    rig = Rig()
    far_end = rig.send(1.0, media(TENTH * 10))
    assert far_end.heard.played_samples(99.0) == 0
    rig.run(1.3)
    assert far_end.heard.played_samples(99.0) == 2400
    assert far_end.heard.stop == 1.3


def test_marks_come_back_in_order_when_the_sound_before_them_has_played():
    rig = Rig(path_out=0.1, path_in=0.05)
    rig.send(1.0, media(TENTH), mark("a"), mark("b"), media(TENTH), mark("c"))
    rig.run(9.0)
    assert rig.echoes == [(1.25, "a"), (1.25, "b"), (1.35, "c")]


def test_a_mark_echo_has_the_documented_shape():
    rig = Rig()
    rig.send(1.0, mark('say "u7"\u00e9'))
    rig.run(1.0)
    assert rig.came[2:] == [
        (1.0, {"event": "mark", "sequenceNumber": "2", "streamSid": "MZ1", "mark": {"name": 'say "u7"\u00e9'}})
    ]


def test_a_mark_comes_back_at_once_when_nothing_is_buffered():
    rig = Rig()
    rig.send(0.5, mark("before any sound"))
    rig.send(1.0, media(TENTH))
    rig.send(1.2, mark("after the last"))
    rig.run(9.0)
    assert rig.echoes == [(0.5, "before any sound"), (1.2, "after the last")]


def test_clear_empties_the_queue_and_echoes_every_pending_mark_at_once():
    rig = Rig()
    rig.send(1.0, media(TENTH), mark("a"), media(TENTH), mark("b"), media(TENTH), mark("c"))
    rig.send(1.15, CLEAR, mark("sentinel"), media(TENTH))
    far_end = rig.run(9.0)
    assert rig.echoes == [(1.1, "a"), (1.15, "b"), (1.15, "c"), (1.15, "sentinel")]
    assert far_end.cleared == [(1.15, 1200)]
    assert far_end.played(9.0) == 1200 + 800
    assert far_end.heard.timeline(1.0, 1.25).tolist() == mulaw_decode(TENTH + TENTH[:400] + TENTH).tolist()


def test_a_clear_takes_effect_when_it_arrives():
    rig = Rig(path_out=0.1)
    rig.send(1.0, media(TENTH * 5))
    rig.send(1.2, CLEAR)
    far_end = rig.send(1.3, CLEAR)
    assert far_end.played(1.25) == 1200
    assert far_end.played(9.0) == 1600
    assert far_end.cleared == [(pytest.approx(1.3), 2400), (pytest.approx(1.4), 0)]


def test_jitter_keeps_the_order_both_ways():
    rig = Rig(path_out=Path(0.1, [0.2, 0.0, 0.0]), path_in=Path(0.05, [0.0, 0.0, 0.3, 0.0]))
    rig.send(1.0, media(TENTH), mark("a"))  # the mark could be there at 1.1; its sound comes at 1.3
    rig.send(1.25, mark("b"))
    far_end = rig.run(9.0)
    assert rig.echoes == [(1.75, "a"), (1.75, "b")]
    assert far_end.heard.start == pytest.approx(1.3)


def test_the_caller_hears_nothing_after_hanging_up():
    rig = Rig(path_in=0.05, path_out=0.1)
    rig.send(1.0, media(TENTH * 2), mark("end"))
    rig.send(1.1, media(TENTH))
    rig.run(1.15).hang_up(1.15)
    far_end = rig.send(1.16, media(TENTH))  # the runtime does not know yet
    rig.run(9.0)
    assert rig.events == ["connected", "start", "stop"]
    assert far_end.played(9.0) == 400
    far_end.press("1", 9.0)
    far_end.say(np.zeros(160, dtype=np.float32), 9.0)
    far_end.hang_up(9.0)
    assert far_end.next_timer() is None
    assert far_end.protocol_errors == []


def test_closing_drops_what_is_queued_and_nothing_more_comes():
    rig = Rig(path_out=0.1, path_in=0.05, inbound=np.zeros(160, dtype=np.float32))
    far_end = rig.send(1.0, media(TENTH * 5), mark("end"))
    rig.run(1.2).close(1.2)
    before = len(rig.came)
    far_end.press("1", 1.21)
    far_end.say(np.zeros(160, dtype=np.float32), 1.21)
    rig.run(9.0)
    assert len(rig.came) == before
    assert far_end.closed_at == pytest.approx(1.3)
    assert far_end.played(9.0) == 1600
    assert not far_end.disconnected(9.0)
    assert far_end.next_timer() is None
    with pytest.raises(ValueError, match="no open socket"):
        far_end.receive(CLEAR, 9.1)


def test_there_are_timers_only_where_something_may_reach_the_runtime():
    rig = Rig(path_out=0.1, path_in=0.05)
    far_end = rig.send(1.0, media(TENTH), media(TENTH))
    assert far_end.next_timer() is None, "sound alone brings nothing back"
    rig.send(1.1, mark("a"))
    assert far_end.next_timer() == pytest.approx(1.25), "an empty queue might echo it on arrival"
    far_end.handle_timer(1.25)
    assert far_end.next_timer() == pytest.approx(1.35)
    rig.run(9.0)
    assert rig.echoes == [(1.35, "a")]
