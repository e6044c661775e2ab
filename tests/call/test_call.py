"""The call as a whole, driven in virtual time: its end, its doors, and the streams that carry it."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from toy import BANK, clips, drive, make_plan

from ivr.call.call import Call
from ivr.call.effects import CancelLookup, CancelSpeech, Close, Lookup, Play, Synthesize
from ivr.errors import HungUp
from ivr.gateways.events import DigitReceived, StreamStarted, StreamStopped
from ivr.gateways.twilio import TwilioCodec
from ivr.simulator.driver import Answer
from ivr.speech.synthesizer import SpeechChunk
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import (
    CallEnded,
    LookupEnded,
    StaleDropped,
    SynthesisEnded,
    SynthesisStarted,
)
from ivr.trace.sound import SegmentStarted

SLOW = {"bank.balance": Answer(12.5, 2.5), "bank.score": Answer(7, 2.5), "bank.news": Answer("Rates are up", 2.5)}


@pytest.mark.parametrize("path", [0.0, 0.12])
def test_the_call_ends_only_when_goodbye_was_heard(path):
    run = drive(keys=[(4.0, "9")], path_out=path, path_in=path)
    goodbye = clips()["bye"]
    assert run.far.closed_at is not None
    assert run.far.heard.played_samples(run.far.closed_at) == run.far.queue.samples
    tail = run.far.heard.timeline(run.far.heard.stop - goodbye.samples / 8000, run.far.heard.stop)
    assert np.max(np.abs(tail)) > 0.05
    assert run.far.cleared == []


@pytest.mark.parametrize("at", [0.0, 0.01, 0.5, 1.3, 2.45, 2.5, 2.51, 2.7, 3.5, 4.99, 5.1, 5.3, 6.0])
def test_a_hang_up_at_any_time_cancels_everything(at):
    voice = ScriptedVoice(first_audio=0.3, pace=1.0)
    run = drive(keys=[(2.4, "1")], voice=voice, lookups=SLOW, hang_up_at=at)
    assert isinstance(run.trace[-1], CallEnded)
    assert isinstance(run.done[-1][1], Close)
    begun = [effect.id for _, effect in run.done if isinstance(effect, Lookup)]
    ended = [event.lookup for event in run.of(LookupEnded)]
    assert begun == ended
    cancelled = [effect.id for _, effect in run.done if isinstance(effect, CancelLookup)]
    assert cancelled == [event.lookup for event in run.of(LookupEnded) if event.detail == "the call ended"]
    assert len(run.of(SynthesisStarted)) == len(run.of(SynthesisEnded))
    assert run.driver._live == set()
    assert run.driver._waiting == set()


def test_after_the_end_every_door_is_closed():
    run = drive(keys=[(2.5, "9")])
    call, now = run.driver.call, run.driver.now + 1
    call.receive(DigitReceived("1"), now)
    call.receive(StreamStarted("MZ2", "CA1"), now)
    call.speech("u1.1", 1, SpeechChunk(np.zeros(10, np.float32), 8000), now)
    call.speech_finished("u1.1", 1, now)
    call.returned("lookup1", 5, now)
    call.lookup_failed("lookup1", "x", now)
    call.block(True, now)
    call.handle_timer(now)
    call.end("again", now)
    assert call.effects() == []
    assert call.trace() == []
    assert call.next_timer(now) is None


def test_doors_before_any_stream_do_nothing():
    call = Call("c", make_plan(), TwilioCodec(), datetime(2026, 1, 1, tzinfo=UTC))
    call.handle_timer(0.0)
    call.block(True, 0.0)
    call.speech_finished("u1.1", 1, 0.0)
    assert call.next_timer(0.0) is None
    assert call.effects() == []
    call.end("no stream", 1.0)
    assert [type(event) for event in call.trace()] == [CallEnded]


def test_the_dialog_may_clean_up_after_a_hang_up_but_not_speak():
    seen = []

    async def dialog(line):
        try:
            await line.say("greeting")
            await line.ask()
        except HungUp:
            seen.append("told")
            await line.say("bye")
            seen.append("spoke")

    run = drive(make_plan(dialog), hang_up_at=0.5)
    assert seen == ["told"]
    assert run.said() == ["greeting"]
    assert isinstance(run.trace[-1], CallEnded)


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


def test_the_table_of_the_toy_is_what_these_tests_think():
    assert set(BANK.states) == {
        "welcome", "menu", "balance", "score", "rich", "poor", "news", "no_news", "legal", "bye",
    }  # fmt: skip
