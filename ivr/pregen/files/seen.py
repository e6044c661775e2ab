"""What the files of a build were when they were last hashed, so that what nobody touched is not read again.

As in git's index, a file counts as unchanged while its size, its times and its inode are the same, and it was older
than what is remembered when that was written down. Nothing but time is lost where this is lost: it stands among the
caches of the machine, and keys, the lock and a server's start know nothing of it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Container, Mapping
from contextlib import suppress
from pathlib import Path

import orjson

from ivr.caches import caches

VERSION = 1
MOST = 50
"""Projects that are remembered; the ones that were not built for longest make room."""
_RACY = 2_000_000_000
"""Nanoseconds within which two changes of a file can bear the same time: FAT counts in steps of two seconds."""

Facts = tuple[int, int, int, int]
"""Size in bytes, time of content and of inode in nanoseconds, inode."""


def usual_place(audio: Path, environment: Mapping[str, str]) -> Path:
    """The file that remembers what stands below ``audio``."""
    name = hashlib.sha256(os.fsencode(os.path.realpath(audio))).hexdigest()[:32]
    return caches(environment) / "seen" / f"{name}.json"


class Seen:
    """Hashes by file; with no ``place`` nothing is remembered."""

    def __init__(self, place: Path | None) -> None:
        self._place = place
        self._known: dict[str, tuple[Facts, str]] = {}
        self._written = 0
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            self._read()

    def _read(self) -> None:
        if self._place is None:
            return
        data = orjson.loads(self._place.read_bytes())
        if data["version"] == VERSION:
            self._written = os.stat(self._place).st_mtime_ns
            self._known = {file: (tuple(facts), sha256) for file, (*facts, sha256) in data["files"].items()}

    @property
    def _settled(self) -> bool:
        """Whether all that is known may be relied on."""
        return all(_before(facts, self._written) for facts, _ in self._known.values())

    def hash_of(self, file: str, facts: Facts) -> str | None:
        """What the file held, if it is known to be the same still."""
        known = self._known.get(file)
        return known[1] if known is not None and known[0] == facts and _before(facts, self._written) else None

    def others(self, looked: Container[str], facts: Callable[[str], Facts]) -> dict[str, tuple[Facts, str]]:
        """Of all but the ``looked``, what may be relied on while the files' ``facts`` are what they were."""
        return {
            file: known
            for file, known in self._known.items()
            if file not in looked and facts(file) == known[0] and _before(known[0], self._written)
        }

    def save(self, files: Mapping[str, tuple[Facts, str]]) -> None:
        """Remember facts, which were taken before hashing, and hashes; a cache that cannot be written is none."""
        if self._place is None or (files == self._known and self._settled):
            return
        part = self._place.with_suffix(f".{os.getpid()}.part")
        with suppress(OSError):
            self._place.parent.mkdir(parents=True, exist_ok=True)
            told = {file: (*facts, sha256) for file, (facts, sha256) in files.items()}
            part.write_bytes(orjson.dumps({"version": VERSION, "files": told}))
            os.replace(part, self._place)
            self._make_room()

    def _make_room(self) -> None:
        assert self._place is not None
        kept = sorted(self._place.parent.glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in kept[MOST:]:
            path.unlink()


def _before(facts: Facts, written: int) -> bool:
    return max(facts[1], facts[2]) + _RACY < written


def facts_of(path: str) -> Facts:
    """Raises ``OSError``."""
    found = os.stat(path)
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino
