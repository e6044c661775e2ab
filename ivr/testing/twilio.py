"""The platform's end of one Twilio media stream, on a clock that the test moves.

Written from the vendor's public documents ("Media Streams – WebSocket Messages", "TwiML Voice: Stream", the error
dictionary 31910-31950) and not from this library's codec, so that each can find the other's mistakes. Sound is queued
and played in order, sample-exact; the documents name no play-out granularity.

Times are seconds of one clock for both ends; "far-side" is when the platform does a thing, which the runtime learns
``path_in`` later. Drive it so: ``connect``; then at each ``next_timer`` call ``messages`` and hand over what it
answers; ``receive`` whatever the runtime sends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from math import inf

import orjson

from ivr.media.samples import Samples
from ivr.testing.clocked import ClockedFarEnd
from ivr.testing.line import CallerVoice, Path
from ivr.testing.playing import PlayQueue
from ivr.testing.twilio_messages import Broken, Clear, Command, Counted, Mark, Media, parse

RATE = 8000
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
        if not self.late_marks:  # as a rule, and a look at what type it is takes longer
            return 0.0
        return self.late_marks.get(name, 0.0) if isinstance(self.late_marks, Mapping) else self.late_marks


class TwilioFarEnd(ClockedFarEnd[Command, str]):
    """The platform's end of one bidirectional stream. What it saw is in its public attributes."""

    one = "stream"
    queue: PlayQueue
    _voice: CallerVoice

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
        self._faults = faults or Faults()
        super().__init__(PlayQueue(RATE, self._faults.max_queue_seconds), CallerVoice(inbound), path_out, path_in)
        self.cleared: list[tuple[float, int]] = []
        """For each clear: when it was done, and how many queued samples it dropped."""
        self._marks: deque[tuple[float, str]] = deque()
        self._sequence = 0
        self._chunk = 0
        self._sid_json = orjson.dumps(stream_sid).decode()

    def count(self, samples: Iterable[int], now: float) -> None:
        """Take media messages whose sound nobody made, each of so many samples; else as ``receive`` takes them."""
        if self.connected_at is None or self._runtime_closed:
            raise ValueError("there is no open socket: count only between connect and close")
        if self.closed_at is None:
            together = (tuple(samples),) if self._path_out.even else ((each,) for each in samples)
            for each in together:
                self._arrive(Counted(each), now)
        self._advance(now)

    def press(self, digit: str, now: float) -> None:
        """The caller presses one key. Nothing happens on a line that is closed."""
        if digit not in KEYS:
            raise ValueError(f"{digit!r} is not one key of 0-9, *, #, A-D")
        if self._open(now):
            self._post("dtmf", f'{{"track":"inbound_track","digit":"{digit}"}}', now)

    def hang_up(self, now: float) -> None:
        """The caller hangs up: ``stop``, then the platform closes the socket."""
        if self._open(now):
            self._post("stop", orjson.dumps({"accountSid": self.account_sid, "callSid": self.call_sid}).decode(), now)
            self._disconnect(now)

    def _greet(self, now: float) -> None:
        self._send(CONNECTED, now)
        self._post("start", self._start(), now)
        self._voice.begin(now)

    def _read(self, message: str | bytes) -> Command:
        return parse(message, self.stream_sid)

    def _tells_at(self) -> float:
        due = self._voice.due
        if self._marks:
            due = min(due, self._marks[0][0])
        for at, command in self._arrivals:
            if not isinstance(command, Media | Counted):
                return min(due, at)
        return due

    def _advance(self, now: float) -> None:
        if now == self._clock and not self._arrivals and self._tells_at() > now:
            return  # as a rule: this is asked several times at each step
        super()._advance(now)

    def _happen(self, now: float) -> None:
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

    def _handle(self, command: Command | None, at: float) -> None:
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
            case None:
                self._end(at)
            case Broken(why, fatal):
                self.protocol_errors.append(why)
                if fatal:
                    self._disconnect(at)

    def _end(self, at: float) -> None:
        """What is still queued is never heard."""
        self.queue.stop(at)
        self._marks.clear()
        super()._end(at)

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
        self._sequence += 1
        text = (
            f'{{"event":"{event}","sequenceNumber":"{self._sequence}","streamSid":{self._sid_json},"{event}":{body}}}'
        )
        self._send(text, at)
