"""What was said of a call before it came: parameters, kept until the call with that ticket is here.

In memory for one process, as files in a directory of mode 0700 for several. A call whose parameters were lost comes in
without them.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from ivr.errors import ConfigError, LocalGatewayError
from ivr.runtime.door.burnt_files import own_directory

log = logging.getLogger("ivr.door")

CAPACITY = 10_000
"""Calls at a time; announced for a minute each, that is over 160 a second."""

SWEEP = 30.0
"""Seconds from one sweep of a process to its next."""


class Announced(Protocol):
    """Keeps parameters by the id of a ticket. Times in seconds of wall time."""

    def keep(self, id: str, parameters: Mapping[str, str], expires: float, now: float) -> None:
        """Until they are taken, or the ticket has expired. Raises ``LocalGatewayError`` where they cannot be kept."""
        ...

    def take(self, id: str) -> Mapping[str, str]:
        """What was kept, once; nothing where nothing was."""
        ...


class AnnouncedHere:
    """In the memory of this process."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._kept: dict[str, tuple[float, Mapping[str, str]]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, id: str, parameters: Mapping[str, str], expires: float, now: float) -> None:
        """See ``Announced``."""
        # All live equally long, so they stand in the order in which they expire.
        while self._kept and (first := next(iter(self._kept.items())))[1][0] <= now:
            del self._kept[first[0]]
        if len(self._kept) >= self._capacity:
            raise LocalGatewayError(f"{self._capacity} calls are announced, and no more can be")
        self._kept[id] = (expires, dict(parameters))

    def take(self, id: str) -> Mapping[str, str]:
        """See ``Announced``."""
        return self._kept.pop(id, (0.0, {}))[1]


class AnnouncedFiles:
    """One file for a call, in a directory that is ours alone."""

    def __init__(self, directory: Path) -> None:
        """Make ``directory`` if need be. Raises ``ConfigError``."""
        try:
            own_directory(directory)
        except OSError as error:
            why = error.strerror or error
            raise ConfigError(f"announced calls cannot be kept in {directory} ({why})") from None
        self._directory = directory
        self._next_sweep = 0.0

    def keep(self, id: str, parameters: Mapping[str, str], expires: float, now: float) -> None:
        """See ``Announced``."""
        if now >= self._next_sweep:
            self._next_sweep = now + SWEEP
            self._sweep(now)
        path = self._directory / id
        try:
            with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
                json.dump({"expires": expires, "parameters": dict(parameters)}, file)
        except OSError as error:
            why = error.strerror or error
            log.error("announced calls cannot be kept in %s (%s)", self._directory, why)
            raise LocalGatewayError(f"announced calls cannot be kept in {self._directory} ({why})") from None

    def take(self, id: str) -> Mapping[str, str]:
        """See ``Announced``."""
        path = self._directory / id
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))["parameters"]
            os.unlink(path)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, LookupError) as error:
            log.error("what was announced of a call cannot be read (%s)", type(error).__name__)
            return {}
        return {str(name): str(value) for name, value in kept.items()}

    def _sweep(self, now: float) -> None:
        with suppress(OSError):  # another process may have been faster
            for path in self._directory.iterdir():
                with suppress(FileNotFoundError, ValueError, TypeError, LookupError):
                    if json.loads(path.read_text(encoding="utf-8"))["expires"] <= now:
                        path.unlink()
