"""The speaker's bench: what is pressed, and what is made of the figures."""

import pytest

from bench.table import judged
from bench.talk import keys, rows

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
