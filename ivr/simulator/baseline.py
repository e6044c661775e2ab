"""A run against one that was stored: what changed, and why where the figures tell."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.errors import ConfigError
from ivr.project.files import read_text
from ivr.simulator.judging import shown
from ivr.simulator.totals import Totals

VERSION = 2
"""Raised when a figure changes its meaning, or what is compared."""
FORMAT = "ivr simulate baseline"
NOTICED = 0.020
"""Seconds: one frame of a telephone line. What moves by less nobody hears, and it is no change."""
FIGURES = ("p50", "p95", "p99")


@dataclass(frozen=True, slots=True)
class Change:
    """Of one figure."""

    of: str
    """A prompt, a strategy, or ``all calls``."""
    metric: str
    figure: str
    """``p95`` and the like; empty for a number of calls."""
    before: float
    after: float
    why: str = ""
    time: bool = True
    """It is seconds, else a number of calls."""

    @property
    def worse(self) -> bool:
        """All figures are better the lower they are."""
        return self.after > self.before

    def __str__(self) -> str:
        step = self.after - self.before
        moved = f"{'+' if step > 0 else '−'}{shown(abs(step))}" if self.time else f"{step:+g}"
        figure = f" {self.figure}" if self.figure else ""
        return f"{self.of}: {self.metric}{figure} {moved}" + (f", because {self.why}" if self.why else "")


def baseline_text(run: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    """What is stored; ``run`` says what the figures are of (calls, seed, profile)."""
    stored = {"baseline": FORMAT, "version": VERSION, "run": run, "report": report}
    return json.dumps(stored, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def read_baseline(file: Path) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The ``run`` and the ``report`` of a stored one. Raises ``ConfigError``."""
    text = read_text(file)
    if not isinstance(text, str):
        raise ConfigError(f"the baseline cannot be read: {text}")
    try:
        stored = json.loads(text)
    except ValueError as error:
        where = f"{file}:{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else str(file)
        raise ConfigError(f"{where}: this is no JSON: make the baseline again with --write-baseline") from None
    if not isinstance(stored, dict) or stored.get("baseline") != FORMAT or not isinstance(stored.get("report"), dict):
        raise ConfigError(f"{file} is no baseline: make one with --write-baseline {file}")
    if stored.get("version") != VERSION:
        what = f"{file} is a baseline of version {stored.get('version')}, and this build compares version {VERSION}"
        raise ConfigError(f"{what}: make it again with --write-baseline")
    try:
        changes(stored["report"], stored["report"])
        changes(stored["report"], Totals().as_dict())
        stored["run"]["project"], stored["run"]["profile_values"].items()
    except (KeyError, TypeError, AttributeError):
        raise ConfigError(f"{file} is cut off or was edited: make the baseline again with --write-baseline") from None
    return stored["run"], stored["report"]


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every figure that moved, by prompt, by strategy and of all calls; ``Totals.as_dict`` of both."""
    found: list[Change] = []
    for name, new in after["prompts"].items():
        old = before["prompts"].get(name)
        if old is not None:
            why = _why(old, new, before, after)
            for metric in ("ttfa", "late"):
                found += _moved(name, metric, old[metric], new[metric], why)
    for name, new in after["ttfa_by_strategy"].items():
        if (old := before["ttfa_by_strategy"].get(name)) is not None:
            found += _moved(f"strategy {name}", "ttfa", old, new)
    for metric in ("ttfa", "late", "dead_air"):
        found += _moved("all calls", metric, before[metric], after[metric])
    for metric, old_calls, new_calls in (
        ("calls with dead air", before["dead_air"]["calls"], after["dead_air"]["calls"]),
        ("broken calls", _calls(before["broken"]), _calls(after["broken"])),
    ):
        if old_calls != new_calls:
            found.append(Change("all calls", metric, "", old_calls, new_calls, time=False))
    return found


def _calls(found: list[Mapping[str, Any]]) -> int:
    return len({each["call"] for each in found})


def _moved(of: str, metric: str, old: Mapping[str, float], new: Mapping[str, float], why: str = "") -> Iterator[Change]:
    if not old["count"] or not new["count"]:
        return
    for figure in FIGURES:
        if abs(new[figure] - old[figure]) >= NOTICED - 1e-9:
            yield Change(of, metric, figure, old[figure], new[figure], why)


def _why(old: Mapping[str, Any], new: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What else changed with a prompt: first what is its own, then what all prompts wait for."""
    reasons = []
    step = new["preamble"] - old["preamble"]
    if abs(step) >= NOTICED:
        reasons.append(f"its preamble {'gained' if step > 0 else 'lost'} {abs(step):.1f} s")
    if gone := sorted(set(old["strategies"]) - set(new["strategies"])):
        reasons.append(f"it is not voiced by {', '.join(gone)} any more")
    if come := sorted(set(new["strategies"]) - set(old["strategies"])):
        reasons.append(f"it is voiced by {', '.join(come)} now")
    if not reasons:
        reasons += _slower("the voice's first audio", before["voice"]["first_audio"], after["voice"]["first_audio"])
        for name in sorted(set(before["lookups"]) & set(after["lookups"])):
            reasons += _slower(f"the lookup {name}", before["lookups"][name], after["lookups"][name])
    return " and ".join(reasons)


def _slower(what: str, old: Mapping[str, float], new: Mapping[str, float]) -> Iterator[str]:
    if old["count"] and new["count"] and abs(step := new["p95"] - old["p95"]) >= NOTICED:
        yield f"{what} takes {shown(abs(step))} {'longer' if step > 0 else 'less'} (p95)"
