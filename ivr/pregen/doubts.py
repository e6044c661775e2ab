"""What a build warns of, and what it says of whole locales: each told once, whatever number of clips it is about."""

from __future__ import annotations

from collections.abc import Iterable

from ivr.errors import Problem
from ivr.phrases.lock import LockEntry
from ivr.pregen.plan import Plan
from ivr.pregen.quiet import quiet
from ivr.project.sources import Sources
from ivr.project.tongues import tongues


def doubts(sources: Sources, plan: Plan, right: Iterable[LockEntry]) -> list[Problem]:
    """``right``: what the lock says of the clips that are there and right at the end."""
    spoken = [step.clip.locale for step in plan.steps if step.by_voice]
    return [*plan.doubts, *quiet(sources, right), *tongues(sources.settings, sources.words, set(spoken))]
