"""The files of a build: what stands below ``audio/``, by its hash, and how a file is replaced."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from ivr.errors import Problem
from ivr.project.files import MAX_SOUND, read_bytes

_READERS = 4
"""Threads: reading and hashing let other threads run."""
_AT_ONCE = 256
"""Files for which a thread is asked at a time."""


class Disk:
    """The files below one directory, as they were when they were looked at."""

    def __init__(self, audio: Path) -> None:
        self.audio = audio
        self._hashes: dict[str, str | Problem | None] = {}

    def look(self, files: Iterable[str]) -> None:
        """Hash many files at once."""
        new = [file for file in dict.fromkeys(files) if file not in self._hashes]
        parts = [new[start : start + _AT_ONCE] for start in range(0, len(new), _AT_ONCE)]
        with ThreadPoolExecutor(_READERS) as readers:
            for part, hashes in zip(parts, readers.map(self._hashed, parts), strict=True):
                self._hashes.update(zip(part, hashes, strict=True))

    def sha256(self, file: str) -> str | Problem | None:
        """Of a file; None where there is none."""
        if file not in self._hashes:
            self._hashes[file] = self._hashed([file])[0]
        return self._hashes[file]

    def read(self, file: str) -> bytes | Problem | None:
        """All of a file; None where there is none."""
        path = self.audio / file
        return read_bytes(path, MAX_SOUND) if os.path.lexists(path) else None

    def _hashed(self, files: list[str]) -> list[str | Problem | None]:
        read = (self.read(file) for file in files)
        return [hashlib.sha256(data).hexdigest() if isinstance(data, bytes) else data for data in read]


def replace_file(path: Path, data: bytes) -> None:
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
