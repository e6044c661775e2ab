"""The lookups of one call: each ends exactly once, by its value, its failure, its time-out or the end of the call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ivr.call.effects import CancelLookup, Lookup
from ivr.call.outbox import Outbox
from ivr.dialog.requests import Handle, Run
from ivr.dialog.values import taken
from ivr.dialog.web import HttpRequest, fault
from ivr.errors import LookupFailed, WrongValue
from ivr.trace.events import LookupEnded, LookupStarted, StaleDropped


@dataclass(frozen=True, slots=True)
class Result:
    """How a lookup ended: with a value, or with an error."""

    value: Any = None
    error: LookupFailed | None = None


class Lookups:
    """Starts lookups and keeps what they returned."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]], outbox: Outbox) -> None:
        self._functions = functions
        self._outbox = outbox
        self._running: dict[str, tuple[Handle, float]] = {}
        self._results: dict[str, Result] = {}
        self._handles: dict[str, Handle] = {}
        self._count = 0

    def start(self, request: Run, now: float) -> Handle:
        """Begin one; where there is no such function it has failed already."""
        self._count += 1
        handle = Handle(f"lookup{self._count}", request.name, request.private, request.kind)
        self._handles[handle.id] = handle
        self._outbox.note(LookupStarted(handle.id, request.name, now))
        function = request.function or self._functions.get(request.name)
        if function is None:
            self._running[handle.id] = (handle, now)
            self.failed(handle.id, f"the project has no function '{request.name}'", now)
            return handle
        self._running[handle.id] = (handle, now + request.timeout)
        if isinstance(function, HttpRequest) and (wrong := fault(function)) is not None:
            self.failed(handle.id, wrong, now)
            return handle
        origin = self._outbox.origin
        self._outbox.want(Lookup(origin, handle.id, request.name, function, request.arguments, request.keywords))
        return handle

    def leave(self, request: Run, now: float) -> Handle:
        """Begin one that outlives the call: nobody waits for it, and the shell ends it when its time is up."""
        self._count += 1
        handle = Handle(f"lookup{self._count}", request.name, request.private)
        self._outbox.note(LookupStarted(handle.id, request.name, now))
        function = request.function or self._functions.get(request.name)
        if function is None:
            why = f"the project has no function '{request.name}'"
            self._outbox.note(LookupEnded(handle.id, request.name, "failed", why, request.private, now))
        else:
            effect = Lookup(self._outbox.origin, handle.id, request.name, function, request.arguments, request.keywords)
            self._outbox.want(replace(effect, alone=request.timeout))
            self._outbox.note(LookupEnded(handle.id, request.name, "left alone", "the call ended", False, now))
        return handle

    def result(self, handle: Handle) -> Result | None:
        """How it ended; None while it runs."""
        return self._results.get(handle.id)

    def handle(self, id: str) -> Handle | None:
        """The handle of that lookup, running or ended."""
        return self._handles.get(id)

    def returned(self, id: str, value: Any, now: float) -> Handle | None:
        """A value came; None when nobody waits for it any more."""
        handle = self._running[id][0] if id in self._running else None
        if handle is not None and handle.kind is not None:
            try:
                value = taken(handle.kind, value)
            except WrongValue as error:
                return self.failed(id, f"what it returned does not fit: {error}", now)
        return self._end(id, Result(value), "returned", _shown(value), now)

    def failed(self, id: str, why: str, now: float, status: int | None = None) -> Handle | None:
        """It raised, or was answered with a status that is no value; None when nobody waits for it any more."""
        name = self._running[id][0].name if id in self._running else ""
        return self._end(id, Result(error=LookupFailed(name, why, status)), "failed", why, now)

    def overdue(self, now: float) -> list[Handle]:
        """Those whose time is up; they have failed."""
        ended = [handle for handle, until in self._running.values() if now >= until]
        for handle in ended:
            self._cancel(handle, "timed out", "it took longer than its time-out", now)
        return ended

    def give_up(self, handle: Handle, now: float) -> None:
        """The caller will not wait for it any longer; it has failed."""
        self._cancel(handle, "timed out", "it took longer than the caller's patience", now)

    def next_timer(self) -> float | None:
        """When the next one is overdue."""
        return min(until for _, until in self._running.values()) if self._running else None

    def cancel_all(self, now: float) -> None:
        """The call has ended."""
        for handle, _ in list(self._running.values()):
            self._cancel(handle, "failed", "the call ended", now)

    def _cancel(self, handle: Handle, outcome: str, why: str, now: float) -> None:
        if handle.id in self._running:
            self._outbox.want(CancelLookup(self._outbox.origin, handle.id))
            self._end(handle.id, Result(error=LookupFailed(handle.name, why)), outcome, why, now)

    def _end(self, id: str, result: Result, outcome: str, detail: str, now: float) -> Handle | None:
        if id not in self._running:
            self._outbox.note(StaleDropped(f"the result of {id}", now))
            return None
        handle, _ = self._running.pop(id)
        self._results[id] = result
        self._outbox.note(LookupEnded(id, handle.name, outcome, detail, handle.private, now))
        return handle


def _shown(value: Any) -> str:
    try:
        return str(value)
    except Exception:  # the project's own type, or an int of thousands of digits: no reason to lose the value
        return f"a value of type {type(value).__name__}"
