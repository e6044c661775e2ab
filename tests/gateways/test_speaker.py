"""The speaker's dialect."""

import pytest

from ivr.errors import RemoteGatewayError
from ivr.gateways.events import DigitReceived, MarkReached, MediaReceived, StreamStarted, StreamStopped
from ivr.gateways.speaker import SpeakerCodec, speaker, wire_format
from ivr.media.format import L16_8K, L16_16K, L16_24K


@pytest.fixture
def codec():
    return SpeakerCodec(speaker(L16_16K))


def test_what_comes_in(codec):
    assert codec.receive("start +1555") == (StreamStarted("speaker", "speaker", {"from": "+1555"}, L16_16K),)
    assert codec.receive("digit #") == (DigitReceived("#"),)
    assert codec.receive("mark 0.3") == (MarkReached("0.3"),)
    assert codec.receive("stop the caller hung up") == (StreamStopped("the caller hung up"),)
    assert codec.receive("whistle") == () and codec.unknown == 1


def test_the_microphone_is_timed_whether_or_not_somebody_listens(codec):
    frame = bytes(640)
    assert codec.receive(frame) == ()
    codec.listening = True
    assert codec.receive(frame) == (MediaReceived(frame, 20),)


@pytest.mark.parametrize("message", ["digit x", "digit ", b"odd"])
def test_what_is_no_message(codec, message):
    with pytest.raises(RemoteGatewayError):
        codec.receive(message)


def test_what_goes_out(codec):
    assert codec.media(codec.prepare(b"ab")) == b"ab"
    assert (codec.mark("1.2"), codec.clear(), codec.hang_up()) == ("mark 1.2", "clear", None)


@pytest.mark.parametrize(
    ("rate", "format"), [(8000, L16_8K), (11025, L16_16K), (22050, L16_24K), (24000, L16_24K), (48000, L16_24K)]
)
def test_sounds_are_carried_whole_and_no_wider(rate, format):
    assert wire_format(rate) is format
