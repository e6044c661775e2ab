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
from ivr.testing.heard import Heard
from ivr.testing.line import Path

EARLY = 0.010
"""Seconds by which a clock may lag a timer that was handled early; event loops wake up to a millisecond early."""
TOO_LARGE = 65_500
"""Bytes of a message above which the call ends."""


class AsteriskFarEnd:
    """The far end of one channel. What it saw is in its public attributes."""

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
        self.channel_id = channel_id
        self.variables = dict(variables or {})
        self.protocol_errors: list[str] = []
        """Messages that did nothing."""
        self.orders: list[tuple[float, Order]] = []
        """Commands that were understood, and when."""
        self.connected_at: float | None = None
        self.answered_at: float | None = None
        self.closed_at: float | None = None
        self.disconnects_at: float | None = None
        """When the runtime sees the socket close; None unless this end closed it."""
        self.abnormal = False
        """It was this end that dropped the socket without a close: 1006."""
        self.format, self._frame = FORMATS[self.channel.format]
        self._notation = Notation(channel_id, json=self.channel.json)
        ear = _ear(self.channel.format, self.format)
        self.queue = FrameQueue(self.format.rate, self._frame, 0.020, ear, self._tell)
        """The sound that was sent and waits to be heard."""
        self._path_out = path_out if isinstance(path_out, Path) else Path(path_out)
        self._path_in = path_in if isinstance(path_in, Path) else Path(path_in)
        self._clock = -inf
        self._arrivals: deque[tuple[float, str | bytes | None]] = deque()
        self._inbox: deque[tuple[float, str | bytes]] = deque()
        self._releases: deque[tuple[float, str]] = deque()
        self._voice = Voice(self.channel, self.format)
        self._runtime_closed = False

    @property
    def heard(self) -> Heard:
        """What the caller heard, as far as this end's clock has been moved."""
        return self.queue.heard

    @property
    def dropped(self) -> list[float]:
        """When sound came that found the queue full, and was never heard."""
        return [at for at, _ in self.queue.dropped]

    @property
    def stream_sid(self) -> str:
        """What the runtime calls this stream."""
        return self.channel_id

    @property
    def cleared(self) -> list[tuple[float, int]]:
        """For each flush: when it was done, and how many queued samples it dropped."""
        return [(at, frames * self.format.frame) for at, frames, _ in self.queue.flushed]

    def connect(self, now: float) -> None:
        """The socket is open: MEDIA_START is on its way. Raises ``ValueError`` the second time."""
        if self.connected_at is not None:
            raise ValueError("this far end is one channel and was connected before; make another")
        self._advance(now)
        self.connected_at = now
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
        self._post(self._notation.start(values, {**own, **self.variables}), now)
        if self.channel.auto_answer:
            self._answer(now)

    def receive(self, message: str | bytes, now: float) -> None:
        """Take ``message``, which leaves the runtime at ``now``; it is handled ``path_out`` later, in order.

        Raises ``ValueError`` before ``connect`` and after ``close``: there is no socket to send it on.
        """
        if self.connected_at is None or self._runtime_closed:
            raise ValueError("there is no open socket: receive only between connect and close")
        if self.closed_at is None:
            self._arrivals.append((self._path_out.arrival(now), message))
        self._advance(now)

    def close(self, now: float) -> None:
        """The runtime closes the socket: nothing more reaches it, and what is still queued is never heard."""
        self._advance(now)
        self._runtime_closed = True
        self._inbox.clear()
        self._voice.end()
        if self.closed_at is None:
            self._arrivals.append((self._path_out.arrival(now), None))
            self._advance(now)

    def press(self, digit: str, now: float, held: float = 0.0) -> None:
        """The caller presses one key for ``held`` seconds: no sound comes meanwhile, and the key is told at its end."""
        if self._open(now):
            self._voice.silent_until = now + held
            self._releases.append((now + held, digit))
            self._advance(now)

    def say(self, samples: Samples, now: float) -> None:
        """The caller says ``samples``, which are at the format's rate, from ``now`` on."""
        if self._open(now):
            self._voice.say(samples, now)

    def say_xoff(self, seconds: float, now: float) -> None:
        """MEDIA_XOFF leaves now, MEDIA_XON no sooner than ``seconds`` later; a STATUS in between has levels of 0."""
        if self._open(now):
            self.queue.say_xoff(seconds, now)

    def hang_up(self, now: float, *, abnormal: bool = False) -> None:
        """The caller hangs up: the socket closes with 1000, or is dropped, without any message before."""
        if self._open(now):
            self.abnormal = abnormal
            self._disconnect(now)

    def next_timer(self) -> float | None:
        """The next time at which something may reach the runtime; None when only the runtime can bring that about."""
        if self._inbox:
            return self._inbox[0][0]
        if self.closed_at is not None:
            gone = self.disconnects_at is None or self._runtime_closed or self.disconnects_at <= self._clock
            return None if gone else self.disconnects_at
        due = min(self._voice.due, self.queue.next_event() or inf)
        if self._releases:
            due = min(due, self._releases[0][0])
        for at, message in self._arrivals:
            if not isinstance(message, bytes) or self.queue.length > XON or len(message) > TOO_LARGE:
                due = min(due, at)
                break
        return due + self._path_in.delay if due < inf else None

    def handle_timer(self, now: float) -> None:
        """Do everything that is due at the far side by ``now``."""
        self._advance(now)

    def messages(self, now: float) -> list[str | bytes]:
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
            raise ValueError("the channel is not connected yet: call connect first")
        self._advance(now)
        return self.closed_at is None

    def _advance(self, now: float) -> None:
        """Bring about, in order, all that happens at the far side by ``now``."""
        if now < self._clock:
            if now < self._clock - EARLY:
                raise ValueError(f"time runs backwards: {now} s after {self._clock} s")
            now = self._clock
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
                    self._post(frame, first)
            elif first == release:
                self._post(self._notation.digit(self._releases.popleft()[1]), first)
            elif first == tick:
                self.queue.tick()
            else:
                self._handle(self._arrivals.popleft()[1], arrival)
        self._clock = now
        self.heard.known_until = now

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
                    self._post(self._notation.error(read.reply), at)
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
                self._post(self._notation.status(_status(self.queue, at)), at)
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
        self._post(self._notation.named(event, id) if named else self._notation.bare(event), at)

    def _post(self, message: str | bytes, at: float) -> None:
        if not self._runtime_closed and self.closed_at is None:
            self._inbox.append((self._path_in.arrival(at), message))

    def _end(self, at: float) -> None:
        self.queue.flush(at)
        self.queue.flushed.pop()
        self.queue.drain_asked = False
        self._arrivals.clear()
        self._releases.clear()
        self._voice.end()
        self.closed_at = at

    def _disconnect(self, at: float) -> None:
        self._end(at)
        self.disconnects_at = self._path_in.arrival(at)


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
