"""What a dialog may still do when its call has ended: look things up, which nobody waits for, and not speak."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ivr.dialog.engine import Engine
from ivr.dialog.requests import Clock, Covered, Entered, Handle, Request, Run, Speak
from ivr.errors import HungUp

ENDLESS = 1000
"""Requests in a row without a wait, after which a dialog is taken to run for ever."""


def take_leave(
    engine: Engine, hung_up: Callable[[], HungUp], at_once: Callable[[Request], Any], leave: Callable[[Run], Handle]
) -> None:
    """Throw ``HungUp`` into the dialog, and answer what it asks for then. Whatever it raises comes out.

    ``at_once`` answers requests that wait for nothing, ``leave`` begins a lookup that outlives the call.
    """
    request = engine.throw(hung_up())
    for _ in range(ENDLESS):
        match request:
            case None:
                return
            case Run():
                request = engine.resume(leave(request))
            case Entered() | Clock() | Speak() | Covered():
                request = engine.resume(at_once(request))
            case _:
                request = engine.throw(hung_up())
