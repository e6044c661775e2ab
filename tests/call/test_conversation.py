"""What a conversation remembers of its past, and what it says once."""

from collections import deque

from toy import drive, make_plan

from ivr.simulator.driver import Answer
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import BargedIn
from ivr.trace.sound import SegmentStarted, Strategy


def remembered(run) -> int:
    """How many things the conversation and its parts keep hold of."""
    parts = run.driver.call._conversation._parts
    own = [vars(each) for each in (parts, parts.saying, parts.speaking._pending, parts.speaking.syntheses)]
    kept = [each for values in own for each in values.values() if isinstance(each, dict | set | list | deque)]
    assert len(kept) >= 6
    return sum(len(each) for each in kept)


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
