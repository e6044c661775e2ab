"""The speaker's bench: what is pressed, and what is made of the figures."""

import json
import subprocess
import sys

import pytest

from bench.table import judged
from bench.talk import keys, rows
from ivr.testing.null_sink import missing

SEEN = {
    "underruns": 2,
    "starved": 0,
    "gaps": 0,
    "late": 0.05,
    "latency": 0.06,
    "played": 60.1,
    "reopened": 0,
    "ended": "the caller hung up",
}
SILENT = {"underruns": 2, "late": 0.05, "played": 60.0}


def test_keys_are_pressed_to_the_end_and_then_it_hangs_up():
    assert keys(17.0) == "1@2s,2@11s,1@14s,2@16s,q@17s"
    assert keys(1.0) == "q@1s"


@pytest.mark.parametrize(
    ("seen", "silent", "status"),
    [
        ({}, {}, 0),
        ({"underruns": 3}, {}, 1),
        ({"starved": 1}, {}, 1),
        ({"gaps": 1}, {}, 1),
        ({"reopened": 1}, {}, 1),
        ({"played": 50.0}, {}, 1),
        ({"underruns": 3}, {"underruns": 5}, 0),
        ({"underruns": 3}, {"played": 30.0}, 3),
    ],
)
def test_no_more_underruns_than_silence_has(seen, silent, status):
    assert judged(rows(SEEN | seen, SILENT | silent, 60.0))[0] == status


@pytest.mark.speaker
@pytest.mark.xdist_group("speaker")
@pytest.mark.skipif(bool(missing()), reason=f"no sound server to play to: {missing()} not installed")
def test_three_seconds_of_it():
    words = [sys.executable, "-m", "bench.talk", "--minutes", "0.05", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=90)
    assert done.returncode in (0, 1, 3), done.stderr
    found = {row["what"]: row for row in json.loads(done.stdout)["rows"]}
    assert found["gaps"]["seen"] == 0 and 0 < found["latency as the device reports it"]["seen"] < 500
