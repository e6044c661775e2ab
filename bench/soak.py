"""Memory over very many calls."""

from dataclasses import dataclass

from ivr.capacity.driver import Driver
from ivr.capacity.measure import Target
from ivr.capacity.run import Load
from ivr.capacity.server_process import ServerProcess

LINES, CALL = 50, 0.5
"""A hundred calls a second, each with its greeting and a key."""
WARM = 10.0
"""Seconds before the memory is read for the first time: pools and arenas reach their size."""
NOISE = 4_000_000
"""Bytes that allocators and the interpreter take and give back at any time; more is growth."""


@dataclass(frozen=True, slots=True)
class Soak:
    """What one soak saw."""

    calls: int
    before: int
    """Bytes."""
    after: int


async def soak(target: Target, calls: int, keys: tuple[str, ...]) -> Soak:
    """At least so many short calls against a fresh server, after some that warm it."""
    load = Load("", LINES, WARM, call_seconds=CALL, settle=0.0, keys=keys)
    with ServerProcess(target.command, target.environ, target.cores) as server:
        done = 0
        await Driver(_at(load, server.url, WARM)).run()
        before = server.usage().memory
        while done < calls:
            run = await Driver(_at(load, server.url, max(2.0, (calls - done) * CALL / LINES * 1.1))).run()
            done += run.tally.calls
            if not run.tally.calls:
                raise SystemExit("the server answers no more calls")
        return Soak(done, before, server.usage().memory)


def _at(load: Load, url: str, seconds: float) -> Load:
    return Load(url, load.lines, seconds, load.call_seconds, load.keys, load.settle)
