"""The far side of a replay: a codec without a wire, and marks that come back as they did, or as they would have."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ivr.gateways.codec import Capabilities, MarkKind, Message, Prepared
from ivr.gateways.events import GatewayEvent
from ivr.playout.segments import Span
from ivr.simulator.recorded import Recorded

SAME = 5e-6
"""Seconds within which two times of a trace are the same; they are written to the microsecond."""

Back = Callable[[float, int, str], None]
"""Has a mark come back: when, its order among what comes then, and its name."""

LATER = 1 << 40
"""The order of what no trace tells of: behind what one does."""


class FarSide:
    """A ``Codec`` for one stream whose messages go nowhere."""

    def __init__(self, capabilities: Capabilities, recorded: Recorded, stream: int, back: Back) -> None:
        """``stream`` counts those of the call from 1."""
        self.capabilities = capabilities
        self.unknown = 0
        self.listening = False
        self.now = 0.0
        """Of the door that was opened last."""
        self._recorded = recorded
        self._stream = stream
        self._back = back
        self._free = 0.0
        self._out: dict[str, float] = {}

    def play(self, span: Span) -> None:
        """Sound was sent."""
        path = self._recorded.path / 2
        self._free = max(self._free, self.now + path) + self.capabilities.out_format.seconds(span.samples)

    def mark(self, name: str) -> Message | None:
        """It comes back when it did where it was sent when it was; else when what is before it has been played."""
        if self.capabilities.marks is MarkKind.NONE:
            return None
        sent, echo = self._recorded.marks.get((self._stream, name), (None, None))
        if sent is not None and abs(sent - self.now) <= SAME:
            if echo is not None:
                self._back(echo.event.at, echo.order, name)
        else:
            path = self._recorded.path / 2
            due = max(self._free, self.now + path) + path
            self._out[name] = due
            self._back(due, LATER, name)
        return "mark"

    def expects(self, name: str, at: float) -> bool:
        """Whether a mark comes back then, for all that has been cleared meanwhile."""
        due = self._out.get(name)
        return due is None or abs(due - at) <= SAME

    def clear(self) -> Message | None:
        """What waits is dropped; so are its marks, or they come back at once."""
        if not self.capabilities.can_clear:
            return None
        path = self._recorded.path
        self._free = self.now + path / 2
        for name, due in self._out.items():
            if due > self.now + path:
                self._out[name] = -1.0
                if self.capabilities.marks is MarkKind.ECHO_ON_CLEAR:
                    self._out[name] = self.now + path
                    self._back(self.now + path, LATER, name)
        return "clear"

    def pause(self) -> Message | None:
        """Nobody holds the sound of a call that is replayed."""
        return None

    def resume(self) -> Message | None:
        """See ``pause``."""
        return None

    def hang_up(self) -> Message | None:
        """Goes nowhere."""
        return None

    def answer(self) -> Message | None:
        """Goes nowhere."""
        return "answer"

    def probe(self) -> Message | None:
        """What it was answered with comes at its time."""
        return "probe"

    def receive(self, message: Message) -> Sequence[GatewayEvent]:
        """There are no messages."""
        return ()

    def presume(self) -> Sequence[GatewayEvent]:
        """See ``receive``."""
        return ()

    def prepare(self, payload: bytes) -> Prepared:
        """See ``receive``."""
        return payload

    def media(self, prepared: Prepared) -> Message:
        """See ``receive``."""
        return prepared
