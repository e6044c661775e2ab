"""The far side of a replay: a codec without a wire, and marks that come back as they did, or as they would have."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ivr.gateways.codec import Capabilities, MarkKind, Message, Prepared
from ivr.gateways.events import GatewayEvent
from ivr.playout.segments import Span
from ivr.simulator.recorded import SAME, Recorded

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
        self._free = max(self._free, self.now) + self.capabilities.out_format.seconds(span.samples)

    def sent(self, message: Message) -> None:
        """A message was sent, behind what was played before it."""
        what, _, name = str(message).partition(" ")
        if what == "mark":
            self._marked(name)
        elif what == "clear":
            self._cleared()

    def mark(self, name: str) -> Message | None:
        """Has its answer once it is sent."""
        return None if self.capabilities.marks is MarkKind.NONE else f"mark {name}"

    def clear(self) -> Message | None:
        """See ``mark``."""
        return "clear" if self.capabilities.can_clear else None

    def _marked(self, name: str) -> None:
        """It comes back when it did where it was sent when it was; else as long after its sound as it did then."""
        then = self._recorded.marks.get((self._stream, name))
        back = None if then is None else then.back
        if then is not None and abs(then.sent - self.now) <= SAME:
            if back is not None:
                self._back(back.event.at, back.order, name)
            return
        behind = self._recorded.path if then is None or back is None else back.event.at - then.played
        due = max(self._free + behind, self.now)
        self._out[name] = due
        self._back(due, LATER, name)

    def _cleared(self) -> None:
        """What waits is dropped; so are its marks, or they come back at once."""
        back = self.now + self._recorded.path
        self._free = self.now
        for name, due in self._out.items():
            if due > back:
                self._out[name] = -1.0
                if self.capabilities.marks is MarkKind.ECHO_ON_CLEAR:
                    self._out[name] = back
                    self._back(back, LATER, name)

    def expects(self, name: str, at: float) -> bool:
        """Whether a mark comes back then, for all that has been cleared meanwhile."""
        due = self._out.get(name)
        return due is None or abs(due - at) <= SAME

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
