"""Which cores the server under test has, and which are left to the driver."""

from __future__ import annotations

from dataclasses import dataclass

import psutil

from ivr.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Cores:
    """Numbers of cores. Where the system cannot tie a process to cores, both are empty."""

    server: tuple[int, ...]
    driver: tuple[int, ...]

    @property
    def shared(self) -> bool:
        """Whether the driver takes its time from the server."""
        return not self.driver or not set(self.driver).isdisjoint(self.server)


def split(server: int) -> Cores:
    """The last ``server`` cores for the server, the others for the driver; all for both where none would be left.

    Raises ``ConfigError`` where there are fewer.
    """
    process = psutil.Process()
    if not hasattr(process, "cpu_affinity"):  # macOS
        return Cores((), ())
    ours = sorted(process.cpu_affinity() or ())
    if server > len(ours):
        raise ConfigError(f"--cores {server}: this machine gives us {len(ours)}")
    taken = tuple(ours[len(ours) - server :])
    return Cores(taken, tuple(ours[: len(ours) - server]) or taken)


def pin(cores: tuple[int, ...]) -> tuple[int, ...]:
    """Tie this process, and what it starts from now on, to ``cores``; what it was tied to. Nothing for no cores."""
    process = psutil.Process()
    if not cores or not hasattr(process, "cpu_affinity"):
        return ()
    before = tuple(process.cpu_affinity() or ())
    process.cpu_affinity(list(cores))
    return before
