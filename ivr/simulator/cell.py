"""A cell: calls that overlap in time and share what calls of one process share, all from one seed.

They share the breakers of the voice's regions, syntheses under way, and the memory of live words. Cells share nothing,
so that they can be made in any order, by any number of processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from heapq import heappop, heappush
from itertools import count, repeat
from math import inf
from typing import Any

from ivr.call.plan import CallPlan
from ivr.phrases.dynamic import DynamicClips
from ivr.project.profiles.shapes import LookupProfile, ProfileShape
from ivr.simulator.clock import Clock
from ivr.simulator.conditions import Conditions
from ivr.simulator.desk import SimulatedDesk
from ivr.simulator.draws import Draws
from ivr.simulator.driver import Answer
from ivr.simulator.emulated import EMULATED, Network
from ivr.simulator.made import Made
from ivr.simulator.mix import Mix
from ivr.simulator.paid import Paid, asked_for
from ivr.simulator.provider import Part, Patience, Speak, answer, babbled
from ivr.simulator.simulation import LONGEST, Tracing, prepared
from ivr.speech.region import Steering
from ivr.speech.synthesizer import SpeechRequest
from ivr.trace.events import CallEnded

_STARTS, _VISIT, _SPEECH, _LOOKUPS, _NETWORK = range(5)
"""First parts of the keys of draws: one stream for each purpose."""
NEVER = 3600.0
"""Seconds: longer than any time-out of a lookup."""


@dataclass(frozen=True)
class World:
    """All that the cells of one run have in common. Nothing in it changes."""

    plans: Mapping[str, CallPlan]
    """By gateway."""
    mix: Mix
    profile: ProfileShape = field(default_factory=ProfileShape)
    seed: int = 0
    steering: Steering = field(default_factory=Steering)
    patience: Patience = field(default_factory=Patience)
    speak: Speak = babbled
    recorded: int | None = None
    """The call whose trace is to tell what `ivr replay` needs as well."""

    def cells(self, calls: int) -> Iterator[range]:
        """The numbers of the calls of each cell, from 1."""
        size = self.profile.cell.calls
        return (range(first, min(first + size, calls + 1)) for first in range(1, calls + 1, size))


class _Line:
    """One call on the cell's clock; the desk that its driver asks."""

    def __init__(self, cell: _Cell, number: int, begins: float) -> None:
        self.number, self.begins = number, begins
        self.due: float | None = None
        """When it is to be stepped, by the cell's clock; infinite while it waits for the desk, None at its end."""
        self._next = 0.0
        self._wanted = self.requests = self.characters = 0
        self._cell = cell
        world = cell.world
        draws = Draws(world.seed, _VISIT, number)
        self.kind = world.mix.pick(draws)
        visit = self.kind.visit(number, draws)
        conditions = Conditions(
            lookups=_lookups(world.profile, Draws(world.seed, _LOOKUPS, number)),
            network=_network(world.profile, Draws(world.seed, _NETWORK, number)),
        )
        plan = cell.plans[visit.gateway]
        self._arranged = arranged = visit.arrange(plan, conditions)
        self._way = _Way(arranged.conditions.network)
        self.driver, self.phone = prepared(
            plan,
            EMULATED[visit.gateway],
            replace(arranged.conditions, network=self._way.network),
            arranged.caller,
            visit.parameters,
            None if arranged.own_voice else self,
            tracing=Tracing(f"call-{number}", record=number == world.recorded),
        )

    def start(self) -> None:
        """The call comes in."""
        self.driver.begin()
        self._wake(0.0)

    def step(self) -> None:
        """Do what is due, and see when there is something to do next."""
        self.driver.step(self._next)
        due = self.driver.due()
        if self.driver.call.ended:
            self.due = None
        elif due is None or due > LONGEST:  # all that can still happen is what the desk tells
            self._next = self.due = inf
        else:
            self._wake(due)

    def begin(self, request: SpeechRequest, tell: Callable[[Part, float], None]) -> Callable[[], None]:
        """See ``SpeechDesk``."""
        world, clock = self._cell.world, self._cell.clock
        self._wanted += 1
        key = (_SPEECH, self.number, self._wanted)

        def ask(region: int) -> Iterator[tuple[float, Part]]:
            self.requests += 1
            self.characters += len(request.text)
            draws = Draws(world.seed, *key, region)
            return answer(request, world.profile, draws, clock.now, region, world.patience, world.speak)

        return self._cell.desk.begin(request, ask, partial(self._told, tell))

    def made(self) -> Made:
        """What came of it."""
        self.phone.handle_timer(self.driver.now + 0.001)
        last = self.driver.trace[-1] if self.driver.trace else None
        paid = Paid(self.requests, self.characters)
        if self._arranged.own_voice:  # it asks no region
            paid = asked_for(self.driver.trace)
        made = Made(
            self.number,
            self.kind.name,
            self.driver.trace,
            self.phone,
            self.driver.now,
            self._way.network,
            self._way.longest,
            self.driver.plan.capabilities.opening,
            last.reason if isinstance(last, CallEnded) else None,
            paid.requests,
            paid.characters,
        )
        return replace(made, failures=tuple(self._arranged.failures(made)))

    def _told(self, tell: Callable[[Part, float], None], part: Part) -> None:
        now = max(self.driver.now, self._cell.clock.now - self.begins)
        self.driver.at(now, lambda now: tell(part, now))
        if self.due is not None and now < self._next:
            self._wake(now)

    def _wake(self, time: float) -> None:
        # Kept in the driver's own time too: taken from the cell's it would be a last bit too early, for ever.
        self._next, self.due = time, self.begins + time
        heappush(self._cell.queue, (self.due, self.number, next(self._cell.order), self))


