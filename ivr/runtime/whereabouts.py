"""Which worker has a call that no stream carries, so that any of them can tell where its platform is to be sent."""

from __future__ import annotations

import hashlib
import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol

log = logging.getLogger("ivr.workers")


class Whereabouts(Protocol):
    """Names are of our own making, and may hold what a platform calls its call."""

    def note(self, name: str) -> bool:
        """It is here; False where that cannot be noted."""
        ...

    def forget(self, name: str) -> None:
        """It is not here any more."""
        ...

    def find(self, name: str) -> int | None:
        """The other worker that has it."""
        ...


class OnlyHere:
    """Of a server of one process: nothing is anywhere else."""

    def note(self, name: str) -> bool:
        """See ``Whereabouts``."""
        return True

    def forget(self, name: str) -> None:
        """See ``Whereabouts``."""

    def find(self, name: str) -> int | None:
        """See ``Whereabouts``."""
        return None


class AwayFiles:
    """Of several workers: a file for each name, in a directory of theirs alone, that holds the worker's number."""

    def __init__(self, directory: Path, worker: int) -> None:
        self._directory = directory
        self._worker = worker

    def note(self, name: str) -> bool:
        """See ``Whereabouts``."""
        try:
            with open(self._path(name), "w", opener=_private) as file:
                file.write(str(self._worker))
        except OSError as error:
            log.error("no call can be transferred: %s cannot be written (%s)", self._directory, error.strerror or error)
            return False
        return True

    def forget(self, name: str) -> None:
        """See ``Whereabouts``."""
        with suppress(OSError):
            os.unlink(self._path(name))

    def find(self, name: str) -> int | None:
        """See ``Whereabouts``."""
        try:
            found = self._path(name).read_text("ascii")
        except (OSError, ValueError):
            return None
        return int(found) if found.isdecimal() and int(found) != self._worker else None

    def _path(self, name: str) -> Path:
        return self._directory / f"away-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
