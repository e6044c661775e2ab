"""Commands that have something to finish when they are told to end."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ivr.cli.render_bar import paid
from ivr.pregen.progress import Progress, Tell
from ivr.project.settings.prices import Price


@contextmanager
def terminable() -> Iterator[None]:
    """In here SIGTERM is as SIGINT: all is left in order. The exit status tells which it was (128 and its number)."""
    terminated = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal terminated
        terminated = True
        signal.raise_signal(signal.SIGINT)

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # a thread that gets no signals
        yield
        return
    try:
        yield
    except KeyboardInterrupt:
        if terminated:
            raise SystemExit(128 + signal.SIGTERM) from None
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def accounted(tell: Tell, price: Price | None, again: str) -> Iterator[Tell]:
    """Where the build is stopped in here, say what was made and paid; ``again``: the command that makes the rest."""
    last, made = Progress(0, 0, "", False), 0

    def keep(progress: Progress) -> None:
        nonlocal last, made
        made += progress.done > last.done and not progress.failed
        last = progress
        tell(progress)

    try:
        yield keep
    except asyncio.CancelledError:
        money = f", {paid(last, price)} paid for" if last.all_characters else ""
        clips = f"{made:,} of {last.total:,} clips made{money}" if last.total else "nothing was made yet"
        print(f"ivr: stopped: {clips}; `{again}` makes the rest", file=sys.stderr)
        raise
