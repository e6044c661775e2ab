"""Performs lookups: the project's own functions, beside the loop if they block."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ivr.call.effects import Lookup


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a lookup ended."""

    value: Any = None
    error: str | None = None
    kind: str = ""
    """The type of the error; unlike its text, free of personal data."""


class LookupDesk:
    """Runs the functions that calls ask for; ``substitutes`` take the place of the project's own, by name."""

    def __init__(self, substitutes: Mapping[str, Callable[..., Any]] | None = None) -> None:
        self._substitutes = dict(substitutes or {})
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, lookup: Lookup, ended: Callable[[Outcome], None]) -> Callable[[], None]:
        """Start one. ``ended`` is told once, unless what is returned here cancels it before."""
        task = asyncio.create_task(self._run(lookup, ended))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return lambda: _cancel(task)

    async def aclose(self) -> None:
        """Cancel what runs."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, lookup: Lookup, ended: Callable[[Outcome], None]) -> None:
        function = self._substitutes.get(lookup.name, lookup.function)
        try:
            if inspect.iscoroutinefunction(function):
                value = await function(*lookup.arguments, **lookup.keywords)
            else:
                value = await asyncio.to_thread(function, *lookup.arguments, **lookup.keywords)
        except Exception as error:
            ended(Outcome(error=f"{type(error).__name__}: {error}", kind=type(error).__name__))
        else:
            ended(Outcome(value))


def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
