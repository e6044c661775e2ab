"""Renders what a project lacks: exactly the clips whose key changed, or whose file is missing or damaged."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field

from ivr.errors import ConfigError, IvrError
from ivr.phrases.lock import LockEntry, Refusal
from ivr.pregen.building import Build
from ivr.pregen.choice import ALL, Choice
from ivr.pregen.files.aside import clear, set_aside
from ivr.pregen.files.copying import copy_all, copy_one
from ivr.pregen.files.disk import Disk
from ivr.pregen.files.holding import alone
from ivr.pregen.files.litter import sweep
from ivr.pregen.files.saving import Keeper
from ivr.pregen.files.sparing import spare_all
from ivr.pregen.foresee import foreseen
from ivr.pregen.plan import Plan, Step, make_plan
from ivr.pregen.progress import Tell
from ivr.pregen.provider.asking import Asker
from ivr.pregen.provider.beforehand import mute_locales, too_long, unspoken, unwritable, voiceless
from ivr.pregen.provider.gate import Pace
from ivr.pregen.report import RenderReport
from ivr.pregen.twins import Twin, repeats, twins
from ivr.project.audio.clips import delivery
from ivr.project.sources import Sources
from ivr.speech.synthesizer import Synthesizer


@dataclass(frozen=True, slots=True)
class Manner:
    """How a build goes about it."""

    at_once: int | None = None
    """Requests at once, at the most; None: as ``voice.at_once`` says."""
    pace: Pace = field(default_factory=Pace)
    held: bool = False
    """The caller is ``alone`` with the project since before it was read."""
    disk: Disk | None = None
    """It may know files from before."""
    refusal: IvrError | None = None
    """Why there is no voice, which matters only where nothing can be made without one."""
    again: bool = False
    """Fragments that an earlier build could not cut are asked for once more."""


USUAL = Manner()


async def render(
    sources: Sources,
    voice: Synthesizer | None,
    *,
    progress: Tell = lambda progress: None,
    check: bool = False,
    choice: Choice = ALL,
    accepted: Collection[str] = (),
    manner: Manner = USUAL,
) -> RenderReport:
    """Build the clips of ``sources``, or with ``check`` say what would be built.

    What fails is in the report and everything else is built. Without a ``voice`` nothing can be rendered, and clips
    of any version of the project's voice count as right. None that a build did not make is written over, and no file
    is removed but half-written ones of builds that were killed. Cancelling leaves whole clips and a lock that names
    them. ``accepted``: see ``make_plan``. Raises ``ConfigError`` where all that is to be made needs
    a voice and there is none, and where another build of the project is running.
    """
    name = None if voice is None else voice.name
    disk = manner.disk or Disk(sources.audio)
    if check:
        plan = make_plan(sources, name, choice, disk=disk, accepted=accepted, again=manner.again)
        disk.remember()
        return foreseen(sources, plan, disk, voice)
    with nullcontext(False) if manner.held else alone(sources.audio) as by_itself:
        if by_itself:
            sweep(sources.audio)
        plan = make_plan(sources, name, choice, disk=disk, accepted=accepted, listen=False, again=manner.again)
        disk.remember()
        build = await _prepared(sources, voice, plan, disk, choice, progress, manner)
        try:
            if choice:
                spare_all(build, disk, {step.clip.name for step in plan.steps})
            await copy_all(build, disk)
            clear(sources.audio, _still_wanted(build, choice))
            await _all(build, disk, manner.at_once or sources.settings.voice.at_once)
        except asyncio.CancelledError:
            build.stopped()
            raise
        finally:
            unsaved = build.keeper.save()
        disk.look((step.clip.file for step in build.todo), again=True)
        disk.remember()
    return build.report(plan, [unsaved] if unsaved is not None else [])


async def _prepared(
    sources: Sources,
    voice: Synthesizer | None,
    plan: Plan,
    disk: Disk,
    choice: Choice,
    tell: Tell,
    manner: Manner,
) -> Build:
    """A build that knows what it cannot make."""
    todo = [step for step in plan.steps if step.to_make]
    same = twins(sources, plan.steps, disk, None if voice is None else voice.name)
    spoken = [step for step in todo if step.to_render and step.clip.name not in same]
    hopeless = [*unwritable(sources, todo), *too_long(sources, spoken), *mute_locales(sources, spoken)]
    if voice is not None:
        hopeless += await unspoken(sources, voice, spoken)
    elif spoken and len(spoken) < len(todo):
        hopeless += voiceless(sources, spoken)
    elif spoken:
        raise manner.refusal or ConfigError(
            f"{len(spoken)} clips are to be rendered and there is no voice: see voice in prompts/ivr.yaml"
        )
    failed = {step.clip.name: problem for step, problem in reversed(hopeless)}
    todo = [step for step in todo if step.clip.name not in failed]
    if voice is not None:
        asked = [step.clip for step in todo if step.to_render and step.clip.name not in same]
        same |= repeats(sources, asked, voice.name)
    gone = frozenset(orphan.clip for orphan in plan.orphans)
    keeper = Keeper(sources, _kept(sources, plan, choice), gone, _refused(sources, plan, choice))
    build = Build(sources, keeper, tell, todo, failed, same)
    if voice is not None:
        at_once = manner.at_once or sources.settings.voice.at_once
        build.asker = Asker(voice, sources.settings, at_once=at_once, pace=manner.pace, told=build.wait)
    return build


def _kept(sources: Sources, plan: Plan, choice: Choice) -> dict[str, LockEntry]:
    """What the lock says before anything is made; entries that nobody needs are dropped where all is known."""
    entries = dict(sources.lock.clips)
    if not choice and sources.whole:
        known = {step.clip.name for step in plan.steps} | {orphan.clip for orphan in plan.orphans}
        entries = {name: entry for name, entry in entries.items() if name in known}
    return entries | {step.clip.name: step.entry for step in plan.steps if step.entry is not None and not step.to_make}


def _refused(sources: Sources, plan: Plan, choice: Choice) -> dict[str, Refusal]:
    """What the lock goes on to remember: not of clips that are right by now, nor of those that nobody needs."""
    blocked = {step.clip.name: step.state == "blocked" for step in plan.steps}
    unseen = bool(choice) or not sources.whole
    return {name: refusal for name, refusal in sources.lock.refused.items() if blocked.get(name, unseen)}


def _still_wanted(build: Build, choice: Choice) -> Collection[str]:
    """Keys of clips that stay aside: what could not be copied, and where only some were chosen, what others want."""
    wanted = {twin.key for name, twin in build.twins.items() if name in build.failed}
    if choice or not build.sources.whole or build.asker is None:
        done = {twin.key for name, twin in build.twins.items() if name in build.copied}
        wanted |= set_aside(build.sources.audio).keys() - done
    return wanted


async def _all(build: Build, disk: Disk, at_once: int) -> None:
    """What is to be made; behind each clip those that say the same."""
    recorded = [step for step in build.todo if step.recording is not None]
    spoken = [step for step in build.todo if step.recording is None and step.clip.name not in build.twins]
    behind: defaultdict[str, list[tuple[Step, Twin]]] = defaultdict(list)
    for step in build.todo:
        if (twin := build.twins.get(step.clip.name)) is not None and twin.maker:
            behind[twin.maker].append((step, twin))

    async def work(left: Iterator[Step]) -> None:
        for step in left:
            error = await _one(build, step)
            for other, twin in behind.get(step.clip.name, ()):
                if error is None:
                    await copy_one(build, disk, other, twin)
                else:
                    build.lost(other, error)

    async with asyncio.TaskGroup() as group:
        for some, most in ((recorded, os.cpu_count() or 1), (spoken, at_once)):
            left = iter(some)
            for _ in range(min(most, len(some))):
                group.create_task(work(left))


async def _one(build: Build, step: Step) -> Exception | None:
    """Make it; what went wrong."""
    despair = None if build.asker is None or step.recording is not None else build.asker.despair
    who = delivery(step.clip, build.sources.settings)
    try:
        entry = await _made(build, step)
    except (IvrError, OSError) as error:
        if despair is not None:
            despair.failed(who, error, step.clip.carrier)
        build.lost(step, error)
        return error
    if despair is not None:
        despair.succeeded(who, step.clip.carrier)
    build.made(step, entry)
    return None


async def _made(build: Build, step: Step) -> LockEntry:
    from ivr.pregen.making import make_recorded, make_spoken  # what a build that has nothing to do goes without

    if step.recording is not None:
        entry, doubts = await asyncio.to_thread(make_recorded, build.sources, step)
        build.doubts += doubts
        return entry
    assert build.asker is not None
    spoken = await build.asker.spoken(step.clip)
    return await asyncio.to_thread(make_spoken, build.sources, step.clip, build.asker.voice.name, spoken)
