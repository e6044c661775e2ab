"""Asking the sound system, which prints what nobody wants to read, and may never answer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from ivr.errors import DeviceError
from ivr.runtime.speaker.beside import beside

ANSWERS = 10.0
"""Seconds that the sound system gets to answer."""

_T = TypeVar("_T")


async def asked(work: Callable[[], _T]) -> _T:
    """What ``work``, which blocks, returns or raises; ``DeviceError`` where the sound system does not answer."""
    with hushed():  # here and not in the thread: one that hangs would keep our own words back as well
        try:
            return await beside(work, ANSWERS)
        except TimeoutError:
            pass
    raise DeviceError(f"the sound system has not answered for {ANSWERS:g} s: does its server hang?")


@contextmanager
def hushed() -> Iterator[None]:
    """Without what the sound libraries print while they look for cards; it says nothing to who asked for a call."""
    try:
        kept = os.dup(2)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
