"""Speech and recordings over Asterisk, whose callers send nothing while they are silent, in every format."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from asterisk_toy import FORMATS, call, plan
from manners import seconds, tables
from talker import KEPT, heeding, kept, speech

from ivr.media.pcm import decode, encode
from ivr.media.wave import read_wav
from ivr.testing.asterisk_channel import FORMATS as THEIRS
from ivr.testing.asterisk_channel import Channel
from ivr.trace.events import BargedIn, CallerSilent, CallerSpeaks, NoInput, RecordingEnded, RecordingStarted

MENU = """\
  a: {say: [greeting, main], menu: {options: {1: b}, no_input: {limit: 0, goto: b}}}
  b: {say: bye, hang_up: yes}
"""
RECORD = """\
  a: {say: main, record: {as: message, silence: 4s, goto: b}}
  b: {lookup: {run: bank.keep, as: y, with: {x: message}}, say: bye, hang_up: yes}
"""
START = seconds("main") + 1.0


def run(states, says, name="ulaw", prompts=None, **options):
    rate = THEIRS[name][0].rate
    channel = Channel(format=name, **options.pop("channel", {}))

    def setup(driver, far):
        for at, length in says:
            driver.say(at, speech(length, rate))

    return call(channel, plan(name, heeding(states, prompts or {})), lookups=KEPT, setup=setup, **options)


@pytest.mark.parametrize("name", FORMATS)
def test_speech_interrupts(name):
    made = run(MENU, [(0.5, 1.5)], name, {"greeting": "speech", "main": "speech"}, path_in=0.02, path_out=0.02)
    (barge,) = made.of(BargedIn)
    assert barge.by == "speech" and barge.at == made.of(CallerSpeaks)[0].at
    assert 0.5 < barge.at < 0.75
    assert len(made.far.cleared) == 1
    assert made.far.protocol_errors == []


@pytest.mark.parametrize("ptime", [0.010, 0.020, 0.030, 0.060])
def test_a_caller_who_sends_nothing_more_is_silent(ptime):
    made = run(MENU, [(0.5, 2.0)], prompts={"greeting": "any", "main": "any"}, channel={"caller_ptime": ptime})
    ended = made.of(CallerSilent)[0]
    assert ended.since == pytest.approx(2.5, abs=0.1)
    assert ended.at == pytest.approx(ended.since + 0.8, abs=0.1)
    assert made.of(NoInput)[0].at == pytest.approx(ended.since + 5.0)


@pytest.mark.parametrize("name", FORMATS)
def test_a_recording_has_the_silences_between(name):
    format = THEIRS[name][0]
    made = run(RECORD, [(START, 1.5), (START + 3.5, 1.0)], name)
    (recording,) = kept(made)
    assert made.of(RecordingEnded)[0].why == "silence"
    samples, rate = read_wav(recording.wav())
    assert rate == format.rate
    first = np.flatnonzero(np.abs(samples) > 0.01)[0] / rate
    assert made.of(RecordingStarted)[0].at + first == pytest.approx(START, abs=0.08)
    between = samples[round((first + 1.6) * rate) : round((first + 3.4) * rate)]
    assert np.max(np.abs(between)) < 0.01
    assert recording.spoken == pytest.approx(4.5, abs=0.15)
    assert recording.missing == pytest.approx(recording.seconds - 2.5, abs=0.05)
    if name != "g722":
        sent = decode(encode(speech(1.5, rate), format), format)
        at = round(first * rate)
        start = next(n for n in range(max(0, at - 200), at + 200) if np.array_equal(samples[n : n + 800], sent[:800]))
        np.testing.assert_array_equal(samples[start : start + len(sent)], sent)


def test_a_caller_who_hangs_up_by_closing_the_socket():
    keeps = """\
  keep: {lookup: {run: bank.keep, as: y, with: {x: message}}, goto: c}
  c: {hang_up: yes}
"""
    library = tables(f"dialog: main\nstart: a\non: {{hang_up: {{goto: keep}}}}\nstates:\n{keeps}{RECORD}")
    made = run(library, [(START, 5.0)], hang_up_at=START + 2.0)
    (recording,) = kept(made)
    assert recording.ended == "hang_up"
    assert recording.spoken == pytest.approx(2.0, abs=0.1)


def test_a_caller_who_says_nothing_at_all():
    made = run(RECORD, [])
    assert len(made.of(RecordingStarted)) == 3
    assert made.of(NoInput)[0].at == pytest.approx(made.of(RecordingStarted)[0].at + 5.0, abs=0.25)
    assert replace(made.of(RecordingEnded)[0], at=0.0).why == "nothing"
