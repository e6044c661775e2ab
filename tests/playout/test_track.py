"""The track: what sounds next, asked by hand as playout would ask."""

from __future__ import annotations

import numpy as np
import pytest
from toy import clips, covers, make_tone

from ivr.media.format import MULAW_8K
from ivr.playout.live import LiveSpeech
from ivr.playout.segments import ClipSegment, PendingSegment, SilenceSegment, SpeechSegment, Utterance
from ivr.playout.track import START_BUFFER, Track
from ivr.testing.voices import babble
from ivr.trace.sound import FragmentsTaken, Strategy

MARGIN = 0.1
SHORT = make_tone(0.1, "short")


def track(with_covers=True, **changes) -> Track:
    made = covers(**changes) if with_covers else None
    return Track(MULAW_8K, made, lambda voice: LiveSpeech(MULAW_8K, -20.0, 0.0), MARGIN, 800)


def clip(name="u1.1") -> ClipSegment:
    return ClipSegment(name, SHORT, "short")


def utter(track: Track, *segments, now=0.0, id="u1", wait=False) -> None:
    track.enqueue(Utterance(id, segments, wait=wait), now)


def ask(track: Track, now: float, due: float, most: int = 800):
    """(strategy, samples) of what comes next, or when to ask again."""
    found = track.next_span(now, due, most)
    if found:
        found[0].playing.started = True  # as playout notes it
    return (found[0].source.strategy.value, found[1].samples) if found else track.decide_at


def say(track: Track, now: float, due: float) -> list[str]:
    """The strategies of what sounds in the next three seconds, asked for just before it is due."""
    said, until = [], now + 3.0
    while due < until and isinstance(found := ask(track, max(now, due - MARGIN), due), tuple):
        if not said or said[-1] != found[0]:
            said.append(found[0])
        due += found[1] / 8000
    return said


def push(track: Track, segment: str, seconds: float, finish=False) -> None:
    live = track.find(segment).live
    live.push(np.resize(babble("abcdefgh"), round(22050 * seconds)), 22050)
    if finish:
        live.finish()


def test_segments_in_their_order_and_then_nothing():
    made = track()
    utter(made, clip(), SilenceSegment("u1.2", 320), clip("u1.3"))
    assert [ask(made, 0.0, 0.0) for _ in range(4)] == [("clip", 800), ("silence", 320), ("clip", 800), None]
    assert [playing.utterance.id for playing in made.finish_utterances()] == ["u1"]


def test_no_more_than_was_asked_for():
    made = track()
    utter(made, clip())
    assert [ask(made, 0.0, 0.0, 500) for _ in range(2)] == [("clip", 500), ("clip", 300)]


def test_planned_silence_is_silent():
    made = track()
    utter(made, SilenceSegment("u1.1", 320))
    _, span = made.next_span(0.0, 0.0, 800)
    assert span.payload == b"\xff" * 320


def test_speech_that_comes_in_time_is_not_covered():
    made = track()
    utter(made, clip(), SpeechSegment("u1.2", "words"))
    assert ask(made, 0.0, 0.0) == ("clip", 800)
    assert ask(made, 0.0, 0.3) == pytest.approx(0.2)
    push(made, "u1.2", 1.0)
    assert ask(made, 0.1, 0.3) == pytest.approx(0.2)
    assert ask(made, 0.2, 0.3)[0] == "stream"


def test_speech_that_is_all_there_begins_at_once():
    made = track()
    utter(made, SpeechSegment("u1.1", "words"))
    push(made, "u1.1", 0.5, finish=True)
    assert ask(made, 0.0, 5.0)[0] == "stream"


def test_speech_does_not_begin_with_less_than_its_buffer():
    made = track()
    utter(made, clip(), SpeechSegment("u1.2", "words"))
    ask(made, 0.0, 0.0)
    push(made, "u1.2", START_BUFFER - 0.02)
    assert ask(made, 0.15, 0.2)[0] == "filler"


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
    made.replace("u1.wait", ())
    utter(made, SpeechSegment("u2.1", "words"), now=5.1, id="u2")
    assert ask(made, 5.1, 0.0) == pytest.approx(5.150)


def test_after_a_pause_between_turns_the_grace_is_whole_again():
    made = track()
    utter(made, clip(), now=5.0)
    say(made, 5.0, 5.0)
    made.finish_utterances()
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


def test_after_the_callers_patience_the_fallback_is_said():
    made = track(patience=5.0)
    utter(made, SpeechSegment("u1.1", "words"), clip("u1.2"))
    say(made, 0.15, 0.0)
    assert say(made, 5.16, 5.16) == ["hold", "fallback", "clip"]
    assert [gone.segment for gone in made.decided] == ["u1.1"]


