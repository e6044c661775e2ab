"""Whom the server turned away: counted each time, logged once per cause and minute."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from ivr.runtime.throttle import Throttled

if TYPE_CHECKING:  # imported late: see ivr.runtime.metricfiles
    from ivr.runtime.metrics import Metrics

log = logging.getLogger("ivr.door")


class Refusals:
    """One for a process."""

    def __init__(self, metrics: Metrics | None) -> None:
        self._metrics = metrics
        self._throttled = Throttled(noun="requests")

    def __call__(self, cause: str, address: str, what: str) -> None:
        """A request from ``address`` was refused; ``what`` may be logged."""
        if self._metrics is not None:
            self._metrics.refused(cause)
        for line in self._throttled.see(cause, f"refused a request from {address}: {what}", time.monotonic()):
            log.warning("%s", line)

    def tick(self) -> None:
        """Log the counts of minutes that are over; to be called every few seconds."""
        for line in self._throttled.due(time.monotonic()):
            log.warning("%s", line)

    def close(self) -> None:
        """Log what is left."""
        for line in self._throttled.rest():
            log.warning("%s", line)
