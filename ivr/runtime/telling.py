"""What happens in a call, told to whoever watches it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from ivr.runtime.faults import frames
from ivr.trace.events import TraceEvent

log = logging.getLogger("ivr.session")

Watch = Callable[[str, TraceEvent], None]
"""Told every event of every call, with the call's id."""


class Telling:
    """Of one session."""

    def __init__(self, id: str, watch: Watch | None) -> None:
        self._id = id
        self._watch = watch
        self._loop = asyncio.get_running_loop()

    def later(self, events: Sequence[TraceEvent]) -> None:
        """Tell them soon, behind what was told before: whoever watches takes no time from the audio."""
        if events and self._watch is not None:
            self._loop.call_soon(self._tell, events)

    def _tell(self, events: Sequence[TraceEvent]) -> None:
        for event in events:
            if self._watch is None:
                return
            try:
                self._watch(self._id, event)
            except Exception as error:
                what = "what watches it has failed; it goes on unwatched"
                log.error("call %s: %s: %s\n%s", self._id, what, type(error).__name__, frames(error))
                self._watch = None
