"""``python -m bench.talk``: ``ivr talk`` on a null sink, and beside it a callback that plays silence to the same one.

Both are processes of their own with streams of one shape, at the same time; what the machine does to the one it does to
the other. The caller presses keys all the time: words, lookups, live speech and barge-ins go on beside the callback.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from itertools import accumulate, cycle, takewhile
from pathlib import Path
from typing import Any

from bench.table import Row, tell
from ivr.errors import ConfigError, DeviceError, IvrError
from ivr.project.starter import starter_root
from ivr.testing.null_sink import NullSink, missing

KEYS = (("1", 9.0), ("2", 3.0), ("1", 2.0), ("2", 12.0))
"""Keys of the starter's menu, and seconds to the one after: words heard to their end, and words broken in upon."""

FIRST = 2.0
"""Seconds before the first key."""

SLACK = 60.0
"""Seconds that the two may take longer than they are to play."""

WHOLE = 0.98
"""Of what was to be played, the part below which a stream did not run as it must."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.talk", description=__doc__)
    parser.add_argument("--minutes", type=_minutes, default=10.0, help="of the call (%(default)g)")
    parser.add_argument("--no-mic", action="store_true", help="without the microphone, here the sink's monitor")
    parser.add_argument("--json", action="store_true")
    parser.epilog = (
        "Exit status 0: every figure holds; 1: one is over; 3: nothing is known, because the silent callback did not "
        "run as it must; 2: it could not be measured."
    )
    args = parser.parse_args()
    try:
        seen, silent = measure(args.minutes * 60, microphone=not args.no_mic)
    except IvrError as error:
        print(f"bench: {error}", file=sys.stderr)
        sys.exit(2)
    found = rows(seen, silent, args.minutes * 60)
    title = f"ivr talk for {args.minutes:g} min on a null sink; floor: a silent callback beside it"
    tell(found, title, as_json=args.json)


def measure(seconds: float, *, microphone: bool) -> tuple[dict[str, float], dict[str, float]]:
    """The figures of ours and of the silent callback. Raises ``ConfigError`` and ``DeviceError``."""
    if lacking := missing():
        raise ConfigError(f"there is no sound server to play to: install {lacking}")
    words = [sys.executable, "-m", "ivr.cli.main", "talk", str(starter_root()), "--keys", keys(seconds), "--json"]
    with tempfile.TemporaryDirectory() as directory, NullSink(Path(directory) / "sound") as sink:
        alike = () if microphone else ("--no-mic",)
        ours = _start([*words, *alike], sink.environ)
        silent = _start([sys.executable, "-m", "bench.silent_callback", str(seconds), *alike], sink.environ)
        try:
            told, used = _told("ivr talk", ours, seconds), _told("the silent callback", silent, seconds)
        finally:
            for process in (ours, silent):
                process.kill()
                process.communicate()
    return told["device"] | {"ended": told["ended"]}, used


def keys(seconds: float) -> str:
    """What is pressed in a call of that length, as ``ivr talk`` takes it."""
    pressed = cycle(KEYS)
    times = accumulate((wait for _, wait in cycle(KEYS)), initial=FIRST)
    presses = [f"{next(pressed)[0]}@{at:g}s" for at in takewhile(lambda at: at < seconds, times)]
    return ",".join([*presses, f"q@{seconds:g}s"])


def _start(words: list[str], environ: Mapping[str, str]) -> subprocess.Popen[str]:
    here = os.pathsep.join((str(Path(__file__).parents[1]), environ["PYTHONPATH"]))
    pipe = subprocess.PIPE
    return subprocess.Popen(words, env={**environ, "PYTHONPATH": here}, stdout=pipe, stderr=pipe, text=True)


def _told(name: str, process: subprocess.Popen[str], seconds: float) -> dict[str, Any]:
    try:
        out, errors = process.communicate(timeout=seconds + SLACK)
    except subprocess.TimeoutExpired:
        raise DeviceError(f"{name} did not come to its end") from None
    if process.returncode:
        raise DeviceError(f"{name} ended with status {process.returncode}: {errors.strip()}")
    told: dict[str, Any] = json.loads(out)
    return told


def rows(seen: Mapping[str, Any], silent: Mapping[str, float], seconds: float) -> list[Row]:
    """What is held: no more underruns than the silent callback had, and nothing of our own making."""
    valid = silent["played"] >= WHOLE * seconds
    longest = (seen["late"] * 1000, silent["late"] * 1000)
    return [
        Row("underruns", "", silent["underruns"], seen["underruns"], silent["underruns"], 0, valid),
        Row("blocks that found the ring empty", "", 0, seen["starved"], None, 0, valid),
        Row("gaps", "", 0, seen["gaps"], None, 0, valid),
        Row("times it had stopped and was opened anew", "", 0, seen["reopened"], None, 0, valid),
        Row("the most between two callbacks", "ms", None, longest[0], longest[1], None, valid),
        Row("latency as the device reports it", "ms", None, seen["latency"] * 1000, None, None, valid),
        Row("not played", "s", (1 - WHOLE) * seconds, max(0.0, seconds - seen["played"]), None, None, valid),
    ]


def _minutes(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0.05 <= found <= 200:
        raise argparse.ArgumentTypeError(f"{text!r}: write minutes from 0.05 to 200, such as 10")
    return found


if __name__ == "__main__":
    main()
