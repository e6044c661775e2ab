"""The voice gate: laws that hold for any sound and any cut, and what WebRTC's detector makes of known sounds."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from talker import pause, speech

from ivr.listening.events import SpeechEnded, SpeechStarted
from ivr.listening.gate import Sensitivity, VoiceGate
from ivr.listening.webrtc import WebRtcDetector
from ivr.media.g711 import mulaw_decode, mulaw_encode
from ivr.media.samples import Samples
from ivr.media.tones import dtmf, noise

RATE = 8000


class Loud:
    """Takes every frame that it is asked about for voice."""

    def __init__(self, rate: int = RATE, frame: int = 160) -> None:
        self.rate, self.frame, self.asked = rate, frame, 0

    def voiced(self, frame: bytes) -> bool:
        self.asked += 1
        assert len(frame) == 2 * self.frame
        return True


def told(sound: Samples, cuts=(), sensitivity: Sensitivity | None = None, detector=None):
    gate = VoiceGate(detector or WebRtcDetector(RATE), sensitivity or Sensitivity())
    return [event for part in np.split(sound, sorted(cuts)) for event in gate.push(part)]


STRETCHES = st.lists(st.tuples(st.sampled_from([0.0, 0.001, 0.3]), st.integers(1, 9000)), min_size=1, max_size=6)
CUTS = st.lists(st.integers(0, 20000), max_size=30)


def made(stretches) -> Samples:
    return np.concatenate([level * speech(2.0)[:count] for level, count in stretches])


@given(stretches=STRETCHES, cuts=CUTS)
def test_any_cut_gives_the_same_events(stretches, cuts):
    sound = made(stretches)
    assert told(sound, [min(cut, len(sound)) for cut in cuts]) == told(sound)


@given(stretches=STRETCHES)
def test_start_and_end_alternate_and_times_never_go_backwards(stretches):
    events = told(made(stretches))
    assert not events or isinstance(events[0], SpeechStarted)
    assert all(type(one) is not type(other) for one, other in pairwise(events))
    assert all(one.at <= other.at for one, other in pairwise(events))


@given(before=STRETCHES, gap=st.integers(0, 40000), after=STRETCHES)
def test_a_gap_is_the_same_as_silence(before, gap, after):
    ones, others = VoiceGate(WebRtcDetector(RATE)), VoiceGate(WebRtcDetector(RATE))
    first = ones.push(made(before)) + ones.gap(gap) + ones.push(made(after))
    second = others.push(made(before)) + others.push(np.zeros(gap, np.float32)) + others.push(made(after))
    assert first == second


@given(gap=st.integers(10**6, 10**12))
def test_a_gap_takes_no_time_however_long_it_is(gap):
    gate = VoiceGate(Loud())
    gate.push(speech(1.0))
    (ended,) = gate.gap(gap)
    assert ended == SpeechEnded(pytest.approx(1.0, abs=0.021))
    assert gate.push(speech(1.0))[0].at == pytest.approx(1.0 + gap / RATE, abs=0.021)


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("seconds", [0.010, 0.020, 0.030])
def test_frames_of_each_length_and_rate(rate, seconds):
    sound = np.concatenate([pause(0.5, rate), speech(1.0, rate), pause(1.0, rate)])
    started, ended = told(sound, detector=WebRtcDetector(rate, seconds))
    assert started.at == pytest.approx(0.5, abs=0.05)
    assert ended.at == pytest.approx(1.5, abs=0.1)


def test_frames_that_webrtc_does_not_take():
    with pytest.raises(ValueError, match="10, 20 and 30 ms"):
        WebRtcDetector(8000, 0.025)
    assert WebRtcDetector(24000).rate == 8000


def test_it_is_told_when_it_is_sure_and_with_the_instant_at_which_it_began():
    gate = VoiceGate(Loud(), Sensitivity(begin=0.120, end=0.600))
    sound = np.concatenate([pause(1.0), speech(1.0), pause(1.0)])
    at = [(n * 0.02 + 0.02, event) for n in range(150) for event in gate.push(sound[n * 160 : n * 160 + 160])]
    assert at[0] == (pytest.approx(1.12), SpeechStarted(1.0))
    assert at[1] == (pytest.approx(2.60), SpeechEnded(2.0))
    assert gate.due is None


def test_a_short_noise_begins_nothing_and_a_short_pause_ends_nothing():
    assert told(np.concatenate([pause(0.5), speech(0.08), pause(0.5)]), detector=Loud()) == []
    talks = np.concatenate([speech(0.5), pause(0.5), speech(0.5)])
    assert told(talks, detector=Loud()) == [SpeechStarted(0.0)]


def test_quiet_frames_never_reach_the_detector():
    detector = Loud()
    assert told(noise(8000, -58.0, 1), detector=detector) == []
    assert detector.asked == 0


def test_the_floor_is_higher_while_our_own_words_sound():
    echo = speech(1.0) * np.float32(10 ** ((-42 + 16) / 20))
    gate = VoiceGate(Loud())
    gate.over_words = True
    assert gate.push(echo) == []
    gate.over_words = False
    assert [type(event) for event in gate.push(echo)] == [SpeechStarted]


@pytest.mark.parametrize("over_the_line", [False, True])
def test_the_tones_of_keys_are_no_voice(over_the_line):
    keys = np.concatenate([np.concatenate([dtmf(key, 0.3, RATE), pause(0.1)]) for key in "1234567890*#ABCD"])
    heard = mulaw_decode(mulaw_encode(keys + noise(len(keys), -50.0, 2))) if over_the_line else keys
    assert told(heard) == []


def test_a_line_without_a_speaker():
    for level in (-70.0, -60.0, -52.0):
        assert told(noise(80000, level, 3)) == []
