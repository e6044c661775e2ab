"""Calls that block, beside the loop, for a while at the most."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

_T = TypeVar("_T")


async def beside(function: Callable[[], _T], within: float) -> _T:
    """What ``function`` returns or raises; ``TimeoutError`` after ``within`` seconds.

    Its thread is left behind then. It is none of an executor's, for which Python would wait at exit.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_T] = loop.create_future()

    def settle(value: _T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(value)  # type: ignore[arg-type]

    def work() -> None:
        value, failure = None, None
        try:
            value = function()
        except BaseException as error:
            failure = error
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(settle, value, failure)

    threading.Thread(target=work, name="ivr sound", daemon=True).start()
    return await asyncio.wait_for(done, within)
