"""Which words were heard: by their times where a voice tells them, else by proportion; whole words only."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.media.format import MULAW_8K
from ivr.playout.heard import Placement, Placements
from ivr.playout.live import LiveSpeech
from ivr.trace.sound import Strategy

TEXT = "one two three four"


def placed(samples=1800, position=0, strategy=Strategy.CLIP, text=TEXT, **more) -> Placement:
    return Placement("u1", "u1.1", strategy, text, False, position, samples, **more)


@pytest.mark.parametrize(
    ("heard", "words"),
    [
        (0, ""),
        (299, ""),
        (300, "one"),
        (699, "one"),
        (700, "one two"),
        (1300, "one two three"),
        (1799, "one two three"),
    ],
)
def test_words_by_proportion(heard, words):
    # 18 characters in 1800 samples: "one" ends at character 3, "two" at 7, "three" at 13.
    assert placed(whole=1800).until(heard).text == words


def test_all_was_heard():
    heard = placed(whole=1800).until(1800)
    assert (heard.text, heard.complete, heard.samples) == (TEXT, True, 1800)


def test_what_is_not_sent_to_its_end_is_not_complete():
    heard = placed().until(9999)
    assert (heard.complete, heard.samples) == (False, 1800)


def live() -> LiveSpeech:
    speech = LiveSpeech(MULAW_8K, -20.0, 0.0)
    tone = np.sin(np.arange(8000) / 3).astype(np.float32) * 0.2
    speech.push(tone, 8000, ((0, 0, 3), (2000, 4, 3), (5000, 8, 5), (7900, 14, 4)))
    return speech


@pytest.mark.parametrize(
    ("heard", "words"),
    [(0, ""), (1, ""), (2000, ""), (2001, "one"), (5000, "one"), (5001, "one two"), (7901, "one two three")],
)
def test_words_by_their_times(heard, words):
    assert placed(8000, live=live()).until(heard).text == words


def test_live_words_without_times_count_against_all_that_is_there():
    speech = LiveSpeech(MULAW_8K, -20.0, 0.0)
    speech.push(np.sin(np.arange(16_000) / 3).astype(np.float32) * 0.2, 8000)
    speech.finish()
    assert placed(3000, live=speech).until(3000).text == "one"  # not three quarters of the text
    assert placed(3000, whole=16_000).until(3000).text == "one"


def test_a_segment_that_is_said_again_counts_from_where_it_was_cut_off():
    again = placed(3100, position=50_000, skipped=2000, live=live())
    assert again.until(53_001).text == "one two"


@given(st.text("ab ,.", max_size=40), st.integers(0, 3000), st.integers(0, 3000))
def test_heard_is_a_prefix_of_whole_words_and_never_shrinks(text, samples, heard):
    one = placed(samples, text=text, whole=samples).until(heard)
    more = placed(samples, text=text, whole=samples).until(heard + 50)
    assert text.startswith(one.text)
    assert one.complete or not one.text or text[len(one.text) : len(one.text) + 1].strip() == ""
    assert more.text.startswith(one.text)
    assert one.samples <= min(samples, heard)


def test_placements_follow_the_stream():
    made = Placements()
    made.open(placed(0, 0))
    made.extend(800)
    made.extend(1000)
    made.close()
    made.open(placed(0, 1800, Strategy.SILENCE, ""))
    made.extend(2400)
    made.close()
    made.open(placed(0, 4200, text="five six"))
    made.extend(400)
    heard = made.heard(4400)
    assert [(part.text, part.samples) for part in heard] == [(TEXT, 1800), ("five", 200)]
    made.forget(1800)
    assert [part.text for part in made.heard(4400)] == ["five"]
    made.clear()
    assert made.heard(9999) == ()
