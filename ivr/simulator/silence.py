"""Silence that nobody planned, at a simulated caller's ear: one measure for scenarios, exploring and many calls."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.simulator.emulated import Network
from ivr.testing.ear import DeadAir, dead_air
from ivr.testing.heard import Heard
from ivr.trace.events import TraceEvent

LIMIT = 0.2
"""Seconds of silence above which it is dead air, where nobody says otherwise."""


def unplanned(
    heard: Heard,
    trace: Sequence[TraceEvent],
    way: Network,
    opening: float,
    *,
    longest: float = 0.0,
    threshold: float = LIMIT,
) -> tuple[DeadAir, ...]:
    """Silences over ``threshold`` seconds.

    The way there and back is left out: a dialog that waits until its words were heard goes on so much later. So is
    ``opening``, for which a gateway may want to be waited for when a stream begins; see ``Capabilities.opening``.
    ``longest``: seconds of the longest way that a message took, jitter included.
    """
    limit = threshold + way.out + way.back
    path = max(way.out, way.back, longest)
    return tuple(dead_air(heard, trace, threshold=limit, path=path, opening=opening))
