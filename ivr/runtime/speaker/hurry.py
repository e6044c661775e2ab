"""An event loop whose clock jumps over waits, while there is nothing real to wait for."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from typing import Any


class HurriedLoop(asyncio.SelectorEventLoop):
    """``time`` runs as ever where ``hurry`` says no, and leaves waits out where it says yes."""

    def __init__(self) -> None:
        self.hurry: Callable[[], bool] = lambda: False
        """Whether nothing outside this process is under way."""
        self._skipped = 0.0
        super().__init__(_Leaping(self))

    def time(self) -> float:
        """Seconds, with those that were left out."""
        return super().time() + self._skipped

    def wait(self, seconds: float | None) -> float | None:
        """How long really to wait of so many seconds; None for ever. The rest is added to the clock."""
        if seconds is None or seconds <= 0 or not self.hurry():
            return seconds
        self._skipped += seconds
        return 0.0


class _Leaping(selectors.DefaultSelector):
    def __init__(self, loop: HurriedLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        """See ``selectors.BaseSelector.select``."""
        return super().select(self._loop.wait(timeout))
