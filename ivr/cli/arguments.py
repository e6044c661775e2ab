"""Types of arguments that several commands share."""

from __future__ import annotations

import argparse

from ivr.catalog.durations import seconds


def duration(text: str) -> float:
    """``600ms``, ``5s`` or ``2m``, in seconds."""
    try:
        return seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
