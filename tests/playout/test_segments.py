"""Spans name a part of a clip."""

from __future__ import annotations

import pytest
from toy import clips

from ivr.errors import AudioError
from ivr.playout.segments import PendingSegment, Span, Utterance


def test_a_span_is_a_part_of_its_clip():
    clip = clips()["main"]
    span = Span(clip, 160, 480)
    assert span.samples == 320
    assert span.payload == clip.payload[160:480]


def test_a_span_outside_its_clip_is_refused():
    clip = clips()["main"]
    with pytest.raises(AudioError, match="main"):
        _ = Span(clip, 0, clip.samples + 1).payload


@pytest.mark.parametrize("most", [1, 100, 160, 319, 320, 5000])
def test_the_pieces_of_a_span_are_all_of_it(most):
    span = Span(clips()["main"], 160, 480)
    pieces = list(span.pieces(most))
    assert max(piece.samples for piece in pieces) <= most
    assert b"".join(piece.payload for piece in pieces) == span.payload


def test_spans_are_compared_by_identity():
    clip = clips()["main"]
    assert Span(clip, 0, 160) != Span(clip, 0, 160)


def test_an_utterance_is_no_wait_unless_it_says_so():
    utterance = Utterance("u1", (PendingSegment("u1.1"),))
    assert not utterance.wait
