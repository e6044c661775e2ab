"""What covers a dialog's wait for a lookup: enqueued when the wait begins, and let go of when it ends."""

from __future__ import annotations

from ivr.call.speaking import Speaking
from ivr.playout.playout import Playout


class Cover:
    """Of one call; there is one while the dialog waits."""

    def __init__(self) -> None:
        self._segment: str | None = None

    def begin(self, speaking: Speaking, now: float) -> None:
        """The dialog waits from now on."""
        self._segment = speaking.wait(now)

    def covers(self, segment: str) -> bool:
        """Whether that is the segment of the wait."""
        return segment == self._segment

    def end(self, speaking: Speaking) -> None:
        """The wait is over."""
        if self._segment is not None:
            speaking.release(self._segment)
        self._segment = None

    def again(self, speaking: Speaking, playout: Playout, now: float) -> None:
        """What was cleared, or went with its stream, may have held it."""
        if self._segment is not None and self._segment not in playout.segments():
            self._segment = speaking.wait(now)
