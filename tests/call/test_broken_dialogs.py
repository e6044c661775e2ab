"""Dialogs that are wrong: the fallback is said, and the call ends."""

from __future__ import annotations

import asyncio

import pytest
from toy import clips, drive, make_plan, strategies

from ivr.call.effects import CancelLookup, Close
from ivr.simulator.driver import Answer
from ivr.trace.events import (
    CallEnded,
    DialogFailed,
    LookupEnded,
)
from ivr.trace.sound import SegmentStarted


async def _raises(line):
    await line.say("greeting")
    raise ValueError("my own mistake")


async def _never_waits(line):
    while True:
        await line.say("greeting")


async def _foreign(line):
    await line.say("greeting")
    await asyncio.sleep(1)


class _Foreign:
    def __await__(self):
        yield "something"


async def _unknown_request(line):
    await line.say("greeting")
    await _Foreign()


async def _stubborn(line):
    await line.say("greeting")
    for _ in range(2):  # as often as it is closed, and not when it is collected
        try:
            await _Foreign()
        except GeneratorExit:
            pass


async def _no_such_prompt(line):
    await line.say("nowhere")


BROKEN = [_raises, _never_waits, _foreign, _unknown_request, _stubborn, _no_such_prompt]


@pytest.mark.parametrize("dialog", BROKEN)
def test_a_broken_dialog_says_the_fallback_and_ends(dialog):
    run = drive(make_plan(dialog), until=60)
    (failed,) = run.of(DialogFailed)
    assert failed.error and failed.detail
    assert strategies(run)[-1] == "fallback"
    assert run.ended == "the dialog failed"
    assert run.far.heard.played_samples(run.far.closed_at) == run.far.queue.samples


@pytest.mark.parametrize("dialog", [_raises, _foreign, _stubborn])
def test_a_broken_dialog_without_covers_ends(dialog):
    run = drive(make_plan(dialog, None), until=60)
    assert run.ended == "the dialog failed"


@pytest.mark.parametrize("at", [0.2, 0.9, 1.2])
def test_the_fallback_of_a_broken_dialog_is_not_interrupted(at):
    run = drive(make_plan(_raises), keys=[(at, "1")], until=60)
    texts = [event.text for event in run.of(SegmentStarted)]
    assert texts[-1] == "I am sorry."
    assert run.ended == "the dialog failed"
    assert run.far.heard.played_samples(run.far.closed_at) >= clips()["sorry"].samples
    cut = sum(samples for _, samples in run.far.cleared)
    assert run.far.queue.samples - cut >= clips()["sorry"].samples


def test_a_dialog_that_swallows_the_hang_up_cannot_keep_the_call():
    async def dialog(line):
        await line.say("greeting")
        for _ in range(2):
            try:
                await line.ask()
            except BaseException:
                pass

    run = drive(make_plan(dialog), hang_up_at=0.5)
    assert isinstance(run.trace[-1], CallEnded)
    assert isinstance(run.done[-1][1], Close)


def test_a_dialog_that_fails_while_a_lookup_runs_ends_the_lookup():
    async def dialog(line):
        await line.run("bank.score")
        raise ValueError("too bad")

    run = drive(make_plan(dialog), lookups={"bank.score": Answer(7, 60.0)})
    assert [event.outcome for event in run.of(LookupEnded)] == ["failed"]
    assert len([1 for _, effect in run.done if isinstance(effect, CancelLookup)]) == 1


def test_a_dialog_that_just_returns_ends_the_call_when_its_words_were_heard():
    async def dialog(line):
        await line.say("bye")

    run = drive(make_plan(dialog))
    assert run.ended == "the dialog ended"
    assert run.far.heard.played_samples(run.far.closed_at) == clips()["bye"].samples


def test_a_dialog_that_says_nothing_ends_at_once():
    async def dialog(line):
        pass

    run = drive(make_plan(dialog))
    assert run.ended == "the dialog ended"
    assert run.driver.now == 0.0
