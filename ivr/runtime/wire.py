"""What one session's sound is sent as: the clips of its stream's wire, once these are there."""

from __future__ import annotations

from collections.abc import Callable

from ivr.errors import IvrError
from ivr.gateways.codec import Codec, Message, Prepared
from ivr.gateways.events import GatewayEvent
from ivr.playout.segments import Span
from ivr.runtime.rooms import Room, Rooms


class Wire:
    """Of one session."""

    def __init__(self, codec: Codec, rooms: Rooms) -> None:
        self.waiting: list[GatewayEvent] | None = None
        """What came while the clips of this stream's wire are made; None otherwise."""
        self._codec = codec
        self._rooms = rooms
        self._prepared = rooms.usual.prepared

    def begin(self, done: Callable[[Room | IvrError], None]) -> bool:
        """A stream begins: whether its clips are at hand. If not they are made, and then ``done`` is told."""
        room = self._rooms.at_hand(self._codec.capabilities)
        if room is None:
            self._rooms.make(self._codec.capabilities, done)
            return False
        self._prepared = room.prepared
        return True

    def message(self, span: Span) -> Message:
        """What sends ``span``; silence of its length where it is still of the stream before, on another wire."""
        if self.waiting is not None:
            format, length = self._codec.capabilities.out_format, span.clip.format.seconds(span.samples)
            return self._codec.media(self._codec.prepare(format.silence(format.samples(length))))
        prepared = self._prepared.get(span.clip, span.start, span.stop)
        assert isinstance(prepared, Prepared)
        return self._codec.media(prepared)
