"""A dialog that tells what it asks of its call, before the call hears of it: tables and Python alike."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from types import TracebackType
from typing import Any

from ivr.call.plan import CallPlan
from ivr.dialog.line import Line
from ivr.simulator.explore_behind import Behind, behind

See = Callable[[Any, Behind], None]
"""Is told a request, and what is behind it."""


class Watched(Coroutine[Any, Any, Any]):
    """Passes everything on; ``see`` is told each request as it is made."""

    def __init__(self, dialog: Coroutine[Any, Any, Any], see: See) -> None:
        self._dialog = dialog
        self._see = see

    @property
    def cr_await(self) -> Coroutine[Any, Any, Any]:
        """What it waits on, as of any coroutine: where a dialog broke is read from that."""
        return self._dialog

    def send(self, value: Any) -> Any:
        """See ``Coroutine``."""
        request = self._dialog.send(value)
        self._see(request, behind(self._dialog))
        return request

    def throw(self, typ: Any, val: BaseException | object | None = None, tb: TracebackType | None = None) -> Any:
        """See ``Coroutine``."""
        request = self._dialog.throw(typ)
        self._see(request, behind(self._dialog))
        return request

    def close(self) -> None:
        """See ``Coroutine``."""
        self._dialog.close()

    def __await__(self) -> Any:
        """Not for dialogs that call each other: only the outermost is watched."""
        raise TypeError("a watched dialog is driven by its call")


def watched(plan: CallPlan, see: See) -> CallPlan:
    """The same plan, whose dialog is watched."""

    def answer(line: Line) -> Coroutine[Any, Any, Any]:
        return Watched(plan.dialog(line), see)

    return replace(plan, dialog=answer, wires=None)
