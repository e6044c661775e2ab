"""Prompts become utterances: their ids, their pauses, and what cannot be said."""

from __future__ import annotations

import pytest
from parts_alone import kinds, speaking
from toy import clips, make_plan

from ivr.dialog.requests import Say
from ivr.errors import ClipError, PhraseNotFound
from ivr.trace.events import PromptSaid


def test_the_pause_behind_a_sentence_stands_before_the_next_one_only():
    made, _, outbox, _ = speaking()
    made.say(Say("greeting"), 1.0)
    made.say(Say("main"), 1.0)
    assert [event.pauses for event in kinds(outbox, PromptSaid)] == [(), (0.3,)]


def test_ids_of_another_stream_are_others():
    ids = set()
    for generation in (1, 2, 3):
        made, *_ = speaking(generation=generation)
        ids |= {made.say(Say("greeting"), 1.0), made.wait(1.0), made.apologise(1.0)}
    assert len(ids) == 9


def test_a_prompt_that_does_not_exist_is_refused():
    made, _, outbox, _ = speaking()
    with pytest.raises(PhraseNotFound):
        made.say(Say("nowhere"), 1.0)
    assert outbox.effects() == []


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({}, "slot 'amount': has no value; set it before the prompt is said"),
        ({"amount": "a lot"}, "slot 'amount': expected an amount of money such as 12.50"),
        ({"amount": 12}, ""),
    ],
)
def test_it_tells_why_a_value_cannot_be_said(values, why):
    made, _, outbox, _ = speaking()
    told = made.unsayable(Say("balance", values))
    assert told.startswith(why) and bool(told) == bool(why) and outbox.effects() == []


def test_a_clip_that_is_not_there_is_named(monkeypatch):
    plan = make_plan()
    without = {name: clip for name, clip in clips().items() if name != "main"}
    object.__setattr__(plan, "clips", without)
    made, *_ = speaking(plan)
    with pytest.raises(ClipError, match="main"):
        made.say(Say("main"), 1.0)
