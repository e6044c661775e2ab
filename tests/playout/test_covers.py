"""What covers lateness, in which order, and how a hold ends."""

from __future__ import annotations

import numpy as np
import pytest
from toy import clips, covers, make_tone

from ivr.media.pcm import decode
from ivr.playout.covers import FADE, Covers, Lateness, Stage, faded


def stage(covers, *, failed=False, said=False, now=10.0, broke=False) -> Stage:
    return Lateness(10.0, broke=broke).next_stage(covers, failed=failed, filler_said=said, now=now)


def test_first_the_filler_then_the_hold_then_the_fallback():
    assert stage(covers()) is Stage.FILLER
    assert stage(covers(), said=True) is Stage.HOLD
    assert stage(covers(), said=True, now=10.0 + 29.9) is Stage.HOLD
    assert stage(covers(), said=True, now=10.0 + 30.0) is Stage.FALLBACK


def test_what_failed_is_replaced_at_once():
    assert stage(covers(), failed=True) is Stage.FALLBACK
    assert stage(covers(), failed=True, said=True) is Stage.FALLBACK


def test_between_half_a_word_and_the_fallback_stands_the_filler():
    assert stage(covers(), failed=True, broke=True) is Stage.FILLER
    assert stage(covers(), failed=True, broke=True, said=True) is Stage.FALLBACK
    assert stage(covers(filler=None), failed=True, broke=True) is Stage.FALLBACK


def test_what_a_project_does_not_have_is_left_out():
    assert stage(covers(filler=None)) is Stage.HOLD
    assert stage(covers(filler=None, hold=None)) is Stage.NONE
    assert stage(Covers(), now=40.0) is Stage.FALLBACK
    assert stage(covers(hold=None), said=True) is Stage.NONE


def test_without_covers_only_what_failed_is_given_up():
    assert stage(None) is Stage.NONE
    assert stage(None, now=1e6) is Stage.NONE
    assert stage(None, failed=True) is Stage.FALLBACK


@pytest.mark.parametrize("position", [0, 160, 1000, 15_900, 16_000, 16_160, 47_999])
def test_a_hold_goes_on_where_it_was_and_ends_in_silence(position):
    hold = clips()["hold"]
    ending = faded(hold, position)
    assert ending.samples == round(FADE * 8000)
    loop = np.tile(decode(hold.payload, hold.format), 4)[position:][: ending.samples]
    said = decode(ending.payload, hold.format)
    assert said[0] == pytest.approx(loop[0], abs=0.01)
    assert np.max(np.abs(said[-40:])) < 0.02
    assert np.all(np.abs(said) <= np.abs(loop) + 0.01)


def test_a_hold_shorter_than_the_fade_is_faded_whole():
    short = make_tone(0.04)
    assert faded(short, 100).samples == short.samples


def test_the_still_phrase_comes_after_so_long_without_a_word():
    made = covers(still=clips()["still_there"], every=5.0)
    late = Lateness(10.0)

    def at(quiet, **changes):
        return late.next_stage(made, failed=False, filler_said=True, now=12.0, quiet=quiet, **changes)

    assert [at(4.99), at(5.0), at(7.0)] == [Stage.HOLD, Stage.STILL, Stage.STILL]
    assert late.next_stage(made, failed=False, filler_said=False, now=12.0, quiet=9.0) is Stage.FILLER
    assert late.next_stage(made, failed=True, filler_said=True, now=12.0, quiet=9.0) is Stage.FALLBACK
    assert late.next_stage(made, failed=False, filler_said=True, now=40.0, quiet=9.0) is Stage.FALLBACK
    assert covers().still is None and at(0.0) is Stage.HOLD
