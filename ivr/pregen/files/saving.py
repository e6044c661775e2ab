"""The lock of a build that is going on: written now and then, and at its end."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ivr.errors import Problem
from ivr.phrases.lock import Lock, LockEntry, Refusal, calibrate, dump
from ivr.pregen.files.disk import replace_file
from ivr.pregen.provider.reasons import AGAIN, disk_remedy
from ivr.project.layout import LOCK
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
    _next: float = field(default_factory=lambda: time.monotonic() + SAVE_EVERY)

    def enter(self, entry: LockEntry) -> None:
        """Note a clip that stands on disk, and write the lock if it is time."""
        self.entries[entry.clip] = entry
        self.refused.pop(entry.clip, None)
        begun = time.monotonic()
        if begun >= self._next:
            self.save()  # where it cannot, the last writing tells
            now = time.monotonic()
            self._next = now + max(SAVE_EVERY, _SHARE * (now - begun))

    def save(self) -> Problem | None:
        """Write the lock, unless it says the same already; the problem where that cannot be."""
        path = self.sources.audio / LOCK
        lock = replace(lock_of(self.entries, self.gone, self.sources.settings.loudness), refused=self.refused)
        if lock == self.sources.lock and path.is_file():
            return None
        try:
            replace_file(path, dump(lock).encode("utf-8"))
        except OSError as error:
            what = f"the lock cannot be written ({error.strerror or error})"
            remedy = f"{disk_remedy(error)} and {AGAIN}: clips that were made are taken up as they are"
            return Problem(str(path), 1, 1, what, remedy, code="clip")
        return None


def lock_of(entries: dict[str, LockEntry], gone: Iterable[str], target: float) -> Lock:
    """The same whatever the order in which clips were made; ``target`` in LUFS."""
    left = set(gone)
    alive = [entry for name, entry in sorted(entries.items()) if name not in left]
    return Lock(entries, calibrate(alive, target))
