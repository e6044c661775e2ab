"""The track: what sounds next, asked by hand as playout would ask."""

from __future__ import annotations

from tracked import MARGIN, ask, clip, push, track, utter

from ivr.playout.segments import SilenceSegment, SpeechSegment


def test_segments_in_their_order_and_then_nothing():
    made = track()
    utter(made, clip(), SilenceSegment("u1.2", 320), clip("u1.3"))
    assert [ask(made, 0.0, 0.0) for _ in range(4)] == [("clip", 800), ("silence", 320), ("clip", 800), None]
    assert [playing.utterance.id for playing in made.utterances.finish()] == ["u1"]


def test_no_more_than_was_asked_for():
    made = track()
    utter(made, clip())
    assert [ask(made, 0.0, 0.0, 500) for _ in range(2)] == [("clip", 500), ("clip", 300)]


def test_speech_that_dries_up_ends_softly_and_is_covered():
    made = track()
    utter(made, SpeechSegment("u1.1", "words"))
    push(made, "u1.1", 0.5)
    due, found = 0.0, ask(made, 0.0, 0.0)
    said = []
    while isinstance(found, tuple) and found[0] == "stream":
        due += found[1] / 8000
        said.append(found)
        found = ask(made, due - MARGIN, due)
    assert found[0] == "filler"
    assert 0.4 < due <= 0.5
