"""Asterisk's end of one websocket channel (``chan_websocket``), on a clock that the test moves.

Written from what a real Asterisk was seen to do on the wire, and not from this library's codec, so that each can find
the other's mistakes.

Times are seconds of one clock for both ends. Drive it like ``ivr.testing.twilio.TwilioFarEnd``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from math import inf

from ivr.media.format import L16_16K, AudioFormat
from ivr.media.g722 import G722Decoder
from ivr.media.pcm import decode
from ivr.media.samples import Samples
from ivr.testing.asterisk_channel import FORMATS, Channel, Voice
from ivr.testing.asterisk_control import Ignored, Notation, Order, Value
from ivr.testing.asterisk_queue import FULL, XOFF, XON, FrameQueue
from ivr.testing.clocked import ClockedFarEnd
from ivr.testing.line import Path

TOO_LARGE = 65_500
"""Bytes of a message above which the call ends."""


class AsteriskFarEnd(ClockedFarEnd[str | bytes, str | bytes]):
    """The far end of one channel. What it saw is in its public attributes."""

    one = "channel"
    queue: FrameQueue
    _voice: Voice

    def __init__(
        self,
        channel_id: str = "1795363311.2",
        channel: Channel | None = None,
        variables: Mapping[str, str] | None = None,
        *,
        path_out: float | Path = 0.0,
        path_in: float | Path = 0.0,
    ) -> None:
        """``path_out``: seconds from the runtime to Asterisk; ``path_in``: back. ``variables`` are the channel's."""
        self.channel = channel or Channel()
        self.format, self._frame = FORMATS[self.channel.format]
        ear = _ear(self.channel.format, self.format)
        queue = FrameQueue(self.format.rate, self._frame, 0.020, ear, self._tell)
        super().__init__(queue, Voice(self.channel, self.format), path_out, path_in)
        self.channel_id = channel_id
        self.variables = dict(variables or {})
        self.orders: list[tuple[float, Order]] = []
        """Commands that were understood, and when."""
        self.answered_at: float | None = None
        self.abnormal = False
        """It was this end that dropped the socket without a close: 1006."""
        self._notation = Notation(channel_id, json=self.channel.json)
        self._releases: deque[tuple[float, str]] = deque()

    @property
    def stream_sid(self) -> str:
        """What the runtime calls this stream."""
        return self.channel_id

    @property
    def cleared(self) -> list[tuple[float, int]]:
        """For each flush: when it was done, and how many queued samples it dropped."""
        return [(at, frames * self.format.frame) for at, frames, _ in self.queue.flushed]

    def press(self, digit: str, now: float, held: float = 0.0) -> None:
        """The caller presses one key for ``held`` seconds: no sound comes meanwhile, and the key is told at its end."""
        if self._open(now):
            self._voice.silent_until = now + held
            self._releases.append((now + held, digit))
            self._advance(now)

    def say_xoff(self, seconds: float, now: float) -> None:
        """MEDIA_XOFF leaves now, MEDIA_XON no sooner than ``seconds`` later; a STATUS in between has levels of 0."""
        if self._open(now):
            self.queue.say_xoff(seconds, now)

    def hang_up(self, now: float, *, abnormal: bool = False) -> None:
        """The caller hangs up: the socket closes with 1000, or is dropped, without any message before."""
        if self._open(now):
            self.abnormal = abnormal
            self._disconnect(now)

    def _greet(self, now: float) -> None:
        self.queue.begin(now + self.channel.phase)
        self.queue.audible_from = inf
        values: dict[str, Value] = {
            "connection_id": "app",
            "channel": "WebSocket/app/0x7f9750005400",
            "channel_id": self.channel_id,
            "format": self.channel.format,
            "optimal_frame_size": self._frame,
            "ptime": 20,
        }
        own = {"MEDIA_WEBSOCKET_CONNECTION_ID": "app", "MEDIA_WEBSOCKET_OPTIMAL_FRAME_SIZE": str(self._frame)}
        self._send(self._notation.start(values, {**own, **self.variables}), now)
        if self.channel.auto_answer:
            self._answer(now)

    def _read(self, message: str | bytes) -> str | bytes:
        return message

    def _tells_at(self) -> float:
        due = min(self._voice.due, self.queue.next_event() or inf)
        if self._releases:
            due = min(due, self._releases[0][0])
        for at, message in self._arrivals:
            if not isinstance(message, bytes) or self.queue.length > XON or len(message) > TOO_LARGE:
                return min(due, at)
        return due

    def _happen(self, now: float) -> None:
        while True:
            arrival = self._arrivals[0][0] if self._arrivals else inf
            release = self._releases[0][0] if self._releases else inf
            tick = self.queue.next_tick
            tick = inf if tick is None else tick
            first = min(arrival, release, tick, self._voice.due)
            if first > now:
                break
            if first == self._voice.due:
                if (frame := self._voice.take()) is not None:
                    self._send(frame, first)
            elif first == release:
                self._send(self._notation.digit(self._releases.popleft()[1]), first)
            elif first == tick:
                self.queue.tick()
            else:
                self._handle(self._arrivals.popleft()[1], arrival)

    def _handle(self, message: str | bytes | None, at: float) -> None:
        if message is None:
            self.heard.cut(at - self.channel.in_transit)
            self._end(at)
        elif len(message) > TOO_LARGE:
            self.protocol_errors.append(f"a message of {len(message)} bytes does not fit")
            self.abnormal = True
            self._disconnect(at)
        elif self.channel.deaf:
            return
        elif isinstance(message, bytes):
            self.queue.put(message, at)
        else:
            read = self._notation.read(message)
            if isinstance(read, Ignored):
                self.protocol_errors.append(read.why)
                if read.reply:
                    self._send(self._notation.error(read.reply), at)
            else:
                self.orders.append((at, read))
                self._obey(read, at)

    def _obey(self, order: Order, at: float) -> None:
        queue = self.queue
        match order.name:
            case "MARK_MEDIA":
                queue.mark("MEDIA_MARK_PROCESSED", order.id, at)
            case "FLUSH_MEDIA":
                queue.flush(at)
            case "PAUSE_MEDIA" | "CONTINUE_MEDIA":
                queue.pause(order.name == "PAUSE_MEDIA", at)
            case "START_MEDIA_BUFFERING":
                queue.buffering = True
            case "STOP_MEDIA_BUFFERING":
                queue.stop_buffering(order.id, at)
            case "REPORT_QUEUE_DRAINED":
                queue.ask_drained(at)
            case "GET_STATUS" if self.channel.answers_status:
                self._send(self._notation.status(_status(self.queue, at)), at)
            case "ANSWER":
                self._answer(at)
            case "HANGUP":
                self.heard.cut(at - self.channel.in_transit)
                self._disconnect(at)

    def _answer(self, at: float) -> None:
        if self.answered_at is None:
            self.answered_at = at
            self.queue.audible_from = at + self.channel.bridged_after
            self._voice.begin(self.queue.audible_from)

    def _tell(self, event: str, id: str, at: float) -> None:
        named = event in ("MEDIA_MARK_PROCESSED", "MEDIA_BUFFERING_COMPLETED")
        self._send(self._notation.named(event, id) if named else self._notation.bare(event), at)

    def _end(self, at: float) -> None:
        self.queue.flush(at)
        self.queue.flushed.pop()
        self.queue.drain_asked = False
        self._releases.clear()
        super()._end(at)


def _ear(name: str, format: AudioFormat) -> Callable[[bytes], Samples | bytes]:
    if name == "ulaw":
        return bytes
    if name == "g722":
        decoder = G722Decoder()
        return lambda frame: decode(decoder.decode(frame), L16_16K)
    return lambda frame: decode(frame, format)


def _status(queue: FrameQueue, at: float) -> dict[str, Value]:
    off = at < queue.off_until
    return {
        "queue_length": queue.length,
        "xon_level": 0 if off else XON,
        "xoff_level": 0 if off else XOFF,
        "queue_full": queue.length >= FULL,
        "bulk_media": queue.buffering,
        "media_paused": queue.paused,
    }
