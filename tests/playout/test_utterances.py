"""The queue of utterances: what is taken off it, and what comes before a segment."""

from __future__ import annotations

from tracked import ask, clip, say, track, utter

from ivr.playout.segments import PendingSegment, SilenceSegment, SpeechSegment


def test_drop_lets_a_clip_sound_to_its_end_and_takes_the_rest_off():
    made = track()
    utter(made, clip(), SpeechSegment("u1.2", "words"))
    utter(made, clip("u2.1"), id="u2")
    ask(made, 0.0, 0.0, 160)
    assert made.utterances.drop() == ["u1.2", "u2.1"]
    assert [ask(made, 0.0, 0.0), ask(made, 0.0, 0.0)] == [("clip", 640), None]
    assert [playing.utterance.id for playing in made.utterances.finish()] == ["u1", "u2"]


def test_drop_before_anything_sounds_takes_all():
    made = track()
    utter(made, clip(), clip("u1.2"))
    assert made.utterances.drop() == ["u1.1", "u1.2"]
    assert ask(made, 0.0, 0.0) is None


def test_drop_ends_a_hold_in_its_fade():
    made = track()
    utter(made, SpeechSegment("u1.1", "words"))
    say(made, 0.2, 0.0)
    assert made.utterances.drop() == ["u1.1"]
    assert say(made, 1.0, 1.0) == ["hold"]
    assert made.utterances.finish() != []


def test_clear_takes_everything_at_once():
    made = track()
    utter(made, clip(), clip("u1.2"))
    ask(made, 0.0, 0.0, 160)
    assert [playing.utterance.id for playing in made.track.clear()] == ["u1"]
    assert ask(made, 0.0, 0.0) is None


def test_only_what_has_not_begun_is_taken_back():
    made = track()
    for name in ("u1", "u2", "u3"):
        utter(made, clip(f"{name}.1"), id=name)
    ask(made, 0.0, 0.0, 160)
    assert [playing.utterance.id for playing in made.utterances.take_back({"u1", "u3"})] == ["u3"]
    assert [playing.utterance.id for playing in made.utterances.queue] == ["u1", "u2"]


def test_before_a_segment_comes_what_is_known_and_was_not_sent():
    made = track()
    utter(made, clip(), SilenceSegment("u1.2", 320), SpeechSegment("u1.3", "words"))
    utter(made, clip("u2.1"), id="u2")
    ask(made, 0.0, 0.0, 160)
    before = [made.utterances.samples_before(name) for name in ("u1.1", "u1.2", "u1.3", "u2.1")]
    assert before == [0, 640, 960, 960]  # of live words nobody knows how long they are


def test_a_segment_that_failed_and_its_fallback_phrase_are_a_falling_back():
    made = track()
    utter(made, SpeechSegment("u1.1", "words"))
    assert not made.utterances.falling_back
    made.utterances.find("u1.1").failed = True
    assert made.utterances.falling_back
    assert ask(made, 0.0, 0.0)[0] == "fallback"
    assert made.utterances.falling_back


def test_a_wait_is_not_saying():
    made = track()
    utter(made, PendingSegment("u1.wait"), wait=True)
    assert not made.utterances.saying
    utter(made, clip("u2.1"), id="u2")
    assert made.utterances.saying
