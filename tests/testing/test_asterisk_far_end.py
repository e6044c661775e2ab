"""Asterisk's end against what a real one was seen to do; the times are those of the observation, where it gives any."""

from __future__ import annotations

import json

import numpy as np
import pytest
from asterisk_rig import TENTH, Rig

from ivr.media.tones import tone
from ivr.testing.asterisk_channel import FORMATS, Channel, Connection

SECOND = TENTH * 10
JSON = Channel()


def test_the_start_in_plain_text_and_in_json():
    assert Rig().came == [
        (
            0.0,
            "MEDIA_START connection_id:app channel:WebSocket/app/0x7f9750005400 channel_id:17.1 format:ulaw "
            "optimal_frame_size:160 ptime:20",
        )
    ]
    ((_, message),) = Rig(JSON, variables={"from": "+1555"}).came
    start = json.loads(message)
    assert ", " not in message and start["event"] == "MEDIA_START"
    assert start["channel_variables"] == {
        "MEDIA_WEBSOCKET_CONNECTION_ID": "app",
        "MEDIA_WEBSOCKET_OPTIMAL_FRAME_SIZE": "160",
        "from": "+1555",
    }


@pytest.mark.parametrize(("name", "size"), [(name, size) for name, (_, size) in FORMATS.items() if name != "g722"])
def test_the_optimal_frame_is_20_ms_of_the_format(name, size):
    assert json.loads(Rig(Channel(name)).came[0][1])["optimal_frame_size"] == size
    assert size == FORMATS[name][0].size(FORMATS[name][0].frame)


# ---- marks


def test_marks_come_when_what_is_before_them_was_played():
    rig = Rig()
    rig.send(0.0, "MARK_MEDIA empty-queue")
    for name in ("sentence-0", "two words"):
        rig.send(0.015, SECOND, f"MARK_MEDIA {name}")
    rig.send(0.015, "MARK_MEDIA", "REPORT_QUEUE_DRAINED")
    rig.run(5.0)
    assert rig.told == [
        (0.0, "MEDIA_MARK_PROCESSED empty-queue"),
        (1.02, "MEDIA_MARK_PROCESSED sentence-0"),
        (2.02, "MEDIA_MARK_PROCESSED two words"),
        (2.02, "MEDIA_MARK_PROCESSED"),
        (2.04, "QUEUE_DRAINED"),
    ]


def test_queue_drained_is_told_once_for_one_request_and_of_an_empty_queue_too():
    rig = Rig()
    rig.send(1.0, "REPORT_QUEUE_DRAINED")
    rig.send(2.0, SECOND)
    rig.run(5.0)
    assert [message for _, message in rig.told] == ["QUEUE_DRAINED"]


def test_a_flush_eats_marks_and_a_mark_behind_it_comes():
    rig = Rig()
    rig.send(0.021, SECOND * 5, "MARK_MEDIA lost")
    rig.send(1.021, "FLUSH_MEDIA", "GET_STATUS", "MARK_MEDIA afterflush")
    rig.run(9.0)
    assert [message.split(" xon")[0] for _, message in rig.told] == [
        "STATUS channel_id:17.1 queue_length:0",
        "MEDIA_MARK_PROCESSED afterflush",
    ]
    assert rig.far_end.heard.played_samples(9.0) == 8000


def test_a_status_counts_frames_and_no_marks():
    rig = Rig()
    rig.send(0.001, SECOND, *(f"MARK_MEDIA {number}" for number in range(5)), "GET_STATUS")
    assert rig.told[0][1] == (
        "STATUS channel_id:17.1 queue_length:50 xon_level:800 xoff_level:900 queue_full:false bulk_media:false "
        "media_paused:false"
    )


# ---- the queue of 1,000 frames


