"""The keys of a telephone on the keyboard of a terminal."""

from __future__ import annotations

import asyncio
import atexit
import os
import sys
from collections.abc import Callable
from typing import Any

from ivr.gateways.speaker import DIGITS

HANG_UP = frozenset("qQ\x03\x04")
"""q, and what Ctrl-C and Ctrl-D send where the terminal does not make signals of them."""


class Keyboard:
    """Use it as ``with Keyboard(...)`` in a running loop. Where there is no terminal it is silent.

    The terminal gives each key at once and shows none. It is as it was after ``with``, and after any exit but a kill
    that no process can see.
    """

    def __init__(self, press: Callable[[str], None], hang_up: Callable[[], None]) -> None:
        self._press = press
        self._hang_up = hang_up
        self._fd = -1
        self._before: list[Any] | None = None

    @property
    def usable(self) -> bool:
        """Whether there are keys to be pressed."""
        return self._before is not None

    def __enter__(self) -> Keyboard:
        try:
            import termios
            import tty
        except ImportError:  # Windows
            return self
        if sys.stdin is None or not sys.stdin.isatty():
            return self
        self._fd = sys.stdin.fileno()
        self._before = termios.tcgetattr(self._fd)
        atexit.register(self._restore)
        tty.setcbreak(self._fd, termios.TCSADRAIN)
        asyncio.get_running_loop().add_reader(self._fd, self._read)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            asyncio.get_running_loop().remove_reader(self._fd)
            self._restore()
            atexit.unregister(self._restore)

    def _restore(self) -> None:
        import termios

        if self._before is not None:
            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)
            self._before = None

    def _read(self) -> None:
        try:
            typed = os.read(self._fd, 64)
        except OSError:
            typed = b""
        if not typed:  # the terminal is gone
            asyncio.get_running_loop().remove_reader(self._fd)
            self._hang_up()
        for key in typed.decode("ascii", "ignore"):
            if key in HANG_UP:
                self._hang_up()
            elif key.upper() in DIGITS:
                self._press(key.upper())
