"""Lookups that fail, are late or say nothing, and waits for them."""

from __future__ import annotations

import pytest
from parts_alone import kinds, lookups
from toy import clips, drive, make_plan, states, strategies

from ivr.call.effects import CancelLookup, Lookup, Origin
from ivr.dialog.requests import Run
from ivr.errors import LookupFailed
from ivr.simulator.driver import Answer
from ivr.testing.voices import ScriptedVoice
from ivr.trace.events import (
    LookupEnded,
    LookupStarted,
    StaleDropped,
)
from ivr.trace.sound import SegmentStarted, UtteranceHeard


def test_a_failed_lookup_takes_its_branch():
    run = drive(keys=[(2.5, "3")], lookups={"bank.news": Answer(error="no network", delay=0.5)})
    assert "no_news" in states(run)
    assert "no_news" in run.said()
    assert run.dead_air() == []


def test_a_failed_lookup_without_a_branch_is_said_as_the_fallback_and_the_call_goes_on():
    run = drive(keys=[(2.5, "1"), (9.0, "9")], lookups={"bank.balance": Answer(error="no network", delay=0.5)})
    assert strategies(run).count("fallback") == 1
    assert run.said()[-1] == "bye"
    assert run.dead_air() == []


def test_a_failed_lookup_that_the_dialog_awaits_is_raised_into_it():
    caught = []

    async def dialog(line):
        handle = await line.run("bank.score")
        try:
            await handle
        except LookupFailed as error:
            caught.append(str(error))
        with pytest.raises(LookupFailed):
            await handle
        await line.say("bye")

    run = drive(make_plan(dialog), lookups={"bank.score": Answer(error="it is gone", delay=0.5)})
    assert len(caught) == 1 and "it is gone" in caught[0]
    assert run.ended == "the dialog ended"


def test_a_lookup_that_takes_too_long_fails_once_and_its_late_value_is_not_used():
    run = drive(keys=[(2.5, "3")], lookups={"bank.news": Answer("late news", delay=6.0)})
    (ended,) = run.of(LookupEnded)
    assert (ended.outcome, ended.at) == ("timed out", pytest.approx(6.5))
    assert [effect.id for _, effect in run.done if isinstance(effect, CancelLookup)] == ["lookup1"]
    assert "no_news" in states(run)
    assert "late news" not in " ".join(event.text for event in run.of(SegmentStarted))


def test_a_late_value_that_comes_in_spite_of_its_cancel_is_dropped():
    run = drive(keys=[(2.5, "3")], lookups={"bank.news": Answer("late news", delay=30.0)}, until=8.0)
    assert not run.driver.call.ended
    run.driver.call.returned("lookup1", "late news", 8.0)
    assert [type(event) for event in run.driver.call.trace()][-1] is StaleDropped


def test_an_unknown_function_fails_at_once():
    run = drive(make_plan(functions=()), keys=[(2.5, "3"), (6.0, "2")])
    assert run.of(LookupEnded)[0].outcome == "failed"
    assert "bank.news" in run.of(LookupEnded)[0].detail
    assert [effect for _, effect in run.done if isinstance(effect, Lookup)] == []
    assert "no_news" in states(run)


def test_a_value_that_has_no_text_is_contained():
    class Silent:
        def __str__(self):
            raise RuntimeError("no words for it")

    run = drive(keys=[(2.5, "1"), (9.0, "9")], lookups={"bank.balance": Answer(Silent(), 0.2)})
    assert run.ended is not None


def test_a_value_that_cannot_be_said_becomes_the_fallback():
    run = drive(keys=[(2.5, "1"), (9.0, "9")], lookups={"bank.balance": Answer("no amount", 0.2)})
    assert "fallback" in strategies(run)
    assert run.said()[-1] == "bye"


def test_every_lookup_ends_exactly_once_however_it_ends():
    for delay, error in [(0.0, None), (0.3, "broken"), (5.0, None), (50.0, None)]:
        run = drive(keys=[(2.5, "3"), (8.0, "1"), (14.0, "2")], lookups={"bank.news": Answer("x", delay, error)})
        assert [e.lookup for e in run.of(LookupStarted)] == sorted({e.lookup for e in run.of(LookupEnded)})
        assert len(run.of(LookupStarted)) == len(run.of(LookupEnded))


