"""Where the calls of a cell ask for speech: one synthesis for all that want the same words at the same time.

What ``ivr.runtime.synthesis`` does, in virtual time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ivr.simulator.clock import Clock
from ivr.simulator.provider import Part
from ivr.simulator.race import Ask, Race, RegionState
from ivr.speech.breaker import Breaker
from ivr.speech.region import Steering
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest

Listener = Callable[[Part], None]
"""Told every part in order, each once; the last is no audio."""


@dataclass(eq=False, slots=True)
class _Seat:
    listener: Listener
    told: int = 0


@dataclass(eq=False, slots=True)
class _Shared:
    parts: list[Part] = field(default_factory=list)
    seats: list[_Seat] = field(default_factory=list)
    race: Race | None = None

    def bring_up(self, seat: _Seat) -> None:
        """Tell a listener all that it was not told yet."""
        while seat in self.seats and seat.told < len(self.parts):
            seat.told += 1
            seat.listener(self.parts[seat.told - 1])


class SimulatedDesk:
    """One for a cell."""

    def __init__(self, clock: Clock, regions: int, steering: Steering) -> None:
        self._clock = clock
        self._steering = steering
        self._regions = [RegionState(index, Breaker(steering.failures)) for index in range(regions)]
        self._running: dict[SpeechRequest, _Shared] = {}

    def begin(self, request: SpeechRequest, ask: Ask, listener: Listener) -> Callable[[], None]:
        """Have ``request`` spoken to ``listener``. Returns what cancels that, for this listener alone.

        ``ask`` is used where nobody has asked for the same already. The listener is never called from within.
        """
        shared = self._running.get(request)
        seat = _Seat(listener)
        if shared is None:
            shared = self._running[request] = _Shared(seats=[seat])
            told = shared
            shared.race = Race(
                self._clock, self._regions, self._steering, ask, lambda part: self._tell(told, request, part)
            )
            shared.race.begin()
        else:
            late = shared
            shared.seats.append(seat)
            self._clock.at(self._clock.now, lambda: late.bring_up(seat))
        joined = shared
        return lambda: self._leave(joined, request, seat)

    def _tell(self, shared: _Shared, request: SpeechRequest, part: Part) -> None:
        shared.parts.append(part)
        if not isinstance(part, SpeechChunk):
            self._forget(shared, request)
        for seat in list(shared.seats):
            shared.bring_up(seat)

    def _leave(self, shared: _Shared, request: SpeechRequest, seat: _Seat) -> None:
        if seat in shared.seats:
            shared.seats.remove(seat)
        if not shared.seats and self._running.get(request) is shared and shared.race is not None:
            self._forget(shared, request)
            shared.race.leave()

    def _forget(self, shared: _Shared, request: SpeechRequest) -> None:
        if self._running.get(request) is shared:
            del self._running[request]
