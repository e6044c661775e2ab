"""Removes what builds made and nobody needs any more. What people made is left, wherever it stands."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from ivr.catalog.locales import TAG
from ivr.errors import Problem, ProjectError
from ivr.phrases.fragments import PREFIX
from ivr.phrases.lock import LockEntry
from ivr.pregen.files.aside import ASIDE
from ivr.pregen.files.disk import Disk
from ivr.pregen.files.litter import is_litter
from ivr.pregen.files.mark import Mark, mark_of
from ivr.pregen.files.saving import Keeper
from ivr.pregen.orphans import all_recorded, source_of
from ivr.pregen.provider.reasons import disk_remedy, disk_says
from ivr.pregen.takes.recordings import RECORDINGS
from ivr.project.audio.wanted import wanted
from ivr.project.disk.files import MAX_SOUND, read_bytes
from ivr.project.sources import Sources

Why = Literal["orphaned", "unlocked", "half-written", "empty directory"]
"""orphaned: the lock names it for a phrase that is gone. unlocked: a build made it, and nothing names it."""


@dataclass(frozen=True, slots=True, order=True)
class Garbage:
    """What is removed."""

    file: str
    """Below ``audio/``, with forward slashes."""
    why: Why
    bytes: int


@dataclass(slots=True)
class GcReport:
    """What was removed, or would be."""

    dry_run: bool
    removed: list[Garbage] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """Files that the lock names for phrases that are gone, and that are no longer as a build made them."""
    voices: list[str] = field(default_factory=list)
    """Clips for phrases that are gone, made from recordings that are gone too: there is no more of what was said."""
    entries: list[str] = field(default_factory=list)
    """Clips that the lock named and nobody needs."""
    problems: list[Problem] = field(default_factory=list)
    """What could not be removed or written."""

    @property
    def bytes(self) -> int:
        """Of all that was removed."""
        return sum(garbage.bytes for garbage in self.removed)

    def as_json(self) -> dict[str, Any]:
        """Plain values, with ``ok`` and the sum of bytes."""
        return {"ok": not self.problems, "bytes": self.bytes, **asdict(self)}


def collect(sources: Sources, *, dry_run: bool = False) -> GcReport:
    """Remove what nobody needs below ``audio/``; the caller is ``alone`` there, unless it is a ``dry_run``.

    Only whole files that bear the mark of a build are removed, half-written ones of builds, and directories of locales
    that are empty. Raises ``ProjectError`` where not all phrases could be read: it is not known then what is needed.
    """
    if not sources.whole:
        raise ProjectError(sources.problems)
    needed = {clip.name: clip.file.casefold() for clip in wanted(sources.catalogues, sources.settings)}
    gone = {name: entry for name, entry in sorted(sources.lock.clips.items()) if name not in needed}
    named = {entry.file: entry for entry in gone.values() if entry.origin != "own"}
    look = _Look(sources.audio, set(needed.values()), named)
    report = GcReport(dry_run, kept=look.kept, voices=look.voices, entries=list(gone))
    for garbage in [*look.garbage, *look.directories()]:
        problem = None if dry_run else _removed(sources.audio / garbage.file)
        if problem is None:
            report.removed.append(garbage)
        else:
            report.problems.append(problem)
    refused = {name: refusal for name, refusal in sources.lock.refused.items() if name in needed}
    if (gone or refused != sources.lock.refused) and not dry_run:
        left = {name: entry for name, entry in sources.lock.clips.items() if name not in gone}
        unsaved = Keeper(sources, left, refused=refused).save()
        report.problems += [unsaved] if unsaved is not None else []
    return report


class _Look:
    """What stands below ``audio/``."""

    def __init__(self, audio: Path, needed: Collection[str], named: Mapping[str, LockEntry]) -> None:
        """``needed``: files in small letters, as some disks see them. ``named``: by the lock, for phrases gone."""
        self._audio = audio
        self._needed = needed
        self._named = named
        self.garbage: list[Garbage] = []
        self.kept: list[str] = []
        self.voices: list[str] = []
        self._enter("")

    def directories(self) -> Iterator[Garbage]:
        """Those of locales, and of fragments, in which nothing is left."""
        removed = {garbage.file for garbage in self.garbage}
        fragments = PREFIX.rstrip("/")
        for above in (PREFIX, ""):
            for entry in _entries(self._audio / above):
                locale = TAG.fullmatch(entry.name) or (not above and entry.name == fragments)
                if locale and entry.is_dir(follow_symlinks=False):
                    directory = f"{above}{entry.name}"
                    inside = {f"{directory}/{below.name}" for below in _entries(Path(entry.path))}
                    if inside <= removed:
                        removed.add(directory)
                        yield Garbage(directory, "empty directory", 0)

    def _enter(self, below: str) -> None:
        for entry in _entries(self._audio / below):
            file = below + entry.name
            if entry.is_dir(follow_symlinks=False):
                if file not in (RECORDINGS, ASIDE):
                    self._enter(f"{file}/")
            elif entry.is_file(follow_symlinks=False) and file.casefold() not in self._needed:
                self._judge(file, entry)

    def _judge(self, file: str, entry: os.DirEntry[str]) -> None:
        size = entry.stat(follow_symlinks=False).st_size
        if is_litter(entry.name):
            self.garbage.append(Garbage(file, "half-written", size))
        elif (mark := _mark(Path(entry.path))) is not None:
            if mark.origin == "recorded" and not self._is_there(mark, file):
                self.voices.append(file)
                return
            self.garbage.append(Garbage(file, "orphaned" if file in self._named else "unlocked", size))
        elif file in self._named:
            self.kept.append(file)

    def _is_there(self, mark: Mark, file: str) -> bool:
        """Whether the recording still is from which a clip was made, under whatever name."""
        return source_of(mark, self._named.get(file)) in self._recordings

    @cached_property
    def _recordings(self) -> Collection[str]:
        """The hashes of all that people recorded."""
        return all_recorded(Disk(self._audio))


def _entries(directory: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:
        return []


def _mark(path: Path) -> Mark | None:
    """That of a clip which a build made and nobody changed since."""
    if path.suffix != ".wav":
        return None
    data = read_bytes(path, MAX_SOUND)
    return mark_of(data) if isinstance(data, bytes) else None


def _removed(path: Path) -> Problem | None:
    """Remove it; the problem where that cannot be."""
    try:
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        return Problem(str(path), 1, 1, f"it cannot be removed ({disk_says(error)})", disk_remedy(error), code="file")
    return None
