"""The files of a build: what stands below ``audio/``, by its hash, and how a file is replaced."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from ivr.errors import Problem
from ivr.pregen.files.seen import Facts, Seen, facts_of, usual_place
from ivr.pregen.takes.recordings import MAX_RECORDING, RECORDINGS
from ivr.project.disk.files import MAX_SOUND, read_bytes

_READERS = 4
"""Threads: reading and hashing let other threads run."""
_SYNCS = 8
"""Files that the disk is to keep at once: it does so for many in the time that it takes for one."""
_AT_ONCE = 256
"""Files for which a thread is asked at a time."""


class Disk:
    """The files below one directory, as they were when they were looked at."""

    def __init__(self, audio: Path, seen: Seen | None = None) -> None:
        self.audio = audio
        self._seen = seen or Seen(None)
        self._found: dict[str, tuple[Facts, str] | Problem | None] = {}

    def look(self, files: Iterable[str], *, again: bool = False) -> None:
        """Hash many files at once; ``again``: also those that were hashed before."""
        new = [file for file in dict.fromkeys(files) if (again or file not in self._found) and not self._known(file)]
        if not new:
            return
        parts = [new[start : start + _AT_ONCE] for start in range(0, len(new), _AT_ONCE)]
        with ThreadPoolExecutor(_READERS) as readers:
            for part, found in zip(parts, readers.map(self._hashed, parts), strict=True):
                self._found.update(zip(part, found, strict=True))

    def sha256(self, file: str) -> str | Problem | None:
        """Of a file; None where there is none."""
        if file not in self._found:
            self.look([file])
        found = self._found[file]
        return found[1] if isinstance(found, tuple) else found

    def read(self, file: str) -> bytes | Problem | None:
        """All of a file; None where there is none."""
        path = self.audio / file
        most = MAX_RECORDING if file.startswith(f"{RECORDINGS}/") else MAX_SOUND
        return read_bytes(path, most) if os.path.lexists(path) else None

    def remember(self) -> None:
        """Have the next build read less. Of files that were not looked at, what was known stays while they do."""
        looked = {file: found for file, found in self._found.items() if isinstance(found, tuple)}
        self._seen.save(self._seen.others(self._found, self._facts) | looked)

    def _hashed(self, files: list[str]) -> list[tuple[Facts, str] | Problem | None]:
        return [self._hash(file) for file in files]

    def _known(self, file: str) -> bool:
        """Whether it is what it was when it was last hashed; asked here, since threads would wait for each other."""
        facts = self._facts(file)
        if (sha256 := self._seen.hash_of(file, facts)) is None:
            return False
        self._found[file] = facts, sha256
        return True

    def _hash(self, file: str) -> tuple[Facts, str] | Problem | None:
        facts = self._facts(file)
        data = self.read(file)
        return (facts, hashlib.sha256(data).hexdigest()) if isinstance(data, bytes) else data

    def _facts(self, file: str) -> Facts:
        try:
            return facts_of(f"{self.audio}{os.sep}{file}")
        except (OSError, ValueError):
            return 0, 0, 0, 0  # reading tells why


def usual_disk(audio: Path, environment: Mapping[str, str]) -> Disk:
    """The files below ``audio``, with what is remembered of them on this machine."""
    return Disk(audio, Seen(usual_place(audio, environment)))


def replace_file(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Write a file so that whoever reads it sees the old or the new one, whenever we are killed.

    With ``sync`` that holds where the power fails as well. Which of the two is there then is sure by ``settle`` alone.
    Raises ``OSError`` that names ``path``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as file:
            file.write(data)
            if sync:
                file.flush()
                _sync(file.fileno())
        os.replace(part, path)
    except BaseException as error:
        with suppress(OSError):
            part.unlink()
        if isinstance(error, OSError):  # it may name the part, or nothing
            error.filename, error.filename2 = str(path), None
        raise


def settle(names: Iterable[Path]) -> None:
    """Have the disk keep files, or the names in directories, as they are now. Raises ``OSError`` that names one."""
    with ThreadPoolExecutor(_SYNCS) as syncs:
        list(syncs.map(_settle, names))


def _settle(path: Path) -> None:
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:  # gone, or a directory where the system opens none
        return
    try:
        _sync(handle)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        os.close(handle)


def _sync(handle: int) -> None:
    """Some file systems know no such wish."""
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
