"""What a build has to do: each clip of a project held against the lock and the disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from ivr.errors import AudioError, ConfigError, MissingExtra, Problem
from ivr.phrases.lock import LockEntry
from ivr.pregen.mark import Mark, is_marked, mark_of
from ivr.project.clips import Wanted, current, judge, wanted
from ivr.project.files import MAX_SOUND, read_bytes
from ivr.project.layout import AUDIO
from ivr.project.project import Project
from ivr.project.sounds import decode_sound

State = Literal["ready", "entered", "missing", "corrupt", "stale", "blocked"]
"""ready: nothing to do. entered: the file is right, only the lock lacks it. blocked: nothing can be done here."""


@dataclass(frozen=True, slots=True)
class Step:
    """One clip."""

    clip: Wanted
    state: State
    entry: LockEntry | None = None
    """For ``ready`` and ``entered`` what the lock is to say; for other states what it says now, if anything."""
    why: str = ""
    """For ``blocked``."""

    @property
    def to_render(self) -> bool:
        """Whether a voice must speak."""
        return self.state in ("missing", "corrupt", "stale")


@dataclass(frozen=True, slots=True)
class Plan:
    """All clips that were looked at, and what of the lock nobody needs any more."""

    steps: tuple[Step, ...]
    orphans: tuple[LockEntry, ...]
    """Rendered for phrases that are gone; their files are still there."""


def make_plan(project: Project, provider: str | None, only: Sequence[str] | None = None) -> Plan:
    """Look at every clip of ``project``, or at those of the phrases that match ``only`` (``menu_*``).

    ``provider``: the voice's name with its version; None takes any version of the project's own. Raises
    ``ConfigError`` where a pattern of ``only`` matches no phrase.
    """
    clips = list(wanted(project.catalogues))
    audio = project.root / AUDIO
    names = {clip.name for clip in clips}
    orphans = [entry for name, entry in sorted(project.lock.clips.items()) if name not in names]
    chosen = clips if only is None else _chosen(clips, only)
    return Plan(
        tuple(_step(clip, project, provider) for clip in chosen),
        tuple(entry for entry in orphans if entry.origin == "rendered" and os.path.lexists(audio / entry.file)),
    )


def _chosen(clips: Iterable[Wanted], only: Sequence[str]) -> list[Wanted]:
    known = list(clips)
    for pattern in only:
        if not any(fnmatchcase(clip.phrase, pattern) for clip in known):
            raise ConfigError(f"no phrase matches '{pattern}': name phrases of prompts/phrases/, '*' stands for any")
    return [clip for clip in known if any(fnmatchcase(clip.phrase, pattern) for pattern in only)]


def _step(clip: Wanted, project: Project, provider: str | None) -> Step:
    path = project.root / AUDIO / clip.file
    data = read_bytes(path, MAX_SOUND) if os.path.lexists(path) else None
    if isinstance(data, Problem):
        return Step(clip, "blocked", why=f"{data.what}, {data.remedy}")
    entry = project.lock.clips.get(clip.name)
    state = judge(clip, entry, data, project.settings, provider)
    if state == "ready":
        return Step(clip, state, entry)
    if clip.own:
        return _own(clip, data)
    if data is None:
        return Step(clip, state, entry)
    mark = mark_of(data)
    if mark is not None and current(mark.key, mark.provider, clip, project.settings, provider):
        return Step(clip, "entered", rendered_entry(clip, mark, data))
    if _is_ours(data, entry, clip):
        return Step(clip, state, entry)
    why = f"it was not made by a build and is not written over; say 'sound: {clip.file}' in the catalogue or move it"
    return Step(clip, "blocked", why=why)


def _own(clip: Wanted, data: bytes | None) -> Step:
    if data is None:
        return Step(clip, "blocked", why="there is no such sound; put it there, or take it out of the catalogue")
    try:
        samples, rate = decode_sound(data, clip.file)
    except (AudioError, MissingExtra) as error:
        return Step(clip, "blocked", why=str(error))
    return Step(clip, "entered", _entry(clip, Mark("", "", "", None), data, len(samples), rate))


def _is_ours(data: bytes, entry: LockEntry | None, clip: Wanted) -> bool:
    """Whether the file may be written over: it bears the mark, or it is the wreck of a clip that the lock names."""
    if is_marked(data):
        return True
    if entry is None or entry.origin != "rendered" or entry.file != clip.file:
        return False
    try:
        decode_sound(data, clip.file)
    except AudioError:
        return True
    return hashlib.sha256(data).hexdigest() == entry.sha256


def rendered_entry(clip: Wanted, mark: Mark, data: bytes) -> LockEntry:
    """What the lock says of a rendered file."""
    samples, rate = decode_sound(data, clip.file)
    return _entry(clip, mark, data, len(samples), rate)


def _entry(clip: Wanted, mark: Mark, data: bytes, samples: int, rate: int) -> LockEntry:
    return LockEntry(
        clip=clip.name,
        text=clip.text,
        key=mark.key,
        provider=mark.provider,
        voice=mark.voice,
        locale=clip.locale,
        file=clip.file,
        samples=samples,
        rate=rate,
        loudness=mark.loudness,
        sha256=hashlib.sha256(data).hexdigest(),
        origin="own" if clip.own else "rendered",
    )
