"""Renders what a project lacks: exactly the clips whose key changed, or whose file is missing or damaged."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ivr.errors import (
    ConfigError,
    IvrError,
    SpeechBroken,
    SpeechEmpty,
    SpeechError,
    SpeechRefused,
    SpeechTimeout,
)
from ivr.media.edges import trim
from ivr.media.level import level
from ivr.media.loudness import loudness
from ivr.media.resample import resample
from ivr.media.samples import Samples
from ivr.media.wave import write_wav
from ivr.phrases.lock import Lock, LockEntry, calibrate, dump
from ivr.pregen.mark import Mark, signed
from ivr.pregen.plan import Plan, Step, make_plan, rendered_entry
from ivr.pregen.report import RenderReport
from ivr.project.clips import Wanted, key_of
from ivr.project.layout import AUDIO, LOCK
from ivr.project.project import Project
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

    project: Project
    entries: dict[str, LockEntry]
    orphans: tuple[LockEntry, ...]
    total: int
    tell: Callable[[Progress], None]
    rendered: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    characters: int = 0
    seconds: float = 0.0
    saved: float = 0.0


async def render(
    project: Project,
    voice: Synthesizer | None,
    *,
    progress: Callable[[Progress], None] = lambda progress: None,
    check: bool = False,
    only: Sequence[str] | None = None,
) -> RenderReport:
    """Build the clips of ``project`` (loaded without clips), or with ``check`` say what would be built.

    What fails is in the report and everything else is built. Without a ``voice`` nothing can be rendered, and clips
    of any version of the project's voice count as right. No file is removed, and none that a build did not make is
    written over. Cancelling leaves whole clips and a lock that names them. Raises ``ConfigError`` where a voice is
    needed and there is none, or where the lock cannot be written.
    """
    plan = make_plan(project, None if voice is None else voice.name, only)
    todo = [step for step in plan.steps if step.to_render]
    if check:
        return _foreseen(plan)
    if todo and voice is None:
        raise ConfigError(f"{len(todo)} clips are to be rendered and there is no voice: see voice in prompts/ivr.yaml")
    entries = dict(project.lock.clips)
    if only is None:
        names = {step.clip.name for step in plan.steps} | {orphan.clip for orphan in plan.orphans}
        entries = {name: entry for name, entry in entries.items() if name in names}
    entries |= {step.clip.name: step.entry for step in plan.steps if step.entry is not None and not step.to_render}
    build = _Build(project, entries, plan.orphans, len(todo), progress)
    try:
        if voice is not None:
            await _all(build, voice, todo)
    finally:
        _save(build)
    return _done(plan, build)


def _foreseen(plan: Plan) -> RenderReport:
    todo = [step for step in plan.steps if step.to_render]
    return RenderReport(
        check=True,
        ready=_names(plan, "ready"),
        entered=_names(plan, "entered"),
        missing=_names(plan, "missing"),
        corrupt=_names(plan, "corrupt"),
        stale=_names(plan, "stale"),
        orphaned=tuple(entry.file for entry in plan.orphans),
        failed={step.clip.name: step.why for step in plan.steps if step.state == "blocked"},
        characters=sum(len(step.clip.text) for step in todo),
    )


def _done(plan: Plan, build: _Build) -> RenderReport:
    blocked = {step.clip.name: step.why for step in plan.steps if step.state == "blocked"}
    return RenderReport(
        check=False,
        ready=_names(plan, "ready"),
        rendered=tuple(sorted(build.rendered)),
        entered=_names(plan, "entered"),
        orphaned=tuple(entry.file for entry in plan.orphans),
        failed=dict(sorted({**blocked, **build.failed}.items())),
        characters=build.characters,
        seconds=round(build.seconds, 3),
    )


def _names(plan: Plan, state: str) -> tuple[str, ...]:
    return tuple(sorted(step.clip.name for step in plan.steps if step.state == state))


async def _all(build: _Build, voice: Synthesizer, todo: Sequence[Step]) -> None:
    left = iter(todo)
    build.saved = time.monotonic()

    async def work() -> None:
        for step in left:
            await _one(build, voice, step.clip)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(CONCURRENCY, len(todo))):
            group.create_task(work())


async def _one(build: _Build, voice: Synthesizer, clip: Wanted) -> None:
    try:
        spoken, rate = await _spoken(build, voice, clip)
        entry = await asyncio.to_thread(_written, build.project, voice.name, clip, spoken, rate)
    except (IvrError, OSError) as error:
        build.failed[clip.name] = str(error)
    else:
        build.entries[clip.name] = entry
        build.rendered.append(clip.name)
        build.seconds += entry.samples / entry.rate
        if time.monotonic() - build.saved >= SAVE_EVERY:
            with suppress(ConfigError):  # the last writing tells
                _save(build)
            build.saved = time.monotonic()
    done = len(build.rendered) + len(build.failed)
    build.tell(Progress(done, build.total, clip.name, clip.name in build.failed))


async def _spoken(build: _Build, voice: Synthesizer, clip: Wanted) -> tuple[Samples, int]:
    """The voice's audio; what may pass by itself is tried again, as often as the settings say."""
    retries = build.project.settings.voice.retries
    speaker = build.project.settings.speaker(clip.locale)
    request = SpeechRequest(clip.text, speaker.name, clip.locale, speaker.speed)
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


def _written(project: Project, provider: str, clip: Wanted, spoken: Samples, rate: int) -> LockEntry:
    """Trim, level and write a clip; what the lock is to say of it."""
    settings = project.settings
    samples = trim(spoken, rate)
    if not len(samples):
        raise SpeechEmpty("the voice sent nothing but silence")
    if settings.clip_rate is not None and settings.clip_rate != rate:
        samples, rate = resample(samples, rate, settings.clip_rate), settings.clip_rate
    measured = loudness(samples, rate)
    wav = write_wav([level(samples, rate, settings.loudness)], rate)
    mark = Mark(
        key=key_of(clip, settings, provider),
        provider=provider,
        voice=settings.speaker(clip.locale).name,
        loudness=round(measured, 2) if np.isfinite(measured) else None,
    )
    data = signed(wav, mark)
    _replace(project.root / AUDIO / clip.file, data)
    return rendered_entry(clip, mark, data)


def _save(build: _Build) -> None:
    """Write the lock, unless it says the same already. Raises ``ConfigError`` when it cannot be written."""
    project, path = build.project, build.project.root / AUDIO / LOCK
    gone = {orphan.clip for orphan in build.orphans}
    alive = [entry for name, entry in sorted(build.entries.items()) if name not in gone]
    lock = Lock(build.entries, calibrate(alive, project.settings.loudness))
    if lock == project.lock and path.is_file():
        return
    try:
        _replace(path, dump(lock).encode("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be written ({error.strerror}): mend its permissions or make room") from error


def _replace(path: Path, data: bytes) -> None:
    """Write a file so that whoever reads it sees the old or the new one, whenever we are killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
