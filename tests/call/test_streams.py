"""Streams that follow one another under a call, and a socket that is full."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
from toy import make_plan

from ivr.call.call import Call
from ivr.call.effects import CancelSpeech, Play, Send, Synthesize
from ivr.gateways.events import DigitReceived, StreamStarted, StreamStopped
from ivr.gateways.twilio import TwilioCodec
from ivr.speech.synthesizer import SpeechChunk
from ivr.trace.events import CallEnded, StaleDropped
from ivr.trace.sound import SegmentStarted


def _started(stream: str) -> StreamStarted:
    return StreamStarted(stream, "CA1", {})


def _until_speech(plan):
    """A call by hand that has asked for a synthesis, with the effects of that."""
    call = Call("c", plan, _Codec(), datetime(2026, 1, 1, tzinfo=UTC))
    call.receive(_started("MZ1"), 0.0)
    effects = call.effects()
    return call, [effect for effect in effects if isinstance(effect, Synthesize)]


class _Codec(TwilioCodec):
    def __init__(self) -> None:
        super().__init__()
        self.stream = "MZ1"


async def _live_twice(line):
    await line.say("news", headline="one two three")
    await line.ask()
    await line.say("bye")


def test_a_second_stream_moves_the_call_and_late_audio_of_the_first_is_dropped():
    call, (first,) = _until_speech(make_plan(_live_twice))
    audio = SpeechChunk(np.full(8000, 0.1, np.float32), 8000)
    call.speech(first.segment, first.attempt, audio, 0.1)
    call.receive(_started("MZ2"), 0.2)
    assert call.generation == 2
    assert CancelSpeech in [type(effect) for effect in call.effects()]
    call.trace()
    call.speech(first.segment, first.attempt, audio, 0.3)
    assert [type(event) for event in call.trace()] == [StaleDropped]
    assert [effect for effect in call.effects() if isinstance(effect, Play)] == []


def test_late_audio_of_the_first_stream_is_not_taken_for_words_of_the_second():
    async def dialog(line):
        await line.say("news", headline="one two three")
        await line.heard()
        await line.say("news", headline="four five six")
        await line.ask()

    call, (first,) = _until_speech(make_plan(dialog))
    call.receive(_started("MZ2"), 0.2)
    (second,) = [effect for effect in call.effects() if isinstance(effect, Synthesize)]
    assert second.origin.generation == 2
    call.trace()
    call.speech(first.segment, first.attempt, SpeechChunk(np.full(8000, 0.1, np.float32), 8000), 0.3)
    assert StaleDropped in [type(event) for event in call.trace()]
    assert second.segment != first.segment


def test_a_second_stream_while_the_dialog_listens_listens_on():
    call = Call("c", make_plan(_live_twice), _Codec(), datetime(2026, 1, 1, tzinfo=UTC))
    call.receive(_started("MZ1"), 0.0)
    call.receive(_started("MZ2"), 5.0)
    call.receive(DigitReceived("1"), 6.0)
    texts = [event.text for event in call.trace() if isinstance(event, SegmentStarted)]
    assert texts[-1] == "Good bye."


def test_a_digit_that_was_held_is_not_lost_with_the_stream():
    async def dialog(line):
        await line.say("legal")
        await line.ask()
        await line.say("bye")
        await line.ask()

    call = Call("c", make_plan(dialog), _Codec(), datetime(2026, 1, 1, tzinfo=UTC))
    call.receive(_started("MZ1"), 0.0)
    call.receive(DigitReceived("1"), 0.2)
    call.receive(_started("MZ2"), 0.3)
    assert "Good bye." in [event.text for event in call.trace() if isinstance(event, SegmentStarted)]


def test_the_first_stream_ends_the_call_only_once():
    call = Call("c", make_plan(), _Codec(), datetime(2026, 1, 1, tzinfo=UTC))
    call.receive(_started("MZ1"), 0.0)
    call.receive(StreamStopped("gone"), 1.0)
    call.receive(StreamStopped("gone"), 1.0)
    assert [type(event) for event in call.trace()].count(CallEnded) == 1


def test_a_blocked_socket_holds_audio_back_and_loses_none():
    call = Call("c", make_plan(), _Codec(), datetime(2026, 1, 1, tzinfo=UTC))
    call.receive(_started("MZ1"), 0.0)
    call.block(True, 0.01)
    call.effects()
    call.handle_timer(1.0)
    assert [effect for effect in call.effects() if isinstance(effect, Play)] == []
    call.block(False, 1.5)
    assert [effect for effect in call.effects() if isinstance(effect, Play)] != []


def test_messages_of_the_second_stream_carry_its_id():
    # a codec belongs to one stream
    codec = TwilioCodec()
    start = '{"event":"start","start":{"streamSid":"%s","callSid":"CA1"}}'
    call = Call("c", make_plan(), codec, datetime(2026, 1, 1, tzinfo=UTC))
    for event in codec.receive(start % "MZ1"):
        call.receive(event, 0.0)
    second = TwilioCodec()
    call.effects()
    call.move_to(second)
    for event in second.receive(start % "MZ2"):
        call.receive(event, 1.0)
    call.receive(DigitReceived("4"), 1.1)
    sids = {json.loads(e.message)["streamSid"] for e in call.effects() if isinstance(e, Send)}
    assert sids == {"MZ2"}
