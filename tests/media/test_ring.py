"""The ring between two threads: nothing lost, nothing twice, no memory after the start."""

import sys
import threading
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import AudioError
from ivr.media.ring import Ring


def numbered(start, count):
    return np.arange(start, start + count, dtype=np.float32)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 40)),
        st.tuples(st.just("take"), st.integers(0, 40)),
        st.tuples(st.just("drop"), st.just(0)),
    ),
    max_size=60,
)


@given(st.integers(1, 32), steps)
def test_it_does_as_a_list_of_bounded_length(capacity, steps):
    ring, model, room, count = Ring(capacity), [], capacity, 0
    for what, size in steps:
        if what == "write":
            samples = numbered(count, size)
            count += size
            taken = ring.write(samples)
            assert taken == min(size, room)
            model += list(samples[:taken])
            room -= taken
        elif what == "take":
            out = np.full(size, -1, dtype=np.float32)
            got = ring.take(out)
            assert got == min(size, len(model))
            assert list(out) == model[:got] + [0.0] * (size - got)
            del model[:got]
            room = capacity - len(model)
        else:
            ring.drop()
            model.clear()
        assert ring.filled == len(model)
        assert ring.free == room  # what was dropped takes room until the reader has passed it


@pytest.fixture
def restless():
    """Threads take turns a hundred times as often as Python has it, so that they meet in more places of the code."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 100)
    yield
    sys.setswitchinterval(usual)


def test_two_threads_lose_nothing(restless):
    ring, heard, total = Ring(97), [], 200_000

    def listen():
        out, left = np.empty(31, dtype=np.float32), total
        while left:
            got = ring.take(out)
            left -= got
            heard.append(out[:got].copy())
            if not got:
                time.sleep(0)  # the other's turn

    listener = threading.Thread(target=listen)
    listener.start()
    sent = 0
    while sent < total:
        taken = ring.write(numbered(sent, min(43, total - sent)))
        sent += taken
        if not taken:
            time.sleep(0)
    listener.join(30)
    assert np.array_equal(np.concatenate(heard), numbered(0, total))


def test_it_takes_no_memory_once_it_stands():
    ring, block, out = Ring(4000), np.ones(441, dtype=np.float32), np.empty(441, dtype=np.float32)
    for _ in range(10):
        ring.write(block)
        ring.take(out)
    tracemalloc.start()
    for _ in range(2000):
        ring.write(block)
        ring.take(out)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2048, "less than one block: a few numbers and views"


def test_a_ring_of_nothing_is_refused():
    with pytest.raises(AudioError, match="holds nothing"):
        Ring(0)