def test_what_is_above_1000_frames_is_dropped_without_a_word_and_its_mark_is_reported_as_processed():
    rig = Rig()
    rig.send(0.05, *[TENTH[:160]] * 1250, "GET_STATUS", "MARK_MEDIA m25")
    rig.run(30.0)
    told = [(at, message.split()[0]) for at, message in rig.told]
    assert told == [(0.05, "MEDIA_XOFF"), (0.05, "STATUS"), (4.08, "MEDIA_XON"), (20.06, "MEDIA_MARK_PROCESSED")]
    assert rig.far_end.heard.played_samples(30.0) == 1000 * 160
    assert len(rig.far_end.queue.dropped) == 250


def test_the_message_that_crosses_1000_frames_is_still_taken_whole():
    rig = Rig()
    rig.send(0.001, *[SECOND] * 19, TENTH * 9, SECOND)
    assert rig.far_end.queue.length == 19 * 50 + 45 + 50


def test_five_seconds_at_once_bring_no_xoff():
    rig = Rig()
    rig.send(0.0, SECOND * 5)
    rig.run(9.0)
    assert rig.told == []


def test_an_xon_that_is_due_by_a_flush_comes_with_the_next_tick():
    rig = Rig()
    rig.send(0.05, *[SECOND] * 19)
    rig.send(0.305, "FLUSH_MEDIA", "GET_STATUS")
    assert "queue_full:false" in rig.told[-1][1] and "queue_length:0" in rig.told[-1][1]
    rig.run(1.0)
    assert [(at, message) for at, message in rig.told if "STATUS" not in message] == [
        (0.05, "MEDIA_XOFF"),
        (0.32, "MEDIA_XON"),
    ]


# ---- XOFF without a full queue: no real one was seen to do that


def test_xoff_is_said_when_asked_for_and_xon_when_the_time_is_over():
    rig = Rig()
    rig.send(0.001, SECOND)
    rig.far_end.say_xoff(0.5, 0.205)
    rig.send(0.3, "GET_STATUS")
    rig.far_end.say_xoff(0.1, 0.4)  # within the other
    rig.run(2.0)
    rig.send(2.0, "GET_STATUS")
    assert [(at, message.partition(" xoff")[0]) for at, message in rig.told] == [
        (0.205, "MEDIA_XOFF"),
        (0.3, "STATUS channel_id:17.1 queue_length:35 xon_level:0"),
        (0.72, "MEDIA_XON"),
        (2.0, "STATUS channel_id:17.1 queue_length:0 xon_level:800"),
    ]
    assert rig.far_end.heard.played_samples(2.0) == 8000


def test_xon_does_not_come_while_the_queue_is_full_though_the_time_is_over():
    rig = Rig()
    rig.far_end.say_xoff(1.0, 0.001)
    rig.send(0.05, *[SECOND] * 19)
    rig.run(10.0)
    assert rig.told == [(0.001, "MEDIA_XOFF"), (3.08, "MEDIA_XON")]


# ---- pause


def test_a_pause_stops_the_queue_and_answers_no_marks():
    rig = Rig()
    rig.send(0.001, SECOND * 2, "MARK_MEDIA end")
    rig.send(0.501, "PAUSE_MEDIA")
    rig.send(0.6, "GET_STATUS", "MARK_MEDIA meanwhile")
    assert "queue_length:75" in rig.told[-1][1] and "media_paused:true" in rig.told[-1][1]
    rig.send(2.501, "CONTINUE_MEDIA")
    rig.run(9.0)
    assert rig.told[1:] == [(4.02, "MEDIA_MARK_PROCESSED end"), (4.02, "MEDIA_MARK_PROCESSED meanwhile")]
    (silence,) = rig.far_end.heard.silences(minimum=0.1)
    assert (silence.start, silence.stop) == (pytest.approx(0.52), pytest.approx(2.52))


