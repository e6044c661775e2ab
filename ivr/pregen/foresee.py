"""What a build would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ivr.errors import Problem
from ivr.pregen.doubts import doubts
from ivr.pregen.files.disk import Disk
from ivr.pregen.plan import Plan, Step
from ivr.pregen.provider.beforehand import mute_locales, too_long
from ivr.pregen.report import Planned, RenderReport
from ivr.pregen.twins import Twin, repeats, twins
from ivr.project.settings.settings import Settings
from ivr.project.sources import Sources
from ivr.speech.synthesizer import Synthesizer
from ivr.speech.voices import named


def foreseen(sources: Sources, plan: Plan, disk: Disk, voice: Synthesizer | None) -> RenderReport:
    """The report of a build that writes nothing."""
    same = twins(sources, plan.steps, disk, voice.name if voice is not None else None)
    never = (*too_long(sources, plan.steps), *mute_locales(sources, plan.steps))
    long = {step.clip.name: problem for step, problem in never if step.clip.name not in same}
    failed = {step.clip.name: step.problem for step in plan.steps if step.problem is not None} | long
    todo = [step for step in plan.steps if step.clip.name not in long]
    kept = replace(plan, steps=tuple(todo))
    asked = [step.clip for step in todo if step.to_render and step.clip.name not in same]
    same |= repeats(sources, asked, voice.name if voice is not None else "")
    return RenderReport(
        check=True,
        provider=provider_of(sources.settings, voice),
        ready=names(plan, "ready"),
        entered=names(plan, "entered"),
        missing=names(kept, "missing"),
        corrupt=names(kept, "corrupt"),
        stale=names(kept, "stale"),
        orphaned=tuple(entry.file for entry in plan.orphans),
        left=plan.left,
        failed=_sorted(failed),
        planned=(made := planned(sources, kept, same)),
        problems=(*sources.problems, *doubts(sources, plan, plan.right, failed)),
        characters=sum(one.characters for one in made),
    )


def provider_of(settings: Settings, voice: Synthesizer | None) -> str:
    """What the voice is called, also where none was opened: by that its price is known."""
    return voice.name if voice is not None else named(settings.voice.provider, settings.voice.url)


def names(plan: Plan, state: str) -> tuple[str, ...]:
    """Of the clips in that state, sorted."""
    return tuple(sorted(step.clip.name for step in plan.steps if step.state == state))


def planned(sources: Sources, plan: Plan, twins: Mapping[str, Twin]) -> tuple[Planned, ...]:
    """What is to be made, in the order of the clips' names; ``twins``: see ``ivr.pregen.twins``."""
    todo = sorted((step for step in plan.steps if step.to_make), key=lambda step: step.clip.name)
    return tuple(_planned(sources, step, twins.get(step.clip.name)) for step in todo)


def _planned(sources: Sources, step: Step, twin: Twin | None) -> Planned:
    clip, recording = step.clip, step.recording
    said = recording is None and twin is None
    return Planned(
        clip=clip.name,
        phrase=clip.phrase,
        locale=clip.locale,
        text=clip.text,
        file=clip.file,
        state=step.state,
        voice=sources.settings.speaker(clip.locale).name if said else "",
        recording="" if recording is None else recording.file,
        twin="" if twin is None else twin.file,
        characters=len(clip.text) if said else 0,
    )


def _sorted(failed: dict[str, Problem]) -> dict[str, Problem]:
    return dict(sorted(failed.items()))
