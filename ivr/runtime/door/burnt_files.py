"""Which tickets were used, as empty files in one directory: for several worker processes of one machine."""

from __future__ import annotations

import errno
import logging
import os
import stat
from contextlib import suppress
from pathlib import Path

from ivr.errors import ConfigError, LocalGatewayError
from ivr.runtime.door.burnt import MARGIN

log = logging.getLogger("ivr.door")

SWEEP = 30.0
"""Seconds from one sweep of a process to its next."""


class BurntFiles:
    """Whoever creates the file of a ticket has used it; the system lets one process do that."""

    def __init__(self, directory: Path) -> None:
        """Make ``directory`` if need be; it must be ours alone. Raises ``ConfigError``."""
        try:
            own_directory(directory)
        except OSError as error:
            raise ConfigError(f"used tickets cannot be kept in {directory} ({error.strerror or error})") from None
        self._directory = directory
        self._next_sweep = 0.0

    def burn(self, id: str, expires: float, now: float) -> bool:
        """See ``ivr.runtime.door.burnt.Burnt``."""
        if now >= self._next_sweep:
            self._next_sweep = now + SWEEP
            self._sweep(now)
        path = self._directory / f"{round(expires * 1000)}-{id}"
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            return False
        except OSError as error:
            why = error.strerror or error
            log.error("used tickets cannot be kept in %s (%s): no call can come in", self._directory, why)
            raise LocalGatewayError(f"used tickets cannot be kept in {self._directory} ({why})") from None
        return True

    def _sweep(self, now: float) -> None:
        with suppress(OSError):  # a file that stays costs a name; another process may have been faster
            for name in os.listdir(self._directory):
                expiry = name.partition("-")[0]
                if expiry.isdecimal() and int(expiry) / 1000 + MARGIN <= now:
                    with suppress(FileNotFoundError):
                        os.unlink(self._directory / name)


def own_directory(directory: Path) -> None:
    """Make ``directory``, if need be. Raises ``OSError``, also for one that is there and not ours alone."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = os.lstat(directory)
    if not stat.S_ISDIR(facts.st_mode) or stat.S_IMODE(facts.st_mode) & 0o077 or facts.st_uid != os.geteuid():
        raise PermissionError(errno.EPERM, "it must be a directory of our own, mode 0700")
