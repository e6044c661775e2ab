"""What a build warns of, and what it says of whole locales: each told once, whatever number of clips it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ivr.errors import Problem
from ivr.phrases.lock import LockEntry
from ivr.pregen.plan import Plan
from ivr.pregen.quiet import quiet
from ivr.project.audio.speakers import NO_VOICE
from ivr.project.checks.tongues import tongues
from ivr.project.sources import Sources


def doubts(sources: Sources, plan: Plan, right: Iterable[LockEntry], failed: Mapping[str, Problem]) -> list[Problem]:
    """``right``: what the lock says of the clips that are there and right at the end.

    A locale of which nobody says anything is left out where the clips that ``failed`` tell it.
    """
    spoken = [step.clip.locale for step in plan.steps if step.by_voice]
    fragments = {step.clip.name for step in plan.steps if step.clip.carrier is not None}  # as loud as in their sentence
    whole = [entry for entry in right if entry.clip not in fragments]
    told = {(problem.file, problem.line) for problem in failed.values() if problem.code == NO_VOICE}
    locales = tongues(sources.settings, sources.words, set(spoken))
    untold = (each for each in locales if each.code != NO_VOICE or (each.file, each.line) not in told)
    return [*plan.doubts, *quiet(sources, whole), *untold]
