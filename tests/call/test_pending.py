"""Words that wait for a value, or that came to nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from parts_alone import speaking
from toy import catalogue, drive, make_plan, strategies

from ivr.call.effects import Synthesize
from ivr.catalog.phrase import Catalogue, Phrase, Slot
from ivr.dialog.requests import Run, Say
from ivr.simulator.driver import Answer
from ivr.trace.events import DialogFailed, Listening, SynthesisStarted


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


def test_a_value_that_came_before_the_prompt_is_said_like_any_other():
    made, _, outbox, found = speaking()
    handle = found.start(Run("find", None, private=False), 0.0)
    found.returned(handle.id, "One", 0.5)
    made.say(Say("news", {"headline": handle}), 1.0)
    (effect,) = [e for e in outbox.effects() if isinstance(e, Synthesize)]
    assert (effect.request.text, effect.private) == ("One", False)


def test_a_private_value_stays_private_whenever_it_comes():
    for late in (False, True):
        made, _, outbox, found = speaking()
        handle = found.start(Run("find", None), 0.0)
        if not late:
            found.returned(handle.id, "One", 0.5)
        made.say(Say("news", {"headline": handle}), 1.0)
        if late:
            found.returned(handle.id, "One", 1.5)
            made.lookup_ended(handle, 1.5)
        (effect,) = [e for e in outbox.effects() if isinstance(e, Synthesize)]
        assert effect.private
