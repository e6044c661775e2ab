"""What timers share."""

from __future__ import annotations


def earliest(*times: float | None) -> float | None:
    """The first of some times, of which None is never; None where all are. Asked at every step of every call."""
    first = None
    for time in times:
        if time is not None and (first is None or time < first):
            first = time
    return first
