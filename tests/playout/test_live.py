"""Live speech: nothing is lost or made up, however it arrives and however it is taken."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy import FRAME

from ivr.media.format import MULAW_8K
from ivr.media.pcm import decode
from ivr.playout.live import LiveSpeech
from ivr.testing.voices import babble

RATE = 22050
SAID = babble("thank you all", RATE)


def live() -> LiveSpeech:
    return LiveSpeech(MULAW_8K, -20.0, 0.0)


def whole(samples=SAID, cuts=()) -> LiveSpeech:
    made = live()
    for part in np.split(samples, sorted(cuts)):
        made.push(part, RATE)
    made.finish()
    return made


@given(st.lists(st.integers(0, len(SAID)), max_size=12))
@settings(max_examples=60, deadline=None)
def test_any_chunking_of_the_audio_gives_the_same_bytes(cuts):
    one, cut = whole(), whole(cuts=cuts)
    assert cut.available() == one.available()
    left, right = (decode(made.take(10**6).payload, MULAW_8K) for made in (one, cut))
    assert np.max(np.abs(left - right)) < 1e-4


@given(st.lists(st.integers(1, 30), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_however_it_is_taken_all_of_it_comes_out_once(frames):
    one, by_parts = whole(), whole()
    wanted = one.take(10**6).payload
    taken = b""
    for count in [*frames, 10**4]:
        if not by_parts.done:
            taken += by_parts.take(count * FRAME).payload
    assert by_parts.done
    assert len(taken) == len(wanted)
    assert np.max(np.abs(decode(taken, MULAW_8K) - decode(wanted, MULAW_8K))) < 1e-4


def test_the_length_is_that_of_the_speech_in_whole_frames():
    # Words end 60 ms of tone after the last letter; 10 ms of room may stand before and 30 ms after it.
    seconds = len(SAID) / RATE
    made = whole()
    assert made.available() % FRAME == 0
    assert seconds * 8000 - 1 <= made.available() <= (seconds + 0.04) * 8000 + FRAME


def test_while_more_is_to_come_a_frame_stays_behind():
    made = live()
    made.push(SAID, RATE)
    before = made.available()
    made.finish()
    assert before % FRAME == 0
    assert FRAME <= made.available() - before <= 5 * FRAME


def test_what_is_known_of_the_segment_does_not_depend_on_what_was_taken():
    made = live()
    assert made.known == 0
    made.push(SAID, RATE)
    before = made.known
    made.take(800)
    assert made.known == before
    made.rewind()
    assert made.known == before
    made.finish()
    assert made.known >= before


def test_silence_before_and_behind_is_dropped():
    quiet = np.zeros(RATE, np.float32)
    assert whole(np.concatenate((quiet, SAID, quiet))).available() <= whole().available() + 3 * FRAME


def test_nothing_but_silence_is_nothing():
    made = live()
    made.push(np.zeros(RATE, np.float32), RATE)
    assert made.available() == 0
    assert not made.empty
    made.finish()
    assert made.empty
    assert made.done


def test_no_audio_at_all_is_nothing():
    made = live()
    made.finish()
    made.finish()
    assert made.empty


def test_speech_that_broke_off_fades():
    made = live()
    made.push(SAID[: RATE // 2], RATE)
    made.take(made.available())
    rest = made.cut_off()
    assert rest is not None
    samples = decode(rest.payload, MULAW_8K)
    assert rest.samples % FRAME == 0
    spoken = np.flatnonzero(np.abs(samples) > 0.001)
    assert np.max(np.abs(samples[spoken[-1] - 8 : spoken[-1]])) < 0.02
    assert live().cut_off() is None


def test_rewind_without_word_times_says_it_all_again():
    made = whole()
    first = made.take(4 * FRAME).payload
    made.rewind()
    assert made.taken == 0
    assert np.max(np.abs(decode(made.take(4 * FRAME).payload, MULAW_8K) - decode(first, MULAW_8K))) < 0.1


def test_rewind_goes_to_the_beginning_of_the_word_that_was_sounding():
    made = live()
    made.push(SAID, RATE, ((0, 0, 5), (round(0.33 * RATE), 6, 3), (round(0.54 * RATE), 10, 3)))
    made.take(round(0.4 * 8000))
    made.rewind()
    assert made.taken == pytest.approx(0.33 * 8000, abs=2 + 0.06 * 8000)
    assert [word.offset for word in made.words] == [0, 6, 10]


def test_word_times_count_from_the_first_sample_that_sounds():
    made = live()
    quiet = np.zeros(RATE, np.float32)
    made.push(np.concatenate((quiet, SAID)), RATE, ((RATE, 0, 5),))
    assert made.words[0].sample <= 0.02 * 8000
