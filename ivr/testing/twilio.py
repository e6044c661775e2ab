"""The platform's end of one Twilio media stream, on a clock that the test moves.

Written from the vendor's public documents ("Media Streams – WebSocket Messages", "TwiML Voice: Stream", the error
dictionary 31910-31950) and not from this library's codec, so that each can find the other's mistakes. Sound is queued
and played in order, sample-exact; the documents name no play-out granularity.

Times are seconds of one clock for both ends; "far-side" is when the platform does a thing, which the runtime learns
``path_in`` later. Drive it so: ``connect``; then at each ``next_timer`` call ``messages`` and hand over what it
answers; ``receive`` whatever the runtime sends.
"""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from math import inf

import orjson

from ivr.media.samples import Samples
from ivr.testing.heard import Heard
from ivr.testing.line import CallerVoice, Path
from ivr.testing.playing import PlayQueue

RATE = 8000
EARLY = 0.010
"""Seconds by which a clock may lag a timer that was handled early; event loops wake up to a millisecond early."""
KEYS = frozenset("0123456789*#ABCD")
CONNECTED = '{"event":"connected","protocol":"Call","version":"1.0.0"}'


@dataclass(frozen=True, slots=True)
class Faults:
    """What this platform does wrong. As it stands: nothing."""

    drop_marks: Collection[str] | Callable[[str], bool] = ()
    """Names of marks that are never echoed, or a test of the name."""
    late_marks: Mapping[str, float] | float = 0.0
    """Seconds by which echoes of played marks are late: of all marks, or by name. They still come in order."""
    lose_frames: Collection[int] = ()
    """Numbers of frames of the caller's sound, 20 ms each and counted from 0, that never leave; time goes on."""
    max_queue_seconds: float = inf
    """A media message that would make more than this wait in the queue is dropped whole, without a word."""

    def drops(self, name: str) -> bool:
        """Whether the mark ``name`` is never echoed."""
        return self.drop_marks(name) if callable(self.drop_marks) else name in self.drop_marks

    def late(self, name: str) -> float:
        """Seconds by which the echo of ``name`` is late."""
        return self.late_marks.get(name, 0.0) if isinstance(self.late_marks, Mapping) else self.late_marks


@dataclass(frozen=True, slots=True)
class Media:
    """Sound to queue."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Counted:
    """Media that arrives together, of which only the samples of each message are known."""

    samples: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A name to echo once the sound before it was played."""

    name: str


@dataclass(frozen=True, slots=True)
class Clear:
    """Empty the queue."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The runtime closed the socket."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A message that the platform rejects."""

    why: str
    fatal: bool = False


Command = Media | Counted | Mark | Clear | Closed | Broken


def parse(message: str | bytes, stream_sid: str) -> Command:
    """What the platform makes of one message for the stream ``stream_sid``."""
    if not isinstance(message, str):
        return Broken(f"31950: a binary frame of {len(message)} bytes; send JSON as text", fatal=True)
    try:
        data = orjson.loads(message)
    except orjson.JSONDecodeError as error:
        return Broken(f"not JSON ({error}): {message[:80]!r}")
    if not isinstance(data, dict):
        return Broken(f"not a JSON object: {message[:80]!r}")
    if data.get("streamSid") != stream_sid:
        return Broken(f"streamSid {data.get('streamSid')!r} is not this stream's, {stream_sid!r}: {message[:80]!r}")
    event = data.get("event")
    inner = data.get(event) if isinstance(event, str) else None
    if event == "media":  # plain tests: a mapping pattern takes as long as reading the JSON
        payload = inner.get("payload") if isinstance(inner, dict) else None
        return _media(payload) if isinstance(payload, str) else Broken(f"media without a payload: {message[:80]!r}")
    if event == "mark":
        name = inner.get("name") if isinstance(inner, dict) else None
        return Mark(name) if name and isinstance(name, str) else Broken(f"mark without mark.name: {message[:80]!r}")
    return Clear() if event == "clear" else Broken(f"unknown event {event!r}: {message[:80]!r}")


def _media(payload: str) -> Media | Broken:
    try:
        sound = a2b_base64(payload, strict_mode=True)
    except (Base64Error, ValueError) as error:
        return Broken(f"media.payload is not base64 ({error}): {payload[:40]!r}")
    if sound.startswith(b"RIFF"):
        return Broken("media.payload begins with a WAV header; send bare mu-law")
    return Media(sound)


