"""The passes of a project on disk: read again when the file changes, and changed by one writer at a time."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ivr.errors import ConfigError, Problem, ProjectError
from ivr.project.disk.files import read_text
from ivr.runtime.door.passes import Passes, dump, parse

log = logging.getLogger("ivr.door")

TOKENS = "ivr.tokens"
"""The file's name in a project."""

WARNED = 60.0
"""Seconds from one warning of a file that cannot be read to the next."""

_Version = tuple[int, int, int, int] | None
"""Times of modification and of change in ns, size and inode; None where there is no file."""


class PassFile:
    """Reads and changes one file. Where there is none, nobody has a pass."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._version: _Version = None
        self._passes = Passes()
        self._good = False
        self._failed = False
        self._next_warning = 0.0

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def current(self) -> Passes:
        """What the file holds now; one ``stat`` unless it changed.

        While it cannot be read, what was read before stays good, each call tries again, and one a minute warns.
        Raises ``ProjectError`` where nothing was read before.
        """
        version = _version(self._path)
        if self._good and not self._failed and version == self._version:
            return self._passes
        try:
            self._passes = _read(self._path)
        except ProjectError as error:
            if not self._good:
                raise
            self._warn(error)
            return self._passes
        self._version, self._good, self._failed, self._next_warning = version, True, False, 0.0
        return self._passes

    def _warn(self, error: ProjectError) -> None:
        self._failed = True  # the version tells nothing: what failed may be the reading, and not the file
        now = time.monotonic()
        if now >= self._next_warning:
            self._next_warning = now + WARNED
            log.warning("the tokens stay as they were, what was revoked since is not: %s", error)

    def change(self, edit: Callable[[Passes], Passes]) -> Passes:
        """Write what ``edit`` makes of what the file holds; the file is whole at any moment.

        Raises ``ProjectError`` for a damaged file, which is left as it is, ``ConfigError`` where it cannot be
        written, and what ``edit`` raises.
        """
        path = Path(os.path.realpath(self._path))
        try:
            with _alone(path.parent):
                passes = edit(_read(path))
                _write(path, dump(passes))
        except OSError as error:
            why = error.strerror or error
            raise ConfigError(f"{self._path} cannot be written ({why}): mend its directory's permissions") from None
        return passes


def _version(path: Path) -> _Version:
    try:
        facts = os.stat(path)
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size, facts.st_ino


def _read(path: Path) -> Passes:
    text = read_text(path)
    if not isinstance(text, Problem):
        return parse(text, str(path))
    try:
        os.lstat(path)
    except FileNotFoundError:
        return Passes()
    except OSError:
        pass  # it may be there; the problem says why it cannot be read
    raise ProjectError([text])


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    with suppress(FileNotFoundError):
        os.unlink(part)  # of a writer that died; we are alone
    try:
        owner = os.stat(path if path.exists() else path.parent)
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            if hasattr(os, "geteuid") and os.geteuid() == 0:
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)  # the server must go on reading what root changed
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(part)
        raise
    _sync(path.parent)


def _sync(directory: Path) -> None:
    if sys.platform == "win32":
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Waits for other writers. The lock is on the directory, since the file is another one after each change."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
