"""The fake of Asterisk's AudioSocket, by the facts that it is written from."""

from itertools import pairwise
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.testing.audiosocket import GIVES_UP, SOMEBODY, AudioSocketFarEnd
from ivr.testing.audiosocket_channel import KINDS, Channel, packet

FRAME = np.full(160, 0.25, "<f4")
SOUND = packet(0x10, (np.full(160, 8192)).astype("<i2").tobytes())


def up(**options) -> AudioSocketFarEnd:
    """One whose UUID has been read."""
    far = AudioSocketFarEnd(**options)
    far.connect(0.0)
    far.messages(0.0)
    return far


def run(far: AudioSocketFarEnd, until: float) -> list[tuple[float, bytes]]:
    """All that reaches the runtime by then, and when."""
    got = []
    while (due := far.next_timer()) is not None and due <= until:
        far.handle_timer(due)
        got += [(due, message) for message in far.messages(due)]
        if far.disconnected(due):
            break
    return got


def test_a_packet_has_a_kind_and_a_big_endian_length():
    assert packet(0x12, b"ab") == b"\x12\x00\x02ab"
    assert packet(0x10, b"ab", 0x1234) == b"\x10\x12\x34ab"


def test_the_uuid_comes_first():
    far = AudioSocketFarEnd(UUID(int=7), Channel(sends_silence=True), path_in=0.05)
    far.connect(1.0)
    (first_at, first), (second_at, second) = run(far, 1.08)
    assert (first_at, first) == (1.05, b"\x01\x00\x10" + UUID(int=7).bytes)
    assert second_at == pytest.approx(1.07)
    assert second == packet(0x10, bytes(320))
    with pytest.raises(ValueError, match="make another"):
        far.connect(2.0)


@pytest.mark.parametrize("rate", KINDS)
def test_sound_has_the_kind_of_its_rate(rate):
    far = up(channel=Channel(rate, sends_silence=True))
    (_, frame), *_ = run(far, 0.03)
    assert frame == packet(KINDS[rate], bytes(2 * round(rate * 0.02)))


def test_an_old_one_says_0x10_whatever_it_sends():
    far = up(channel=Channel(16000, sends_silence=True, kind=0x10))
    (_, frame), *_ = run(far, 0.03)
    assert frame == packet(0x10, bytes(640))


def test_a_silent_caller_sends_nothing_and_one_who_speaks_is_on_the_grid():
    far = up()
    assert run(far, 1.0) == []
    far.say(np.tile(FRAME, 3)[:400], 1.005)
    frames = run(far, 1.2)
    assert [at for at, _ in frames] == pytest.approx([1.04, 1.06, 1.08])
    assert [len(frame) - 3 for _, frame in frames] == [320, 320, 160]


def test_a_key_is_one_packet():
    far = up()
    far.press("5", 0.5)
    assert far.messages(0.5) == [b"\x03\x00\x015"]


def test_frames_are_heard_as_they_come_and_what_overruns_the_jitter_buffer_is_dropped():
    far = up(channel=Channel(jitter_buffer=0.060))
    for at in (0.1, 0.12, 0.2):
        far.receive(SOUND, at)
    assert far.queue.dropped == []
    far.receive(SOUND * 4, 0.3)
    assert far.queue.dropped == [(0.3, 160)]
    far.handle_timer(1.0)
    heard = far.heard.timeline(0.1, 0.4)
    loud = np.flatnonzero(np.abs(heard) > 0.2)
    assert len(loud) == 6 * 160
    assert heard[loud] == pytest.approx(0.25)
    assert [samples for _, samples in far.frames] == [160] * 7


@given(st.lists(st.integers(1, 400), min_size=1, max_size=60))
def test_the_runtimes_bytes_may_come_in_any_pieces(sizes):
    far = up()
    stream, at = SOUND * 3, 0.1
    for size in sizes:
        piece, stream = stream[:size], stream[size:]
        far.receive(piece, at)
        at += 0.02
    far.receive(stream, at)
    assert len(far.frames) == 3
    assert far.protocol_errors == []


