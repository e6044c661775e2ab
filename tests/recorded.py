"""Calls of the toy bank on disk, as commands leave them: a trace each, and a recording beside some."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from toy import Run, drive, make_plan

from ivr.simulator.driver import Answer
from ivr.testing.voices import ScriptedVoice
from ivr.trace.audio import stereo
from ivr.trace.events import StateEntered, TraceEvent
from ivr.trace.jsonl import header, line
from ivr.trace.sound import SegmentStarted, Strategy

HOSTILE = "</script><img src=x onerror=document.title='broken'><svg onload=alert(1)> \"' & \u2028"
"""A text that would be markup, were it not escaped."""


def made(number: int) -> Run:
    """Calls of five kinds in turn: good, short, with a late lookup, late and without covers, with a voice that dies."""
    kind = number % 5
    return drive(
        make_plan(covers=None) if kind == 3 else make_plan(),
        keys=[(2.5, "9")] if kind == 1 else [(2.5, "1"), (9.5, "3"), (16.0, "9")],
        lookups={"bank.balance": Answer(12.5 + number, 2.5 + number / 100)} if kind in (2, 3) else {},
        voice=ScriptedVoice(dies_after=0.3) if kind == 4 else ScriptedVoice(),
    )


def write(directory: Path, name: str, events: list[TraceEvent], run: Run | None = None) -> Path:
    """``events`` as a trace; with ``run`` the recording of its call beside it."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.jsonl"
    path.write_bytes(header(name) + b"".join(line(event) for event in events))
    if run is not None:
        ours = run.heard.timeline(0.0, run.trace[-1].at)
        path.with_suffix(".wav").write_bytes(stereo(np.zeros_like(ours), ours, 8000))
    return path


def write_many(directory: Path, count: int, with_sound: int) -> list[Path]:
    """``count`` calls of every kind, the first of them with recordings; one says what no call should."""
    kinds = [made(number) for number in range(10)]
    paths = []
    for number in range(count):
        run = kinds[number % 10]
        paths.append(write(directory, f"call-{number:03}", run.trace, run if number < with_sound else None))
    first, *_, last = kinds[0].trace
    hostile = SegmentStarted("u1", HOSTILE, Strategy.CLIP, HOSTILE, False, 0, 0.1, 0.1)
    paths.append(write(directory, "hostile", [first, StateEntered(HOSTILE, 0.1, HOSTILE), hostile, last]))
    return paths
