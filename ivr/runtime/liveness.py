"""Whether a gateway is still there, and whether it sends more than any does. Times are the loop's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

SILENT = 20.0
"""Seconds without any message from a gateway that also leaves marks unanswered, after which it is taken for gone.

Longer than a machine stands still that is moved or short of memory: an Asterisk that was stopped for 15 s went on where
it had been, and so may its calls. A gateway that sends nothing for a silent caller is asked for a sign of life instead,
if there is a message that it answers.
"""

ASK_AFTER = 3.0
"""Seconds of that silence after which it is asked."""

ANSWER = SILENT - ASK_AFTER
"""Seconds in which it gives the sign of life."""

RATE_WINDOW = 5.0
"""Seconds over which a gateway's messages are counted; a platform may send what it held back in one burst."""

FRAME_WEIGHT = 10
"""Messages as which a frame counts that is none: gateways send a ping now and then, and hardly ever parts."""


class Liveness:
    """Of one session."""

    def __init__(self, rate: int, ask: Callable[[], bool], gone: Callable[[float], None]) -> None:
        """``rate``: messages in a second. ``ask`` sends for a sign of life; False where the gateway knows of none.

        ``gone`` is told that the gateway no longer answers, and for how many seconds it has sent nothing; never from
        within ``overdue``.
        """
        self._most = rate * RATE_WINDOW
        self._ask = ask
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._messages = 0
        self._window_at = self._received_at = self._loop.time()
        self._asked: asyncio.TimerHandle | None = None

    def message(self) -> bool:
        """One came; False where more came than any gateway sends."""
        self._received_at = self._loop.time()
        self._messages += 1
        return self._messages <= self._most or self._window_is_over()

    def frame(self) -> bool:
        """A frame came that is no message; False as for a message. It is no sign of life."""
        self._messages += FRAME_WEIGHT
        return self._messages <= self._most or self._window_is_over()

    def overdue(self) -> None:
        """A mark was not answered in time."""
        if self._asked is not None:
            return
        silent = self._loop.time() - self._received_at
        if silent >= ASK_AFTER and self._ask():
            self._asked = self._loop.call_later(ANSWER, self._check, self._received_at)
        elif silent >= SILENT:
            self._give_up()

    def close(self) -> None:
        """The session is over."""
        if self._asked is not None:
            self._asked.cancel()
        self._ask, self._gone = _silent, _ignore

    def _window_is_over(self) -> bool:
        """A fresh window begins where the messages of one took long enough."""
        now = self._loop.time()
        if now - self._window_at < RATE_WINDOW:
            return False
        self._messages, self._window_at = 0, now
        return True

    def _check(self, before: float) -> None:
        self._asked = None
        if self._received_at == before:
            self._give_up()

    def _give_up(self) -> None:
        self._loop.call_soon(self._gone, self._loop.time() - self._received_at)


def _silent() -> bool:
    return False


def _ignore(_: float) -> None:
    pass
