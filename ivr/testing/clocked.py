"""What the far ends of all platforms share: one end of a socket and the two ways to it, on a clock that the test moves.

What the runtime sends arrives one path later, and is handled in order with all that happens over here by itself. What
end sends waits in an inbox until it has reached the runtime. What a platform is known to do is in its own file, in the
methods that are abstract here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from math import inf
from typing import ClassVar, Generic, Protocol, TypeVar

from ivr.media.samples import Samples
from ivr.testing.heard import Heard
from ivr.testing.line import Path

EARLY = 0.010
"""Seconds by which a clock may lag a timer that was handled early; event loops wake up to a millisecond early."""

Arriving = TypeVar("Arriving")
"""A message of the runtime, as this end has read it."""
Sent = TypeVar("Sent", bound=str | bytes)
"""A message to the runtime."""


class Queue(Protocol):
    """Sound that was sent and waits to be heard."""

    heard: Heard
    dropped: list[tuple[float, int]]


class Voice(Protocol):
    """The caller's sound."""

    due: float

    def say(self, samples: Samples, now: float) -> None:
        """Speak from ``now`` on."""
        ...

    def end(self) -> None:
        """Say nothing more, ever."""
        ...


class ClockedFarEnd(ABC, Generic[Arriving, Sent]):
    """The far end of one socket. What it saw is in its public attributes."""

    one: ClassVar[str]
    """What a far end is one of, as errors say it."""

    def __init__(self, queue: Queue, voice: Voice, path_out: float | Path, path_in: float | Path) -> None:
        self.protocol_errors: list[str] = []
        """What the runtime sent and should not have."""
        self.connected_at: float | None = None
        self.closed_at: float | None = None
        """When this end stopped playing for good, whoever ended it."""
        self.disconnects_at: float | None = None
        """When the runtime sees the socket close; None unless this end closed it."""
        self.queue = queue
        """The sound that was sent and waits to be heard."""
        self.heard = queue.heard
        """What the caller heard, as far as this end's clock has been moved."""
        self._voice = voice
        self._path_out = path_out if isinstance(path_out, Path) else Path(path_out)
        self._path_in = path_in if isinstance(path_in, Path) else Path(path_in)
        self._clock = -inf
        self._arrivals: deque[tuple[float, Arriving | None]] = deque()
        self._inbox: deque[tuple[float, Sent]] = deque()
        self._runtime_closed = False

    @property
    def dropped(self) -> list[float]:
        """When sound came that found the queue full, and was never heard."""
        return [at for at, _ in self.queue.dropped]

    def connect(self, now: float) -> None:
        """The socket is open: what the platform says first is on its way. Raises ``ValueError`` the second time."""
        if self.connected_at is not None:
            raise ValueError(f"this far end is one {self.one} and was connected before; make another")
        self._advance(now)
        self.connected_at = now
        self._greet(now)

    def receive(self, message: str | bytes, now: float) -> None:
        """Take ``message``, which leaves the runtime at ``now``; it is handled ``path_out`` later, in order.

        Raises ``ValueError`` before ``connect`` and after ``close``: there is no socket to send it on.
        """
        if self.connected_at is None or self._runtime_closed:
            raise ValueError("there is no open socket: receive only between connect and close")
        if self.closed_at is None:
            self._arrive(self._read(message), now)
        self._advance(now)

    def close(self, now: float) -> None:
        """The runtime closes the socket: nothing more reaches it, and this end learns of it ``path_out`` later."""
        self._advance(now)
        self._runtime_closed = True
        self._inbox.clear()
        self._voice.end()
        if self.closed_at is None:
            self._arrive(None, now)
            self._advance(now)

    def say(self, samples: Samples, now: float) -> None:
        """The caller says ``samples``, at the rate of this end's sound, from ``now`` on or after what is still said."""
        if self._open(now) and not self._runtime_closed:
            self._voice.say(samples, now)

    def next_timer(self) -> float | None:
        """The next time at which something may reach the runtime; None when only the runtime can bring that about."""
        if self._inbox:
            return self._inbox[0][0]
        if self.closed_at is not None:
            gone = self.disconnects_at is None or self._runtime_closed or self.disconnects_at <= self._clock
            return None if gone else self.disconnects_at
        # What happens over here reaches the runtime one path later, and is worked out then.
        tells_at = self._tells_at()
        return tells_at + self._path_in.delay if tells_at < inf else None

    def handle_timer(self, now: float) -> None:
        """Do everything that is due over here by ``now``."""
        self._advance(now)

    def messages(self, now: float) -> list[Sent]:
        """Take the messages that have reached the runtime by ``now``, oldest first."""
        self._advance(now)
        inbox, due = self._inbox, []
        while inbox and inbox[0][0] <= self._clock:
            due.append(inbox.popleft()[1])
        return due

    def disconnected(self, now: float) -> bool:
        """Whether the runtime has seen this end close the socket by ``now``."""
        return self.disconnects_at is not None and max(now, self._clock) >= self.disconnects_at and not self._inbox

    def played(self, at: float) -> int:
        """Samples that the caller had really heard by the far-side time ``at``, which is no later than the present."""
        if at > self._clock:
            self._advance(at)
        return self.heard.played_samples(at)

    def _open(self, now: float) -> bool:
        if self.connected_at is None:
            raise ValueError(f"the {self.one} is not connected yet: call connect first")
        self._advance(now)
        return self.closed_at is None

    def _arrive(self, message: Arriving | None, now: float) -> None:
        at = self._path_out.arrival(now)
        if at == now == self._clock and not self._arrivals:
            self._handle(message, at)  # all that comes before it is done
        else:
            self._arrivals.append((at, message))

    def _advance(self, now: float) -> None:
        if now < self._clock:
            if now < self._clock - EARLY:
                raise ValueError(f"time runs backwards: {now} s after {self._clock} s")
            now = self._clock
        self._happen(now)
        self._clock = now
        self.heard.known_until = now

    def _send(self, message: Sent, at: float) -> None:
        if not self._runtime_closed and self.closed_at is None:
            self._inbox.append((self._path_in.arrival(at), message))

    def _disconnect(self, at: float) -> None:
        self._end(at)
        self.disconnects_at = self._path_in.arrival(at)

    def _end(self, at: float) -> None:
        """Nothing more comes and goes. A platform adds what becomes of the sound that waits."""
        self._arrivals.clear()
        self._voice.end()
        self.closed_at = at

    @abstractmethod
    def _greet(self, now: float) -> None:
        """Say what the platform says first."""

    @abstractmethod
    def _read(self, message: str | bytes) -> Arriving:
        """What the platform makes of a message."""

    @abstractmethod
    def _handle(self, message: Arriving | None, at: float) -> None:
        """Do what came, at ``at``; None: the runtime closed the socket."""

    @abstractmethod
    def _happen(self, now: float) -> None:
        """Bring about, in order, all that happens over here by ``now``, and take what arrives by then."""

    @abstractmethod
    def _tells_at(self) -> float:
        """When that happens next of which the runtime may be told, if it sends nothing more; infinite for never."""