@pytest.mark.parametrize("delay", [0.0, 0.1, 0.16, 0.3, 1.0, 4.0])
@pytest.mark.parametrize("first_audio", [0.14, 0.6])
def test_a_condition_that_waits_for_a_lookup_is_covered(delay, first_audio):
    voice = ScriptedVoice(first_audio=first_audio)
    run = drive(keys=[(2.5, "2"), (9.0, "9")], voice=voice, lookups={"bank.score": Answer(7, delay)})
    assert run.dead_air() == []
    assert "rich" in states(run)
    waited = delay + first_audio
    assert "filler" in strategies(run) or waited < 0.3
    assert "hold" in strategies(run) or waited < 1.2
    assert "filler" not in strategies(run) or waited > 0.1


def test_the_wait_of_a_dialog_that_said_something_before_is_covered():
    async def dialog(line):
        await line.say("greeting")
        await (await line.run("bank.score"))
        await line.say("bye")

    run = drive(make_plan(dialog), lookups={"bank.score": Answer(7, 4.0)})
    assert run.dead_air(0.22) == []  # two quiet edges stand beside the 150 ms of grace
    assert strategies(run) == ["clip", "filler", "hold", "clip"]


def test_waits_that_follow_each_other_are_covered_as_one():
    async def dialog(line):
        for _ in range(8):
            await (await line.run("bank.score"))
        await line.say("bye")

    run = drive(make_plan(dialog), lookups={"bank.score": Answer(7, 0.14)})
    assert run.dead_air() == []


def test_a_dialog_that_waits_until_its_words_were_heard():
    async def dialog(line):
        await line.say("greeting")
        await line.heard()
        await line.say("bye")

    run = drive(make_plan(dialog))
    first = run.of(UtteranceHeard)[0]
    assert first.at >= clips()["greeting"].samples / 8000 - 1e-6
    assert run.far.queue.samples == clips()["greeting"].samples + clips()["bye"].samples


# ---- by themselves


def test_a_lookup_is_an_effect_and_ends_once():
    made, outbox = lookups(find=len)
    handle = made.start(Run("find", None, ("abc",), {"k": 1}), 1.0)
    (effect,) = outbox.effects()
    assert effect == Lookup(Origin("c", "MZ1", 1), handle.id, "find", len, ("abc",), {"k": 1})
    assert made.result(handle) is None
    assert made.returned(handle.id, 3, 2.0) is handle
    assert made.returned(handle.id, 4, 2.1) is None
    assert made.failed(handle.id, "late", 2.2) is None
    assert made.overdue(99.0) == []
    result = made.result(handle)
    assert result is not None and (result.value, result.error) == (3, None)
    assert [type(event) for event in outbox.trace()] == [LookupStarted, LookupEnded, StaleDropped, StaleDropped]


def test_a_function_of_the_dialog_needs_no_name_in_the_project():
    made, outbox = lookups()
    made.start(Run("builtins.len", len), 1.0)
    assert [type(effect) for effect in outbox.effects()] == [Lookup]


def test_a_name_that_the_project_does_not_have_fails_at_once():
    made, outbox = lookups()
    handle = made.start(Run("nowhere", None), 1.0)
    assert outbox.effects() == []
    result = made.result(handle)
    assert result is not None and isinstance(result.error, LookupFailed)
    assert "nowhere" in str(result.error)
    assert made.next_timer() is None


def test_time_outs_are_each_lookups_own():
    made, outbox = lookups(find=len)
    slow, quick = made.start(Run("find", None, timeout=5.0), 1.0), made.start(Run("find", None, timeout=1.0), 1.0)
    assert made.next_timer() == 2.0
    assert made.overdue(1.999) == []
    assert made.overdue(2.0) == [quick]
    assert made.next_timer() == 6.0
    made.cancel_all(3.0)
    assert [effect.id for effect in outbox.effects() if isinstance(effect, CancelLookup)] == [quick.id, slow.id]
    assert [event.outcome for event in kinds(outbox, LookupEnded)] == ["timed out", "failed"]


@pytest.mark.parametrize("value", [10**5000, type("Mute", (), {"__str__": lambda self: 1 / 0})()], ids=["long", "mute"])
def test_a_value_without_a_text_is_a_value(value):
    made, outbox = lookups(find=len)
    handle = made.start(Run("find", None), 1.0)
    assert made.returned(handle.id, value, 2.0) is handle
    assert made.result(handle).value is value
    assert "type" in kinds(outbox, LookupEnded)[0].detail
