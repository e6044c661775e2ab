"""A far end of one Asterisk channel, driven by its own timers, with all that reached the runtime."""

from __future__ import annotations

from ivr.testing.asterisk import AsteriskFarEnd
from ivr.testing.asterisk_channel import Channel

TENTH = bytes(range(1, 101)) * 8  # 100 ms of mu-law


class Rig:
    """Plain text unless the channel says otherwise."""

    def __init__(self, channel: Channel | None = None, at: float = 0.0, **options) -> None:
        self.far_end = AsteriskFarEnd("17.1", channel or Channel(json=False), **options)
        self.came: list[tuple[float, str | bytes]] = []
        self.far_end.connect(at)
        self._take(at)

    def run(self, until: float) -> AsteriskFarEnd:
        while (due := self.far_end.next_timer()) is not None and due <= until:
            self.far_end.handle_timer(due)
            self._take(due)
        self.far_end.handle_timer(until)
        self._take(until)
        return self.far_end

    def send(self, at: float, *messages: str | bytes) -> AsteriskFarEnd:
        self.run(at)
        for message in messages:
            self.far_end.receive(message, at)
        self._take(at)
        return self.far_end

    @property
    def told(self) -> list[tuple[float, str]]:
        """Control messages behind the start, and when they came."""
        return [(at, message) for at, message in self.came[1:] if isinstance(message, str)]

    @property
    def sound(self) -> list[tuple[float, int]]:
        """Frames of the caller: when, and their bytes."""
        return [(at, len(message)) for at, message in self.came if isinstance(message, bytes)]

    def _take(self, at: float) -> None:
        self.came += [(round(at, 6), message) for message in self.far_end.messages(at)]
