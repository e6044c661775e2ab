"""What covers a segment that is late, and when it makes way."""

from __future__ import annotations

import pytest
from toy import clips
from tracked import MARGIN, ask, clip, push, say, track, utter

from ivr.playout.segments import ClipSegment, PendingSegment, SilenceSegment, SpeechSegment


def test_the_first_words_have_their_grace():
    made = track()
    utter(made, SpeechSegment("u1.1", "words"), now=5.0)
    assert ask(made, 5.0, 0.0) == pytest.approx(5.150)
    assert ask(made, 5.149, 0.0) == pytest.approx(5.150)
    assert ask(made, 5.150, 0.0)[0] == "filler"


def test_a_wait_without_a_sound_uses_up_the_grace_of_what_follows():
    made = track()
    utter(made, PendingSegment("u1.wait"), now=5.0, wait=True)
    assert ask(made, 5.0, 0.0) == pytest.approx(5.150)
    made.arrivals.replace("u1.wait", ())
    utter(made, SpeechSegment("u2.1", "words"), now=5.1, id="u2")
    assert ask(made, 5.1, 0.0) == pytest.approx(5.150)


def test_after_a_pause_between_turns_the_grace_is_whole_again():
    made = track()
    utter(made, clip(), now=5.0)
    say(made, 5.0, 5.0)
    made.utterances.finish()
    utter(made, SpeechSegment("u2.1", "words"), now=9.0, id="u2")
    assert ask(made, 9.0, 5.1) == pytest.approx(9.150)


def test_late_words_are_covered_by_filler_then_hold_and_begin_when_they_can():
    made = track()
    utter(made, clip(), SpeechSegment("u1.2", "words"))
    ask(made, 0.0, 0.0)
    assert say(made, 0.1, 0.1)[:2] == ["filler", "hold"]
    push(made, "u1.2", 1.0)
    assert ask(made, 2.0, 2.2)[0] == "hold"  # its fade
    assert say(made, 2.3, 2.3)[0] == "stream"


def test_a_filler_ends_at_its_end_though_the_words_are_there():
    made = track()
    utter(made, clip(), SpeechSegment("u1.2", "words"))
    ask(made, 0.0, 0.0)
    sent = ask(made, 0.1, 0.1)[1]
    assert sent > 0
    push(made, "u1.2", 1.0, finish=True)
    while (found := ask(made, 0.2, 0.25))[0] == "filler":
        sent += found[1]
    assert sent == clips()["one_moment"].samples
    assert found[0] == "stream"


def test_the_filler_is_said_once_in_an_utterance():
    made = track()
    utter(made, SpeechSegment("u1.1", "words"), SpeechSegment("u1.2", "more"))
    assert say(made, 0.2, 0.0)[0] == "filler"
    push(made, "u1.1", 1.0, finish=True)
    said = say(made, 2.0, 2.0)
    assert said[:3] == ["hold", "stream", "hold"]
    assert "filler" not in said


def test_without_covers_late_words_are_waited_for():
    made = track(with_covers=False)
    utter(made, SpeechSegment("u1.1", "words"))
    assert ask(made, 99.0, 0.0) is None
    push(made, "u1.1", 1.0)
    assert ask(made, 99.0, 0.0)[0] == "stream"


def test_the_cover_of_a_pending_segment_goes_on_until_its_words_can_begin():
    made = track()
    utter(made, PendingSegment("u1.1"))
    assert say(made, 0.2, 0.0)[:2] == ["filler", "hold"]
    made.arrivals.replace("u1.1", (SpeechSegment("u1.1", "words"),))
    assert ask(made, 3.0, 3.0)[0] == "hold"
    push(made, "u1.1", 1.0)
    assert say(made, 4.0, 4.0)[:2] == ["hold", "stream"]


def test_a_wait_that_is_over_ends_its_cover_and_says_nothing():
    made = track()
    utter(made, PendingSegment("u1.wait"), wait=True)
    say(made, 0.2, 0.0)
    made.arrivals.replace("u1.wait", ())
    assert say(made, 3.0, 3.0) == ["hold"]
    assert made.utterances.finish() != []
    assert made.utterances.queue == type(made.utterances.queue)()


@pytest.mark.parametrize("known", [clip("u1.1"), SilenceSegment("u1.1", 320)])
def test_a_hold_ends_at_once_when_what_it_covers_is_in_memory(known):
    made = track(filler=None, grace=0.0)
    utter(made, PendingSegment("u1.1"))
    assert ask(made, 0.0, 0.0) == ("hold", 800)
    made.arrivals.replace("u1.1", (known,))
    due, said = 0.1, []
    while not said or said[-1] == "hold":
        name, samples = ask(made, due - MARGIN, due)
        said.append(name)
        due += samples / 8000
    assert said == ["hold", "clip" if isinstance(known, ClipSegment) else "silence"]  # its last is the fade
