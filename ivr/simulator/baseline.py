"""A run against one that was stored: what changed, and why where the figures tell."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.errors import ConfigError
from ivr.project.disk.files import read_text
from ivr.simulator.judging import shown
from ivr.simulator.totals import Totals
from ivr.trace.sound import Strategy

VERSION = 2
"""Raised when a figure changes its meaning, or what is compared."""
FORMAT = "ivr simulate baseline"
NOTICED = 0.020
"""Seconds: one frame of a telephone line. What moves by less nobody hears, and it is no change."""
FIGURES = ("p50", "p95", "p99")


AT_HAND = frozenset({Strategy.CLIP.value, Strategy.CACHED.value})
"""Words that nobody waits for; of all others, covers among them, somebody does."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the figures of a prompt may move."""

    sign: int
    """1: it makes them greater; -1: less."""
    text: str
    own: bool = True
    """It is the prompt's; else all prompts have it."""


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
            reasons = list(_reasons(old, new, before, after))
            for metric in ("ttfa", "late"):
                found += _moved(name, metric, old[metric], new[metric], reasons)
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


def gone(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Prompts that the stored run said and this one did not: no figure of theirs can be compared."""
    return sorted(before["prompts"].keys() - after["prompts"].keys())


def _calls(found: list[Mapping[str, Any]]) -> int:
    return len({each["call"] for each in found})


def _moved(
    of: str, metric: str, old: Mapping[str, float], new: Mapping[str, float], reasons: Sequence[Reason] = ()
) -> Iterator[Change]:
    if not old["count"] or not new["count"]:
        return
    for figure in FIGURES:
        step = new[figure] - old[figure]
        if abs(step) >= NOTICED - 1e-9:
            yield Change(of, metric, figure, old[figure], new[figure], _why(reasons, 1 if step > 0 else -1))


def _why(reasons: Sequence[Reason], sign: int) -> str:
    """What moves a figure that way: what is the prompt's own, or else what all prompts wait for."""
    fitting = [reason for reason in reasons if reason.sign == sign]
    own = [reason.text for reason in fitting if reason.own]
    return " and ".join(own or [reason.text for reason in fitting])


def _reasons(
    old: Mapping[str, Any], new: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Reason]:
    """What else changed with a prompt."""
    step = new["preamble"] - old["preamble"]
    if abs(step) >= NOTICED:
        length = f"{abs(step):.1f} s" if abs(step) >= 0.1 else shown(abs(step))
        yield Reason(-1 if step > 0 else 1, f"its preamble {'gained' if step > 0 else 'lost'} {length}")
    was, now = set(old["strategies"]), set(new["strategies"])
    for at_hand in (True, False):
        kinds = AT_HAND if at_hand else (was | now) - AT_HAND
        if lost := (was - now) & kinds:
            yield Reason(1 if at_hand else -1, f"it is not voiced by {', '.join(sorted(lost))} any more")
        if come := (now - was) & kinds:
            yield Reason(-1 if at_hand else 1, f"it is voiced by {', '.join(sorted(come))} now")
    yield from _slower("the voice's first audio", before["voice"]["first_audio"], after["voice"]["first_audio"])
    for name in sorted(set(before["lookups"]) & set(after["lookups"])):
        yield from _slower(f"the lookup {name}", before["lookups"][name], after["lookups"][name])


def _slower(what: str, old: Mapping[str, float], new: Mapping[str, float]) -> Iterator[Reason]:
    if old["count"] and new["count"] and abs(step := new["p95"] - old["p95"]) >= NOTICED:
        text = f"{what} takes {shown(abs(step))} {'longer' if step > 0 else 'less'} (p95)"
        yield Reason(1 if step > 0 else -1, text, own=False)
