"""What the far ends of all platforms do alike: when they may be asked, and what a clock that goes back means."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ivr.testing.asterisk import AsteriskFarEnd
from ivr.testing.audiosocket import AudioSocketFarEnd
from ivr.testing.audiosocket_channel import packet
from ivr.testing.twilio import TwilioFarEnd

CLEARS = {
    TwilioFarEnd: '{"event":"clear","streamSid":"MZ1"}',
    AsteriskFarEnd: '{"command":"FLUSH_MEDIA"}',
    AudioSocketFarEnd: packet(0x10, bytes(320)),
}
"""A message that does no harm to each."""


@pytest.fixture(params=CLEARS, ids=lambda kind: kind.__name__)
def kind(request) -> Any:
    return request.param


def test_nothing_is_received_before_the_socket_is_open_or_after_it_was_closed(kind):
    far_end = kind()
    with pytest.raises(ValueError, match="no open socket"):
        far_end.receive(CLEARS[kind], 0.0)
    far_end.connect(0.0)
    far_end.receive(CLEARS[kind], 0.5)
    far_end.close(1.0)
    with pytest.raises(ValueError, match="no open socket"):
        far_end.receive(CLEARS[kind], 1.0)
    assert far_end.protocol_errors == []


def test_a_far_end_is_connected_once(kind):
    far_end = kind()
    with pytest.raises(ValueError, match="not connected yet: call connect first"):
        far_end.press("1", 0.0)
    far_end.connect(1.0)
    with pytest.raises(ValueError, match=f"one {kind.one} and was connected before; make another"):
        far_end.connect(2.0)


def test_a_timer_may_be_early_and_time_may_not_run_backwards(kind):
    far_end = kind()
    far_end.connect(1.0)
    far_end.handle_timer(2.0)
    far_end.handle_timer(1.999)
    with pytest.raises(ValueError, match="backwards"):
        far_end.handle_timer(1.9)


def test_what_the_runtime_closes_ends_one_path_later_and_tells_nothing(kind):
    far_end = kind(path_out=0.25, path_in=0.25)
    far_end.connect(1.0)
    far_end.close(1.5)
    assert far_end.next_timer() == 2.0
    far_end.handle_timer(1.75)
    assert far_end.closed_at == 1.75
    assert far_end.disconnects_at is None
    assert far_end.next_timer() is None
    assert far_end.messages(9.0) == []
    assert not far_end.disconnected(9.0)


def test_what_this_end_closes_is_seen_one_path_later(kind):
    far_end = kind(path_in=0.25)
    far_end.connect(1.0)
    far_end.hang_up(1.5)
    assert far_end.closed_at == 1.5
    far_end.messages(1.6)
    assert not far_end.disconnected(1.6)
    assert far_end.next_timer() == 1.75
    far_end.messages(1.75)
    assert far_end.disconnected(1.75)
    assert far_end.next_timer() is None


def test_what_the_caller_says_behind_a_close_goes_nowhere(kind):
    far_end = kind(path_out=0.5)
    far_end.connect(1.0)
    far_end.close(1.5)
    far_end.say(np.full(1600, 0.5, np.float32), 1.6)
    assert far_end.next_timer() == 2.0
    assert far_end.messages(1.9) == []
