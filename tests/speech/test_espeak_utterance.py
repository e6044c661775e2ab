"""Samples and words, from the pipe to chunks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import SpeechBroken
from ivr.speech.espeak.protocol import Word
from ivr.speech.espeak.utterance import Utterance

pcm_chunks = st.lists(st.lists(st.integers(-32768, 32767), max_size=12), max_size=8)


def pcm(samples):
    return np.array(samples, dtype="<i2").tobytes()


@given(pcm_chunks)
def test_what_is_heard_is_what_was_sent_and_silence_alone_is_nothing(sent):
    utterance = Utterance(22050)
    chunks = [chunk for samples in sent for chunk in utterance.add_audio(pcm(samples))]
    flat = [sample for samples in sent for sample in samples]
    assert utterance.heard == any(flat)
    got = [sample for chunk in chunks for sample in chunk.samples * 32768]
    assert got == (flat if any(flat) else [])
    assert all(chunk.samples.dtype == np.float32 and chunk.rate == 22050 for chunk in chunks)
    assert all(np.abs(chunk.samples).max(initial=0) <= 1 for chunk in chunks)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=10), st.lists(st.integers(0, 600), max_size=10))
def test_a_word_comes_with_the_chunk_in_which_it_begins(lengths, begins):
    utterance = Utterance(22050)
    utterance.add_words(tuple(Word(sample, 0, 1) for sample in sorted(begins)))
    start, seen = 0, []
    for length in lengths:
        (chunk,) = utterance.add_audio(pcm([1] * length))
        assert all(start <= word.sample < start + length for word in chunk.words)
        seen += [word.sample for word in chunk.words]
        start += length
    assert seen == [sample for sample in sorted(begins) if sample < start]


def test_half_a_sample_breaks_the_stream():
    with pytest.raises(SpeechBroken, match="3 bytes"):
        Utterance(22050).add_audio(b"abc")
