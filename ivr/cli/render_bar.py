"""How a build goes on, while it does: a bar for whoever watches, now and then a line for a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ivr.pregen.progress import Progress, Tell
from ivr.project.settings.prices import Price, money

LINE_EVERY = 30.0
"""Seconds between two lines of a log."""
WORTH_A_LINE = 5.0
"""Seconds of waiting that a log tells at once."""


@contextmanager
def bar(price: Price | None) -> Iterator[Tell]:
    """On standard error."""
    if not sys.stderr.isatty():
        yield Lines(price, lambda line: print(line, file=sys.stderr, flush=True), time.monotonic)
        return
    from ivr.cli.render_watched import watched  # rich takes a tenth of a build that has nothing to do

    with watched(price) as tell:
        yield tell


class Lines:
    """Tells a log, and not too often."""

    def __init__(self, price: Price | None, write: Callable[[str], None], now: Callable[[], float]) -> None:
        self._price = price
        self._write = write
        self._now = now
        self._begun = self._told = now()

    def __call__(self, progress: Progress) -> None:
        """A build has come so far."""
        now = self._now()
        if progress.wait >= WORTH_A_LINE:
            self._write(f"rendering: too many requests for the provider, waiting {clock(progress.wait)}")
        elif now - self._told >= LINE_EVERY and progress.done < progress.total:
            self._told = now
            rest = left(progress.done, progress.total, now - self._begun)
            clips = f"{progress.done:,} of {progress.total:,} clips"
            self._write(f"rendering: {clips}, {paid(progress, self._price)}, {rest} left")


def paid(progress: Progress, price: Price | None) -> str:
    """Characters and money, until now and in all; nothing where no voice speaks."""
    if not progress.all_characters:
        return ""
    every = max(progress.all_characters, progress.characters)
    characters = f"{progress.characters:,}/{every:,} characters"
    if price is None:
        return f"{characters}, price unknown"
    return f"{characters}, {money(price.of(progress.characters))}/{money(price.of(every))} {price.currency}"


def left(done: int, total: int, elapsed: float) -> str:
    """The time for the rest, by that for what is done; ``elapsed`` in seconds."""
    return clock(elapsed / done * (total - done)) if done else "-:--"


def clock(seconds: float) -> str:
    """``0:07``, ``12:30`` or ``1:02:03``."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
