"""Where a server keeps what its processes share while it runs: used tickets, and the workers' metrics."""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ivr.errors import ConfigError

SYSTEMD = "RUNTIME_DIRECTORY"
"""Set where a unit has ``RuntimeDirectory=``: absolute paths with colons between them (systemd.exec(5))."""


def run_directory(given: Path | None, environ: Mapping[str, str]) -> Path:
    """``given``, else systemd's, else one for this user beside other temporary files. It is made if need be.

    Raises ``ConfigError`` where others could write to it, since a used ticket that is removed is good again.
    """
    systemd = environ.get(SYSTEMD, "").partition(":")[0]
    if given is None and not systemd:
        return private(Path(tempfile.gettempdir()) / f"ivr-{os.geteuid()}", "files of this server cannot be kept")
    directory = given or Path(systemd)
    return _own(
        directory, 0o022, "files of this server cannot be kept", "writable by us alone: choose another --run-dir"
    )


def used_tickets(run: Path, key: bytes) -> Path:
    """The directory for tickets of ``key``: every server that can read such a ticket finds the same one."""
    return run / f"tickets-{hmac.new(key, b'used tickets', hashlib.sha256).hexdigest()[:16]}"


def private(directory: Path, what: str) -> Path:
    """``directory``, made if need be, with mode 0700. Raises ``ConfigError``: ``what`` in it."""
    return _own(directory, 0o077, what, "mode 0700")


def _own(directory: Path, forbidden: int, what: str, how: str) -> Path:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = os.lstat(directory)
    except OSError as error:
        raise ConfigError(f"{what} in {directory} ({error.strerror or error}): choose another --run-dir") from None
    if not stat.S_ISDIR(facts.st_mode) or stat.S_IMODE(facts.st_mode) & forbidden or facts.st_uid != os.geteuid():
        raise ConfigError(f"{what} in {directory}: it must be a directory of our own, {how}")
    return directory
