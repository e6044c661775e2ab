"""Recorded calls whose values were read back, again: what a trace does not tell must not change what the call does."""

import os
from decimal import Decimal

import pytest
from test_replay import record, written

from ivr.media.private import stand_in
from ivr.project.load import load
from ivr.project.starter import starter_root
from ivr.simulator.again import Verdict, again
from ivr.simulator.emulated import EMULATED
from ivr.testing.spliced import spliced
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import FragmentsReady
from ivr.trace.jsonl import unmasked
from ivr.trace.sound import SegmentStarted

LONG = Decimal("987654.32")


@pytest.fixture(scope="module")
def starter():
    return load(starter_root(), os.environ)


def strategies(events):
    return {event.strategy.value for event in events if isinstance(event, SegmentStarted)}


@pytest.mark.parametrize("mask", [stand_in, unmasked])
@pytest.mark.parametrize("gateway", EMULATED)
def test_values_from_fragments_are_the_same_again(starter, gateway, mask):
    project = spliced(starter, "fragments")
    events = record(project, gateway, answer=LONG)
    assert "fragments" in strategies(events) and "stream" not in strategies(events)
    found = again(project, *written(events, mask))
    assert found.differences == []
    assert (found.verdict, found.unanswered) == (Verdict.SAME, [])


@pytest.mark.parametrize("voice", [ScriptedVoice(0.05), ScriptedVoice(3.0), ScriptedVoice(0.05, dies_after=0.0)])
def test_and_so_is_the_choice_at_the_deadline(starter, voice):
    project = spliced(starter, "auto")
    events = record(project, answer=LONG, voice=voice)
    found = again(project, *written(events))
    assert found.differences == [] and found.verdict is Verdict.SAME
    assert strategies(found.today) == strategies(events)


def test_a_barge_in_into_fragments_is_the_same_again(starter):
    project = spliced(starter, "fragments")
    events = record(project, answer=LONG, pressed=((2.0, "1"), (6.0, "2"), (15.0, "9")))
    found = again(project, *written(events))
    assert found.differences == [] and found.verdict is Verdict.SAME


def test_without_the_lengths_a_stand_in_would_be_shorter(starter):
    project = spliced(starter, "fragments")
    events = record(project, answer=LONG)
    header, read = written(events)[:2]
    left_out = [event for event in read if not isinstance(event, FragmentsReady)]
    assert again(project, header, left_out).differences != []


def test_a_project_that_streams_today_is_another(starter):
    events = record(spliced(starter, "fragments"), answer=LONG)
    found = again(starter, *written(events))
    assert found.verdict is not Verdict.SAME
    assert any("fragments" in str(difference.recorded) for difference in found.differences)
