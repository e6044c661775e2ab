"""Runs a dialog from one wait to the next, and contains what it raises."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from ivr.call.farewell import ENDLESS, take_leave
from ivr.dialog.broken_at import broken_at
from ivr.dialog.engine import Engine
from ivr.dialog.requests import Drop, Handle, Request, Run
from ivr.errors import DialogBroken, HungUp, IvrError
from ivr.trace.events import DialogFailed

Perform = Callable[[Request, float], tuple[bool, Any]]
"""Tells whether the dialog waits for a request now, and otherwise what it is answered."""

Ended = Callable[[DialogFailed | HungUp | None, float], None]
"""Is told what broke the dialog or that it ended with its call, None where it came to its end."""


class Running:
    """The dialog of one call."""

    def __init__(self) -> None:
        self._perform: Perform = _nobody
        self._ended: Ended = _untold
        self._engine: Engine | None = None
        self.waiting: Request | None = None
        """What it waits for."""

    def start(self, dialog: Coroutine[Any, Any, Any], perform: Perform, ended: Ended, now: float) -> None:
        """The call was answered."""
        self._perform, self._ended = perform, ended
        engine = self._engine = Engine(dialog)
        self._drive(engine, engine.start, now)

    def resume(self, value: Any, now: float) -> None:
        """What it waits for is here; an error of ours is raised in it."""
        assert self._engine is not None
        engine = self._engine
        self.waiting = None
        self._drive(engine, lambda: _answered(engine, value), now)

    def hang_up(self, hung_up: Callable[[], HungUp], leave: Callable[[Run], Handle], now: float) -> DialogFailed | None:
        """The call is over, see ``take_leave``. Returns what broke the dialog then."""
        engine, perform = self._engine, self._perform
        self._perform, self._ended = _nobody, _untold  # they point back here, which would keep all of it in memory
        if engine is None or engine.ended:
            return None
        try:
            take_leave(engine, hung_up, lambda request: perform(request, now)[1], leave)
        except HungUp:
            pass
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return broken_at(error, engine.dialog, now)
        finally:
            engine.close()
        return None

    def _drive(self, engine: Engine, step: Callable[[], Request | None], now: float) -> None:
        try:
            request = step()
            for _ in range(ENDLESS):
                if request is None:
                    self._ended(None, now)
                    return
                waits, value = self._perform(request, now)
                if waits:
                    self.waiting = request
                    return
                request = _answered(engine, value)
            self._perform(Drop(), now)
            raise DialogBroken(f"the dialog made {ENDLESS} requests and never waited for its caller")
        except KeyboardInterrupt:
            raise
        except HungUp as error:
            self._stop(engine, error, now)
        except BaseException as error:  # a dialog's own cancellation or exit is no reason to lose the call, or others
            self._stop(engine, broken_at(error, engine.dialog, now), now)

    def _stop(self, engine: Engine, how: DialogFailed | HungUp, now: float) -> None:
        engine.close()
        self.waiting = None
        self._ended(how, now)


def _answered(engine: Engine, value: Any) -> Request | None:
    return engine.throw(value) if isinstance(value, IvrError) else engine.resume(value)


def _nobody(request: Request, now: float) -> tuple[bool, Any]:
    return True, None


def _untold(how: DialogFailed | HungUp | None, now: float) -> None:
    pass
