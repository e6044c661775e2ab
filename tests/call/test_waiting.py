"""What ends a wait for words to be heard, and when silence begins to count."""

from __future__ import annotations

import pytest
from toy import drive, make_plan

from ivr.testing.twilio import Faults
from ivr.trace.events import Listening
from ivr.trace.sound import SegmentStarted


def test_a_prompt_whose_mark_was_lost_was_heard_when_it_was_due():
    run = drive(faults=Faults(drop_marks=lambda name: True))
    assert run.of(Listening)[0].at == pytest.approx(2.48, abs=0.3)


def test_a_digit_ends_the_words_that_a_dialog_waits_to_be_heard():
    async def dialog(line):
        await line.say("greeting")
        await line.heard()
        await line.say("bye")
        await line.hang_up()

    run = drive(make_plan(dialog), keys=[(0.3, "5")], until=60)
    assert run.ended == "the dialog ended"
    assert "Good bye." in [event.text for event in run.of(SegmentStarted)]
