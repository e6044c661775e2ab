"""Performs syntheses: one for all calls that want the same words at the same time, each call with its own end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from ivr.errors import SpeechBroken, SpeechEmpty, SpeechError
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest, Synthesizer

Listener = Callable[[SpeechChunk | SpeechError | None], None]
"""Told every chunk in order, each once, then None at the end, or the error. It must not raise."""


@dataclass(eq=False, slots=True)
class _Seat:
    """One listener, and how many chunks it was told."""

    listener: Listener
    told: int = 0


@dataclass(eq=False, slots=True)
class _Shared:
    request: SpeechRequest
    chunks: list[SpeechChunk] = field(default_factory=list)
    seats: list[_Seat] = field(default_factory=list)
    over: bool = False
    error: SpeechError | None = None
    """Why it is over; None for its good end."""
    task: asyncio.Task[None] | None = None

    def bring_up(self, seat: _Seat) -> None:
        """Tell a listener all that it was not told yet, unless it leaves on the way."""
        while seat in self.seats and seat.told < len(self.chunks):
            seat.told += 1
            seat.listener(self.chunks[seat.told - 1])
        if self.over and seat in self.seats:
            self.seats.remove(seat)
            seat.listener(self.error)


class SynthesisDesk:
    """Where all calls of a process ask for speech."""

    def __init__(self, voice: Synthesizer) -> None:
        self._voice = voice
        self._running: dict[SpeechRequest, _Shared] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> int:
        """Syntheses under way that somebody waits for."""
        return len(self._running)

    def begin(self, request: SpeechRequest, listener: Listener) -> Callable[[], None]:
        """Have ``request`` spoken to ``listener``. Returns what cancels that, for this listener alone.

        The listener is never called from within ``begin``.
        """
        seat = _Seat(listener)
        shared = self._running.get(request)
        if shared is None:
            shared = self._running[request] = _Shared(request)
            shared.task = asyncio.create_task(self._speak(shared))
            self._tasks.add(shared.task)
            shared.task.add_done_callback(self._tasks.discard)
        elif shared.chunks:
            asyncio.get_running_loop().call_soon(shared.bring_up, seat)
        shared.seats.append(seat)
        return lambda: self._leave(shared, seat)

    async def aclose(self) -> None:
        """Cancel what runs, and wait until it has let go of the voice."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._running.clear()

    def _leave(self, shared: _Shared, seat: _Seat) -> None:
        if seat in shared.seats:
            shared.seats.remove(seat)
        if not shared.seats and not shared.over and shared.task is not None:
            self._forget(shared)
            shared.task.cancel()

    def _forget(self, shared: _Shared) -> None:
        if self._running.get(shared.request) is shared:
            del self._running[shared.request]

    async def _speak(self, shared: _Shared) -> None:
        try:
            async with aclosing(self._voice.synthesize(shared.request)) as chunks:
                async for chunk in chunks:
                    shared.chunks.append(chunk)
                    for seat in list(shared.seats):
                        shared.bring_up(seat)
            if not shared.chunks:
                shared.error = SpeechEmpty("the voice ended without an error and without audio")
        except SpeechError as error:
            shared.error = error
        except Exception as error:
            shared.error = SpeechBroken(f"the voice failed: {type(error).__name__}: {error}")
        finally:
            self._forget(shared)
        shared.over = True
        for seat in list(shared.seats):
            shared.bring_up(seat)
