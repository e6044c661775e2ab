"""Speech and recordings over AudioSocket, where nothing that was sent can be taken back."""

from __future__ import annotations

import pytest
from audiosocket_toy import call, plan
from manners import seconds
from talker import KEPT, heeding, kept, speech

from ivr.testing.audiosocket_channel import Channel
from ivr.trace.events import BargedIn, CallerSilent, NoInput, RecordingEnded
from ivr.trace.sound import SegmentStarted

MENU = """\
  a: {say: [greeting, main], menu: {options: {1: b}, no_input: {limit: 0, goto: b}}}
  b: {say: bye, hang_up: yes}
"""
RECORD = """\
  a: {say: main, record: {as: message, silence: 2s, goto: b}}
  b: {lookup: {run: bank.keep, as: y, with: {x: message}}, say: bye, hang_up: yes}
"""
START = seconds("main") + 1.0


def run(states, at, prompts, *, sends_silence):
    return call(
        Channel(sends_silence=sends_silence),
        plan(8000, heeding(states, prompts)),
        lookups=KEPT,
        setup=lambda driver, far: driver.say(at, speech(1.5)),
    )


@pytest.mark.parametrize("sends_silence", [True, False])
def test_speech_interrupts_what_was_not_sent(sends_silence):
    made = run(MENU, 0.5, {"greeting": "any", "main": "any"}, sends_silence=sends_silence)
    (barge,) = made.of(BargedIn)
    assert barge.by == "speech" and 0.5 < barge.at < 0.75
    ended = made.of(CallerSilent)[0]
    assert made.of(NoInput)[0].at == pytest.approx(ended.since + 5.0)
    assert "Press one or two." not in [event.text for event in made.of(SegmentStarted)]


@pytest.mark.parametrize("sends_silence", [True, False])
def test_a_recording(sends_silence):
    made = run(RECORD, START, {}, sends_silence=sends_silence)
    (recording,) = kept(made)
    assert made.of(RecordingEnded)[0].why == "silence"
    assert recording.spoken == pytest.approx(1.5, abs=0.1)
    assert (recording.missing > 0.5) is not sends_silence
