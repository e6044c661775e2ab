"""The promises of ``bench.siege``, on a small scale."""

import argparse
import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from runtime_bank import Babbler, open_house

from bench.siege import _drain

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the siege reads /proc")

TOO_BUSY = 3
"""The status with which a run says that its own clock was too late to tell."""
TRIES = 4
ROOT = Path(__file__).parents[2]
NEEDED = {"--tls": "trustme", "picows": "picows"}
"""What is installed for some of it only."""


AHEAD = {"IVR_PLAYOUT_LEAD": "2s"}
"""For engines and wires beside the usual one: what is judged there is memory, counts and who is cut."""


def siege(*arguments, **environ):
    command = [sys.executable, "-m", "bench.siege", "--json", *map(str, arguments)]
    for _ in range(TRIES):
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=120, env={**os.environ, **environ}, cwd=ROOT
        )
        if done.returncode != TOO_BUSY:
            break
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("how", [(), ("--listener", "picows"), ("--tls",)], ids=["plain", "picows", "tls"])
def test_live_lines_hear_nothing_of_peers_that_mean_no_good(how):
    for needed in [name for word, name in NEEDED.items() if word in how]:
        pytest.importorskip(needed, reason=f"{needed} is not installed")
    figures = siege(
        "--lines", 3, "--sockets", 48, "--others", 1, "--seconds", 6, "--call", 2, *how, **(AHEAD if how else {})
    )
    assert figures["live calls that ended"] >= 2 and figures["gaps heard"] == 0
    assert (
        figures["refused"]["request"] > 0
        and figures["ended early"].get("flood", 0) + figures["ended early"].get("message", 0) > 0
    )


@pytest.mark.parametrize("workers", [1, 2])
def test_sigterm_under_calls_cuts_none_and_lets_none_in(workers):
    figures = siege("--drain", "--lines", 20, "--call", 2, "--workers", workers, IVR_SERVE_LATE="1s")
    # Lines redial at once: of twenty a few are between two calls at either moment.
    assert min(figures["calls at SIGTERM"], figures["calls to be drained"]) >= 16
    assert figures["calls cut"] == {} and figures["calls begun after it"] == 0 and figures["status"] == 0


class Careless:
    """A server that says it drains and takes calls all the same, as the siege sees a server."""

    def __init__(self, house, says=True):
        self._house = house
        self._says = says
        self.url = house.url
        self.log = []

    async def metrics(self):
        return {"ivr_calls": self._house.server.calls}

    def signal(self):
        if self._says:
            self.log.append(f"draining: {self._house.server.calls} calls have 3 s to end")

    async def ended(self, within):
        await asyncio.sleep(2.5)
        return 0


@pytest.mark.parametrize(
    ("says", "finding"), [(True, "calls began behind it"), (False, "it never said that it drains")]
)
async def test_a_server_that_lets_calls_in_while_it_drains_is_found_out(bank, says, finding):
    args = argparse.Namespace(lines=6, call=1.0, workers=1, tls=False)
    async with open_house(bank, Babbler()) as house:
        figures, broken = await _drain(Careless(house, says), args)
    assert [what for what in broken if finding in what], broken
    assert figures["calls begun after it"] == "not known" if not says else figures["calls begun after it"] > 0