def test_what_failed_is_replaced_by_the_fallback():
    made = track()
    utter(made, SpeechSegment("u1.1", "words"), clip("u1.2"))
    made.find("u1.1").failed = True
    assert say(made, 0.0, 0.0) == ["fallback", "clip"]


def test_what_failed_without_a_fallback_is_left_out():
    made = track(with_covers=False)
    utter(made, SpeechSegment("u1.1", "words"), clip("u1.2"))
    made.find("u1.1").failed = True
    assert say(made, 0.0, 0.0) == ["clip"]


def test_without_covers_late_words_are_waited_for():
    made = track(with_covers=False)
    utter(made, SpeechSegment("u1.1", "words"))
    assert ask(made, 99.0, 0.0) is None
    push(made, "u1.1", 1.0)
    assert ask(made, 99.0, 0.0)[0] == "stream"


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


def test_speech_that_dried_up_begins_again_only_when_it_reaches_further():
    made = track(hold=None)
    utter(made, SpeechSegment("u1.1", "words"))
    push(made, "u1.1", 0.5)
    say(made, 1.0, 0.0)
    assert made.find("u1.1").broke_at > 0
    push(made, "u1.1", START_BUFFER / 2)
    assert ask(made, 2.0, 2.0) is not None and not isinstance(ask(made, 2.0, 2.0), tuple)
    push(made, "u1.1", 2 * START_BUFFER)
    assert ask(made, 2.0, 2.0)[0] == "stream"


def test_a_pending_segment_becomes_words():
    made = track()
    utter(made, PendingSegment("u1.1"), clip("u1.2"))
    made.replace("u1.1", (ClipSegment("u1.1", SHORT, "known"),))
    assert say(made, 0.0, 0.0) == ["clip"]
    assert made.finish_utterances() != []


def test_a_pending_segment_may_become_several():
    made = track()
    utter(made, PendingSegment("u1.1"))
    made.replace("u1.1", (clip("a"), SilenceSegment("b", 160), clip("c")))
    assert say(made, 0.0, 0.0) == ["clip", "silence", "clip"]


def test_the_cover_of_a_pending_segment_goes_on_until_its_words_can_begin():
    made = track()
    utter(made, PendingSegment("u1.1"))
    assert say(made, 0.2, 0.0)[:2] == ["filler", "hold"]
    made.replace("u1.1", (SpeechSegment("u1.1", "words"),))
    assert ask(made, 3.0, 3.0)[0] == "hold"
    push(made, "u1.1", 1.0)
    assert say(made, 4.0, 4.0)[:2] == ["hold", "stream"]


def test_a_wait_that_is_over_ends_its_cover_and_says_nothing():
    made = track()
    utter(made, PendingSegment("u1.wait"), wait=True)
    say(made, 0.2, 0.0)
    made.replace("u1.wait", ())
    assert say(made, 3.0, 3.0) == ["hold"]
    assert made.finish_utterances() != []
    assert made.queue == type(made.queue)()


def test_replacing_what_is_gone_does_nothing():
    made = track()
    made.replace("u9.9", (clip(),))
    assert ask(made, 0.0, 0.0) is None
    assert made.again("u9.9") is None


def test_drop_lets_a_clip_sound_to_its_end_and_takes_the_rest_off():
    made = track()
    utter(made, clip(), SpeechSegment("u1.2", "words"))
    utter(made, clip("u2.1"), id="u2")
    ask(made, 0.0, 0.0, 160)
    assert made.drop(0.0) == ["u1.2", "u2.1"]
    assert [ask(made, 0.0, 0.0), ask(made, 0.0, 0.0)] == [("clip", 640), None]
    assert [playing.utterance.id for playing in made.finish_utterances()] == ["u1", "u2"]


def test_drop_before_anything_sounds_takes_all():
    made = track()
    utter(made, clip(), clip("u1.2"))
    assert made.drop(0.0) == ["u1.1", "u1.2"]
    assert ask(made, 0.0, 0.0) is None


def test_drop_ends_a_hold_in_its_fade():
    made = track()
    utter(made, SpeechSegment("u1.1", "words"))
    say(made, 0.2, 0.0)
    assert made.drop(1.0) == ["u1.1"]
    assert say(made, 1.0, 1.0) == ["hold"]
    assert made.finish_utterances() != []


def test_clear_takes_everything_at_once():
    made = track()
    utter(made, clip(), clip("u1.2"))
    ask(made, 0.0, 0.0, 160)
    assert [playing.utterance.id for playing in made.clear()] == ["u1"]
    assert ask(made, 0.0, 0.0) is None


