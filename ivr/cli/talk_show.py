"""What a call at the speaker shows while it goes on: two level bars and the device's figures under the turns."""

from __future__ import annotations

import asyncio
import math
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.text import Text

from ivr.runtime.speaker.microphone import Microphone
from ivr.runtime.speaker.player import Player

EVERY = 0.100
"""Seconds between two pictures."""

WIDTH = 16
"""Characters of one bar: with two of them and the keys a line has 80."""

FLOOR = -60.0
"""dBFS at the left end of a bar; the right end is full scale."""


class Meter:
    """A line at the bottom of a terminal; nothing where the console is none. Use it as ``with Meter(...)``."""

    def __init__(self, console: Console, player: Player, ears: Microphone | None, keys: bool) -> None:
        self._player = player
        self._ears = ears
        self._keys = keys
        self._timer: asyncio.TimerHandle | None = None
        self._live: Live | None = None
        if console.is_terminal and not console.quiet:
            self._live = Live(console=console, auto_refresh=False, transient=True, redirect_stderr=False)

    def __enter__(self) -> Meter:
        if self._live is not None:
            self._live.start()
            self._draw(self._live)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._live is not None:
            self._live.stop()

    def _draw(self, live: Live) -> None:
        self._timer = asyncio.get_running_loop().call_later(EVERY, self._draw, live)
        out, self._player.level = self._player.level, 0.0
        words = f"speaker {bar(out)}"
        if self._ears is not None:
            heard, self._ears.level = self._ears.level, 0.0
            words += f"  microphone {bar(heard)}"
        if self._keys:
            words += "  (0-9 * #, q hangs up)"
        if self._player.starved:
            words += f"  underruns {self._player.starved}"
        words += f"  latency {self._player.latency * 1000:.0f} ms"
        live.update(Text(words, style="dim", no_wrap=True, overflow="ellipsis"), refresh=True)


def bar(level: float) -> str:
    """An amplitude from 0 to 1 as a bar on a scale of decibels."""
    decibels = 20 * math.log10(level) if level > 0 else FLOOR
    full = round(WIDTH * (1 - min(0.0, max(FLOOR, decibels)) / FLOOR))
    return "█" * full + "░" * (WIDTH - full)
