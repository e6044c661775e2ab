"""What a build warns of, and what it says of whole locales: each told once, whatever number of clips it is about."""

from __future__ import annotations

from collections.abc import Iterable

from ivr.errors import Problem
from ivr.phrases.lock import LockEntry
from ivr.pregen.plan import Plan
from ivr.pregen.quiet import quiet
from ivr.project.checks.tongues import tongues
from ivr.project.sources import Sources


def doubts(sources: Sources, plan: Plan, right: Iterable[LockEntry]) -> list[Problem]:
    """``right``: what the lock says of the clips that are there and right at the end."""
    spoken = [step.clip.locale for step in plan.steps if step.by_voice]
    fragments = {step.clip.name for step in plan.steps if step.clip.carrier is not None}  # as loud as in their sentence
    whole = [entry for entry in right if entry.clip not in fragments]
    return [*plan.doubts, *quiet(sources, whole), *tongues(sources.settings, sources.words, set(spoken))]
