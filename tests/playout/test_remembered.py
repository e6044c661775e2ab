"""Live speech that is computed once: whatever is done, it answers as ``LiveSpeech`` does."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.media.format import MULAW_8K
from ivr.playout.live import LiveSpeech
from ivr.playout.remembered import LiveMemory

NOISE = np.random.default_rng(7).standard_normal(22050).astype(np.float32) * 0.1
STEPS = st.one_of(
    st.tuples(st.just("push"), st.integers(0, 9)),
    st.tuples(st.just("take"), st.sampled_from([160, 800, 3200])),
    st.tuples(st.just("rewind"), st.just(0)),
    st.tuples(st.just("cut_off"), st.just(0)),
)
MEMORY = LiveMemory()
"""Shared by all examples on purpose: each walks where others have been."""


def do(live, step):
    match step:
        case "push", part:
            word = (part * 2205, part, 1)
            return live.push(NOISE[part * 2205 : (part + 1) * 2205], 22050, (word,))
        case "take", samples:
            return live.take(samples)
        case name, _:
            return getattr(live, name)()


def facts(live):
    return live.finished, live.empty, live.done, live.taken, live.known, live.available(), live.words


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=12), st.lists(STEPS, max_size=6))
def test_it_answers_as_live_speech_does(before, after):
    own, remembered = LiveSpeech(MULAW_8K, -20.0, 0.0), MEMORY.live(MULAW_8K, -20.0, 0.0)
    finished = [("finish", 0)]
    for step in [*before, *finished, *(step for step in after if step[0] != "push")]:
        one, two = do(own, step), do(remembered, step)
        assert (one is None) == (two is None)
        assert one is None or (one.payload, one.head, one.tail) == (two.payload, two.head, two.tail)
        assert facts(own) == facts(remembered)


def test_what_was_taken_before_is_taken_from_memory():
    memory = LiveMemory()
    clips = []
    for _ in range(2):
        live = memory.live(MULAW_8K, -20.0, 0.0)
        do(live, ("push", 1))
        clips.append(live.take(160))
    assert clips[0] is clips[1]


def test_a_full_memory_forgets_and_goes_on_right():
    memory = LiveMemory(budget=3000)
    own = LiveSpeech(MULAW_8K, -20.0, 0.0)
    live = memory.live(MULAW_8K, -20.0, 0.0)
    for part in range(8):
        for each in (own, live):
            do(each, ("push", part))
        assert own.take(160).payload == live.take(160).payload
        assert memory.size <= 3000
