"""What is told of what is sent: starts and ends, marks, gaps and seams, and live words for saying again."""

from __future__ import annotations

from itertools import pairwise

import pytest
from paced import LONG, SHORT, Rig, clip, playout

from ivr.playout.account import MARK_EVERY
from ivr.playout.pacing import AT_ONCE
from ivr.playout.segments import Mark, SilenceSegment, Span, SpeechSegment, Utterance
from ivr.testing.voices import babble
from ivr.trace.sound import SeamJoined, SegmentEnded, SegmentStarted, Underrun, UtteranceHeard, UtteranceStarted


def test_all_is_sent_in_order_and_heard():
    rig = Rig(playout(), path=0.05)
    rig.made.enqueue(Utterance("u1", (clip(of=SHORT), SilenceSegment("u1.2", 800), clip("u1.3", SHORT))), 0.0)
    rig.made.enqueue(Utterance("u2", (clip("u2.1", SHORT),)), 0.0)
    rig.run(5.0)
    assert rig.sent == SHORT.payload + b"\xff" * 800 + SHORT.payload * 2
    assert [(event.utterance, event.samples) for event in rig.of(UtteranceHeard)] == [("u1", 4000), ("u2", 1600)]
    assert [event.at for event in rig.of(UtteranceHeard)] == pytest.approx([0.55, 0.75])
    assert rig.made.idle
    assert not rig.made.saying


def test_every_start_has_its_end():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (clip(of=SHORT), SilenceSegment("u1.2", 800), clip("u1.3", SHORT))), 0.0)
    rig.run(5.0)
    started = [(event.segment, event.position) for event in rig.of(SegmentStarted)]
    assert started == [("u1.1", 0), ("u1.2", 1600), ("u1.3", 2400)]
    assert [(event.segment, event.samples) for event in rig.of(SegmentEnded)] == [
        ("u1.1", 1600),
        ("u1.2", 800),
        ("u1.3", 1600),
    ]
    assert [event.utterance for event in rig.of(UtteranceStarted)] == ["u1"]


def test_marks_stand_where_a_run_begins_every_so_often_and_at_an_end():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (clip(),)), 0.0)
    rig.run(5.0)
    at, sent = [], 0
    for _, output in rig.out:
        if isinstance(output, Mark):
            at.append(sent)
        else:
            sent += output.samples
    assert at[0] == 0
    assert at[-1] == LONG.samples
    steps = [b - a for a, b in pairwise(at)]
    assert max(steps) < (MARK_EVERY + AT_ONCE) * 8000
    assert set(steps[2:-1]) == {round(MARK_EVERY * 8000)}


def test_an_empty_utterance_was_heard_at_once():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", ()), 1.0)
    rig.run(1.0)
    assert [(event.utterance, event.samples) for event in rig.of(UtteranceHeard)] == [("u1", 0)]


def test_a_seam_in_time_has_no_gap():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (clip(of=SHORT), clip("u1.2", SHORT))), 0.0)
    rig.run(2.0)
    (seam,) = rig.of(SeamJoined)
    assert (seam.before, seam.after, seam.gap) == ("u1.1", "u1.2", 0)


def test_an_uncovered_seam_tells_its_gap():
    rig = Rig(playout(with_covers=False))
    rig.made.enqueue(Utterance("u1", (clip(of=SHORT), SpeechSegment("u1.2", "words"))), 0.0)
    rig.run(1.0)
    rig.made.feed("u1.2", babble("words and more words"), 22050, (), 1.0)
    rig.made.finished("u1.2")
    rig.run(5.0)
    (seam,) = rig.of(SeamJoined)
    assert seam.gap == round(0.8 * 8000)
    assert seam.slack == pytest.approx(0.0)


def test_live_words_that_belong_to_nobody_are_offered_whole():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (SpeechSegment("a", "open"), SpeechSegment("b", "secret", private=True))), 0.0)
    for name in ("a", "b"):
        rig.made.feed(name, babble("some words"), 22050, (), 0.0)
        rig.made.finished(name)
    rig.run(3.0)
    assert [segment.text for segment in rig.made.completed] == ["open"]
    assert rig.sent.startswith(rig.made.completed[0].clip.payload)


def test_what_is_said_after_a_clear_goes_at_once_and_is_no_seam():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (clip(),)), 0.0)
    rig.run(1.0)
    rig.clear()
    rig.made.enqueue(Utterance("u2", (clip("u2.1", SHORT),)), 1.0)
    before = len(rig.out)
    rig.run(1.0)
    assert [output.samples for at, output in rig.out[before:] if isinstance(output, Span)] == [800, 800]
    rig.run(3.0)
    assert rig.of(SeamJoined) == []
    assert [event.utterance for event in rig.of(UtteranceHeard)] == ["u2"]


def test_a_gap_within_a_segment_is_an_underrun_and_no_seam():
    rig = Rig(playout())
    rig.made.enqueue(Utterance("u1", (clip(),)), 0.0)
    rig.made.due(0.0)
    rig.made.due(1.0)  # 600 ms were sent
    (underrun,) = [event for event in rig.made.events() if isinstance(event, Underrun)]
    assert (underrun.segment, underrun.samples, underrun.at) == ("u1.1", 3200, 1.0)
    rig.now = 1.0
    rig.run(9.0)
    assert rig.of(SeamJoined) == []


def test_only_the_first_of_two_runs_says_that_the_utterance_begins():
    rig = Rig(playout(with_covers=False))
    rig.made.enqueue(Utterance("u1", (clip(of=SHORT), SpeechSegment("u1.2", "words"))), 0.0)
    rig.run(1.0)
    rig.made.feed("u1.2", babble("words"), 22050, (), 1.0)
    rig.made.finished("u1.2")
    rig.run(9.0)
    assert [event.segment for event in rig.of(SegmentStarted)] == ["u1.1", "u1.2"]
    assert len(rig.of(UtteranceStarted)) == 1
