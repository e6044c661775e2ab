"""What a caller types ahead, what is said once, and what a dialog may raise."""

import asyncio
import json
from collections import deque
from datetime import UTC, datetime

import pytest
from toy import clips, drive, make_plan

from ivr.call.call import Call
from ivr.call.effects import Send
from ivr.gateways.events import DigitReceived
from ivr.gateways.twilio import TwilioCodec
from ivr.simulator.driver import Answer
from ivr.testing.twilio import Faults
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import BargedIn, Listening
from ivr.trace.sound import SegmentStarted, Strategy


def test_a_held_digit_skips_what_may_be_interrupted():
    async def dialog(line):
        await line.say("legal")  # bargein: no
        await line.say("main")  # may be interrupted
        assert await line.ask() == "7"
        await line.hang_up()

    run = drive(make_plan(dialog), keys=[(0.3, "7")])
    played = run.far.heard.played_samples(run.far.closed_at)
    assert played < clips()["legal"].samples + 4000


def test_goodbye_is_said_though_a_digit_too_many_was_typed():
    async def dialog(line):
        await line.say("legal")
        await line.ask()
        await line.say("bye")
        await line.hang_up()

    run = drive(make_plan(dialog), keys=[(0.3, "9"), (0.4, "9")])
    assert "Good bye." in [e.text for e in run.of(SegmentStarted)]


def remembered(run) -> int:
    """How many things the conversation keeps hold of."""
    kept = vars(run.driver.call._conversation).values()
    return sum(len(each) for each in kept if isinstance(each, dict | set | list | deque))


def test_what_was_interrupted_or_dropped_is_not_remembered():
    async def interrupted(line):
        while await line.ask():
            await line.say("main")
            await line.say("greeting")

    run = drive(make_plan(interrupted), keys=[(0.2 * (n + 1), "1") for n in range(30)], until=6.5)
    assert len(run.of(BargedIn)) > 20
    assert remembered(run) <= 2

    async def dropped(line):
        for _ in range(30):
            await line.say("legal")
            await line.say("greeting", bargein=False)
            await line.drop()
            await line.ask(0.1)
        await line.ask(60.0)

    run = drive(make_plan(dropped), until=100.0)
    assert len(run.said()) == 60
    assert remembered(run) <= 2


def test_the_filler_is_said_once_in_a_turn():
    # first the wait for the lookup is late, then the words of the next utterance
    run = drive(
        keys=[(2.5, "2")], voice=ScriptedVoice(first_audio=2.0), lookups={"bank.score": Answer(7, 0.5)}, until=8
    )
    assert [e.strategy for e in run.of(SegmentStarted)].count(Strategy.FILLER) == 1


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


def test_words_of_a_stream_that_is_not_all_here_are_not_overstated():
    # 40 characters = 2.3 s of babble; the caller interrupts after about 0.5 s of it, with 1.2x pace little more is here
    text = "alpha beta gamma delta epsilon zeta eta theta"

    async def dialog(line):
        await line.say("news", headline=text)
        await line.ask()

    run = drive(make_plan(dialog), voice=ScriptedVoice(first_audio=0.1, pace=1.2), keys=[(1.4, "1")], until=3)
    heard = run.of(BargedIn)[0].heard.removeprefix("The news,").strip()
    stream = next(e for e in run.of(SegmentStarted) if e.strategy is Strategy.STREAM)
    truth = (1.4 - stream.sounds_at) / (0.06 * len(text))
    assert len(heard) / len(text) <= truth + 0.1


def test_a_prompt_whose_mark_was_lost_was_heard_when_it_was_due():
    run = drive(faults=Faults(drop_marks=lambda name: True))
    assert run.of(Listening)[0].at == pytest.approx(2.48, abs=0.3)


@pytest.mark.parametrize("error", [asyncio.CancelledError, SystemExit, GeneratorExit])
def test_a_dialog_that_raises_no_exception_but_a_base_exception_is_contained(error):
    async def dialog(line):
        await line.say("greeting")
        raise error

    assert drive(make_plan(dialog)).ended == "the dialog failed"


def test_a_digit_ends_the_words_that_a_dialog_waits_to_be_heard():
    async def dialog(line):
        await line.say("greeting")
        await line.heard()
        await line.say("bye")
        await line.hang_up()

    run = drive(make_plan(dialog), keys=[(0.3, "5")], until=60)
    assert run.ended == "the dialog ended"
    assert "Good bye." in [event.text for event in run.of(SegmentStarted)]


def test_the_last_words_of_a_call_are_heard_in_spite_of_a_stray_digit():
    async def dialog(line):
        await line.say("greeting")
        await line.hang_up()

    run = drive(make_plan(dialog), keys=[(0.3, "5")], until=60)
    assert run.of(BargedIn) == []
    assert run.far.heard.played_samples(run.far.closed_at) == clips()["greeting"].samples
