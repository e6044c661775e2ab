"""The speaker as a connection: what a call sends goes to the rings, what devices and keys do goes to the call."""

from __future__ import annotations

import asyncio
from typing import Protocol

from ivr.gateways.speaker import CLEAR, DIGIT, MARK, START, STOP
from ivr.runtime.connection import Hearer, Message
from ivr.runtime.speaker.microphone import Microphone
from ivr.runtime.speaker.player import HIGH, LOW, Player

POLL = 0.010
"""Seconds between looks at the rings; the device's thread tells nothing by itself, for telling would take a lock."""

STOPPED = 0.5
"""Seconds without a callback after which the device is opened anew. PortAudio may stop calling and say nothing, as it
does over PulseAudio when a busy machine let the device run dry."""

WATCHDOG = 2.0
"""Seconds without a callback after which the device is given up."""

TAIL = 0.060
"""Seconds that a device gets for the last of a call: what the resampler holds back, and its own next period."""

HUNG_UP = "the caller hung up"


class Device(Protocol):
    """What pulls from a ``Player``."""

    @property
    def lost(self) -> str:
        """Why it will not pull any more; empty while it does."""
        ...

    def reopen(self) -> None:
        """Begin anew, since it has stopped. Does not wait."""
        ...

    def close(self) -> None:
        """Stop. Does not wait."""
        ...


class SpeakerLine:
    """A ``Connection`` of one call. The device runs before ``begin`` and is closed by the end of the call."""

    def __init__(self, hearer: Hearer, player: Player, microphone: Microphone | None, device: Device) -> None:
        self.lost = ""
        """Why the device went away in the middle of the call; empty where it did not."""
        self._hearer = hearer
        self._player = player
        self._microphone = microphone
        self._device = device
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._blocked = False
        self._blocks = player.blocks
        self._seen_at = self._loop.time()
        self._reopening = False
        self._closing = False
        self._over = False

    def begin(self, caller: str) -> None:
        """The call is answered."""
        self._seen_at = self._loop.time()
        self._hearer.opened(self)
        self._hearer.message(f"{START} {caller}")
        self._poll()

    def press(self, digit: str) -> None:
        """A key of the telephone: 0-9 * # A-D."""
        if not self._closing:
            self._hearer.message(f"{DIGIT} {digit}")

    def hang_up(self) -> None:
        """The caller has had enough: silence at once."""
        if not self._closing:
            self._player.clear(self._loop.time())
            self._hearer.message(f"{STOP} {HUNG_UP}")

    def send(self, *messages: Message) -> None:
        """See ``Connection``."""
        if not self._closing:
            now = self._loop.time()
            for message in messages:
                self._take(message, now)

    def _take(self, message: Message, now: float) -> None:
        if isinstance(message, bytes):
            self._player.push(message, now)
            if not self._blocked and self._player.waiting > HIGH:
                self._block(True)
        elif message == CLEAR:
            self._player.clear(now)
        else:
            word, _, name = message.partition(" ")
            assert word == MARK, f"the codec sends no {word!r}"
            self._player.mark(name)

    def close(self, code: int) -> None:
        """See ``Connection``; what waits in the ring is played first."""
        if not self._closing:
            self._closing = True
            rest = self._player.waiting + self._player.latency + TAIL
            self._loop.call_later(rest, self._end, "the call is over")

    def abort(self) -> None:
        """See ``Connection``."""
        self._closing = True
        self._loop.call_soon(self._end, "the device was given up")

    def _poll(self) -> None:
        if self._over:
            return
        now = self._loop.time()
        self._timer = self._loop.call_at(now + POLL, self._poll)
        self._player.settle()
        if self._closing or not self._alive(now):
            return
        for name in self._player.reached(now):
            self._hearer.message(f"{MARK} {name}")
        for frame in self._microphone.frames() if self._microphone is not None else ():
            self._hearer.message(frame)
        if self._blocked and self._player.waiting < LOW:
            self._block(False)

    def _alive(self, now: float) -> bool:
        if self._player.blocks != self._blocks:
            self._blocks, self._seen_at, self._reopening = self._player.blocks, now, False
        silent = now - self._seen_at
        lost = self._device.lost
        if not lost and silent > WATCHDOG:
            lost = f"the sound device has not asked for sound for {silent:.1f} s"
        elif not lost and silent > STOPPED and not self._reopening:
            self._reopening = True
            self._device.reopen()
        if lost:
            self.lost = lost
            self._closing = True
            self._end(f"the sound device went away: {lost}")
        return not lost

    def _block(self, blocked: bool) -> None:
        self._blocked = blocked
        self._hearer.blocked(blocked)

    def _end(self, why: str) -> None:
        if self._over:
            return
        self._over = True
        if self._timer is not None:
            self._timer.cancel()
        self._device.close()
        self._hearer.closed(why, breach=False)
