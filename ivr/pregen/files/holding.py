"""One build of a project at a time: two would pay for the same phrases."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ivr.errors import ConfigError

BUILDING = ".ivr.build"
"""Below ``audio/`` while a build runs. The lock on it ends with its process, however that ends."""


@contextmanager
def alone(audio: Path) -> Iterator[bool]:
    """Keep other builds out. Raises ``ConfigError`` where one is running.

    False: nobody is kept out, since nothing can be written below ``audio``, where a build cannot make anything either,
    or since the system has no such locks.
    """
    handle = _taken(audio)
    try:
        yield handle is not None
    finally:
        if handle is not None:
            with suppress(OSError):
                os.unlink(audio / BUILDING)
            os.close(handle)


def _taken(audio: Path) -> int | None:
    if sys.platform == "win32":
        return None
    import fcntl

    path = audio / BUILDING
    while True:
        try:
            audio.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        except OSError:
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = _who(handle)
            os.close(handle)
            raise ConfigError(f"another build of {audio} is running{who}: wait until it has ended") from None
        except OSError:  # a disk that has no locks
            os.close(handle)
            return None
        if _stands(path, handle):
            with suppress(OSError):
                os.ftruncate(handle, 0)
                os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
            return handle
        os.close(handle)  # its builder has just ended and removed it


def _stands(path: Path, handle: int) -> bool:
    """Whether the file that was opened is still the one that others will find."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(handle))
    except OSError:
        return False


def _who(handle: int) -> str:
    with suppress(OSError):
        number = os.pread(handle, 20, 0).strip().decode("ascii", "replace")
        return f" (process {number})" if number.isdigit() else ""
    return ""
