"""The phrase that is said into the hold at intervals, in whole calls."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import clips, covers, drive, make_plan

from ivr.dialog.listen import Listen
from ivr.media.pcm import decode
from ivr.simulator.driver import Answer
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import BargedIn
from ivr.trace.report import turns
from ivr.trace.sound import SegmentEnded, SegmentStarted, Strategy

PHRASE = "still_there"
LENGTH = clips()[PHRASE].samples / 8000


async def score(line):
    """Says something, waits for a lookup, says what came."""
    await line.say("greeting")
    value = await (await line.run("bank.score", timeout=90.0))
    await line.say("rich", score=value)
    await line.hang_up()


def still(every=3.0, **changes):
    return covers(still=clips()[PHRASE], still_text="Are you there?", every=every, **changes)


def wait(seconds, dialog=score, made=None, **options):
    plan = make_plan(dialog, made if made is not None else still())
    return drive(plan, lookups={"bank.score": Answer(7, seconds)}, **options)


def kinds(run):
    return [event.strategy for event in run.of(SegmentStarted) if event.strategy is not Strategy.SILENCE]


def test_the_hold_makes_way_for_the_phrase_and_goes_on():
    run = wait(14.0)
    covered = kinds(run)[1:-2]
    assert covered[:4] == [Strategy.FILLER, Strategy.HOLD, Strategy.STILL, Strategy.HOLD]
    assert covered.count(Strategy.STILL) == 3
    begun = [event.sounds_at for event in run.of(SegmentStarted) if event.strategy is Strategy.STILL]
    for before, after in itertools.pairwise(begun):
        # the phrase itself, then so long without a word, then at most one message and one fade
        assert LENGTH + 3.0 <= after - before <= LENGTH + 3.3
    assert run.dead_air() == []
    assert "Are you there?" in turns(run.trace)[0].heard


@given(answer=st.floats(0.1, 20.0), every=st.floats(1.0, 6.0))
@settings(max_examples=15, deadline=None)
def test_no_answer_cuts_the_phrase_and_no_gap_is_heard(answer, every):
    run = wait(answer, made=still(every))
    said = [event.samples for event in run.of(SegmentEnded) if event.strategy is Strategy.STILL]
    assert all(samples == clips()[PHRASE].samples for samples in said)
    assert len(said) == kinds(run).count(Strategy.STILL)
    assert run.dead_air() == []
    assert kinds(run)[-2:] in ([Strategy.CLIP, Strategy.CLIP], [Strategy.STREAM, Strategy.CLIP])


def test_the_seconds_count_across_a_wait_and_late_words_behind_it():
    # two waits of 2 s each, one after the other: more than 3 s without a word in all
    async def dialog(line):
        for _ in range(2):
            await (await line.run("bank.score", timeout=90.0))
        await line.say("bye")
        await line.hang_up()

    assert Strategy.STILL in kinds(wait(2.2, dialog, still(3.0, filler=None)))
    assert Strategy.STILL not in kinds(wait(1.2, dialog, still(3.0, filler=None)))


def test_a_late_segment_is_covered_in_the_same_way():
    run = drive(make_plan(covers=still(2.0)), keys=[(2.5, "1")], voice=ScriptedVoice(first_audio=9.0), until=16.0)
    assert Strategy.STILL in kinds(run)
    assert run.dead_air() == []


def test_without_a_hold_loop_the_phrase_comes_all_the_same():
    run = wait(9.0, made=still(3.0, hold=None))
    assert [kind for kind in kinds(run) if kind in (Strategy.FILLER, Strategy.STILL)] == [
        Strategy.FILLER,
        Strategy.STILL,
        Strategy.STILL,
    ]


def test_patience_ends_it_and_a_project_without_the_phrase_has_none():
    run = wait(60.0, made=still(3.0, patience=9.0), until=30.0)
    begun = [event for event in run.of(SegmentStarted) if event.strategy is Strategy.STILL]
    assert len(begun) == 2 and max(event.at for event in begun) < 12.0
    assert Strategy.STILL not in kinds(wait(14.0, made=covers()))


def test_what_was_heard_of_it_is_in_the_ledger():
    async def dialog(line):
        handle = await line.run("bank.score", timeout=90.0)
        await line.say("rich", score=handle)
        await line.listen(Listen(first=9.0))
        await line.hang_up()

    run = wait(30.0, dialog, still(1.5), keys=[(6.0, "1")], until=20.0)
    assert "Are you there?" in run.of(BargedIn)[0].heard


def test_the_loop_is_faded_before_the_phrase():
    run = wait(8.0)
    begun = next(event for event in run.of(SegmentStarted) if event.strategy is Strategy.STILL)
    before = decode(run.sent, clips()[PHRASE].format)[begun.position - 40 : begun.position]
    assert np.max(np.abs(before)) < 0.02
    assert begun.text == "Are you there?" and not begun.private


@pytest.mark.parametrize("seconds", [0.05, 2.0])
def test_a_short_wait_has_none(seconds):
    assert Strategy.STILL not in kinds(wait(seconds))
