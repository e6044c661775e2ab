"""The recorder by itself: bounds, why it is over, what it keeps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from talker import speech

from ivr.listening.events import SpeechEnded, SpeechStarted
from ivr.listening.gate import Sensitivity
from ivr.listening.hearing import Hearing
from ivr.listening.recorder import TAIL, Over, Recorder
from ivr.listening.webrtc import WebRtcDetector
from ivr.media.format import ALAW_8K, L16_8K, L16_12K, L16_16K, L16_24K, MULAW_8K, AudioFormat
from ivr.media.pcm import decode, encode
from ivr.media.wave import read_wav

FORMATS = [MULAW_8K, ALAW_8K, L16_8K, L16_12K, L16_16K, L16_24K]


def recorder(format: AudioFormat = MULAW_8K, **changes) -> Recorder:
    options = {"first": 5.0, "silence": 2.0, "longest": 10.0, "speaking": False, **changes}
    return Recorder(format, 0.0, **options)


def test_nobody_speaks():
    it = recorder()
    assert it.due == 5.0
    it.gap(4 * 8000)
    assert it.over is None
    it.gap(8000)
    assert it.over is Over.NOTHING
    assert it.recording() is None and it.due is None


def test_silence_behind_speech():
    it = recorder()
    it.speech(SpeechStarted(0.5))
    it.sound(bytes(3 * 8000))
    assert it.due == 10.0
    it.speech(SpeechEnded(2.4))
    assert it.due == pytest.approx(4.4)
    it.gap(12000)
    assert it.over is Over.SILENCE
    made = it.recording()
    assert made.seconds == 2.4 + TAIL
    assert made.spoken == pytest.approx(1.9)
    assert made.missing == 0.0  # none of what is left

    it = recorder()
    it.speech(SpeechStarted(0.5))
    it.sound(bytes(8000))
    it.gap(8000)
    it.sound(bytes(8000))
    it.end(Over.HANG_UP)
    assert it.recording().missing == 1.0


@given(pieces=st.lists(st.tuples(st.booleans(), st.integers(0, 30000)), max_size=30), format=st.sampled_from(FORMATS))
def test_it_never_holds_more_than_it_may(pieces, format):
    it = recorder(format, longest=2.0, speaking=True)
    came = 0
    for gap, count in pieces:
        came += count
        if gap:
            it.gap(count)
        else:
            it.sound(format.silence(count))
    made = it.recording()
    assert len(made.payload) == format.size(min(came, 2 * format.rate))
    assert (it.over is Over.LONGEST) == (came >= 2 * format.rate)


def test_nothing_is_taken_down_once_it_is_over():
    it = recorder(speaking=True)
    it.end(Over.KEY)
    it.sound(bytes(8000))
    it.gap(8000)
    it.speech(SpeechEnded(0.1))
    it.end(Over.HANG_UP)
    assert it.recording().ended == "key" and it.recording().seconds == 0


def test_a_key_without_a_tone_cuts_nothing():
    it = recorder(speaking=True)
    it.sound(encode(speech(1.0), MULAW_8K))
    it.end(Over.KEY)
    assert it.recording().seconds == 1.0


@pytest.mark.parametrize("format", FORMATS)
def test_its_wav_is_what_came_at_the_rate_of_its_format(format):
    sound = speech(0.5, format.rate)
    it = recorder(format, speaking=True)
    it.sound(encode(sound, format))
    it.end(Over.LONGEST)
    samples, rate = read_wav(it.recording().wav())
    assert rate == format.rate
    np.testing.assert_array_equal(samples, decode(encode(sound, format), format))


@pytest.mark.parametrize("format", FORMATS)
def test_speech_is_told_in_any_format_and_silence_by_the_clock(format):
    hearing = Hearing(format, 0.0, WebRtcDetector, Sensitivity(), clocked=False)
    sound, step = encode(speech(1.0, format.rate), format), format.size(format.frame)
    events = [
        event
        for n in range(50)
        for event in hearing.receive(sound[n * step : (n + 1) * step], 20 * n, 5.0 + 0.02 * n + 0.02)
    ]
    assert [type(event) for event in events] == [SpeechStarted]
    assert hearing.clock(events[0].at, 9.9) == pytest.approx(5.0, abs=0.05)
    due = hearing.next_timer()
    assert due == pytest.approx(6.8, abs=0.1)
    for _ in range(2):  # what the resampler held back may be a frame of speech
        events += hearing.handle_timer(hearing.next_timer() or due)
    assert hearing.clock(events[1].at, 9.9) == pytest.approx(6.0, abs=0.06)
    assert hearing.next_timer() is None
