"""Live words of a call: asked for again, given up, kept or not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from toy import catalogue, covers, drive, make_plan, strategies

from ivr.catalog.phrase import Catalogue, Phrase, Slot
from ivr.simulator.driver import Answer
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import (
    DialogFailed,
    Listening,
    LookupEnded,
    SynthesisEnded,
    SynthesisStarted,
)
from ivr.trace.sound import SegmentStarted, Strategy


def test_a_synthesis_that_fails_is_asked_for_again_and_then_given_up():
    voice = ScriptedVoice(dies_after=0.0)
    run = drive(make_plan(retries=2), keys=[(2.5, "1"), (10.0, "9")], voice=voice)
    begun, cancelled = run.syntheses()
    assert [attempt for _, attempt in begun] == [1, 2, 3]
    assert cancelled == []
    assert [event.outcome for event in run.of(SynthesisEnded)] == ["failed"] * 3
    assert "fallback" in strategies(run)
    assert run.dead_air() == []


def test_a_synthesis_that_heals_is_heard_without_the_fallback():
    voice = ScriptedVoice(dies_after=0.0, heals=2)
    run = drive(keys=[(2.5, "1"), (12.0, "9")], voice=voice)
    assert "fallback" not in strategies(run)
    assert "stream" in strategies(run)


@pytest.mark.parametrize("covered", [True, False])
def test_audio_that_is_all_silence_is_a_failure_not_a_wait(covered):
    voice = ScriptedVoice(speak=lambda text: (np.zeros(22050, np.float32), 22050))
    run = drive(make_plan(covers=covers() if covered else None), keys=[(2.5, "1"), (9.0, "9")], voice=voice)
    assert run.ended == "the dialog ended"
    assert run.driver.now < 15
    assert ("fallback" in strategies(run)) == covered


def test_words_that_belong_to_nobody_are_kept_and_said_from_memory():
    plan = make_plan()
    first = drive(plan, keys=[(2.5, "3"), (8.0, "9")])
    second = drive(plan, keys=[(2.5, "3"), (8.0, "9")])
    assert len(first.of(SynthesisStarted)) == 1
    assert second.of(SynthesisStarted) == []
    assert "cached" in strategies(second)


def test_words_of_the_caller_are_not_kept():
    plan = make_plan()
    for _ in range(2):
        run = drive(plan, keys=[(2.5, "1"), (8.0, "9")])
        assert len(run.of(SynthesisStarted)) == 1


def _saying(dialog):
    """A plan with a phrase that is nothing but a slot."""
    alone = Phrase("alone", "en-US", "{headline}.", (Slot("headline", "text", "."),))
    both = Catalogue("en-US", {**catalogue().phrases, "alone": alone}, catalogue().prompts)
    return replace(make_plan(dialog), catalogue=both)


@pytest.mark.parametrize("prompt", ["news", "alone"])
@pytest.mark.parametrize("handed", ["as it is", "by a lookup", "by a lookup that is late"])
def test_an_empty_text_says_nothing_and_the_call_goes_on(prompt, handed):
    async def dialog(line):
        headline = " " if handed == "as it is" else await line.run("bank.news", private=False)
        await line.say(prompt, headline=headline)
        await line.ask(first=2.0)
        await line.say(prompt, headline=headline)
        await line.say("bye")

    lookups = {"bank.news": Answer("", 1.5 if handed == "by a lookup that is late" else 0.1)}
    run = drive(_saying(dialog), lookups=lookups)
    assert run.of(DialogFailed, SynthesisStarted) == []
    assert run.ended == "the dialog ended"
    assert "fallback" not in strategies(run)
    assert [event.seconds for event in run.of(Listening)] == [2.0]
    assert run.dead_air() == []


def test_words_in_memory_end_the_hold_that_waited_for_their_value():
    plan = make_plan(covers=covers(filler=None))
    drive(plan, keys=[(2.5, "3"), (8.0, "9")])
    run = drive(plan, keys=[(2.5, "3"), (9.0, "9")], lookups={"bank.news": Answer("Rates are up", 2.0)})
    assert strategies(run)[2:5] == ["clip", "hold", "cached"]
    known = run.of(LookupEnded)[0].at
    cached = next(event for event in run.of(SegmentStarted) if event.strategy is Strategy.CACHED)
    assert cached.at - known < 0.3  # what was sent of the hold, and its fade
