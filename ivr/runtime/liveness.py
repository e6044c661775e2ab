"""Whether a gateway is still there, and whether it sends more than any does. Times are the loop's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

log = logging.getLogger("ivr.session")

SILENT = 10.0
"""Seconds without any message from a gateway that also leaves marks unanswered, after which it is taken for gone.

Where a caller's silence is sent too, fifty messages a second, that is certain. A gateway that sends nothing for a
silent caller is asked for a sign of life instead, if there is a message that it answers.
"""

ANSWER = 3.0
"""Seconds in which a gateway gives the sign of life that it is asked for."""

RATE_WINDOW = 5.0
"""Seconds over which a gateway's messages are counted; a platform may send what it held back in one burst."""


class Liveness:
    """Of one session."""

    def __init__(self, id: str, rate: int, ask: Callable[[], bool], gone: Callable[[], None]) -> None:
        """``rate``: messages in a second. ``ask`` sends for a sign of life; False where the gateway knows of none.

        ``gone`` is told that the gateway no longer answers.
        """
        self._id = id
        self._most = rate * RATE_WINDOW
        self._ask = ask
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._messages = 0
        self._window_at = self._received_at = self._loop.time()
        self._asked: asyncio.TimerHandle | None = None

    def message(self) -> bool:
        """One came; False where more came than any gateway sends. A fresh window begins where they took long enough."""
        self._received_at = now = self._loop.time()
        self._messages += 1
        if self._messages <= self._most:
            return True
        if now - self._window_at < RATE_WINDOW:
            return False
        self._messages, self._window_at = 0, now
        return True

    def overdue(self) -> None:
        """A mark was not answered in time."""
        if self._asked is not None:
            return
        silent = self._loop.time() - self._received_at
        if silent >= ANSWER and self._ask():
            self._asked = self._loop.call_later(ANSWER, self._check, self._received_at)
        elif silent >= SILENT:
            self._give_up()

    def close(self) -> None:
        """The session is over."""
        if self._asked is not None:
            self._asked.cancel()

    def _check(self, before: float) -> None:
        self._asked = None
        if self._received_at == before:
            self._give_up()

    def _give_up(self) -> None:
        silent = self._loop.time() - self._received_at
        log.warning("call %s: the gateway has sent nothing for %.0f s and is given up", self._id, silent)
        self._loop.call_soon(self._gone)