def test_a_new_synthesis_takes_the_place_of_one_that_failed_before_it_sounded():
    made = track()
    utter(made, SpeechSegment("u1.1", "words"))
    first = made.find("u1.1").live
    second = made.again("u1.1")
    assert second is made.find("u1.1").live is not first


def test_a_new_synthesis_waits_while_the_first_still_sounds():
    made = track()
    utter(made, SpeechSegment("u1.1", "words"))
    push(made, "u1.1", 0.5)
    assert ask(made, 0.0, 0.0)[0] == "stream"
    first = made.find("u1.1").live
    second = made.again("u1.1")
    assert made.find("u1.1").live is first
    assert made.find("u1.1").retry is second
    say(made, 1.0, 0.0)
    assert made.find("u1.1").live is second


def test_what_failed_for_good_is_not_asked_for_again():
    made = track()
    utter(made, SpeechSegment("u1.1", "words"))
    made.find("u1.1").failed = True
    assert made.again("u1.1") is None


def test_strategies_of_clips_are_kept():
    made = track()
    utter(made, ClipSegment("u1.1", SHORT, "x", Strategy.CACHED))
    assert ask(made, 0.0, 0.0)[0] == "cached"


# Words that are known, or can be said otherwise, while something else sounds for them.


@pytest.mark.parametrize("known", [clip("u1.1"), SilenceSegment("u1.1", 320)])
def test_a_hold_ends_at_once_when_what_it_covers_is_in_memory(known):
    made = track(filler=None, grace=0.0)
    utter(made, PendingSegment("u1.1"))
    assert ask(made, 0.0, 0.0) == ("hold", 800)
    made.replace("u1.1", (known,))
    due, said = 0.1, []
    while not said or said[-1] == "hold":
        name, samples = ask(made, due - MARGIN, due)
        said.append(name)
        due += samples / 8000
    assert said == ["hold", "clip" if isinstance(known, ClipSegment) else "silence"]  # its last is the fade


READ = make_tone(0.2)


def read_back(name="u1.1", private=True) -> SpeechSegment:
    return SpeechSegment(name, "five dollars", private, "", READ)


def taken(track: Track) -> list[tuple[str, str]]:
    return [(event.segment, event.why) for event in track.decided if isinstance(event, FragmentsTaken)]


def test_fragments_sound_where_the_words_would_have_been_covered():
    made = track()
    utter(made, clip(), read_back("u1.2"))
    assert ask(made, 0.0, 0.0) == ("clip", 800)
    assert ask(made, 0.0, 0.3) == pytest.approx(0.2)
    found = made.next_span(0.2, 0.3, 800)
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
    made.replace("u1.1", (read_back(),))
    assert say(made, 0.1 - MARGIN, 0.1) == ["hold", "fragments"]


def test_fragments_follow_a_filler_at_its_end_and_nothing_more_is_said_for_them():
    made = track(grace=0.0)
    utter(made, PendingSegment("u1.1"))
    ask(made, 0.0, 0.0)
    made.replace("u1.1", (read_back(),))
    assert say(made, 0.1 - MARGIN, 0.1) == ["filler", "fragments"]


def test_words_that_failed_are_said_by_fragments_and_the_fallback_is_not():
    made = track()
    utter(made, read_back(), now=5.0)
    made.find("u1.1").failed = True
    assert ask(made, 5.0, 5.0) == ("fragments", 800)
    assert taken(made) == [("u1.1", "it failed")]


def test_words_that_broke_off_are_not_said_again_by_fragments():
    made = track()
    utter(made, read_back())
    push(made, "u1.1", 0.4)
    assert ask(made, 0.1, 0.1, 2400)[0] == "stream"
    said = say(made, 0.35, 0.4)
    assert said[:2] == ["stream", "filler"] and "fragments" not in said
    made.find("u1.1").failed = True
    assert "fragments" not in say(made, 4.0, 4.1)
    assert taken(made) == []


def two_values(made: Track) -> None:
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


def said_by_the_voice(**changes) -> Track:
    """The first value was said by the voice when the second came to be known."""
    made = track(grace=0.0, **changes)
    utter(made, read_back("u1.1"), PendingSegment("u1.2"))
    push(made, "u1.1", 0.2, finish=True)
    assert ask(made, 0.0, 0.0, 2400)[0] == "stream"
    made.replace("u1.2", (read_back("u1.2"),))
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
    made.find("u1.2").failed = fails
    assert say(made, 0.15, 0.3)[-1] == "fragments"
    assert taken(made) == [("u1.2", why)]
