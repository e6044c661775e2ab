"""Asterisk's end of one AudioSocket, on a clock that the test moves.

Written from Asterisk's documentation of the protocol and its behaviour, and not from this library's codec, so that each
can find the other's mistakes: nothing over there queues sound or paces it. Frames are written to the channel as they
come, and behind it a small jitter buffer (the telephone's) drops what overruns it. A packet that is neither sound nor a
hang-up, or is empty, is fatal. The application gives up after 2 s in which nothing went either way.

Times are seconds of one clock for both ends. Drive it like ``ivr.testing.twilio.TwilioFarEnd``; what it sends and takes
are pieces of a byte stream, not packets.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil, inf
from uuid import UUID

from ivr.media.format import PTIME, AudioFormat, Encoding
from ivr.media.pcm import decode, encode
from ivr.media.samples import Samples
from ivr.testing.heard import Heard
from ivr.testing.line import Path
from ivr.testing.playing import PlayQueue

EARLY = 0.010
"""Seconds by which a clock may lag a timer that was handled early; event loops wake up to a millisecond early."""
EDGE = 1e-6
"""Seconds by which floating point may miss a frame's edge and still mean it."""
KINDS = {
    8000: 0x10,
    12000: 0x11,
    16000: 0x12,
    24000: 0x13,
    32000: 0x14,
    44100: 0x15,
    48000: 0x16,
    96000: 0x17,
    192000: 0x18,
}
"""The kind of packet for sound at each rate in Hz."""
GIVES_UP = 2.0
"""Seconds without anything either way, after which the application ends."""
SOMEBODY = UUID("3f2b8c1e-0d4a-4c55-9e77-0a1b2c3d4e5f")


@dataclass(frozen=True, slots=True)
class Channel:
    """How the far side is set up."""

    rate: int = 8000
    """Hz; the dialplan's application has 8000, the channel driver what ``c()`` says."""
    sends_silence: bool = False
    """Whether a caller who says nothing sends frames."""
    caller_ptime: float = PTIME
    """Seconds of sound in one packet to the server."""
    jitter_buffer: float = 0.060
    """Seconds of sound that may wait to be heard; of a frame that would make it more nothing is heard."""
    hangs_up: bool = False
    """Whether a caller who hangs up is told by a packet before the socket closes; the real one only closes it."""
    kind: int | None = None
    """The kind of its sound, where it is not that of its rate: an old Asterisk says 0x10 whatever it sends."""
    names_itself: bool = True
    """Whether the UUID is sent."""


def packet(kind: int, payload: bytes = b"", length: int | None = None) -> bytes:
    """One packet; ``length`` is what its header says, where that is not the truth."""
    return bytes([kind]) + (len(payload) if length is None else length).to_bytes(2, "big") + payload


