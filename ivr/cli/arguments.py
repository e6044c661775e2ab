"""Types of arguments that several commands share."""

from __future__ import annotations

import argparse
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
def writing(out: Path) -> Iterator[None]:
    """Turns a disk's refusal into a message."""
    try:
        yield
    except OSError as error:
        raise ConfigError(f"{out} cannot be written ({error.strerror or error}): name another --out") from None
