"""Renders what a project lacks: exactly the clips whose key changed, or whose file is missing or damaged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from ivr.errors import (
    ConfigError,
    IvrError,
    Problem,
    SpeechBroken,
    SpeechEmpty,
    SpeechError,
    SpeechRefused,
    SpeechTimeout,
)
from ivr.media.samples import Samples
from ivr.phrases.lock import Lock, LockEntry, calibrate, dump
from ivr.pregen.choice import ALL, Choice
from ivr.pregen.disk import Disk, replace_file
from ivr.pregen.making import make_recorded, make_spoken
from ivr.pregen.plan import Plan, Step, make_plan
from ivr.pregen.report import RenderReport
from ivr.project.clips import Wanted
from ivr.project.layout import LOCK
from ivr.project.sources import Sources
from ivr.speech.synthesizer import SpeechRequest, Synthesizer

CONCURRENCY = 4
"""Syntheses at once: hosted voices limit them, and two processes of the embedded one are kept busy."""
SAVE_EVERY = 1.0
"""Seconds between two writings of the lock. A clip that was written in between carries its mark and is not lost."""
_LONGEST_WAIT = 30.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a build stands; one is told for each clip that was rendered or failed."""

    done: int
    total: int
    clip: str
    failed: bool


@dataclass(slots=True)
class _Build:
    """What one build has come to."""

    sources: Sources
    entries: dict[str, LockEntry]
    orphans: tuple[LockEntry, ...]
    total: int
    tell: Callable[[Progress], None]
    rendered: list[str] = field(default_factory=list)
    recorded: list[str] = field(default_factory=list)
    failed: dict[str, Problem] = field(default_factory=dict)
    characters: int = 0
    seconds: float = 0.0
    saved: float = 0.0


async def render(
    sources: Sources,
    voice: Synthesizer | None,
    *,
    progress: Callable[[Progress], None] = lambda progress: None,
    check: bool = False,
    choice: Choice = ALL,
    accepted: Collection[str] = (),
    disk: Disk | None = None,
) -> RenderReport:
    """Build the clips of ``sources``, or with ``check`` say what would be built.

    What fails is in the report and everything else is built. Without a ``voice`` nothing can be rendered, and clips
    of any version of the project's voice count as right. No file is removed, and none that a build did not make is
    written over. Cancelling leaves whole clips and a lock that names them. ``accepted``: see ``make_plan``. Raises
    ``ConfigError`` where a voice is needed and there is none, or where the lock cannot be written.
    """
    name = None if voice is None else voice.name
    disk = disk or Disk(sources.audio)
    plan = make_plan(sources, name, choice, disk=disk, accepted=accepted)
    disk.remember()
    if check:
        return _foreseen(sources, plan)
    spoken = [step for step in plan.steps if step.to_render]
    if spoken and voice is None:
        raise ConfigError(
            f"{len(spoken)} clips are to be rendered and there is no voice: see voice in prompts/ivr.yaml"
        )
    todo = [step for step in plan.steps if step.to_make]
    build = _Build(sources, _kept(sources, plan, choice), plan.orphans, len(todo), progress)
    try:
        await _all(build, voice, todo)
    finally:
        _save(build)
    disk.look((step.clip.file for step in todo), again=True)
    disk.remember()
    return _done(plan, build)


def _kept(sources: Sources, plan: Plan, choice: Choice) -> dict[str, LockEntry]:
    """What the lock says before anything is made; entries that nobody needs are dropped where all is known."""
    entries = dict(sources.lock.clips)
    if not choice and sources.whole:
        names = {step.clip.name for step in plan.steps} | {orphan.clip for orphan in plan.orphans}
        entries = {name: entry for name, entry in entries.items() if name in names}
    return entries | {step.clip.name: step.entry for step in plan.steps if step.entry is not None and not step.to_make}


def _foreseen(sources: Sources, plan: Plan) -> RenderReport:
    return RenderReport(
        check=True,
        ready=_names(plan, "ready"),
        entered=_names(plan, "entered"),
        missing=_names(plan, "missing"),
        corrupt=_names(plan, "corrupt"),
        stale=_names(plan, "stale"),
        orphaned=tuple(entry.file for entry in plan.orphans),
        failed=_blocked(plan),
        problems=sources.problems,
        characters=sum(len(step.clip.text) for step in plan.steps if step.to_render),
    )


def _done(plan: Plan, build: _Build) -> RenderReport:
    return RenderReport(
        check=False,
        ready=_names(plan, "ready"),
        rendered=tuple(sorted(build.rendered)),
        recorded=tuple(sorted(build.recorded)),
        entered=_names(plan, "entered"),
        orphaned=tuple(entry.file for entry in plan.orphans),
        failed=dict(sorted({**_blocked(plan), **build.failed}.items())),
        problems=build.sources.problems,
        characters=build.characters,
        seconds=round(build.seconds, 3),
    )


