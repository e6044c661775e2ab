"""Performs syntheses: one for all calls that want the same words at the same time, each call with its own end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from ivr.errors import SpeechBroken, SpeechEmpty, SpeechError
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest, Synthesizer

Listener = Callable[[SpeechChunk | SpeechError | None], None]
"""Told every chunk in order, then None at the end, or the error."""


@dataclass(eq=False)
class _Shared:
    request: SpeechRequest
    chunks: list[SpeechChunk] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)
    task: asyncio.Task[None] | None = None


class SynthesisDesk:
    """Where all calls of a process ask for speech."""

    def __init__(self, voice: Synthesizer) -> None:
        self._voice = voice
        self._running: dict[SpeechRequest, _Shared] = {}

    @property
    def running(self) -> int:
        """Syntheses under way."""
        return len(self._running)

    def begin(self, request: SpeechRequest, listener: Listener) -> Callable[[], None]:
        """Have ``request`` spoken to ``listener``. Returns what cancels that, for this listener alone.

        The listener is never called from within ``begin``.
        """
        shared = self._running.get(request)
        if shared is None:
            shared = self._running[request] = _Shared(request)
            shared.task = asyncio.create_task(self._speak(shared))
        elif shared.chunks:
            asyncio.get_running_loop().call_soon(self._catch_up, shared, listener, list(shared.chunks))
        shared.listeners.append(listener)
        return lambda: self._leave(shared, listener)

    async def aclose(self) -> None:
        """Cancel what runs."""
        tasks = [shared.task for shared in self._running.values() if shared.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _catch_up(self, shared: _Shared, listener: Listener, chunks: list[SpeechChunk]) -> None:
        for chunk in chunks:
            if listener in shared.listeners:
                listener(chunk)

    def _leave(self, shared: _Shared, listener: Listener) -> None:
        if listener in shared.listeners:
            shared.listeners.remove(listener)
        if not shared.listeners and shared.task is not None:
            self._forget(shared)
            shared.task.cancel()

    def _forget(self, shared: _Shared) -> None:
        if self._running.get(shared.request) is shared:
            del self._running[shared.request]

    async def _speak(self, shared: _Shared) -> None:
        end: SpeechError | None = None
        try:
            async with aclosing(self._voice.synthesize(shared.request)) as chunks:
                async for chunk in chunks:
                    shared.chunks.append(chunk)
                    for listener in list(shared.listeners):
                        listener(chunk)
            if not shared.chunks:
                end = SpeechEmpty("the voice ended without an error and without audio")
        except SpeechError as error:
            end = error
        except Exception as error:
            end = SpeechBroken(f"the voice failed: {type(error).__name__}: {error}")
        finally:
            self._forget(shared)
        for listener in list(shared.listeners):
            listener(end)
        shared.listeners.clear()
