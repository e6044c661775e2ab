"""Clips of phrases that are gone: which of them `ivr gc` leaves, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from ivr.phrases.lock import LockEntry
from ivr.pregen.files.disk import Disk
from ivr.pregen.files.mark import Mark, mark_of
from ivr.pregen.takes.recordings import RECORDINGS

CHANGED = "it is not as a build made it"
LAST = "it is all that is left of its recording"


def left(entries: Iterable[LockEntry], disk: Disk) -> dict[str, str]:
    """The files of ``entries`` that must not be removed, and why not."""
    recorded: Collection[str] | None = None
    found: dict[str, str] = {}
    for entry in entries:
        mark = _mark(entry, disk)
        if mark is None:
            found[entry.file] = CHANGED
        elif mark.origin == "recorded":
            recorded = all_recorded(disk) if recorded is None else recorded
            if source_of(mark, entry) not in recorded:
                found[entry.file] = LAST
    return found


def source_of(mark: Mark, entry: LockEntry | None) -> str:
    """The hash of the recording that a clip was made from."""
    return mark.recording or (entry.recording_sha256 if entry is not None else "")


def all_recorded(disk: Disk) -> Collection[str]:
    """The hashes of all that people recorded, under whatever name."""
    files = [path.relative_to(disk.audio).as_posix() for path in Path(disk.audio, RECORDINGS).rglob("*")]
    disk.look(files)
    return {sha256 for file in files if isinstance(sha256 := disk.sha256(file), str)}


def _mark(entry: LockEntry, disk: Disk) -> Mark | None:
    """That of a whole clip; a rendered one which the lock knows byte by byte need not be read for it."""
    if entry.origin == "rendered" and disk.sha256(entry.file) == entry.sha256:
        return Mark(entry.key, "rendered", entry.provider, entry.voice, entry.loudness, entry.level, entry.peak)
    data = disk.read(entry.file)
    return mark_of(data) if isinstance(data, bytes) else None