class TwilioFarEnd:
    """The platform's end of one bidirectional stream. What it saw is in its public attributes."""

    def __init__(
        self,
        stream_sid: str = "MZ1",
        call_sid: str = "CA1",
        parameters: Mapping[str, str] | None = None,
        *,
        path_out: float | Path = 0.0,
        path_in: float | Path = 0.0,
        inbound: Samples | None = None,
        faults: Faults | None = None,
    ) -> None:
        """``path_out``: seconds from the runtime to the platform; ``path_in``: the way back.

        ``inbound``: 8 kHz sound that the caller's side sends over and over in 20 ms messages. Without it media comes
        in only while the caller speaks (``say``), which keeps timers few.
        Raises ``ValueError`` for a parameter of 500 characters or more, which TwiML refuses.
        """
        self.stream_sid = stream_sid
        self.call_sid = call_sid
        self.account_sid = "AC1"
        self.parameters = dict(parameters or {})
        for name, value in self.parameters.items():
            if len(name) + len(value) >= 500:
                raise ValueError(f"parameter {name!r}: name and value must be under 500 characters together")
        self.protocol_errors: list[str] = []
        self.cleared: list[tuple[float, int]] = []
        """For each clear: when it was done, and how many queued samples it dropped."""
        self.connected_at: float | None = None
        self.closed_at: float | None = None
        """When this end stopped playing for good, whoever ended it."""
        self.disconnects_at: float | None = None
        """When the runtime sees the socket close; None unless this end closed it."""
        self._path_out = path_out if isinstance(path_out, Path) else Path(path_out)
        self._path_in = path_in if isinstance(path_in, Path) else Path(path_in)
        self._faults = faults or Faults()
        self.queue = PlayQueue(RATE, self._faults.max_queue_seconds)
        """The sound that was sent and waits to be heard."""
        self._clock = -inf
        self._arrivals: deque[tuple[float, Command]] = deque()
        self._marks: deque[tuple[float, str]] = deque()
        self._inbox: deque[tuple[float, str]] = deque()
        self._sequence = 0
        self._chunk = 0
        self._sid_json = orjson.dumps(stream_sid).decode()
        self._voice = CallerVoice(inbound)
        self._runtime_closed = False

    @property
    def heard(self) -> Heard:
        """What the caller heard, as far as this end's clock has been moved."""
        return self.queue.heard

    @property
    def dropped(self) -> list[float]:
        """When sound came that found the queue full, and was never heard."""
        return [at for at, _ in self.queue.overflowed]

    def connect(self, now: float) -> None:
        """The socket is open: ``connected`` and ``start`` are on their way. Raises ``ValueError`` the second time."""
        if self.connected_at is not None:
            raise ValueError("this far end is one stream and was connected before; make another")
        self._advance(now)
        self.connected_at = now
        self._inbox.append((self._path_in.arrival(now), CONNECTED))
        self._post("start", self._start(), now)
        self._voice.begin(now)

    def receive(self, message: str | bytes, now: float) -> None:
        """Take ``message``, which leaves the runtime at ``now``; it is handled ``path_out`` later, in order.

        Raises ``ValueError`` before ``connect`` and after ``close``: there is no socket to send it on.
        """
        if self.connected_at is None or self._runtime_closed:
            raise ValueError("there is no open socket: receive only between connect and close")
        if self.closed_at is None:
            self._arrive(parse(message, self.stream_sid), now)
        self._advance(now)

    def count(self, samples: Iterable[int], now: float) -> None:
        """Take media messages whose sound nobody made, each of so many samples; else as ``receive`` takes them."""
        if self.connected_at is None or self._runtime_closed:
            raise ValueError("there is no open socket: count only between connect and close")
        if self.closed_at is None:
            together = (tuple(samples),) if self._path_out.even else ((each,) for each in samples)
            for each in together:
                self._arrive(Counted(each), now)
        self._advance(now)

    def close(self, now: float) -> None:
        """The runtime closes the socket: nothing more reaches it, and what is still queued is never heard."""
        self._advance(now)
        self._runtime_closed = True
        self._inbox.clear()
        self._voice.end()
        if self.closed_at is None:
            self._arrivals.append((self._path_out.arrival(now), Closed()))
            self._advance(now)

    def press(self, digit: str, now: float) -> None:
        """The caller presses one key. Nothing happens on a line that is closed."""
        if digit not in KEYS:
            raise ValueError(f"{digit!r} is not one key of 0-9, *, #, A-D")
        if self._open(now):
            self._post("dtmf", f'{{"track":"inbound_track","digit":"{digit}"}}', now)

    def say(self, samples: Samples, now: float) -> None:
        """The caller says ``samples`` (8 kHz) from ``now`` on, after what is still being said."""
        if self._open(now) and not self._runtime_closed:
            self._voice.say(samples, now)

    def hang_up(self, now: float) -> None:
        """The caller hangs up: ``stop``, then the platform closes the socket."""
        if self._open(now):
            self._post("stop", orjson.dumps({"accountSid": self.account_sid, "callSid": self.call_sid}).decode(), now)
            self._disconnect(now)

    def next_timer(self) -> float | None:
        """The next time at which something may reach the runtime; None when only the runtime can bring that about."""
        if self._inbox:
            return self._inbox[0][0]
        if self.closed_at is not None:
            gone = self.disconnects_at is None or self._runtime_closed or self.disconnects_at <= self._clock
            return None if gone else self.disconnects_at
        due = self._voice.due
        if self._marks:
            due = min(due, self._marks[0][0])
        for at, command in self._arrivals:
            if not isinstance(command, Media | Counted):
                due = min(due, at)
                break
        # What happens at the platform reaches the runtime one path later, and is worked out then.
        return due + self._path_in.delay if due < inf else None

    def handle_timer(self, now: float) -> None:
        """Do everything that is due at the platform by ``now``."""
        self._advance(now)

    def messages(self, now: float) -> list[str]:
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
            raise ValueError("the stream is not connected yet: call connect first")
        self._advance(now)
        return self.closed_at is None

    def _advance(self, now: float) -> None:
        """Bring about, in order, all that happens at the platform by ``now``."""
        if now < self._clock:
            if now < self._clock - EARLY:
                raise ValueError(f"time runs backwards: {now} s after {self._clock} s")
            now = self._clock
        if now == self._clock and not self._arrivals and not (self._marks and self._marks[0][0] <= now):
            return
        while True:
            arrival = self._arrivals[0][0] if self._arrivals else inf
            mark = self._marks[0][0] if self._marks else inf
            frame = self._voice.due
            if arrival > now and mark > now and frame > now:
                break
            if frame <= mark and frame <= arrival:
                self._send_frame(frame)
            elif mark <= arrival:
                self._echo(self._marks.popleft()[1], mark)
            else:
                self._handle(self._arrivals.popleft()[1], arrival)
        self._clock = now
        self.heard.known_until = now

    def _arrive(self, command: Command, now: float) -> None:
        at = self._path_out.arrival(now)
        if at == now == self._clock and not self._arrivals:
            self._handle(command, at)  # all that comes before it is done
        else:
            self._arrivals.append((at, command))

    def _handle(self, command: Command, at: float) -> None:
        match command:
            case Media(payload):
                self.queue.put(payload, at)
            case Counted(samples):
                self.queue.count(samples, at)
            case Mark(name):
                if not self._faults.drops(name):
                    played = max(at, self.queue.ends_at) + self._faults.late(name)
                    self._marks.append((max(played, self._marks[-1][0]) if self._marks else played, name))
            case Clear():
                self.cleared.append((at, self.queue.stop(at)))
                while self._marks:
                    self._echo(self._marks.popleft()[1], at)
            case Closed():
                self._end(at)
            case Broken(why, fatal):
                self.protocol_errors.append(why)
                if fatal:
                    self._disconnect(at)

    def _end(self, at: float) -> None:
        self.queue.stop(at)
        self._marks.clear()
        self._arrivals.clear()
        self._voice.end()
        self.closed_at = at

    def _disconnect(self, at: float) -> None:
        self._end(at)
        self.disconnects_at = self._path_in.arrival(at)

    def _echo(self, name: str, at: float) -> None:
        self._post("mark", orjson.dumps({"name": name}).decode(), at)

    def _send_frame(self, at: float) -> None:
        milliseconds, payload = self._voice.take()
        self._chunk += 1
        if round(milliseconds / 20) - 1 in self._faults.lose_frames:
            return
        body = f'{{"track":"inbound","chunk":"{self._chunk}","timestamp":"{milliseconds}","payload":"{payload}"}}'
        self._post("media", body, at)

    def _start(self) -> str:
        start = {
            "streamSid": self.stream_sid,
            "callSid": self.call_sid,
            "accountSid": self.account_sid,
            "tracks": ["inbound"],
            "customParameters": self.parameters,
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": RATE, "channels": 1},
        }
        return orjson.dumps(start).decode()

    def _post(self, event: str, body: str, at: float) -> None:
        """Send an event whose own object is ``body``; the object's key is the event's name."""
        if self._runtime_closed:
            return
        self._sequence += 1
        text = (
            f'{{"event":"{event}","sequenceNumber":"{self._sequence}","streamSid":{self._sid_json},"{event}":{body}}}'
        )
        self._inbox.append((self._path_in.arrival(at), text))
