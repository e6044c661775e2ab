import numpy as np
import pytest
from words import speech

from ivr.media.balance import REACH_DB, Cells, line, solve
from ivr.media.edges import speech_bounds
from ivr.media.level import gain_db
from ivr.media.loudness import edge_loudness, loudness

RATES = [8000, 22050, 44100, 48000]


def described(samples, rate):
    start, stop = speech_bounds(samples, rate)
    return Cells(samples, rate), line(start, stop, rate), start, stop


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("seconds", [0.2, 0.3333, 0.41, 0.777, 1.5, 3.03])
def test_the_cells_say_what_a_measurement_says(rate, seconds):
    samples = speech(seconds, 3, rate)
    cells, course, start, stop = described(samples, rate)
    found, _ = cells.measure(course, np.zeros(3), start, stop)
    measured = [edge_loudness(samples, rate, "head"), loudness(samples, rate), edge_loudness(samples, rate, "tail")]
    assert found == pytest.approx(measured, abs=0.1)


def test_slopes_are_what_a_small_step_does():
    cells, course, start, stop = described(speech(1.1, 5), 8000)
    gains = np.array([2.0, -3.0, 4.0])
    found, slopes = cells.measure(course, gains, start, stop)
    for which in range(3):
        moved, _ = cells.measure(course, gains + 0.01 * np.eye(3)[which], start, stop)
        assert (moved - found) / 0.01 == pytest.approx(slopes[:, which], abs=0.01)


def test_one_gain_for_up_to_400_ms_of_speech_three_for_more():
    assert len(line(80, 80 + 3200, 8000).at) == 1
    course = line(80, 80 + 16000, 8000)
    assert list(course.at) == [80 + 3200, 80 + 4800, 80 + 16000 - 4800, 80 + 16000 - 3200]
    steepest = max(
        np.abs(np.diff(line(0, length, 8000).over(np.arange(length)), axis=0)).max() for length in (3300, 5000)
    )
    assert steepest <= 1.001 / 1600  # of the difference between two gains, in a sample: 200 ms for all of it


@pytest.mark.parametrize("side", ["head", "tail"])
def test_an_edge_out_of_reach_does_not_cost_the_whole_its_level(side):
    quiet, usual = gain_db(speech(0.5, 1), -45), speech(2.0, 2)
    samples = np.concatenate((quiet, usual) if side == "head" else (usual, quiet))
    cells, _, _, _ = described(samples, 8000)
    start, stop = 80, len(samples) - 240
    course = line(start, stop, 8000)
    gains = solve(cells, course, np.full(3, -20.0), np.zeros(3), start, stop)
    found, _ = cells.measure(course, gains, start, stop)
    assert np.abs(gains - gains[1]).max() == pytest.approx(REACH_DB, abs=0.01)
    assert found[1] == pytest.approx(-20, abs=0.26)
