"""Types of arguments that several commands share."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ivr.catalog.durations import seconds
from ivr.errors import ConfigError


def duration(text: str) -> float:
    """``600ms``, ``5s`` or ``2m``, in seconds."""
    try:
        return seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


@contextmanager
def writing(out: Path, option: str = "--out") -> Iterator[None]:
    """Turns a disk's refusal into a ``ConfigError``; ``option`` is the one that named the file."""
    try:
        yield
    except OSError as error:
        raise ConfigError(f"{out} cannot be written ({error.strerror or error}): name another {option}") from None


def writable(out: Path, option: str) -> None:
    """Try ``out`` before long work whose result goes there; it is left as it was. Raises ``ConfigError``."""
    there = os.path.lexists(out)
    with writing(out, option):
        out.open("ab").close()
        if not there:
            out.unlink()
