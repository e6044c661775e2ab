"""What a segment sounds with, and whether the voice has enough in hand to begin."""

from __future__ import annotations

import pytest
from tracked import SHORT, ask, clip, push, say, track, utter

from ivr.playout.readiness import START_BUFFER
from ivr.playout.segments import ClipSegment, SilenceSegment, SpeechSegment
from ivr.trace.sound import Strategy


def test_planned_silence_is_silent():
    made = track()
    utter(made, SilenceSegment("u1.1", 320))
    _, span = made.track.next_span(0.0, 0.0, 800)
    assert span.payload == b"\xff" * 320


def test_speech_that_comes_in_time_is_not_covered():
    made = track()
    utter(made, clip(), SpeechSegment("u1.2", "words"))
    assert ask(made, 0.0, 0.0) == ("clip", 800)
    assert ask(made, 0.0, 0.3) == pytest.approx(0.2)
    push(made, "u1.2", 1.0)
    assert ask(made, 0.1, 0.3) == pytest.approx(0.2)
    assert ask(made, 0.2, 0.3)[0] == "stream"


def test_speech_that_is_all_there_begins_at_once():
    made = track()
    utter(made, SpeechSegment("u1.1", "words"))
    push(made, "u1.1", 0.5, finish=True)
    assert ask(made, 0.0, 5.0)[0] == "stream"


def test_speech_does_not_begin_with_less_than_its_buffer():
    made = track()
    utter(made, clip(), SpeechSegment("u1.2", "words"))
    ask(made, 0.0, 0.0)
    push(made, "u1.2", START_BUFFER - 0.02)
    assert ask(made, 0.15, 0.2)[0] == "filler"


def test_speech_that_dried_up_begins_again_only_when_it_reaches_further():
    made = track(hold=None)
    utter(made, SpeechSegment("u1.1", "words"))
    push(made, "u1.1", 0.5)
    say(made, 1.0, 0.0)
    assert made.utterances.find("u1.1").broke_at > 0
    push(made, "u1.1", START_BUFFER / 2)
    assert ask(made, 2.0, 2.0) is not None and not isinstance(ask(made, 2.0, 2.0), tuple)
    push(made, "u1.1", 2 * START_BUFFER)
    assert ask(made, 2.0, 2.0)[0] == "stream"


def test_strategies_of_clips_are_kept():
    made = track()
    utter(made, ClipSegment("u1.1", SHORT, "x", Strategy.CACHED))
    assert ask(made, 0.0, 0.0)[0] == "cached"