class _Cell:
    def __init__(self, world: World) -> None:
        self.world = world
        self.clock = Clock()
        self.desk = SimulatedDesk(self.clock, world.profile.voice.regions, world.steering)
        shared = DynamicClips()
        self.plans = {name: replace(plan, dynamic=shared, wires=None) for name, plan in world.plans.items()}
        self.queue: list[tuple[float, int, int, _Line]] = []
        """When lines are to be stepped; what a line does not mean any more stays in it."""
        self.order = count()

        self.live: dict[int, _Line] = {}

    def start(self, number: int, begins: float) -> None:
        """A call comes in."""
        self.live[number] = line = _Line(self, number, begins)
        line.start()

    def next_line(self) -> _Line | None:
        """The line that is due next; what is due on the clock before is done. None at the end of all calls."""
        while True:
            while self.queue and self.queue[0][3].due != self.queue[0][0]:
                heappop(self.queue)
            due = self.queue[0][0] if self.queue else inf
            if self.clock.due > due:
                self.clock.now = max(self.clock.now, due)
                return heappop(self.queue)[3]
            if self.clock.due == inf:
                return None
            self.clock.step()


def run_cell(world: World, numbers: range) -> Iterator[Made]:
    """Its calls, in the order in which they end."""
    cell = _Cell(world)
    draws = Draws(world.seed, _STARTS, numbers[0])
    begins = 0.0
    for number in numbers:
        cell.clock.at(begins, partial(cell.start, number, begins))
        begins += draws.of(world.profile.cell.every)
    while (line := cell.next_line()) is not None:
        line.step()
        if line.due is None:
            yield cell.live.pop(line.number).made()
    for line in cell.live.values():  # nothing can happen in them any more
        yield line.made()


class _Way:
    """The network of one call, and the longest that it took."""

    def __init__(self, network: Network) -> None:
        self.longest = self._base = max(network.out, network.back)
        self._jitter = network.jitter
        self.network = network if network.jitter is tuple else replace(network, jitter=self._offsets)

    def _offsets(self) -> Iterator[float]:
        for offset in self._jitter():
            self.longest = max(self.longest, self._base + offset)
            yield offset


def _network(profile: ProfileShape, draws: Draws) -> Network:
    network = profile.network
    out, back = draws.of(network.out), draws.of(network.back)
    calm = network.jitter.at(1 - 1e-9) == 0
    return Network(out, back, tuple if calm else lambda: (draws.of(network.jitter) for _ in repeat(None)))


def _lookups(profile: ProfileShape, draws: Draws) -> dict[str, Any]:
    return {name: partial(_looked_up, lookup, draws) for name, lookup in profile.lookups.items()}


def _looked_up(lookup: LookupProfile, draws: Draws, *_: Any, **__: Any) -> Answer:
    delay, value = draws.of(lookup.delay), draws.one_of(lookup.returns)
    fails, never = draws.chance(lookup.fails), draws.chance(lookup.never)
    if never:
        return Answer(None, NEVER)
    return Answer(None, delay, "a fault of the profile") if fails else Answer(value, delay)
