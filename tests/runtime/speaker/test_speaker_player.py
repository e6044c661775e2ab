"""What the loudspeaker plays, and when its marks are heard; the device is a loop of our own."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.media.format import L16_8K
from ivr.media.pcm import decode, encode
from ivr.media.resample import resample
from ivr.media.tones import tone
from ivr.runtime.speaker.microphone import Microphone
from ivr.runtime.speaker.player import Player

PERIOD, DELAY = 0.010, 0.050


def words(seconds):
    return encode(tone(440.0, seconds, 8000, -20.0), L16_8K)


class Card:
    """Pulls on time."""

    def __init__(self, rate=8000):
        self.player = Player(L16_8K, rate)
        self.now = 0.0
        self.heard = []
        self.echoes = {}

    def run(self, seconds):
        for _ in range(round(seconds / PERIOD)):
            block = np.full(round(self.player.rate * PERIOD), 9, dtype=np.float32)
            self.player.settle()
            self.player.pull(block, self.now, DELAY)
            self.heard.append(block)
            self.now += PERIOD
            for name in self.player.reached(self.now):
                self.echoes[name] = self.now

    @property
    def sound(self):
        return np.concatenate(self.heard)


def test_the_same_rate_is_bit_exact():
    card = Card()
    card.run(0.1)
    card.player.push(words(0.3), card.now)
    card.run(0.5)
    assert np.array_equal(card.sound[800:3200], decode(words(0.3), L16_8K))
    assert not card.sound[:800].any() and not card.sound[3200:].any()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 900), min_size=1, max_size=6), st.sampled_from([16000, 44100, 48000, 11025]))
def test_another_rate_is_one_resampling_of_the_whole_however_it_was_cut(sizes, rate):
    card = Card(rate)
    payload = words(1.0)[: 2 * sum(sizes)]
    at = 0
    for size in sizes:
        card.player.push(payload[2 * at : 2 * (at + size)], card.now)
        at += size
    card.run(1.0)
    wanted = resample(decode(payload, L16_8K), 8000, rate)
    assert np.array_equal(card.sound[: len(wanted)], wanted)
    assert not card.sound[len(wanted) :].any()


def test_a_mark_comes_back_one_latency_after_it_is_heard():
    card = Card(48000)
    card.run(0.2)
    card.player.mark("before")
    card.player.push(words(0.3), card.now)
    card.player.mark("behind")
    begun = card.now
    card.run(1.0)
    assert card.echoes["before"] - begun == pytest.approx(2 * DELAY, abs=2 * PERIOD)
    assert card.echoes["behind"] - begun == pytest.approx(0.3 + 2 * DELAY, abs=2 * PERIOD)


def test_a_clear_is_silence_from_the_next_block_on_and_eats_the_marks_in_the_ring():
    card = Card()
    card.player.mark("before")
    card.player.push(words(0.3), card.now)
    card.player.mark("behind")
    card.run(0.1)
    card.player.clear(card.now)
    card.player.mark("sentinel")
    card.player.push(words(0.1), card.now)
    card.run(0.5)
    assert np.array_equal(card.sound[800:1600], decode(words(0.1), L16_8K))
    assert not card.sound[1600:].any()
    assert list(card.echoes) == ["before", "sentinel"]
    assert card.echoes["sentinel"] == pytest.approx(0.1 + 2 * DELAY, abs=1.01 * PERIOD), (
        "what was dropped takes no time"
    )


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.sampled_from([8000, 44100, 48000]))
@settings(max_examples=30, deadline=None)
def test_a_mark_is_heard_when_its_sample_is_however_seldom_somebody_looks(looks, rate):
    card = Card(rate)
    card.run(0.1)
    card.player.mark("0")
    for part in range(1, 6):
        card.player.push(words(0.1), card.now)
        card.player.mark(str(part))
    begun, heard = card.now, {}
    for blocks in [*looks, 100]:
        for _ in range(blocks):
            card.player.settle()
            card.player.pull(np.empty(round(rate * PERIOD), dtype=np.float32), card.now, DELAY)
            card.now += PERIOD
        for moment in np.arange(begun, card.now, 0.001):
            heard.update({name: moment for name in card.player.reached(moment)})
    assert heard == {str(part): pytest.approx(begun + part / 10 + 2 * DELAY, abs=0.0021) for part in range(6)}


def test_a_mark_into_an_empty_ring_is_heard_with_the_block_that_comes_then():
    card = Card()
    card.run(0.1)
    card.player.mark("probe")
    assert card.player.reached(10.0) == []
    card.run(PERIOD)
    assert card.player.reached(0.1 + 2 * DELAY - 0.001) == []
    assert card.player.reached(0.1 + 2 * DELAY + 0.001) == ["probe"]


def test_sound_that_ends_is_no_underrun_and_sound_that_fails_is_one():
    card = Card()
    card.player.push(words(0.3), card.now)
    card.player.push(words(0.1), card.now)
    card.run(0.5)
    card.player.push(words(0.3), card.now)
    assert card.player.starved == 0
    block = np.empty(8000, dtype=np.float32)
    card.player.pull(block, card.now, 0.0)  # a device that takes a second at once
    card.player.pull(block, card.now, 0.0)
    assert card.player.starved == 0, "it may have been the end"
    card.player.push(words(0.1), card.now + 0.2)
    card.player.push(words(0.1), card.now + 0.2)
    assert card.player.starved == 2


def test_a_device_that_is_ahead_at_the_end_of_sound_has_not_starved():
    card = Card()
    card.player.push(words(0.3), card.now)
    card.player.pull(np.empty(2000, dtype=np.float32), card.now, DELAY)
    card.run(0.5)
    card.player.clear(card.now)
    card.player.push(words(0.3), card.now)
    assert card.player.starved == 0


def test_a_full_ring_loses_what_is_too_much_and_says_so():
    card = Card()
    for _ in range(5):
        card.player.push(words(1.0), card.now)
    assert card.player.lost == 8000 and card.player.waiting == pytest.approx(4.0)


def test_a_callback_takes_no_memory():
    card = Card()
    card.player.push(words(1.0), 0.0)
    block = np.empty(80, dtype=np.float32)
    for at in range(20):
        card.player.pull(block, at * PERIOD, DELAY)
    tracemalloc.start()
    for at in range(20, 80):
        card.player.pull(block, at * PERIOD, DELAY)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2048


def test_the_microphone_gives_whole_frames():
    ears = Microphone(L16_8K, 48000)
    sound = tone(440.0, 1.0, 48000, -12.0)
    heard = b""
    for at in range(0, len(sound), 480):
        ears.put(sound[at : at + 480])
        frames = ears.frames()
        assert all(len(frame) == 320 for frame in frames)
        heard += b"".join(frames)
    wanted = encode(resample(sound, 48000, 8000), L16_8K)
    assert heard == wanted[: len(heard)] and len(wanted) - len(heard) < 640
    assert ears.level == pytest.approx(float(np.abs(sound).max()))


def test_a_microphone_that_nobody_empties_says_what_it_lost():
    ears = Microphone(L16_8K, 8000)
    ears.put(np.zeros(8000, dtype=np.float32))
    ears.put(np.zeros(80, dtype=np.float32))
    assert ears.lost == 80
