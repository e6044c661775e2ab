"""Covers that a state names, from the project's files to a call."""

from __future__ import annotations

import pytest
from toy import drive

from ivr.call.plan import plan_calls
from ivr.errors import ProjectError
from ivr.gateways.twilio import TWILIO
from ivr.simulator.driver import Answer
from ivr.simulator.scenario.file import read_scenario
from ivr.trace.events import CoverChosen, DialogFailed
from ivr.trace.sound import SegmentStarted, Strategy

COVER = "cover: {filler: looking, still: working, every: 1s, hold: waltz}"


@pytest.fixture
def covered(little):
    phrases = 'phrases:\n  looking: I am looking.\n  working: "Still, working."\n  waltz: {sound: music.wav}'
    little.replace("prompts/phrases/en-US.yaml", "phrases:", phrases)
    little.replace("prompts/dialogs/main.yaml", "    say: [", f"    {COVER}\n    say: [")
    return little


def test_its_phrases_are_rendered_and_heard(covered, voice):
    report = covered.render(voice)
    assert {"looking", "working"} <= set(report.rendered) and "waltz" in report.entered
    plan = plan_calls(covered.load(clips=True), TWILIO, provider="scripted")
    run = drive(plan, lookups={"shop.left": Answer(5, 6.0)})
    assert run.of(DialogFailed) == []
    assert [event.cover for event in run.of(CoverChosen)] == ["filler looking, hold waltz, still working, every 1 s"]
    covers = [(event.strategy, event.text) for event in run.of(SegmentStarted)]
    assert (Strategy.FILLER, "I am looking.") in covers and (Strategy.STILL, "Still, working.") in covers
    assert run.dead_air() == []


def test_what_is_named_and_missing_is_told_in_any_case(covered):
    covered.replace("prompts/dialogs/main.yaml", "waltz", "walz")
    covered.replace("prompts/ivr.yaml", "cover: {", "cover: {enabled: no, ")
    with pytest.raises(ProjectError) as error:
        covered.load()
    (problem,) = error.value.problems
    assert (problem.code, problem.line, problem.column) == ("no-phrase", 6, 63)
    assert str(problem).endswith("which is to be the hold, did you mean 'waltz'?")


def test_a_clip_that_was_not_rendered_is_told(covered, voice):
    covered.render(voice)
    (covered.root / "audio/looking.wav").unlink()
    with pytest.raises(ProjectError, match="looking"):
        covered.load(clips=True)


def test_covers_that_are_switched_off_are_off_in_states_too(covered, voice):
    covered.render(voice)
    covered.replace("prompts/ivr.yaml", "cover: {", "cover: {enabled: no, ")
    plan = plan_calls(covered.load(clips=True), TWILIO, provider="scripted")
    run = drive(plan, lookups={"shop.left": Answer(5, 6.0)})
    assert {event.strategy for event in run.of(SegmentStarted)} == {Strategy.CLIP, Strategy.STREAM, Strategy.SILENCE}


@pytest.mark.parametrize(("state", "words"), [("hold: waltz", "Sorry."), ("fallback: looking", "I am looking.")])
def test_what_has_failed_is_replaced_where_covers_are_switched_off(covered, voice, state, words):
    covered.render(voice)
    covered.replace("prompts/ivr.yaml", "cover: {", "cover: {enabled: no, ")
    covered.replace("prompts/dialogs/main.yaml", COVER, f"cover: {{{state}, grace: 10 ms, patience: 1s}}")
    plan = plan_calls(covered.load(clips=True), TWILIO, provider="scripted")
    run = drive(plan, lookups={"shop.left": Answer("many", 6.0)})
    said = [(event.strategy, event.text) for event in run.of(SegmentStarted) if event.strategy is not Strategy.SILENCE]
    assert said == [
        (Strategy.CLIP, "Hello."),
        (Strategy.CLIP, "You have,"),
        (Strategy.FALLBACK, words),
        (Strategy.CLIP, "left."),
    ]
    assert run.of(DialogFailed) == []


def test_where_there_is_no_fallback_phrase_nothing_is(covered, voice):
    covered.render(voice)
    covered.replace("prompts/ivr.yaml", "cover: {", "cover: {enabled: no, ")
    covered.replace("prompts/ivr.yaml", "fallback: sorry", "fallback: sum")
    plan = plan_calls(covered.load(clips=True), TWILIO, provider="scripted")
    assert plan.covers.fallback is None and not plan.covers.enabled


@pytest.mark.parametrize("python", [False, True])
def test_a_scenario_may_wait_for_a_cover_that_only_a_state_has(covered, python):
    text = "lookups: {shop.left: {value: 1}}\nsteps:\n  - strategy: still\n"

    def told():
        return [str(each) for each in read_scenario(text, "calls/x.yaml", covered.load())[1]]

    assert told() == []
    covered.replace("prompts/dialogs/main.yaml", COVER, "cover: {hold: waltz}")
    (problem,) = told()
    assert problem.endswith("it can never hold: the project has no still, set cover.still, or remove it")
    if python:
        covered.write("prompts/talk.py", "async def talk(call):\n    pass\n")
        assert len(told()) == 1  # it may be a lookup
        covered.replace("prompts/dialogs/main.yaml", "    hang_up: yes", "    dialog: {run: talk.talk, goto: top}")
        assert told() == []
