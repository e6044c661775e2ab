"""What is said in the place of words that are late or failed: the fallback phrase, or fragments."""

from __future__ import annotations

import pytest
from toy import make_tone
from tracked import MARGIN, Tracked, ask, clip, push, say, track, utter

from ivr.playout.segments import PendingSegment, SpeechSegment
from ivr.trace.sound import FragmentsTaken

READ = make_tone(0.2)


def test_after_the_callers_patience_the_fallback_is_said():
    made = track(patience=5.0)
    utter(made, SpeechSegment("u1.1", "words"), clip("u1.2"))
    say(made, 0.15, 0.0)
    assert say(made, 5.16, 5.16) == ["hold", "fallback", "clip"]
    assert [gone.segment for gone in made.track.decided] == ["u1.1"]


def test_what_failed_is_replaced_by_the_fallback():
    made = track()
    utter(made, SpeechSegment("u1.1", "words"), clip("u1.2"))
    made.utterances.find("u1.1").failed = True
    assert say(made, 0.0, 0.0) == ["fallback", "clip"]


def test_what_failed_without_a_fallback_is_left_out():
    made = track(with_covers=False)
    utter(made, SpeechSegment("u1.1", "words"), clip("u1.2"))
    made.utterances.find("u1.1").failed = True
    assert say(made, 0.0, 0.0) == ["clip"]


def read_back(name="u1.1", private=True) -> SpeechSegment:
    return SpeechSegment(name, "five dollars", private, "", READ)


def taken(made: Tracked) -> list[tuple[str, str]]:
    return [(event.segment, event.why) for event in made.track.decided if isinstance(event, FragmentsTaken)]


def test_fragments_sound_where_the_words_would_have_been_covered():
    made = track()
    utter(made, clip(), read_back("u1.2"))
    assert ask(made, 0.0, 0.0) == ("clip", 800)
    assert ask(made, 0.0, 0.3) == pytest.approx(0.2)
    found = made.track.next_span(0.2, 0.3, 800)
    assert (found[0].source.strategy.value, found[1].clip) == ("fragments", READ)
    assert found[0].words(None) == ("five dollars", True)
    assert taken(made) == [("u1.2", "it was not there when it was due")]


def test_words_that_are_in_time_sound_and_no_fragments():
    made = track()
    utter(made, clip(), read_back("u1.2"))
    ask(made, 0.0, 0.0)
    push(made, "u1.2", 1.0)
    assert ask(made, 0.2, 0.3)[0] == "stream"
    assert taken(made) == []


def test_fragments_wait_out_the_grace_and_no_longer():
    made = track()
    utter(made, read_back(), now=5.0)
    assert ask(made, 5.0, 0.0) == pytest.approx(5.150)
    assert ask(made, 5.150, 0.0) == ("fragments", 800)


def test_without_covers_fragments_stand_in_all_the_same():
    made = track(with_covers=False)
    utter(made, read_back(), now=5.0)
    assert ask(made, 5.0, 0.0) == ("fragments", 800)


def test_fragments_follow_a_hold_at_its_fade():
    made = track(filler=None, grace=0.0)
    utter(made, PendingSegment("u1.1"))
    ask(made, 0.0, 0.0)
    made.arrivals.replace("u1.1", (read_back(),))
    assert say(made, 0.1 - MARGIN, 0.1) == ["hold", "fragments"]


def test_fragments_follow_a_filler_at_its_end_and_nothing_more_is_said_for_them():
    made = track(grace=0.0)
    utter(made, PendingSegment("u1.1"))
    ask(made, 0.0, 0.0)
    made.arrivals.replace("u1.1", (read_back(),))
    assert say(made, 0.1 - MARGIN, 0.1) == ["filler", "fragments"]


def test_words_that_failed_are_said_by_fragments_and_the_fallback_is_not():
    made = track()
    utter(made, read_back(), now=5.0)
    made.utterances.find("u1.1").failed = True
    assert ask(made, 5.0, 5.0) == ("fragments", 800)
    assert taken(made) == [("u1.1", "it failed")]


def test_words_that_broke_off_are_not_said_again_by_fragments():
    made = track()
    utter(made, read_back())
    push(made, "u1.1", 0.4)
    assert ask(made, 0.1, 0.1, 2400)[0] == "stream"
    said = say(made, 0.35, 0.4)
    assert said[:2] == ["stream", "filler"] and "fragments" not in said
    made.utterances.find("u1.1").failed = True
    assert "fragments" not in say(made, 4.0, 4.1)
    assert taken(made) == []


def two_values(made: Tracked) -> None:
    utter(made, read_back("u1.1"), clip("u1.2"), read_back("u1.3"))


def test_where_fragments_said_one_value_they_say_those_after_it_though_the_voice_is_there():
    made = track(grace=0.0)
    two_values(made)
    push(made, "u1.3", 1.0, finish=True)
    assert say(made, 0.0, 0.0) == ["fragments", "clip", "fragments"]
    other = "another value of the sentence is said from fragments"
    assert taken(made) == [("u1.1", "it was not there when it was due"), ("u1.3", other)]


def test_the_voice_begins_no_sentence_whose_other_values_it_does_not_have():
    made = track(grace=0.0)
    two_values(made)
    push(made, "u1.1", 1.0, finish=True)
    assert say(made, 0.0, 0.0) == ["fragments", "clip", "fragments"]
    assert taken(made)[0] == ("u1.1", "another value of the sentence was not there")


def test_the_voice_says_all_values_that_it_has():
    made = track(grace=0.0)
    two_values(made)
    push(made, "u1.1", 0.5, finish=True)
    push(made, "u1.3", 0.5, finish=True)
    assert say(made, 0.0, 0.0) == ["stream", "clip", "stream"]
    assert taken(made) == []


def test_of_two_utterances_each_has_its_own_choice():
    made = track(grace=0.0)
    utter(made, read_back("u1.1"))
    utter(made, read_back("u2.1"), id="u2")
    push(made, "u2.1", 0.5, finish=True)
    assert say(made, 0.0, 0.0) == ["fragments", "stream"]


def said_by_the_voice(**changes) -> Tracked:
    """The first value was said by the voice when the second came to be known."""
    made = track(grace=0.0, **changes)
    utter(made, read_back("u1.1"), PendingSegment("u1.2"))
    push(made, "u1.1", 0.2, finish=True)
    assert ask(made, 0.0, 0.0, 2400)[0] == "stream"
    made.arrivals.replace("u1.2", (read_back("u1.2"),))
    return made


def test_a_value_that_is_known_after_the_voice_began_is_waited_for_under_covers():
    made = said_by_the_voice()
    assert say(made, 0.15, 0.3) == ["filler", "hold"]
    push(made, "u1.2", 0.5, finish=True)
    assert say(made, 3.3, 3.4) == ["hold", "stream"]
    assert taken(made) == []


@pytest.mark.parametrize(
    ("changes", "fails", "why"),
    [
        ({}, True, "it failed"),
        ({"patience": 0.5}, False, "it took longer than the caller's patience"),
        ({"filler": None, "hold": None}, False, "nothing covers the wait for it"),
    ],
)
def test_and_is_not_lost_where_the_voice_never_says_it(changes, fails, why):
    made = said_by_the_voice(**changes)
    made.utterances.find("u1.2").failed = fails
    assert say(made, 0.15, 0.3)[-1] == "fragments"
    assert taken(made) == [("u1.2", why)]
