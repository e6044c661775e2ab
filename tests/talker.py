"""A caller who speaks: sounds that a voice gate takes for speech, and what of them came back."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from toy import catalogue, make_plan

from ivr.call.plan import CallPlan
from ivr.catalog.bargein import POLICIES, BargeIn
from ivr.media.resample import resample
from ivr.media.samples import Samples, silence
from ivr.testing.voices import babble


@cache
def speech(seconds: float, rate: int = 8000) -> Samples:
    """So much of something that is voice to a detector, at -16 dBFS; without a pause."""
    made = resample(babble("abcdefghijklmnopqrstuvwxyz" * (1 + round(seconds))), 22050, rate)[: round(seconds * rate)]
    return (made * (10 ** (-16 / 20) / np.sqrt(np.mean(made**2)))).astype(np.float32)


def pause(seconds: float, rate: int = 8000) -> Samples:
    return silence(round(seconds * rate))


def interruptible(dialog, by: str = "speech", after: float = 0.0, *names: str) -> CallPlan:
    """A plan in which those prompts have that policy; left out, ``main`` and ``greeting``."""
    found = catalogue()
    policy = BargeIn(POLICIES[by], after)
    prompts = {name: replace(found.prompt(name), bargein=policy) for name in names or ("main", "greeting")}
    plan = make_plan(dialog)
    return replace(plan, catalogue=replace(found, prompts={**found.prompts, **prompts}))
