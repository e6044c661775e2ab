"""Who speaks, is asked or is to leave a message where a call is being transferred."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from talker import heeding, speech
from toy import clips, drive

from ivr.call.call import Call
from ivr.call.effects import Transfer
from ivr.catalog.party import Allowed, TransferOutcome
from ivr.gateways.events import StreamStarted
from ivr.gateways.twilio import TWILIO, TwilioCodec
from ivr.trace.events import BargedIn, CallerSpeaks, NoInput, RecordingStarted, TurnStarted
from ivr.trace.sound import SegmentStarted

BUSY = TransferOutcome.BUSY
ANNOUNCED = clips()["connecting"].samples / 8000


def plan(dialog):
    return replace(heeding(dialog, {"connecting": "any", "main": "any"}), allowed=Allowed.of(["+1*"]))


def test_who_speaks_over_the_announcement_or_while_it_rings_is_not_heard():
    async def dialog(line):
        await line.say("connecting")
        await line.transfer("+15550123")
        told.append(await line.spoke())
        await line.say("main")
        told.append(await line.ask())
        await line.hang_up()

    told = []
    says = [(0.3, speech(1.0)), (ANNOUNCED + 1.0, speech(1.0))]
    found = drive(plan(dialog), says=says, transfers=[(4.0, BUSY)])
    assert told == [False, None]
    assert found.of(BargedIn, CallerSpeaks) == []


def test_who_speaks_when_the_call_is_back_interrupts_as_before():
    async def dialog(line):
        await line.say("connecting")
        await line.transfer("+15550123")
        await line.say("main")
        assert await line.ask() is None
        await line.hang_up()

    back = ANNOUNCED + 4.0
    found = drive(plan(dialog), says=[(back + 0.2, speech(0.6))], transfers=[(4.0, BUSY)])
    (cut,) = found.of(BargedIn)
    assert cut.by == "speech" and cut.at > back


# The stream goes, and what the dialog wants before another one is there waits for it.


def returning(dialog, away=20.0):
    """A call whose transfer ends at once, and whose stream is back after ``away`` seconds: its events, and when."""
    call = Call("c", plan(dialog), TwilioCodec(), datetime(2026, 1, 1, tzinfo=UTC))
    call.receive(StreamStarted("MZ1", "CA1", {}, TWILIO.in_format), 0.0)
    assert any(isinstance(effect, Transfer) for effect in call.effects())
    call.leave(0.0)
    call.transferred(BUSY, 0.0)
    now = 0.0
    while (due := call.next_timer(now)) is not None and due < away:
        now = max(now, due)
        call.handle_timer(now)
    trace = call.trace()
    assert not any(isinstance(event, NoInput | RecordingStarted | SegmentStarted) for event in trace)
    call.move_to(TwilioCodec())
    call.receive(StreamStarted("MZ2", "CA1", {}, TWILIO.in_format), away)
    now = away
    while not call.ended and (due := call.next_timer(now)) is not None and due < away + 60.0:
        now = max(now, due)
        call.handle_timer(now)
        trace += call.trace()
    return trace, away


@pytest.mark.parametrize("words", [(), ("main",)])
def test_silence_counts_from_when_the_call_is_back(words):
    async def dialog(line):
        await line.transfer("+15550123")
        for prompt in words:
            await line.say(prompt)
        await line.ask()
        await line.hang_up()

    trace, away = returning(dialog)
    (silent,) = [event for event in trace if isinstance(event, NoInput)]
    assert silent.at > away + 1.0


@pytest.mark.parametrize("beep", [False, True])
def test_a_recording_begins_when_the_call_is_back(beep):
    async def dialog(line):
        await line.transfer("+15550123")
        assert await line.record(beep=beep) is None
        await line.hang_up()

    trace, away = returning(dialog)
    (started,) = [event for event in trace if isinstance(event, RecordingStarted)]
    assert started.at >= away
    assert [event.trigger for event in trace if isinstance(event, TurnStarted)][:2] == ["answer", "return"]


def test_a_second_transfer_waits_for_the_call_to_be_back():
    async def dialog(line):
        await line.transfer("+15550123")
        await line.transfer("+15550124")

    call = Call("c", plan(dialog), TwilioCodec(), datetime(2026, 1, 1, tzinfo=UTC))
    call.receive(StreamStarted("MZ1", "CA1", {}, TWILIO.in_format), 0.0)
    call.leave(0.0)
    call.transferred(BUSY, 1.0)
    assert [effect.to.address for effect in call.effects() if isinstance(effect, Transfer)] == ["+15550123"]
    call.move_to(TwilioCodec())
    call.receive(StreamStarted("MZ2", "CA1", {}, TWILIO.in_format), 2.0)
    assert [effect.to.address for effect in call.effects() if isinstance(effect, Transfer)] == ["+15550124"]
