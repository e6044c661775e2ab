"""The promises of ``bench.siege``, on a small scale."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the siege reads /proc")

TOO_BUSY = 3
"""The status with which a run says that its own clock was too late to tell."""
TRIES = 4


def siege(*arguments):
    command = [sys.executable, "-m", "bench.siege", "--json", *map(str, arguments)]
    for _ in range(TRIES):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[2])
        if done.returncode != TOO_BUSY:
            break
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_live_lines_hear_nothing_of_peers_that_mean_no_good():
    figures = siege("--lines", 3, "--sockets", 48, "--others", 1, "--seconds", 3, "--call", 2)
    assert figures["live calls that ended"] >= 2 and figures["gaps heard"] == 0
    assert figures["refused"]["request"] > 0 and figures["ended early"]["flood"] > 0


def test_sigterm_under_calls_cuts_none_and_lets_none_in():
    figures = siege("--drain", "--lines", 20, "--call", 2)
    assert figures["calls at SIGTERM"] == figures["calls to be drained"] >= 16
    assert figures["calls cut"] == {} and figures["calls begun after it"] == 0 and figures["status"] == 0
