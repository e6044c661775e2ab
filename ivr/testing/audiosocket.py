"""Asterisk's end of one AudioSocket, on a clock that the test moves.

Written from Asterisk's documentation of the protocol and its behaviour, and not from this library's codec, so that each
can find the other's mistakes: nothing over there queues sound or paces it. Frames are written to the channel as they
come, and behind it a small jitter buffer (the telephone's) drops what overruns it. A packet that is neither sound nor a
hang-up, or is empty, is fatal. The application gives up after 2 s in which nothing went either way.

Times are seconds of one clock for both ends. Drive it like ``ivr.testing.twilio.TwilioFarEnd``; what it sends and takes
are pieces of a byte stream, not packets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import inf
from uuid import UUID

from ivr.media.format import AudioFormat, Encoding
from ivr.media.pcm import decode
from ivr.testing.audiosocket_channel import KINDS, Channel, Voice, packet
from ivr.testing.clocked import ClockedFarEnd
from ivr.testing.line import Path
from ivr.testing.playing import PlayQueue

GIVES_UP = 2.0
"""Seconds without anything either way, after which the application ends."""
SOMEBODY = UUID("3f2b8c1e-0d4a-4c55-9e77-0a1b2c3d4e5f")


class AudioSocketFarEnd(ClockedFarEnd[bytes, bytes]):
    """The far end of one call. What it saw is in its public attributes."""

    one = "call"
    queue: PlayQueue
    _voice: Voice

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
        self.channel = channel or Channel()
        self.format = AudioFormat(Encoding.L16, self.channel.rate)
        queue = PlayQueue(self.channel.rate, self.channel.jitter_buffer)
        super().__init__(queue, Voice(self.channel, self.format), path_out, path_in)
        self.uuid = uuid
        self.hung_up_at: float | None = None
        """When the runtime's hang-up was read."""
        self.frames: list[tuple[float, int]] = []
        """For each packet of sound: when it came, and its samples."""
        self._chunks = iter(chunks)
        self._unread = b""
        self._active_at = inf
        self._held: list[bytes] | None = None

    @property
    def stream_sid(self) -> str:
        """What the runtime calls this stream."""
        return str(self.uuid)

    @property
    def cleared(self) -> list[tuple[float, int]]:
        """Nothing can be cleared."""
        return []

    def press(self, digit: str, now: float) -> None:
        """The caller presses one key."""
        self.post(packet(0x03, digit.encode()), now)

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

    def messages(self, now: float) -> list[bytes]:
        """Take the pieces of the stream that have reached the runtime by ``now``, oldest first."""
        return list(self._cut(super().messages(now)))

    def _greet(self, now: float) -> None:
        self._active_at = now
        if self.channel.names_itself:
            self.post(packet(0x01, self.uuid.bytes), now)
        self._voice.begin(now)

    def _read(self, message: str | bytes) -> bytes:
        assert isinstance(message, bytes), "AudioSocket is bytes alone"
        return message

    def _tells_at(self) -> float:
        arrival = self._arrivals[0][0] if self._arrivals else inf
        return min(self._voice.due, self._active_at + GIVES_UP, arrival)

    def _happen(self, now: float) -> None:
        while True:
            arrival = self._arrivals[0][0] if self._arrivals else inf
            first = min(arrival, self._voice.due, self._active_at + GIVES_UP)
            if first > now:
                break
            if first == arrival:
                self._handle(self._arrivals.popleft()[1], first)
            elif first == self._voice.due:
                self._active_at = first
                sound = self._voice.take()
                kind = KINDS[self.channel.rate] if self.channel.kind is None else self.channel.kind
                self._post(packet(kind, sound), first)
            else:
                self._give_up("nothing went either way for 2 s", first)

    def _handle(self, data: bytes | None, at: float) -> None:
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
        elif data:
            self._send(data, at)

    def _cut(self, due: list[bytes]) -> Iterator[bytes]:
        """What arrived, in the pieces that were asked for."""
        for data in due:
            while data:
                size = max(1, next(self._chunks, len(data)))
                yield data[:size]
                data = data[size:]

    def _end(self, at: float) -> None:
        """What the jitter buffer holds is still heard."""
        self._active_at = inf
        super()._end(at)
