"""Very many calls: their cells made one after another or by several processes, and their figures taken together.

Figures of a cell are merged in the cells' order, whoever made them: what comes out is the same for any number of jobs.
"""

from __future__ import annotations

import logging
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ivr.call.plan import CallPlan, plan_calls
from ivr.errors import ConfigError
from ivr.project.load import load
from ivr.project.profiles.profile import asked, load_profile
from ivr.project.project import Project
from ivr.project.settings.prices import Price
from ivr.simulator.cell import World, run_cell
from ivr.simulator.emulated import EMULATED
from ivr.simulator.made import Made
from ivr.simulator.mix import Mix
from ivr.simulator.mixing import mixed
from ivr.simulator.paying import call_price, priceless
from ivr.simulator.provider import Patience
from ivr.simulator.reading import count
from ivr.simulator.totals import Totals
from ivr.simulator.wanderer import CHANCE
from ivr.speech.region import Steering

PROVIDER = "simulated"
AHEAD = 8
"""Cells that are asked for ahead, for each process: figures of a slow one are waited for, and no process is idle."""

_speech_log = logging.getLogger("ivr.speech")

Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run. Everything in it can be handed to another process."""

    root: Path
    environ: Mapping[str, str]
    calls: int
    seed: int = 0
    profile: str | None = None
    """See ``load_profile``."""
    gateway: str | None = None
    """None: that of each scenario, and Twilio for callers by chance."""
    mix: tuple[tuple[str, float], ...] = ((CHANCE, 1.0),)
    """Kinds of callers and their weights; see ``mixed``."""


@dataclass(frozen=True)
class Ready:
    """An order whose project was read."""

    project: Project
    world: World

    @property
    def price(self) -> Price | None:
        """Of the voice; None where nobody has told it."""
        return call_price(self.project, self.world.profile)

    @property
    def unanswered(self) -> list[str]:
        """Lookups that the profile does not answer: they fail at once, unless a scenario answers them."""
        return sorted(asked(self.project.tables.values()) - set(self.world.profile.lookups))


def ready(order: Order) -> Ready:
    """Raises ``ConfigError`` and ``ProjectError`` for what is wrong with project, profile and scenarios.

    A threshold of what calls cost is such a mistake where no price is known.
    """
    if order.gateway is not None and order.gateway not in EMULATED:
        raise ConfigError(f"no gateway '{order.gateway}' can be emulated: there is {', '.join(EMULATED)}")
    project = load(order.root, order.environ)
    mix = mixed(project, order.mix, order.gateway, order.profile)
    voice = project.settings.voice
    world = World(
        _plans(project, mix),
        mix,
        load_profile(project, order.profile),
        order.seed,
        Steering(voice.hedge, False, voice.breaker),
        Patience(voice.first_audio, voice.stall),
    )
    made = Ready(project, world)
    bound = next((each.text for each in project.settings.thresholds if each.metric == "cost"), None)
    if bound is not None and made.price is None:
        why = f"no price of the voice is known: {priceless(project.settings, order.profile)}"
        raise ConfigError(f"thresholds: '{bound}' cannot be judged, for {why}")
    return made


def run(order: Order, jobs: int = 1, told: Told = lambda calls: None, made: Ready | None = None) -> Totals:
    """Make the calls of ``order`` with so many processes; ``told`` hears how many are done. ``made``: it is ready."""
    made = made or ready(order)
    totals = Totals()
    cells = list(made.world.cells(order.calls))
    with _parts(order, made, cells, min(jobs, len(cells))) as parts:
        for part in parts:
            totals.merge(part)
            told(totals.calls)
    return totals


@contextmanager
def _parts(order: Order, made: Ready, cells: list[range], jobs: int) -> Iterator[Iterator[Totals]]:
    """The figures of each cell, in their order."""
    if jobs == 1:
        with _quiet():
            yield (counted(made, cell) for cell in cells)
        return
    # Spawned, not forked: threads of whoever calls us would leave their locks behind in the children.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=spawn, initializer=_begin, initargs=(order,)) as pool:
        try:
            yield _ahead(pool, cells, AHEAD * jobs)
        finally:
            pool.shutdown(cancel_futures=True)


def _ahead(pool: ProcessPoolExecutor, cells: Iterable[range], most: int) -> Iterator[Totals]:
    """In the cells' order, with no more than ``most`` of them asked for ahead."""
    waiting: deque[Future[Totals]] = deque()
    for cell in cells:
        waiting.append(pool.submit(_cell, cell))
        if len(waiting) >= most:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def again(order: Order, number: int, made: Ready | None = None, *, record: bool = False) -> tuple[Made, Totals]:
    """One call of a run, as it was there: its cell is made, and the others are not told of.

    ``record``: its trace tells what `ivr replay` needs as well.
    """
    if not 1 <= number <= order.calls:
        raise ConfigError(f"there is no call {number}: this run has calls 1 to {order.calls}")
    made = made or ready(order)
    cell = next(cell for cell in made.world.cells(order.calls) if number in cell)
    totals = Totals()
    with _quiet():
        for call in run_cell(replace(made.world, recorded=number if record else None), cell):
            if call.number == number:
                count(call, totals)
                return call, totals
    raise AssertionError("a cell makes all of its calls")


def _plans(project: Project, mix: Mix) -> dict[str, CallPlan]:
    names = {name for kind in mix.kinds for name in kind.gateways}
    return {name: plan_calls(project, EMULATED[name].capabilities, provider=PROVIDER) for name in sorted(names)}


def counted(made: Ready, cell: range) -> Totals:
    """The figures of one cell."""
    totals = Totals()
    for call in run_cell(made.world, cell):
        count(call, totals)
    return totals


@contextmanager
def _quiet() -> Iterator[None]:
    """Breakers that open are what a profile asks for, and no news for the log."""
    before = _speech_log.level
    _speech_log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        _speech_log.setLevel(before)


_made: Ready | None = None
"""Of a child process."""


def _begin(order: Order) -> None:
    global _made
    _made = ready(order)
    _speech_log.setLevel(logging.ERROR)


def _cell(cell: range) -> Totals:
    assert _made is not None
    return counted(_made, cell)