def test_its_own_stream_comes_in_the_pieces_asked_for():
    far = AudioSocketFarEnd(chunks=[1, 2, 3])
    far.connect(0.0)
    pieces = far.messages(0.0)
    assert [len(piece) for piece in pieces] == [1, 2, 3, 13]
    assert b"".join(pieces) == packet(0x01, SOMEBODY.bytes)


def test_a_hang_up_closes_and_what_is_in_the_buffer_is_still_heard():
    far = up(path_out=0.05, path_in=0.05)
    far.messages(0.1)
    far.receive(SOUND, 0.1)
    far.receive(packet(0x00), 0.1)
    run(far, 0.4)
    assert (far.hung_up_at, far.disconnects_at) == (pytest.approx(0.15), pytest.approx(0.20))
    far.handle_timer(0.4)
    assert far.heard.played_samples(0.4) == 160
    assert far.protocol_errors == []


FATAL = {
    "DTMF": packet(0x03, b"1"),
    "an error": packet(0xFF, b"\1"),
    "empty": packet(0x10),
    "a UUID": packet(0x01, bytes(16)),
}


@pytest.mark.parametrize("name", FATAL)
def test_what_is_neither_sound_nor_a_hang_up_is_fatal(name):
    far = up()
    far.receive(FATAL[name] + SOUND, 0.1)
    assert far.closed_at == far.disconnects_at == 0.1
    assert len(far.protocol_errors) == 1
    assert far.frames == []


def test_sound_of_another_rate_is_heard_by_nobody():
    far = up(channel=Channel(16000))
    far.receive(SOUND, 0.1)
    assert far.heard.start is None
    assert far.protocol_errors == ["sound of kind 0x10 on a channel of 16000 Hz"]
    assert far.closed_at is None


@pytest.mark.parametrize("by", ["nobody", "the caller", "the runtime"])
def test_it_gives_up_after_two_seconds_of_nothing_either_way(by):
    far = up()
    if by == "the caller":
        far.say(FRAME, 1.0)
    elif by == "the runtime":
        far.receive(SOUND, 1.02)
    last = 0.0 if by == "nobody" else 1.02
    run(far, 10.0)
    assert far.closed_at == pytest.approx(last + GIVES_UP)
    assert far.protocol_errors == ["nothing went either way for 2 s"]


def test_a_network_that_holds_lets_go_in_one_burst():
    far = up(channel=Channel(sends_silence=True))
    assert [at for at, _ in run(far, 0.05)] == pytest.approx([0.02, 0.04])
    far.hold(0.05)
    assert run(far, 1.0) == []
    far.release(1.0)
    (burst,) = far.messages(1.0)
    assert len(burst) // 323 in (47, 48)
    assert burst == packet(0x10, bytes(320)) * (len(burst) // 323)


@pytest.mark.parametrize("told", [True, False])
def test_a_caller_who_hangs_up(told):
    far = up(channel=Channel(hangs_up=told), path_in=0.02)
    far.messages(0.5)
    far.hang_up(1.0)
    assert not far.disconnected(1.01)
    assert far.messages(1.02) == ([packet(0x00)] if told else [])
    assert far.disconnected(1.02)
    far.press("1", 2.0)
    assert far.messages(2.0) == []


def test_the_runtime_closes():
    far = up(path_out=0.05)
    far.receive(SOUND, 0.10)
    far.close(0.11)
    far.handle_timer(1.0)
    assert far.closed_at == pytest.approx(0.16)
    assert far.disconnects_at is None
    assert far.heard.played_samples(1.0) == 160
    with pytest.raises(ValueError, match="no open socket"):
        far.receive(SOUND, 1.1)


@given(st.sampled_from([0.01, 0.02, 0.03, 0.06]), st.sampled_from([8000, 16000, 44100]))
def test_a_caller_who_is_never_silent_sends_without_a_break(ptime, rate):
    far = up(channel=Channel(rate, sends_silence=True, caller_ptime=ptime))
    frames = run(far, 1.0)
    assert all(b - a == pytest.approx(ptime) for (a, _), (b, _) in pairwise(frames))
    assert sum(len(frame) - 3 for _, frame in frames) // 2 == pytest.approx(rate, rel=0.07)
