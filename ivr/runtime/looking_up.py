"""Performs lookups: the project's own functions, beside the loop if they block, and what is asked over HTTP."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from ivr.call.effects import Lookup
from ivr.dialog.broken_at import own_line
from ivr.dialog.web import HttpRequest
from ivr.errors import LookupFailed
from ivr.runtime.fetching import FetchDesk, host_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a lookup ended."""

    value: Any = None
    error: str | None = None
    kind: str = ""
    """The type of the error; unlike its text, free of personal data."""
    where: str = ""
    """``file:line`` where it was raised, or the host that was asked."""
    status: int | None = None
    """Of the answer over HTTP that is why."""


class LookupDesk:
    """Does what calls ask for; ``substitutes`` take the place of the project's own functions and of HTTP, by name."""

    def __init__(
        self, substitutes: Mapping[str, Callable[..., Any]] | None = None, fetching: FetchDesk | None = None
    ) -> None:
        self._substitutes = dict(substitutes or {})
        self._fetching = fetching if fetching is not None else FetchDesk()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> int:
        """Lookups under way."""
        return len(self._tasks)

    def begin(self, lookup: Lookup, ended: Callable[[Outcome], None]) -> Callable[[], None]:
        """Start one. ``ended`` is told once, unless what is returned here cancels it before.

        A plain function runs in a thread, and goes on there after it was cancelled: nothing can stop it.
        """
        task = asyncio.create_task(self._run(lookup, ended))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return lambda: _cancel(task)

    async def aclose(self) -> None:
        """Cancel what runs."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._fetching.aclose()

    async def _run(self, lookup: Lookup, ended: Callable[[Outcome], None]) -> None:
        function = self._substitutes.get(lookup.name, lookup.function)
        try:
            async with asyncio.timeout(lookup.alone):
                if isinstance(function, HttpRequest):
                    outcome = await self._fetched(function)
                else:
                    outcome = Outcome(await _value(partial(function, *lookup.arguments, **lookup.keywords)))
        except (Exception, SystemExit) as error:
            outcome = _failure(error)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                del ended  # asyncio keeps this frame by the error's traceback for a while, and the call by that
                raise
            outcome = _failure(error)  # not of this lookup, but of something inside the function
        ended(outcome)

    async def _fetched(self, request: HttpRequest) -> Outcome:
        try:
            return Outcome(await self._fetching.fetch(request))
        except LookupFailed as error:
            return Outcome(error=error.why, kind=error.why, where=host_of(request), status=error.status)


async def _value(function: Callable[[], Any]) -> Any:
    if inspect.iscoroutinefunction(function):
        return await function()
    value = await _in_thread(function)
    # What wraps an async function, as decorators do, looks like a plain one until it was called.
    return await value if inspect.isawaitable(value) else value


async def _in_thread(function: Callable[[], Any]) -> Any:
    """Call ``function`` in a thread of its own: one that hangs delays no other, and not the end of the process.

    The threads of an executor are few, and Python waits for them at exit.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[tuple[Any, BaseException | None]] = loop.create_future()
    context = contextvars.copy_context()

    def settle(value: Any, error: BaseException | None) -> None:
        if not done.done():
            done.set_result((value, error))

    def work() -> None:
        value, failure = None, None
        try:
            value = context.run(function)
        except BaseException as error:
            failure = error
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(settle, value, failure)

    threading.Thread(target=work, name="ivr lookup", daemon=True).start()
    value, failure = await done
    if failure is not None:
        raise failure
    return value


def _failure(error: BaseException) -> Outcome:
    kind = type(error).__name__
    return Outcome(error=f"{kind}: {error}", kind=kind, where=own_line(error))


def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
