"""Time to first audio: which trigger is paired with which sound."""

from __future__ import annotations

import pytest
from parts_alone import kinds

from ivr.call.outbox import Outbox
from ivr.call.turns import Turns
from ivr.trace.events import FirstAudio, TurnStarted
from ivr.trace.sound import SegmentStarted, Strategy


def sounds(at: float, sounds_at: float, strategy: Strategy = Strategy.CLIP) -> SegmentStarted:
    return SegmentStarted("u1", "u1.1", strategy, "", False, 0, sounds_at, at)


def test_the_first_sound_after_a_trigger_is_timed_once():
    outbox = Outbox("c")
    turns = Turns(outbox)
    turns.begin("digit", 1.0)
    turns.see(sounds(1.0, 1.01, Strategy.SILENCE))
    turns.see(sounds(1.1, 1.25))
    turns.see(sounds(1.2, 1.5))
    (first,) = kinds(outbox, FirstAudio)
    assert (first.trigger, first.ttfa) == ("digit", pytest.approx(0.25))


def test_a_value_does_not_hide_the_digit_that_the_caller_waits_since():
    outbox = Outbox("c")
    turns = Turns(outbox)
    turns.begin("digit", 1.0)
    turns.begin("value", 2.0)
    turns.see(sounds(2.0, 2.0))
    turns.begin("value", 3.0)
    assert [event.trigger for event in kinds(outbox, TurnStarted)] == ["digit", "value"]
