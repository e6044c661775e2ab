"""The queue of an Asterisk channel: frames that a timer takes one by one, and marks that travel between them.

As observed: XOFF at 900 frames, XON below 800, above 1,000 what comes is dropped without a word; a flush takes the
marks with it, and an XON that is due by it comes with the next tick; what is left of a message behind its last whole
frame is thrown away, unless it is buffered: then it waits for the next message, or is played short when nothing else is
there to play. XOFF can be had without a full queue too (``say_xoff``), as no real Asterisk says it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import ceil, inf

from ivr.media.samples import Samples
from ivr.testing.heard import Heard

XON, XOFF, FULL = 800, 900, 1000
"""Frames."""
EDGE = 1e-6
"""Seconds by which floating point may miss a tick and still mean it."""

Tell = Callable[[str, str, float], None]
"""An event, its id or nothing, and when."""


class FrameQueue:
    """Frames that wait to be heard. Times are far-side seconds."""

    def __init__(
        self, rate: int, frame: int, ptime: float, ear: Callable[[bytes], Samples | bytes], tell: Tell
    ) -> None:
        """``frame``: bytes; ``ear`` makes sound of a frame."""
        self.heard = Heard(rate)
        """What the caller heard."""
        self.received = 0
        """Frames that were queued."""
        self.longest = 0
        """Most frames that ever waited."""
        self.dropped: list[tuple[float, int]] = []
        """For each message that found the queue full: when, and its bytes."""
        self.cut_off: list[tuple[float, int]] = []
        """For each message that was not of whole frames: when, and the bytes that were thrown away."""
        self.flushed: list[tuple[float, int, tuple[str, ...]]] = []
        """For each flush: when, the frames that it dropped, and the marks that vanished."""
        self.paused = self.full = self.buffering = self.drain_asked = False
        self.audible_from = 0.0
        """Frames that are taken before are heard by nobody: the channel is not bridged, or not answered."""
        self.off_until = -inf
        """XON does not come before, however little waits."""
        self._frame, self._ptime, self._ear, self._tell = frame, ptime, ear, tell
        self._frames: deque[bytes] = deque()
        self._markers: deque[tuple[int, str, str]] = deque()
        self._taken = 0
        self._tail = b""
        self._origin = 0.0
        self._tick = 0

    @property
    def length(self) -> int:
        """Frames that wait."""
        return len(self._frames)

    @property
    def _busy(self) -> bool:
        waiting = self._frames or self._markers or self._tail or self.drain_asked or self.full
        return not self.paused and bool(waiting)

    @property
    def next_tick(self) -> float | None:
        """When the timer has something to do next; None while it has nothing."""
        return self._origin + self._tick * self._ptime if self._busy else None

    def next_event(self) -> float | None:
        """When the timer has something to tell, if nothing else comes."""
        tick = self.next_tick
        if tick is None:
            return None
        ahead = [marker[0] - self._taken for marker in list(self._markers)[:1]]
        if self.full:
            ahead.append(max(0, self.length - XON + 1, self._ticks_until(self.off_until)))
        if self.drain_asked:
            ahead.append(self.length)
        return tick + max(0, min(ahead)) * self._ptime if ahead else None

    def begin(self, at: float) -> None:
        """The timer starts."""
        self._origin = at

    def put(self, message: bytes, at: float) -> None:
        """A binary message came."""
        if self.length >= FULL:
            self.dropped.append((at, len(message)))
            return
        self._wake(at)
        data = self._tail + message
        whole = len(data) // self._frame * self._frame
        self._tail = data[whole:] if self.buffering else b""
        if whole < len(data) and not self.buffering:
            self.cut_off.append((at, len(data) - whole))
        self._queue([data[start : start + self._frame] for start in range(0, whole, self._frame)], at)

    def mark(self, event: str, id: str, at: float) -> None:
        """An event to tell once everything before it was taken."""
        self._wake(at)
        self._markers.append((self._taken + self.length, event, id))

    def ask_drained(self, at: float) -> None:
        """QUEUE_DRAINED is to be told once."""
        self._wake(at)
        self.drain_asked = True

    def stop_buffering(self, id: str, at: float) -> None:
        """The tail is queued, and its end told when it was played."""
        if self._tail:
            self._wake(at)
            self._queue([self._tail], at)
        self.buffering, self._tail = False, b""
        self.mark("MEDIA_BUFFERING_COMPLETED", id, at)

    def flush(self, at: float) -> None:
        """Drop everything, marks too, and say nothing of it."""
        self.flushed.append((at, self.length, tuple(id for _, _, id in self._markers)))
        self._frames.clear()
        self._markers.clear()
        self.buffering, self._tail = False, b""

    def pause(self, paused: bool, at: float) -> None:
        """Stand still, or go on."""
        self.paused = paused
        self._wake(at, force=True)

    def say_xoff(self, seconds: float, at: float) -> None:
        """XOFF now, whatever waits, and XON no sooner than ``seconds`` later."""
        self._wake(at)
        self.off_until = max(self.off_until, at + seconds)
        self._off(at)

    def tick(self) -> None:
        """The timer does what is due at ``next_tick``."""
        at = self._origin + self._tick * self._ptime
        self._tick += 1
        if self.full and self.length < XON and at >= self.off_until - EDGE:
            self.full = False
            self._tell("MEDIA_XON", "", at)
        if self.drain_asked and not self._frames and not self._markers:
            self.drain_asked = False
            self._tell("QUEUE_DRAINED", "", at)
        while self._markers and self._markers[0][0] <= self._taken:
            _, event, id = self._markers.popleft()
            self._tell(event, id, at)
        if self._frames:
            self._taken += 1
            self._play(self._frames.popleft(), at)
        elif self._tail:
            tail, self._tail = self._tail, b""
            self._play(tail, at)

    def _play(self, frame: bytes, at: float) -> None:
        sound = self._ear(frame)
        if at >= self.audible_from - EDGE:
            self.heard.append(at, sound)

    def _queue(self, frames: list[bytes], at: float) -> None:
        self._frames.extend(frames)
        self.received += len(frames)
        self.longest = max(self.longest, self.length)
        if self.length >= XOFF:
            self._off(at)

    def _ticks_until(self, time: float) -> int:
        return 0 if time == -inf else ceil((time - self._origin - EDGE) / self._ptime) - self._tick

    def _off(self, at: float) -> None:
        if not self.full:
            self.full = True
            self._tell("MEDIA_XOFF", "", at)

    def _wake(self, at: float, *, force: bool = False) -> None:
        """Lay the next tick behind ``at`` where the timer had nothing to do."""
        if force or not self._busy:
            self._tick = max(self._tick, ceil((at - self._origin - EDGE) / self._ptime))
