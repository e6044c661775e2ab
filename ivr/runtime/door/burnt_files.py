"""Which tickets were used, as empty files in one directory: for several processes of one machine, and for the next."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path

from ivr.errors import LocalGatewayError
from ivr.runtime.door.burnt import MARGIN
from ivr.runtime.rundir import private

log = logging.getLogger("ivr.door")

SWEEP = 30.0
"""Seconds from one sweep of a process to its next."""


class BurntFiles:
    """Whoever creates the file of a ticket has used it; the system lets one process do that."""

    def __init__(self, directory: Path) -> None:
        """Make ``directory`` if need be; it must be ours alone. Raises ``ConfigError``."""
        self._directory = private(directory, "used tickets cannot be kept")
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