class AudioSocketFarEnd:
    """The far end of one call. What it saw is in its public attributes."""

    def __init__(
        self,
        uuid: UUID = SOMEBODY,
        channel: Channel | None = None,
        *,
        path_out: float | Path = 0.0,
        path_in: float | Path = 0.0,
        chunks: Iterable[int] = (),
    ) -> None:
        """``path_out``: seconds from the runtime to here; ``path_in``: back.

        ``chunks``: bytes of the pieces in which this end's stream arrives, whatever its packets; once they are used up,
        a packet is a piece.
        """
        self.uuid = uuid
        self.channel = channel or Channel()
        self.format = AudioFormat(Encoding.L16, self.channel.rate)
        self.protocol_errors: list[str] = []
        """Why this end gave the call up, and sound that it could not play."""
        self.connected_at: float | None = None
        self.closed_at: float | None = None
        self.hung_up_at: float | None = None
        """When the runtime's hang-up was read."""
        self.disconnects_at: float | None = None
        """When the runtime sees the socket close; None unless this end closed it."""
        self.queue = PlayQueue(self.channel.rate, self.channel.jitter_buffer)
        """The sound that was taken and waits to be heard, and what was dropped."""
        self.frames: list[tuple[float, int]] = []
        """For each packet of sound: when it came, and its samples."""
        self._path_out = path_out if isinstance(path_out, Path) else Path(path_out)
        self._path_in = path_in if isinstance(path_in, Path) else Path(path_in)
        self._chunks = iter(chunks)
        self._clock = -inf
        self._arrivals: deque[tuple[float, bytes | None]] = deque()
        self._inbox: deque[tuple[float, bytes]] = deque()
        self._unread = b""
        self._voice = _Voice(self.channel, self.format)
        self._active_at = inf
        self._runtime_closed = False
        self._held: list[bytes] | None = None

    @property
    def heard(self) -> Heard:
        """What the caller heard, as far as this end's clock has been moved."""
        return self.queue.heard

    @property
    def dropped(self) -> list[float]:
        """When sound came that found the queue full, and was never heard."""
        return [at for at, _ in self.queue.overflowed]

    @property
    def stream_sid(self) -> str:
        """What the runtime calls this stream."""
        return str(self.uuid)

    @property
    def cleared(self) -> list[tuple[float, int]]:
        """Nothing can be cleared."""
        return []

    def connect(self, now: float) -> None:
        """The socket is open: the UUID is on its way. Raises ``ValueError`` the second time."""
        if self.connected_at is not None:
            raise ValueError("this far end is one call and was connected before; make another")
        self._advance(now)
        self.connected_at = self._active_at = now
        if self.channel.names_itself:
            self.post(packet(0x01, self.uuid.bytes), now)
        self._voice.begin(now)

    def receive(self, data: str | bytes, now: float) -> None:
        """Take bytes of the stream that leave the runtime at ``now``; they arrive ``path_out`` later, in order.

        Raises ``ValueError`` before ``connect`` and after ``close``: there is no socket to send them on.
        """
        if self.connected_at is None or self._runtime_closed:
            raise ValueError("there is no open socket: receive only between connect and close")
        assert isinstance(data, bytes), "AudioSocket is bytes alone"
        if self.closed_at is None:
            self._arrivals.append((self._path_out.arrival(now), data))
        self._advance(now)

    def close(self, now: float) -> None:
        """The runtime closes the socket: nothing more reaches it, and what is on its way to here still comes."""
        self._advance(now)
        self._runtime_closed = True
        self._inbox.clear()
        self._voice.end()
        if self.closed_at is None:
            self._arrivals.append((self._path_out.arrival(now), None))
            self._advance(now)

    def press(self, digit: str, now: float) -> None:
        """The caller presses one key."""
        self.post(packet(0x03, digit.encode()), now)

    def say(self, samples: Samples, now: float) -> None:
        """The caller says ``samples``, which are at the channel's rate, from ``now`` on."""
        if self._open(now):
            self._voice.say(samples, now)

    def post(self, data: bytes, now: float) -> None:
        """Send ``data`` as they are: for packets that no Asterisk sends, and for parts of some."""
        if self._open(now):
            self._active_at = now
            self._post(data, now)

    def hold(self, now: float) -> None:
        """The network keeps back what this end sends, until ``release``."""
        self._advance(now)
        self._held = []

    def release(self, now: float) -> None:
        """All that was kept back comes in one burst."""
        self._advance(now)
        held, self._held = self._held or [], None
        self._post(b"".join(held), now)

    def hang_up(self, now: float) -> None:
        """The caller hangs up."""
        if self._open(now):
            if self.channel.hangs_up:
                self._post(packet(0x00), now)
            self._disconnect(now)

    def next_timer(self) -> float | None:
        """The next time at which something may reach the runtime; None when only the runtime can bring that about."""
        if self._inbox:
            return self._inbox[0][0]
        if self.closed_at is not None:
            gone = self.disconnects_at is None or self._runtime_closed or self.disconnects_at <= self._clock
            return None if gone else self.disconnects_at
        arrival = self._arrivals[0][0] if self._arrivals else inf
        due = min(self._voice.due, self._active_at + GIVES_UP, arrival)
        return due + self._path_in.delay if due < inf else None

    def handle_timer(self, now: float) -> None:
        """Do everything that is due at the far side by ``now``."""
        self._advance(now)

    def messages(self, now: float) -> list[str | bytes]:
        """Take the pieces of the stream that have reached the runtime by ``now``, oldest first."""
        self._advance(now)
        inbox, due = self._inbox, []
        while inbox and inbox[0][0] <= self._clock:
            due.append(inbox.popleft()[1])
        return list(self._cut(due))

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
            raise ValueError("the call is not connected yet: call connect first")
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
            first = min(arrival, self._voice.due, self._active_at + GIVES_UP)
            if first > now:
                break
            if first == arrival:
                self._take(self._arrivals.popleft()[1], first)
            elif first == self._voice.due:
                self._active_at = first
                sound = self._voice.take()
                kind = KINDS[self.channel.rate] if self.channel.kind is None else self.channel.kind
                self._post(packet(kind, sound), first)
            else:
                self._give_up("nothing went either way for 2 s", first)
        self._clock = now
        self.heard.known_until = now

    def _take(self, data: bytes | None, at: float) -> None:
        if data is None:
            self._end(at)
            return
        self._active_at = at
        self._unread += data
        while self.closed_at is None and len(self._unread) >= 3:
            kind, length = self._unread[0], int.from_bytes(self._unread[1:3], "big")
            if len(self._unread) < 3 + length:
                break
            payload, self._unread = self._unread[3 : 3 + length], self._unread[3 + length :]
            self._obey(kind, payload, at)

    def _obey(self, kind: int, payload: bytes, at: float) -> None:
        if kind == 0x00:
            self.hung_up_at = at
            self._disconnect(at)
        elif kind not in KINDS.values():
            self._give_up(f"a packet of kind {kind:#04x}, which is neither a hang-up nor sound", at)
        elif not payload:
            self._give_up("a packet of sound without sound", at)
        elif kind != KINDS[self.channel.rate]:
            self.protocol_errors.append(f"sound of kind {kind:#04x} on a channel of {self.channel.rate} Hz")
        else:
            self.frames.append((at, len(payload) // 2))
            self.queue.put(decode(payload, self.format), at)

    def _give_up(self, why: str, at: float) -> None:
        self.protocol_errors.append(why)
        self._disconnect(at)

    def _post(self, data: bytes, at: float) -> None:
        if self._held is not None:
            self._held.append(data)
        elif data and not self._runtime_closed and self.closed_at is None:
            self._inbox.append((self._path_in.arrival(at), data))

    def _cut(self, due: list[bytes]) -> Iterator[bytes]:
        """What arrived, in the pieces that were asked for."""
        for data in due:
            while data:
                size = max(1, next(self._chunks, len(data)))
                yield data[:size]
                data = data[size:]

    def _disconnect(self, at: float) -> None:
        self._end(at)
        self.disconnects_at = self._path_in.arrival(at)

    def _end(self, at: float) -> None:
        """What the jitter buffer holds is still heard."""
        self._arrivals.clear()
        self._voice.end()
        self._active_at = inf
        self.closed_at = at


class _Voice:
    """The caller's sound as packets on a grid; none while nothing is said, unless the far side sends silence."""

    def __init__(self, channel: Channel, format: AudioFormat) -> None:
        self.due = inf
        self._silence = format.silence(round(format.rate * channel.caller_ptime)) if channel.sends_silence else b""
        self._ptime = channel.caller_ptime
        self._size = format.size(round(format.rate * channel.caller_ptime))
        self._format = format
        self._frames: deque[bytes] = deque()
        self._origin = 0.0

    def begin(self, origin: float) -> None:
        """Lay the grid from ``origin`` on."""
        self._origin = origin
        if self._frames or self._silence:
            self.due = origin + self._ptime

    def say(self, samples: Samples, now: float) -> None:
        """Queue packets; the last one is as short as what is left."""
        sound = encode(samples, self._format)
        self._frames.extend(sound[start : start + self._size] for start in range(0, len(sound), self._size))
        if self.due == inf and self._frames:
            self.due = self._origin + (ceil((now - self._origin - EDGE) / self._ptime) + 1) * self._ptime

    def take(self) -> bytes:
        """The sound that is due."""
        frame = self._frames.popleft() if self._frames else self._silence
        self.due = self.due + self._ptime if self._frames or self._silence else inf
        return frame

    def end(self) -> None:
        """Say nothing more, ever."""
        self._frames.clear()
        self._silence = b""
        self.due = inf