def test_a_flush_does_not_end_a_pause():
    rig = Rig()
    rig.send(0.0, SECOND, "MARK_MEDIA a")
    rig.send(0.5, "PAUSE_MEDIA", "MARK_MEDIA b", "FLUSH_MEDIA", "MARK_MEDIA c", TENTH * 4, "MARK_MEDIA d")
    rig.send(2.0, "CONTINUE_MEDIA")
    rig.run(9.0)
    assert rig.told == [(2.0, "MEDIA_MARK_PROCESSED c"), (2.4, "MEDIA_MARK_PROCESSED d")]


# ---- sizes


@pytest.mark.parametrize(("size", "frames", "lost"), [(100, 0, 100), (220, 1, 60), (160, 1, 0)])
def test_what_is_left_behind_the_last_whole_frame_is_dropped(size, frames, lost):
    rig = Rig()
    rig.send(0.001, TENTH[:size])
    assert rig.far_end.queue.length == frames
    assert [bytes_ for _, bytes_ in rig.far_end.queue.cut_off] == ([lost] if lost else [])


def test_buffered_messages_of_any_size_lose_nothing_and_completion_is_when_they_were_played():
    rig = Rig()
    sound = SECOND * 5
    rig.send(
        0.001, "START_MEDIA_BUFFERING", *(sound[at : at + 1000] for at in range(0, len(sound), 1000)), "GET_STATUS"
    )
    assert "queue_length:250" in rig.told[-1][1] and "bulk_media:true" in rig.told[-1][1]
    rig.send(0.002, "STOP_MEDIA_BUFFERING buf1")
    rig.run(9.0)
    assert rig.told[-1] == (5.02, "MEDIA_BUFFERING_COMPLETED buf1")
    assert rig.far_end.heard.played_samples(9.0) == len(sound)


def test_a_buffered_remainder_that_nothing_follows_is_played_short():
    rig = Rig()
    rig.send(0.0, "START_MEDIA_BUFFERING", TENTH[:250])
    rig.send(0.5, TENTH[:230])
    rig.run(1.0)
    assert rig.far_end.heard.played_samples(1.0) == 480
    assert rig.far_end.heard.silences(minimum=0.1)[0].start == pytest.approx(0.03, abs=0.011)


@pytest.mark.parametrize("size", [65_500, 65_501])
def test_a_message_of_over_65500_bytes_ends_the_call_without_a_close(size):
    rig = Rig()
    rig.send(0.0, bytes(size))
    assert rig.far_end.abnormal is (size > 65_500)
    assert rig.far_end.disconnected(0.0) is (size > 65_500)


# ---- commands


@pytest.mark.parametrize("channel", [JSON, Channel(json=False)])
def test_a_command_of_over_128_bytes_is_ignored_without_a_reply(channel):
    text = '{{"command":"MARK_MEDIA","correlation_id":"{}"}}' if channel.json else "MARK_MEDIA {}"
    rig = Rig(channel)
    for size in (128, 129):
        rig.send(0.1, text.format("x" * (size - len(text.format("")))))
    rig.run(1.0)
    assert len(rig.told) == 1
    assert len(rig.far_end.protocol_errors) == 1


@pytest.mark.parametrize("message", ["get_status", "NONSENSE", "", "GET_STATUSES"])
def test_an_unknown_command_gets_no_reply(message):
    rig = Rig()
    rig.send(0.0, message)
    rig.run(1.0)
    assert rig.told == []
    assert rig.far_end.protocol_errors


def test_a_plain_command_on_a_json_channel_gets_an_error_and_the_call_goes_on():
    rig = Rig(JSON)
    rig.send(0.0, "GET_STATUS", '{"command":"GET_STATUS"}')
    first, second = (json.loads(message) for _, message in rig.told)
    assert (first["event"], first["error_text"]) == ("ERROR", "Unable to parse JSON command")
    assert second["event"] == "STATUS"


def test_a_plain_error_has_spaces_in_its_last_value_and_a_newline():
    message = Rig().far_end._notation.error("SET_MEDIA_DIRECTION only supports JSON format.")
    assert message == "ERROR channel_id:17.1 error_text:SET_MEDIA_DIRECTION only supports JSON format.\n"


