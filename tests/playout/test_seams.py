"""The seam as a figure, on audio whose level and edges are known."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.media.clip import Clip, make_clip
from ivr.media.format import MULAW_8K
from ivr.playout.seams import SeamMeter
from ivr.playout.segments import Span
from ivr.trace.sound import SeamJoined, Strategy


def tone(level: float, seconds: float = 1.0, start: int = 0) -> Clip:
    at = start + np.arange(round(8000 * seconds))
    return make_clip((level * np.sin(at / 8000 * 2 * np.pi * 400)).astype(np.float32), MULAW_8K)


def begin(meter: SeamMeter, name: str, clip: Clip, strategy=Strategy.CLIP, gap=0, slack=None) -> None:
    """Send a clip in messages of 100 ms, as playout does."""
    spans = [Span(clip, at, min(at + 800, clip.samples)) for at in range(0, clip.samples, 800)]
    meter.begin(name, spans[0], strategy)
    meter.joined("u1", strategy, gap, slack, spans[0], 1.0)
    for span in spans:
        meter.sent(span)


def joined(first: Clip, second: Clip, **options) -> SeamJoined:
    meter = SeamMeter(MULAW_8K)
    begin(meter, "a", first)
    begin(meter, "b", second, **options)
    meter.end()
    (seam,) = meter.finished
    return seam


@pytest.mark.parametrize("strategy", [Strategy.CLIP, Strategy.STREAM])
@pytest.mark.parametrize(("levels", "step"), [((0.1, 0.1), 0.0), ((0.1, 0.2), 6.02), ((0.4, 0.1), -12.04)])
def test_the_level_step_is_that_of_the_two_sides(levels, step, strategy):
    seam = joined(tone(levels[0]), tone(levels[1]), strategy=strategy)
    assert seam.level_step == pytest.approx(step, abs=0.3)
    assert (seam.before, seam.after, seam.strategy) == ("a", "b", strategy)


def test_a_wave_that_goes_on_does_not_click():
    assert joined(tone(0.3, 1.0), tone(0.3, 1.0, 8000)).jump <= 1.0


def test_a_wave_that_is_cut_clicks():
    cut = tone(0.3, 1.0, 5)  # begins at a quarter of its period
    quiet = make_clip(np.full(8000, -0.3, np.float32), MULAW_8K)
    assert joined(quiet, cut).jump > 1.5


def test_gap_and_slack_are_told():
    seam = joined(tone(0.1), tone(0.1), strategy=Strategy.STREAM, gap=160, slack=-0.5)
    assert (seam.gap, seam.slack) == (160, -0.5)


def test_beside_silence_there_is_no_level_step():
    silent = make_clip(np.zeros(8000, np.float32), MULAW_8K)
    assert joined(tone(0.1), silent).level_step is None


def test_the_first_segment_has_no_seam_and_after_an_end_there_is_none():
    meter = SeamMeter(MULAW_8K)
    begin(meter, "a", tone(0.1))
    meter.end()
    begin(meter, "b", tone(0.1))
    meter.end()
    assert meter.finished == []


def test_a_short_live_segment_is_measured_when_the_next_begins():
    meter = SeamMeter(MULAW_8K)
    begin(meter, "a", tone(0.1))
    begin(meter, "b", tone(0.1, 0.2), Strategy.STREAM)
    assert meter.finished == []
    begin(meter, "c", tone(0.1))
    assert [(seam.before, seam.after) for seam in meter.finished] == [("a", "b"), ("b", "c")]
    assert meter.finished[0].level_step == pytest.approx(0.0, abs=0.3)
