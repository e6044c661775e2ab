"""Sources hand over their clip once, in order, and nothing else."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from toy import FRAME, clips, make_tone

from ivr.media.format import MULAW_8K
from ivr.playout.live import LiveSpeech
from ivr.playout.sources import ClipSource, LiveSource, LoopSource
from ivr.testing.voices import babble
from ivr.trace.sound import Strategy

COUNTS = st.lists(st.integers(1, 3000), min_size=1, max_size=20)


def taken(source, counts) -> bytes:
    spans = [source.take(count) for count in counts]
    assert all(span is None or span.samples <= count for span, count in zip(spans, counts, strict=True))
    return b"".join(span.payload for span in spans if span is not None)


@given(COUNTS)
def test_a_clip_from_its_beginning_to_its_end(counts):
    clip = clips()["main"]
    source = ClipSource(clip, Strategy.CLIP)
    assert taken(source, [*counts, 10**6]) == clip.payload
    assert source.done
    assert source.sent == clip.samples
    assert source.take(160) is None


@given(COUNTS)
def test_a_loop_begins_again_at_its_end(counts):
    clip = make_tone(0.3)
    source = LoopSource(clip)
    audio = taken(source, counts)
    assert audio == (clip.payload * (len(audio) // clip.samples + 1))[: len(audio)]
    assert not source.done
    assert source.sent == len(audio)


def live() -> LiveSpeech:
    return LiveSpeech(MULAW_8K, -20.0, 0.0)


def test_live_speech_is_kept_as_a_clip_when_it_was_sent_whole():
    speech = live()
    source = LiveSource(speech)
    assert source.take(800) is None
    speech.push(babble("thank you"), 22050)
    first = source.take(800)
    assert first is not None and first.samples == 800
    assert source.as_clip("x") is None
    speech.finish()
    rest = []
    while not source.done:
        rest.append(source.take(800).payload)
    clip = source.as_clip("x")
    assert clip is not None
    assert clip.payload == first.payload + b"".join(rest)
    assert source.sent == clip.samples
    assert np.isfinite([clip.head, clip.tail]).all()


def test_live_speech_that_broke_off_is_not_kept():
    speech = live()
    source = LiveSource(speech)
    speech.push(babble("thank you"), 22050)
    source.take(speech.available())
    edge = source.cut_off()
    assert edge is not None and edge.samples % FRAME == 0
    speech.finish()
    while not source.done:
        source.take(800)
    assert source.as_clip("x") is None


def test_live_speech_that_was_begun_before_is_not_kept():
    speech = live()
    speech.push(babble("thank you"), 22050)
    speech.take(800)
    speech.finish()
    source = LiveSource(speech)
    while not source.done:
        source.take(800)
    assert source.as_clip("x") is None
