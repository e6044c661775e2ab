"""A caller who speaks: sounds that a voice gate takes for speech, dialogs that listen, and what was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from manners import tables
from toy import ANSWERS, Run, catalogue, drive, make_plan

from ivr.call.effects import Lookup
from ivr.call.plan import CallPlan, Dialog
from ivr.catalog.bargein import POLICIES, BargeIn
from ivr.dialog.repertoire import Repertoire
from ivr.media.recording import Recording
from ivr.media.resample import resample
from ivr.media.samples import Samples, silence
from ivr.simulator.driver import Answer
from ivr.testing.voices import babble

ANY = {"main": "any", "greeting": "any"}
KEPT = {"bank.keep": Answer(0, 0.0)}


@cache
def speech(seconds: float, rate: int = 8000) -> Samples:
    """So much of something that is voice to a detector, at -16 dBFS; without a pause."""
    made = resample(babble("abcdefghijklmnopqrstuvwxyz" * (1 + round(seconds))), 22050, rate)[: round(seconds * rate)]
    return (made * (10 ** (-16 / 20) / np.sqrt(np.mean(made**2)))).astype(np.float32)


def pause(seconds: float, rate: int = 8000) -> Samples:
    return silence(round(seconds * rate))


def heeding(dialog: Repertoire | Dialog | str, prompts: Mapping[str, str | BargeIn] = ANY) -> CallPlan:
    """A plan in which those prompts have that policy. A text is the states of a dialog that begins at ``a``."""
    if isinstance(dialog, str):
        dialog = tables(f"dialog: main\nstart: a\nstates:\n{dialog}")
    if isinstance(dialog, Repertoire):
        repertoire = dialog
        dialog = lambda line: repertoire.answer("main", line)  # noqa: E731
    found = catalogue()
    made = {
        name: replace(found.prompt(name), bargein=BargeIn(POLICIES[by]) if isinstance(by, str) else by)
        for name, by in prompts.items()
    }
    plan = make_plan(dialog, functions=(*ANSWERS, "bank.keep"))
    return replace(plan, catalogue=replace(found, prompts={**found.prompts, **made}))


def talk(
    dialog: Repertoire | Dialog | str,
    says: Iterable[tuple[float, Samples]] = (),
    prompts: Mapping[str, str | BargeIn] = ANY,
    **options: Any,
) -> Run:
    """One call in which the caller says those sounds."""
    return drive(heeding(dialog, prompts), says=says, lookups=KEPT, **options)


def kept(run: Run) -> list[Recording]:
    """The recordings that the function ``bank.keep`` was given."""
    return [
        effect.keywords["x"]
        for _, effect in run.done
        if isinstance(effect, Lookup) and isinstance(effect.keywords.get("x"), Recording)
    ]