def _blocked(plan: Plan) -> dict[str, Problem]:
    return {step.clip.name: step.problem for step in plan.steps if step.problem is not None}


def _names(plan: Plan, state: str) -> tuple[str, ...]:
    return tuple(sorted(step.clip.name for step in plan.steps if step.state == state))


async def _all(build: _Build, voice: Synthesizer | None, todo: Sequence[Step]) -> None:
    left = iter(todo)
    build.saved = time.monotonic()

    async def work() -> None:
        for step in left:
            await _one(build, voice, step)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(CONCURRENCY, len(todo))):
            group.create_task(work())


async def _one(build: _Build, voice: Synthesizer | None, step: Step) -> None:
    clip = step.clip
    try:
        entry = await _made(build, voice, step)
    except (IvrError, OSError) as error:
        build.failed[clip.name] = _failure(build.sources, step, error)
    else:
        build.entries[clip.name] = entry
        (build.rendered if step.recording is None else build.recorded).append(clip.name)
        build.seconds += entry.seconds
        if time.monotonic() - build.saved >= SAVE_EVERY:
            with suppress(ConfigError):  # the last writing tells
                _save(build)
            build.saved = time.monotonic()
    done = len(build.rendered) + len(build.recorded) + len(build.failed)
    build.tell(Progress(done, build.total, clip.name, clip.name in build.failed))


async def _made(build: _Build, voice: Synthesizer | None, step: Step) -> LockEntry:
    if step.recording is not None:
        return await asyncio.to_thread(make_recorded, build.sources, step)
    assert voice is not None
    spoken, rate = await _spoken(build, voice, step.clip)
    return await asyncio.to_thread(make_spoken, build.sources, step.clip, voice.name, spoken, rate)


def _failure(sources: Sources, step: Step, error: Exception) -> Problem:
    why = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) and error.strerror else str(error)
    if step.recording is not None:
        what = f"the recording {step.recording.file} of '{step.clip.name}' cannot be used ({why})"
        return sources.problem(step.clip, what, "record it again")
    return sources.problem(step.clip, f"'{step.clip.name}' was not rendered ({why})", "mend that and render again")


async def _spoken(build: _Build, voice: Synthesizer, clip: Wanted) -> tuple[Samples, int]:
    """The voice's audio; what may pass by itself is tried again, as often as the settings say."""
    retries = build.sources.settings.voice.retries
    speaker = build.sources.settings.speaker(clip.locale)
    request = SpeechRequest(clip.text, speaker.name, clip.locale, speaker.speed, speaker.model, speaker.style)
    for attempt in range(retries + 1):
        try:
            build.characters += len(clip.text)
            return await _collected(voice, request)
        except (SpeechTimeout, SpeechBroken, SpeechEmpty, SpeechRefused) as error:
            wait = _wait(error, attempt)
            if attempt == retries or wait is None:
                raise
            await asyncio.sleep(wait)
    raise AssertionError


def _wait(error: SpeechError, attempt: int) -> float | None:
    """Seconds until it is worth trying again; None when it is not: the provider said no and will say so again."""
    if isinstance(error, SpeechRefused):
        if error.status != 429 and error.status < 500:
            return None
        return min(error.retry_after or 2.0**attempt, _LONGEST_WAIT)
    return 0.0


async def _collected(voice: Synthesizer, request: SpeechRequest) -> tuple[Samples, int]:
    parts: list[Samples] = []
    rate = 0
    whole = getattr(voice, "render", None)
    if whole is not None:
        chunk = await whole(request)
        return chunk.samples, chunk.rate
    chunks = voice.synthesize(request)
    async for chunk in chunks:
        parts.append(chunk.samples)
        rate = chunk.rate
    if not parts:
        raise SpeechEmpty("the voice reported success and sent no audio")
    return np.concatenate(parts), rate


def _save(build: _Build) -> None:
    """Write the lock, unless it says the same already. Raises ``ConfigError`` when it cannot be written."""
    sources, path = build.sources, build.sources.audio / LOCK
    gone = {orphan.clip for orphan in build.orphans}
    alive = [entry for name, entry in sorted(build.entries.items()) if name not in gone]
    lock = Lock(build.entries, calibrate(alive, sources.settings.loudness))
    if lock == sources.lock and path.is_file():
        return
    try:
        replace_file(path, dump(lock).encode("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be written ({error.strerror}): mend its permissions or make room") from error
