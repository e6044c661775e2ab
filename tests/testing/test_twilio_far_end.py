from __future__ import annotations

import json
from base64 import b64decode, b64encode

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.media.g711 import mulaw_decode, mulaw_encode
from ivr.testing.line import Path
from ivr.testing.twilio import Faults, TwilioFarEnd


def media(sound: bytes, sid: str = "MZ1") -> str:
    return json.dumps({"event": "media", "streamSid": sid, "media": {"payload": b64encode(sound).decode()}})


def mark(name: str) -> str:
    return json.dumps({"event": "mark", "streamSid": "MZ1", "mark": {"name": name}})


CLEAR = '{"event":"clear","streamSid":"MZ1"}'
TENTH = bytes(range(1, 101)) * 8  # 100 ms of mu-law


class Rig:
    """A far end driven by its own timers, as a heap driver does, with all that reached the runtime."""

    def __init__(self, at: float = 0.0, **options) -> None:
        self.far_end = TwilioFarEnd(**options)
        self.came: list[tuple[float, dict]] = []
        self.far_end.connect(at)

    def run(self, until: float) -> TwilioFarEnd:
        while (due := self.far_end.next_timer()) is not None and due <= until:
            self.far_end.handle_timer(due)
            self.came += [(round(due, 9), json.loads(message)) for message in self.far_end.messages(due)]
        self.far_end.handle_timer(until)
        return self.far_end

    def send(self, at: float, *messages: str | bytes) -> TwilioFarEnd:
        self.run(at)
        for message in messages:
            self.far_end.receive(message, at)
        return self.far_end

    @property
    def events(self) -> list[str]:
        return [data["event"] for _, data in self.came]

    @property
    def echoes(self) -> list[tuple[float, str]]:
        return [(at, data["mark"]["name"]) for at, data in self.came if data["event"] == "mark"]


# What the platform says.


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


# What the platform plays.


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


# What the runtime does wrong.


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


def test_the_fake_itself_cannot_be_used_out_of_order():
    far_end = TwilioFarEnd()
    with pytest.raises(ValueError, match="no open socket"):
        far_end.receive(CLEAR, 0.0)
    with pytest.raises(ValueError, match="not connected"):
        far_end.press("1", 0.0)
    far_end.connect(1.0)
    with pytest.raises(ValueError, match="make another"):
        far_end.connect(2.0)
    far_end.handle_timer(3.0)
    far_end.handle_timer(2.999)  # a timer that was handled early
    with pytest.raises(ValueError, match="backwards"):
        far_end.handle_timer(2.9)


# What the platform may do wrong.


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
    assert far_end.queue.overflowed == [(1.0, 800)]
    assert far_end.queue.messages == 3
    assert far_end.played(9.0) == 2400
    assert far_end.queue.longest == pytest.approx(0.2)


# Laws.

STEP = st.tuples(
    st.floats(0.0, 0.3),  # seconds since the step before
    st.one_of(st.integers(1, 2500), st.sampled_from(["clear", "mark"])),
)


def numbered(start: int, length: int) -> bytes:
    """Sound in which a shift would show: 251 is prime."""
    return bytes((start + i) % 251 for i in range(length))


@settings(deadline=None)
@given(st.lists(STEP, max_size=25), st.floats(0.0, 0.2), st.lists(st.floats(0.0, 0.1), max_size=25))
def test_law_heard_is_what_was_sent_in_order_less_what_clear_dropped(steps, delay, jitter):
    rig = Rig(path_out=Path(delay, jitter), path_in=delay)
    far_end, now, marks, sent, seen = rig.far_end, 0.0, 0, 0, []
    for wait, step in steps:
        now += wait
        rig.run(now)
        seen.append((now, far_end.played(now), far_end.queue.samples))
        if step == "clear":
            rig.send(now, CLEAR)
        elif step == "mark":
            rig.send(now, mark(str(marks)))
            marks += 1
        else:
            rig.send(now, media(numbered(sent, step)))
            sent += step
    end = now + 30.0  # 25 messages of 2,500 samples last 8 s
    rig.run(end)
    seen.append((end, far_end.played(end), far_end.queue.samples))

    assert [name for _, name in rig.echoes] == [str(number) for number in range(marks)]
    assert far_end.queue.samples == sent
    dropped = sum(samples for _, samples in far_end.cleared)
    assert far_end.played(end) == sent - dropped

    # In order, each sample once: what was heard is what was sent with stretches taken out where a clear was.
    heard = far_end.heard.timeline(0.0, end)
    expected = mulaw_decode(numbered(0, sent))
    heard, expected = heard[heard != 0.0], expected[expected != 0.0]
    at = cuts = 0
    for sample in heard:
        if expected[at] != sample:
            cuts += 1
            at += int(np.argmax(expected[at:] == sample))
        assert expected[at] == sample
        at += 1
    assert cuts <= len(far_end.cleared)

    first = far_end.heard.start
    for (at, played, arrived), (_, later, _) in zip(seen, [*seen[1:], seen[-1]], strict=True):
        assert played <= arrived, "more played than had arrived"
        assert played <= later, "played went back"
        assert played == far_end.played(at), "the past changed"
        assert played <= max(0.0, 8000 * (at - (first or 0.0)) + 0.01), "faster than real time"


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 900), min_size=1, max_size=20))
def test_law_how_sound_is_cut_into_messages_does_not_matter(lengths):
    sound, rig, at = numbered(0, sum(lengths)), Rig(), 0
    for length in lengths:
        rig.send(1.0, media(sound[at : at + length]))
        at += length
    heard = rig.run(30.0).heard
    assert heard.timeline(1.0, 1.0 + len(sound) / 8000).tolist() == mulaw_decode(sound).tolist()
