"""Interleaved rounds of servers under the same load, and which of them count."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ivr.capacity.figures import Figures
from ivr.capacity.measure import Target, step
from ivr.capacity.run import Load

ONE = Load("", 1, 5.0, call_seconds=0.25, settle=0.0)
"""One line with short calls, for the latency of a server that has nothing else to do."""


def limit(lines: int) -> float:
    """Seconds to first audio, 99th percentile, that are to hold at so many lines on one core."""
    return 0.002 if lines == 1 else 0.010 if lines <= 150 else 0.020


@dataclass(frozen=True, slots=True)
class Cell:
    """One server in one round at one number of lines; ``void`` says why it counts for nothing."""

    server: str
    round: int
    figures: Figures
    void: str | None


def loads(lines: Sequence[int], seconds: float, call: float, keys: tuple[str, ...]) -> list[Load]:
    """One line first, then each of ``lines``."""
    many = [Load("", each, seconds, call_seconds=call, settle=0.0, keys=keys) for each in lines]
    return [replace(ONE, seconds=seconds, keys=keys), *many]


async def measure(
    targets: dict[str, Target], loads: Sequence[Load], rounds: int, tell: Callable[[Cell], None]
) -> list[Cell]:
    """All servers at each load, in turn and in turned order, ``rounds`` times; "floor" is the one that judges."""
    cells: list[Cell] = []
    for number in range(1, rounds + 1):
        for load in loads:
            order = list(targets) if number % 2 else list(reversed(targets))
            seen = {name: await step(targets[name], replace(load, seed=number)) for name in order}
            floor = floor_failed(seen["floor"]) if "floor" in seen else None
            for name in targets:
                cells.append(Cell(name, number, seen[name], seen[name].void or floor))
                tell(cells[-1])
    return cells


def floor_failed(floor: Figures) -> str | None:
    """Why a round says nothing about ours: the machine did not let even the floor do its work."""
    if floor.void is not None:
        return f"with the floor, {floor.void}"
    if floor.refused or floor.broken or floor.gaps or not floor.greeting:
        return f"the floor failed: {floor.gaps} gaps, calls refused {floor.refused}, broken {floor.broken}"
    if floor.greeting[99] > limit(floor.lines):
        return f"the floor's own greetings took {floor.greeting[99] * 1000:.1f} ms (99th percentile)"
    return None


@dataclass(frozen=True, slots=True)
class Series:
    """The rounds of one server at one number of lines."""

    cells: tuple[Cell, ...]

    @property
    def valid(self) -> bool:
        """At least one round counts."""
        return any(cell.void is None for cell in self.cells)

    def median(self, read: Callable[[Figures], float | None]) -> float | None:
        """Over the rounds that count; over all where none does. None where nothing was seen."""
        found = [value for figures in self.counting() if (value := read(figures)) is not None]
        return statistics.median(found) if found else None

    def total(self, read: Callable[[Figures], int]) -> int:
        """Over the rounds that count; over all where none does."""
        return sum(read(figures) for figures in self.counting())

    def counting(self) -> Iterator[Figures]:
        """The rounds that count, else all."""
        return (cell.figures for cell in self.cells if cell.void is None or not self.valid)


def series(cells: Sequence[Cell], server: str, lines: int) -> Series:
    """Those of one server at one number of lines."""
    return Series(tuple(cell for cell in cells if cell.server == server and cell.figures.lines == lines))
