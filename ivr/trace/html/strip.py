"""A call as a line in the list."""

from __future__ import annotations

from ivr.trace.row import Page
from ivr.trace.sound import Strategy
from ivr.trace.svg import Drawing

LONG, THICK = 150.0, 14.0
"""Pixels."""


def strip(page: Page) -> str:
    """The whole call in a line: how it was voiced, and where there was a gap."""
    end = max((event.at for event in page.events), default=0.0) or 1.0
    to = Drawing()
    for bar in (bar for bar in page.found.bars if bar.strategy is not Strategy.SILENCE):
        to.rect(bar.start / end * LONG, 2, (bar.stop - bar.start) / end * LONG, THICK - 4, f"bar {bar.strategy.value}")
    for joint in page.found.joints:
        if joint.seam.gap > 0:
            to.rect(joint.at / end * LONG - 1, 0, 2, THICK, "gap")
    return to.document(LONG, THICK, "how the call was voiced, from its beginning to its end", "").replace("\n", "")