# ---- the caller's sound


def test_frames_of_the_caller_are_as_long_as_his_telephone_makes_them():
    rig = Rig(Channel(caller_ptime=0.030))
    rig.far_end.say(tone(440, 0.9, 8000, -20), 0.0)
    rig.run(2.0)
    assert {size for _, size in rig.sound} == {240}
    rig = Rig(Channel("slin16", caller_ptime=0.030))
    rig.far_end.say(tone(440, 0.1, 16000, -20), 0.0)
    rig.run(2.0)
    assert [size for _, size in rig.sound] == [960, 960, 960, 320]  # the last is as short as what is left


def test_sound_stops_when_the_caller_sends_none():
    rig = Rig(JSON)
    rig.far_end.say(tone(440, 0.5, 8000, -20), 1.0)
    rig.run(9.0)
    assert len(rig.sound) == 25 and rig.sound[-1][0] == pytest.approx(1.5)
    rig = Rig(Channel(sends_silence=True))
    rig.run(1.001)
    assert len(rig.sound) == 50


def test_no_sound_comes_while_a_key_is_held_and_the_key_is_told_at_its_end():
    rig = Rig(Channel(sends_silence=True, json=False))
    rig.run(1.0)
    rig.far_end.press("5", 1.0, held=3.0)
    rig.run(6.0)
    times = [at for at, _ in rig.sound]
    assert max(np.diff(times)) == pytest.approx(3.02, abs=0.021)
    assert rig.told == [(4.0, "DTMF_END digit:5 channel_id:17.1")]


def test_slin16_is_little_endian():
    rig = Rig(Channel("slin16"))
    rig.far_end.say(np.array([1 / 32768, 0.5], dtype=np.float32), 0.0)
    rig.run(1.0)
    frame = next(message for _, message in rig.came if isinstance(message, bytes))
    assert frame[:2] in (b"\x01\x00", b"\x00\x00") and frame[2:4] == b"\x00\x40"


# ---- beginning and end


def test_before_it_is_answered_sound_is_played_to_nobody_and_its_mark_comes_all_the_same():
    rig = Rig(Channel(json=False, auto_answer=False))
    rig.send(0.05, SECOND, "MARK_MEDIA g")
    rig.send(2.0, "ANSWER", TENTH)
    rig.run(4.0)
    assert rig.told == [(1.06, "MEDIA_MARK_PROCESSED g")]
    assert rig.far_end.heard.played_samples(4.0) == 800
    assert rig.far_end.answered_at == 2.0


@pytest.mark.parametrize("abnormal", [False, True])
def test_the_caller_hangs_up_without_a_word(abnormal):
    rig = Rig(path_in=0.05)
    rig.run(1.0)
    rig.far_end.hang_up(1.0, abnormal=abnormal)
    rig.run(2.0)
    assert rig.told == []
    assert rig.far_end.disconnects_at == pytest.approx(1.05)
    assert rig.far_end.abnormal is abnormal


@pytest.mark.parametrize("how", ["HANGUP", None])
@pytest.mark.parametrize(("after", "heard"), [(0.0, 7680), (0.05, 8000)])
def test_the_servers_end_cuts_off_two_frames_that_are_past_the_mark(how, after, heard):
    rig = Rig()
    rig.send(0.0, SECOND, "MARK_MEDIA end")
    rig.run(1.0)
    assert rig.told == [(1.0, "MEDIA_MARK_PROCESSED end")]
    if how is None:
        rig.run(1.0 + after)
        rig.far_end.close(1.0 + after)
    else:
        rig.send(1.0 + after, how)
    assert rig.far_end.heard.played_samples(9.0) == heard


def test_parameters_of_a_connection_stick():
    connection, other = Connection(), Connection()
    asked = [connection.query(), connection.query({"caller": "", "did": "1009"}), connection.query()]
    assert asked == ["", "?caller=&did=1009", "?caller=&did=1009"]
    assert other.query() == ""
