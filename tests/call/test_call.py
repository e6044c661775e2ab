"""The call as a whole, driven in virtual time: its end and its doors."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from toy import BANK, drive, make_plan

from ivr.call.call import Call
from ivr.call.effects import CancelLookup, Close, Lookup
from ivr.errors import HungUp
from ivr.gateways.events import DigitReceived, StreamStarted
from ivr.gateways.twilio import TwilioCodec
from ivr.simulator.driver import Answer
from ivr.speech.synthesizer import SpeechChunk
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import (
    CallEnded,
    LookupEnded,
    SynthesisEnded,
    SynthesisStarted,
)

SLOW = {"bank.balance": Answer(12.5, 2.5), "bank.score": Answer(7, 2.5), "bank.news": Answer("Rates are up", 2.5)}


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


def test_the_table_of_the_toy_is_what_these_tests_think():
    assert set(BANK.states) == {
        "welcome", "menu", "balance", "score", "rich", "poor", "news", "no_news", "legal", "bye",
    }  # fmt: skip
