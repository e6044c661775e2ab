"""Whom the server turned away, and whose call it ended: counted each time, logged once per cause and minute."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from ivr.runtime.throttle import Throttled

if TYPE_CHECKING:  # imported late: see ivr.runtime.metricfiles
    from ivr.runtime.metrics import Metrics

log = logging.getLogger("ivr.door")


class _Counted:
    """Warnings of which one is logged for a cause and a minute, and the others are counted."""

    def __init__(self, throttled: Throttled) -> None:
        self._throttled = throttled

    def tick(self) -> None:
        """Log the counts of minutes that are over; to be called every few seconds."""
        for line in self._throttled.due(time.monotonic()):
            log.warning("%s", line)

    def close(self) -> None:
        """Log what is left."""
        for line in self._throttled.rest():
            log.warning("%s", line)


class Refusals(_Counted):
    """One for a process."""

    def __init__(self, metrics: Metrics | None) -> None:
        self._metrics = metrics
        super().__init__(Throttled(noun="requests"))

    def __call__(self, cause: str, address: str, what: str) -> None:
        """A request from ``address`` was refused; ``what`` may be logged."""
        if self._metrics is not None:
            self._metrics.refused(cause)
        for line in self._throttled.see(cause, f"refused a request from {address}: {what}", time.monotonic()):
            log.warning("%s", line)


class Complaints(_Counted):
    """What is wrong with gateways. One for a process; the calls themselves are counted by how they ended."""

    def __init__(self) -> None:
        super().__init__(Throttled(verb="saw", noun="calls"))

    def __call__(self, logger: logging.Logger, cause: str, line: str, *values: object) -> None:
        """Warn of ``line``, which begins with ``call %s: ``, unless a call was complained of for ``cause`` just now."""
        for said in self._throttled.see(cause, line, time.monotonic()):
            if said is line:
                logger.warning(line, *values)
            else:
                log.warning("%s", said)
