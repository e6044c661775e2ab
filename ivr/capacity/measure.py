"""One step: a fresh server, a call to warm it, the load, and what was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ivr.capacity.driver import Driver
from ivr.capacity.figures import Figures, figures
from ivr.capacity.run import Load
from ivr.capacity.server_process import ServerProcess
from ivr.project.settings.serving import MEASURING

WARM = 0.5
"""Seconds of each call before the memory of the idle server is read: what only the first call needs is there then."""

LIMIT = "IVR_SERVE_CALLS"
"""The environment's name for the most calls that a server takes."""


def unlimited(environ: Mapping[str, str]) -> dict[str, str]:
    """``environ`` for a server that refuses nobody: what it holds is to be found, not what it was told."""
    return {**environ, MEASURING: "1"}


@dataclass(frozen=True, slots=True)
class Target:
    """How to start what is measured."""

    command: Sequence[str]
    environ: Mapping[str, str]
    cores: tuple[int, ...] = ()


async def step(target: Target, load: Load) -> Figures:
    """Measure ``load``, whose address is filled in here. Raises ``ConfigError`` where the server does not start."""
    with ServerProcess(target.command, target.environ, target.cores) as server:
        return await loaded(server, load)


async def loaded(server: ServerProcess, load: Load) -> Figures:
    """The same for a server that runs already."""
    load = replace(load, url=server.url)
    await Driver(replace(load, lines=1, call_seconds=WARM, settle=0.0, seconds=2 * WARM)).run()
    idle = server.usage()
    return figures(await Driver(load, server.usage).run(), idle)
