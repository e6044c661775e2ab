"""Words that no question follows, and what a dialog may raise."""

from __future__ import annotations

import asyncio

import pytest
from toy import drive, make_plan

from ivr.trace.sound import SegmentStarted


def test_goodbye_is_said_though_a_digit_too_many_was_typed():
    async def dialog(line):
        await line.say("legal")
        await line.ask()
        await line.say("bye")
        await line.hang_up()

    run = drive(make_plan(dialog), keys=[(0.3, "9"), (0.4, "9")])
    assert "Good bye." in [e.text for e in run.of(SegmentStarted)]


@pytest.mark.parametrize("error", [asyncio.CancelledError, SystemExit, GeneratorExit])
def test_a_dialog_that_raises_no_exception_but_a_base_exception_is_contained(error):
    async def dialog(line):
        await line.say("greeting")
        raise error

    assert drive(make_plan(dialog)).ended == "the dialog failed"
