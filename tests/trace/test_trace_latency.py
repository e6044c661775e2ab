import pytest

from ivr.trace.events import (
    FirstAudio,
    FirstFrame,
    PromptSaid,
    SynthesisFirstAudio,
    SynthesisStarted,
)
from ivr.trace.latency import UNKNOWN, VoiceWait, Wait, figures, grouped, histogram, waits
from ivr.trace.sound import SegmentStarted, Strategy


def begins(segment, strategy, at, utterance="u1"):
    return SegmentStarted(utterance, segment, strategy, "", False, 0, at, at)


def test_a_turn_has_the_prompt_the_provider_and_the_region_of_its_first_audio():
    turns, voices = waits(
        [
            PromptSaid("u1", "greeting", 1, (), 0.0),
            begins("u1.0", Strategy.SILENCE, 0.0),
            begins("u1.1", Strategy.CLIP, 0.0),
            FirstAudio("answer", "clip", 0.001, 0.0),
            FirstFrame(0.0005, 0.0),
            PromptSaid("u2", "balance", 1, (), 2.0),
            SynthesisStarted("u2.1", "x", True, 1, 2.0),
            SynthesisFirstAudio("u2.1", 0.0, 2.25, "http:tts", "eu"),
            begins("u2.1", Strategy.STREAM, 2.25, "u2"),
            FirstAudio("digit", "stream", 0.25, 2.25),
        ]
    )
    assert turns == [
        Wait(pytest.approx(0.0015), "clip", "greeting", "memory", ""),
        Wait(0.25, "stream", "balance", "http:tts", "eu"),
    ]
    assert voices == [VoiceWait(0.25, "http:tts", "eu")]


def test_a_second_attempt_is_waited_for_from_its_own_request():
    _, voices = waits(
        [
            SynthesisStarted("u1.1", "x", False, 1, 0.0),
            SynthesisStarted("u1.1", "x", False, 2, 1.0),
            SynthesisFirstAudio("u1.1", 0.0, 1.25, "a"),
            SynthesisFirstAudio("u1.1", 0.0, 1.5, "a"),
        ]
    )
    assert voices == [VoiceWait(0.25, "a", "")]


def test_what_earlier_releases_did_not_tell_is_unknown():
    turns, voices = waits(
        [
            SynthesisStarted("u1.1", "x", False, 1, 0.0),
            SynthesisFirstAudio("u1.1", 0.0, 0.5),
            begins("u1.1", Strategy.STREAM, 0.5),
            FirstAudio("answer", "stream", 0.5, 0.5),
            FirstAudio("digit", "fallback", 0.5, 9.0),
        ]
    )
    assert [(turn.provider, turn.prompt) for turn in turns] == [(UNKNOWN, ""), ("memory", "")]
    assert voices[0].provider == UNKNOWN


def test_groups_are_in_order_with_their_percentiles():
    found = grouped([("b", 2.0), ("a", 1.0), ("b", 4.0)])
    assert list(found) == ["a", "b"]
    assert (found["b"].count, found["b"].percentiles) == (2, {50: 2.0, 95: 4.0, 99: 4.0})
    assert figures([]).percentiles == {}


def test_an_edge_belongs_to_the_class_below_it():
    assert histogram([0.5, 1.0, 1.1, 9.0], (1.0, 2.0)) == [2, 1, 1]
    assert histogram([], (1.0,)) == [0, 0]
