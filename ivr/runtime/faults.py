"""A fault of our own in the log: where it happened, without the text of the error, which may hold a caller's data."""

from __future__ import annotations

import traceback


def frames(error: BaseException) -> str:
    """The frames through which ``error`` came, outermost first."""
    return "".join(traceback.format_tb(error.__traceback__)).rstrip()
