"""One AudioSocket call. A message is one packet, header and all, both ways.

The far side says who it is in its first packet and at what rate it speaks in its first sound, so the stream begins with
that sound; or, where none comes, by ``presume``, at the rate that we were told to presume.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID as Uuid

from ivr.errors import LocalGatewayError, RemoteGatewayError
from ivr.gateways.audiosocket import packets
from ivr.gateways.audiosocket.formats import KINDS, RATES, USUAL, capabilities
from ivr.gateways.codec import Capabilities, Message, Prepared
from ivr.gateways.events import (
    CallerAudible,
    DigitReceived,
    ErrorReported,
    GatewayEvent,
    MediaReceived,
    StreamStarted,
    StreamStopped,
)

DIGITS = frozenset("0123456789*#ABCD")

MOST_EARLY = 32
"""Digits that are kept until the stream begins."""


class AudioSocketCodec:
    """See the module. ``listening`` says whether somebody wants the caller's sound."""

    def __init__(self, presumed: int = USUAL) -> None:
        """``presumed``: Hz of a call whose caller sends nothing at first. Raises ``RemoteGatewayError``."""
        self.capabilities: Capabilities = capabilities(presumed)
        """See ``Codec``."""
        self.listening = False
        self.unknown = 0
        """Packets of a kind that we do not know; ignored and counted."""
        self.uuid = ""
        """What the far side calls the call; empty until it has said so."""
        self._kind = KINDS[presumed]
        self._early: list[GatewayEvent] = []
        self._began = False
        self._told = False
        self._rest = b""
        self._received = 0

    def receive(self, message: Message) -> Sequence[GatewayEvent]:
        """See ``Codec.receive``."""
        assert isinstance(message, bytes)
        kind, payload = message[0], message[packets.HEADER :]
        if kind in RATES:
            return self._sound(kind, payload)
        match kind:
            case packets.DIGIT:
                return self._digit(payload)
            case packets.HANG_UP:
                return (StreamStopped("the caller hung up, or the dialplan went on"),)
            case packets.UUID:
                return self._named(payload)
            case packets.ERROR:
                return (ErrorReported(f"error {payload.hex() or 'without a code'}"),)
        self.unknown += 1
        return ()

    def presume(self) -> Sequence[GatewayEvent]:
        """See ``Codec.presume``."""
        return self._begin() if self.uuid and not self._began else ()

    def prepare(self, payload: bytes) -> Prepared:
        """See ``Codec.prepare``: all of a packet but its kind, which the stream tells."""
        return packets.write(0, payload)[1:]

    def media(self, prepared: Prepared) -> Message:
        """See ``Codec.media``."""
        if not self._began:
            raise LocalGatewayError("audio before the stream has started; wait for StreamStarted")
        assert isinstance(prepared, bytes)
        return bytes((self._kind,)) + prepared

    def mark(self, name: str) -> Message | None:
        """See ``Codec.mark``: there are none."""
        return None

    def clear(self) -> Message | None:
        """See ``Codec.clear``: nothing is queued."""
        return None

    def hang_up(self) -> Message | None:
        """See ``Codec.hang_up``: it ends the AudioSocket; what becomes of the caller is up to the dialplan."""
        return packets.write(packets.HANG_UP)

    def answer(self) -> Message | None:
        """See ``Codec.answer``: the dialplan answers before it comes to us."""
        return None

    def probe(self) -> Message | None:
        """See ``Codec.probe``: nothing is answered; that the socket takes our sound is the sign of life."""
        return None

    def _named(self, payload: bytes) -> Sequence[GatewayEvent]:
        if self.uuid:
            raise RemoteGatewayError("a second UUID on one stream")
        if len(payload) != packets.UUID_BYTES:
            raise RemoteGatewayError(f"a UUID of {len(payload)} bytes; it has {packets.UUID_BYTES}")
        self.uuid = str(Uuid(bytes=payload))
        return ()

    def _sound(self, kind: int, payload: bytes) -> Sequence[GatewayEvent]:
        if not self.uuid:
            raise RemoteGatewayError("sound before the UUID")
        events: list[GatewayEvent] = []
        if not self._told:
            self._told = True
            if kind != self._kind or not self._began:
                # One that was presumed at another rate begins again: what we sent meanwhile was heard by nobody.
                self._kind = kind
                self.capabilities = capabilities(RATES[kind])
                events += self._begin()
            events.append(CallerAudible())
        elif kind != self._kind:
            raise RemoteGatewayError(f"sound at {RATES[kind]} Hz on a stream at {RATES[self._kind]} Hz")
        if self.listening and payload:
            events.append(self._media(payload))
        return events

    def _media(self, payload: bytes) -> MediaReceived:
        """Whole samples; a half one waits for its other half."""
        payload = self._rest + payload
        whole = len(payload) // 2 * 2
        payload, self._rest = payload[:whole], payload[whole:]
        media = MediaReceived(payload, round(self._received / RATES[self._kind] * 1000))
        self._received += whole // 2
        return media

    def _begin(self) -> Sequence[GatewayEvent]:
        self._began = True
        early, self._early = self._early, []
        return (StreamStarted(self.uuid, self.uuid, {"uuid": self.uuid}, self.capabilities.in_format), *early)

    def _digit(self, payload: bytes) -> Sequence[GatewayEvent]:
        digit = payload.decode("latin-1").upper()
        if digit not in DIGITS:
            raise RemoteGatewayError("a digit that is none of 0-9 * # A-D")
        if self._began:
            return (DigitReceived(digit),)
        if len(self._early) < MOST_EARLY:
            self._early.append(DigitReceived(digit))
        return ()
