"""What comes for segments after they were queued: words, and a voice that is asked again."""

from __future__ import annotations

from tracked import SHORT, ask, clip, push, say, track, utter

from ivr.playout.segments import ClipSegment, PendingSegment, SilenceSegment, SpeechSegment
from ivr.testing.voices import babble


def test_a_pending_segment_becomes_words():
    made = track()
    utter(made, PendingSegment("u1.1"), clip("u1.2"))
    made.arrivals.replace("u1.1", (ClipSegment("u1.1", SHORT, "known"),))
    assert say(made, 0.0, 0.0) == ["clip"]
    assert made.utterances.finish() != []


def test_a_pending_segment_may_become_several():
    made = track()
    utter(made, PendingSegment("u1.1"))
    made.arrivals.replace("u1.1", (clip("a"), SilenceSegment("b", 160), clip("c")))
    assert say(made, 0.0, 0.0) == ["clip", "silence", "clip"]


def test_replacing_what_is_gone_does_nothing():
    made = track()
    made.arrivals.replace("u9.9", (clip(),))
    assert ask(made, 0.0, 0.0) is None
    assert made.arrivals.again("u9.9") is None


def test_a_new_synthesis_takes_the_place_of_one_that_failed_before_it_sounded():
    made = track()
    utter(made, SpeechSegment("u1.1", "words"))
    first = made.utterances.find("u1.1").live
    second = made.arrivals.again("u1.1")
    assert second is made.utterances.find("u1.1").live is not first


def test_a_new_synthesis_waits_while_the_first_still_sounds():
    made = track()
    utter(made, SpeechSegment("u1.1", "words"))
    push(made, "u1.1", 0.5)
    assert ask(made, 0.0, 0.0)[0] == "stream"
    first = made.utterances.find("u1.1").live
    second = made.arrivals.again("u1.1")
    assert made.utterances.find("u1.1").live is first
    assert made.utterances.find("u1.1").retry is second
    say(made, 1.0, 0.0)
    assert made.utterances.find("u1.1").live is second


def test_what_failed_for_good_is_not_asked_for_again():
    made = track()
    utter(made, SpeechSegment("u1.1", "words"))
    made.utterances.find("u1.1").failed = True
    assert made.arrivals.again("u1.1") is None


def test_audio_goes_to_the_synthesis_that_was_asked_for_last():
    made = track()
    utter(made, SpeechSegment("u1.1", "words"))
    push(made, "u1.1", 0.5)
    ask(made, 0.0, 0.0)
    retry = made.arrivals.again("u1.1")
    slot = made.arrivals.push("u1.1", babble("words"), 22050, ())
    assert slot is made.utterances.find("u1.1")
    made.arrivals.finished("u1.1")
    assert (retry.finished, slot.live.finished, slot.failed) == (True, False, False)


def test_what_failed_takes_no_more_audio_and_says_why():
    made = track()
    utter(made, SpeechSegment("u1.1", "words"), SpeechSegment("u1.2", "words"))
    made.arrivals.failed("u1.1", "it broke off")
    made.arrivals.failed("u1.2", None)
    assert made.arrivals.push("u1.1", babble("words"), 22050, ()) is None
    assert [made.utterances.find(name).why for name in ("u1.1", "u1.2")] == ["it broke off", "it failed"]
