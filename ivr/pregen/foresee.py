"""What a build would do."""

from __future__ import annotations

from dataclasses import replace

from ivr.errors import Problem
from ivr.pregen.beforehand import too_long
from ivr.pregen.plan import Plan, Step
from ivr.pregen.report import Planned, RenderReport
from ivr.project.settings import Settings
from ivr.project.sources import Sources
from ivr.speech.synthesizer import Synthesizer
from ivr.speech.voices import named


def foreseen(sources: Sources, plan: Plan, voice: Synthesizer | None) -> RenderReport:
    """The report of a build that writes nothing."""
    long = {step.clip.name: problem for step, problem in too_long(sources, plan.steps)}
    failed = {step.clip.name: step.problem for step in plan.steps if step.problem is not None} | long
    todo = [step for step in plan.steps if step.clip.name not in long]
    kept = replace(plan, steps=tuple(todo))
    return RenderReport(
        check=True,
        provider=provider_of(sources.settings, voice),
        ready=names(plan, "ready"),
        entered=names(plan, "entered"),
        missing=names(kept, "missing"),
        corrupt=names(kept, "corrupt"),
        stale=names(kept, "stale"),
        orphaned=tuple(entry.file for entry in plan.orphans),
        failed=_sorted(failed),
        planned=planned(sources, kept),
        problems=(*sources.problems, *plan.doubts),
        characters=sum(len(step.clip.text) for step in todo if step.to_render),
    )


def provider_of(settings: Settings, voice: Synthesizer | None) -> str:
    """What the voice is called, also where none was opened: by that its price is known."""
    return voice.name if voice is not None else named(settings.voice.provider, settings.voice.url)


def names(plan: Plan, state: str) -> tuple[str, ...]:
    """Of the clips in that state, sorted."""
    return tuple(sorted(step.clip.name for step in plan.steps if step.state == state))


def planned(sources: Sources, plan: Plan) -> tuple[Planned, ...]:
    """What is to be made, in the order of the clips' names."""
    return tuple(sorted((_planned(sources, step) for step in plan.steps if step.to_make), key=lambda one: one.clip))


def _planned(sources: Sources, step: Step) -> Planned:
    clip, recording = step.clip, step.recording
    return Planned(
        clip=clip.name,
        phrase=clip.phrase,
        locale=clip.locale,
        text=clip.text,
        file=clip.file,
        state=step.state,
        voice="" if recording is not None else sources.settings.speaker(clip.locale).name,
        recording="" if recording is None else recording.file,
        characters=len(clip.text) if recording is None else 0,
    )


def _sorted(failed: dict[str, Problem]) -> dict[str, Problem]:
    return dict(sorted(failed.items()))
