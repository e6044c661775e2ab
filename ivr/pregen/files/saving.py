"""The lock of a build that is going on: written now and then, and at its end."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from ivr.errors import Problem
from ivr.phrases.lock import Lock, LockEntry, Refusal, calibrate, dump
from ivr.pregen.files.disk import replace_file, settle
from ivr.pregen.provider.reasons import AGAIN, disk_remedy
from ivr.project.disk.layout import LOCK
from ivr.project.sources import Sources

SAVE_EVERY = 1.0
"""Seconds between two writings of the lock. A clip that was written in between carries its mark and is not lost."""
_SHARE = 20
"""Writing takes no more than one part in so many of the time, whatever the size of the lock."""


@dataclass(slots=True)
class Keeper:
    """What the lock is to say."""

    sources: Sources
    entries: dict[str, LockEntry]
    gone: frozenset[str] = frozenset()
    """Clips of phrases that are gone: they stay, and no voice is judged by them."""
    refused: dict[str, Refusal] = field(default_factory=dict)
    """By clip."""
    _copies: list[Path] = field(default_factory=list)
    """Clips that the disk may not have yet."""
    _directories: set[Path] = field(default_factory=set)
    """In which clips were put since the lock was written."""
    _next: float = field(default_factory=lambda: time.monotonic() + SAVE_EVERY)

    def enter(self, entry: LockEntry, *, copied: bool = False) -> None:
        """Note a clip that stands in its place, and write the lock if it is time; ``copied``: see ``copying.py``."""
        self.entries[entry.clip] = entry
        self.refused.pop(entry.clip, None)
        path = self.sources.audio / entry.file
        self._directories.add(path.parent)
        if copied:
            self._copies.append(path)
        begun = time.monotonic()
        if begun >= self._next:
            self.save()  # where it cannot, the last writing tells
            now = time.monotonic()
            self._next = now + max(SAVE_EVERY, _SHARE * (now - begun))

    def save(self) -> Problem | None:
        """Write the lock, unless it says the same already; the problem where that cannot be.

        The clips that it names are on the disk before it is, and it is there when this returns.
        """
        path = self.sources.audio / LOCK
        lock = replace(lock_of(self.entries, self.gone, self.sources.settings.loudness), refused=self.refused)
        if lock == self.sources.lock and path.is_file():
            return None
        try:
            self._settle()
            replace_file(path, dump(lock).encode("utf-8"))
            settle([path.parent])
        except OSError as error:
            what = f"the lock cannot be written ({error.strerror or error})"
            remedy = f"{disk_remedy(error)} and {AGAIN}: clips that were made are taken up as they are"
            return Problem(str(path), 1, 1, what, remedy, code="clip")
        return None

    def _settle(self) -> None:
        settle(self._copies)
        settle(self._directories)
        self._copies.clear()
        self._directories.clear()


def lock_of(entries: dict[str, LockEntry], gone: Iterable[str], target: float) -> Lock:
    """The same whatever the order in which clips were made; ``target`` in LUFS."""
    left = set(gone)
    alive = [entry for name, entry in sorted(entries.items()) if name not in left]
    return Lock(entries, calibrate(alive, target))
