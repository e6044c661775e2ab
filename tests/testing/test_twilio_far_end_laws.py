"""Laws of the far end: what was sent is heard in order, less what a clear dropped."""

from __future__ import annotations

import numpy as np
from far_end_rig import CLEAR, Rig, mark, media
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.media.g711 import mulaw_decode
from ivr.testing.line import Path

STEP = st.tuples(
    st.floats(0.0, 0.3),  # seconds since the step before
    st.one_of(st.integers(1, 2500), st.sampled_from(["clear", "mark"])),
)


def numbered(start: int, length: int) -> bytes:
    """Sound in which a shift would show: 251 is prime."""
    return bytes((start + i) % 251 for i in range(length))


@settings(deadline=None)
@given(st.lists(STEP, max_size=25), st.floats(0.0, 0.2), st.lists(st.floats(0.0, 0.1), max_size=25))
def test_law_heard_is_what_was_sent_in_order_less_what_clear_dropped(steps, delay, jitter):
    rig = Rig(path_out=Path(delay, jitter), path_in=delay)
    far_end, now, marks, sent, seen = rig.far_end, 0.0, 0, 0, []
    for wait, step in steps:
        now += wait
        rig.run(now)
        seen.append((now, far_end.played(now), far_end.queue.samples))
        if step == "clear":
            rig.send(now, CLEAR)
        elif step == "mark":
            rig.send(now, mark(str(marks)))
            marks += 1
        else:
            rig.send(now, media(numbered(sent, step)))
            sent += step
    end = now + 30.0  # 25 messages of 2,500 samples last 8 s
    rig.run(end)
    seen.append((end, far_end.played(end), far_end.queue.samples))

    assert [name for _, name in rig.echoes] == [str(number) for number in range(marks)]
    assert far_end.queue.samples == sent
    dropped = sum(samples for _, samples in far_end.cleared)
    assert far_end.played(end) == sent - dropped

    # In order, each sample once: what was heard is what was sent with stretches taken out where a clear was.
    heard = far_end.heard.timeline(0.0, end)
    expected = mulaw_decode(numbered(0, sent))
    heard, expected = heard[heard != 0.0], expected[expected != 0.0]
    at = cuts = 0
    for sample in heard:
        if expected[at] != sample:
            cuts += 1
            at += int(np.argmax(expected[at:] == sample))
        assert expected[at] == sample
        at += 1
    assert cuts <= len(far_end.cleared)

    first = far_end.heard.start
    for (at, played, arrived), (_, later, _) in zip(seen, [*seen[1:], seen[-1]], strict=True):
        assert played <= arrived, "more played than had arrived"
        assert played <= later, "played went back"
        assert played == far_end.played(at), "the past changed"
        assert played <= max(0.0, 8000 * (at - (first or 0.0)) + 0.01), "faster than real time"


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 900), min_size=1, max_size=20))
def test_law_how_sound_is_cut_into_messages_does_not_matter(lengths):
    sound, rig, at = numbered(0, sum(lengths)), Rig(), 0
    for length in lengths:
        rig.send(1.0, media(sound[at : at + length]))
        at += length
    heard = rig.run(30.0).heard
    assert heard.timeline(1.0, 1.0 + len(sound) / 8000).tolist() == mulaw_decode(sound).tolist()
