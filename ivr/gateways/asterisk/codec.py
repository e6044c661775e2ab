"""One Asterisk channel's messages: binary ones are sound in the channel's format, text ones are control.

Written from what a real ``chan_websocket`` was seen to send and take. The format is the channel's own and is told in
MEDIA_START; the notation of that message, JSON or plain text, is the one that our commands are written in.
"""

from __future__ import annotations

from collections.abc import Sequence

from ivr.errors import LocalGatewayError, MissingExtra, RemoteGatewayError
from ivr.gateways.asterisk.commands import Command, write
from ivr.gateways.asterisk.control import Control, parse
from ivr.gateways.asterisk.formats import FORMATS, USUAL, ChannelFormat, capabilities
from ivr.gateways.codec import Capabilities, Message, Prepared
from ivr.gateways.events import (
    CallerAudible,
    DigitReceived,
    ErrorReported,
    FlowChanged,
    GatewayEvent,
    MarkReached,
    MediaReceived,
    StreamStarted,
)
from ivr.media.g722 import G722Decoder, G722Encoder

ASTERISK = capabilities(USUAL)
"""On a channel of the usual format."""

DIGITS = frozenset("0123456789*#ABCD")
XON, XOFF = 800, 900
"""Frames, where a STATUS does not say."""


class AsteriskCodec:
    """One channel. ``listening`` says whether somebody wants the caller's sound."""

    def __init__(self) -> None:
        self.listening = False
        self.unknown = 0
        """Messages with an event that we do not know; ignored and counted."""
        self.channel: str | None = None
        self._capabilities = ASTERISK
        self._json = False
        self._format: ChannelFormat | None = None
        self._frame = 0
        self._ptime = 0.020
        self._carry = b""
        self._rest = b""
        self._received = 0
        self._audible = False
        self._encoder: G722Encoder | None = None
        self._decoder: G722Decoder | None = None

    @property
    def capabilities(self) -> Capabilities:
        """See ``Codec.capabilities``."""
        return self._capabilities

    def receive(self, message: Message) -> Sequence[GatewayEvent]:
        """See ``Codec.receive``."""
        if isinstance(message, bytes):
            return self._sound(message) if self.listening or not self._audible else ()
        control = parse(message)
        match control.event:
            case "MEDIA_MARK_PROCESSED":
                return (MarkReached(control.values.get("correlation_id", "")),)
            case "DTMF_END":
                return (self._digit(control),)
            case "MEDIA_START":
                return self._started(control)
            case "MEDIA_XOFF":
                return (FlowChanged(True),)
            case "MEDIA_XON":
                return (FlowChanged(False, XON * self._ptime),)
            case "STATUS":
                return self._flow(control)
            case "ERROR":
                return (ErrorReported(control.values.get("error_text", "").strip()),)
            case "MEDIA_BUFFERING_COMPLETED" | "QUEUE_DRAINED":
                return ()
            case _:
                self.unknown += 1
                return ()

    def presume(self) -> Sequence[GatewayEvent]:
        """See ``Codec.presume``: its start tells the format."""
        return ()

    def prepare(self, payload: bytes) -> Prepared:
        """See ``Codec.prepare``: a binary message has no wrapping."""
        return payload

    def media(self, prepared: Prepared) -> Message:
        """See ``Codec.media``: whole frames, because what is left over behind them is thrown away over there.

        It is kept for the next message. Ours are whole frames of 20 ms, so that is for channels with others.
        """
        if self._format is None:
            raise LocalGatewayError("audio before the stream has started; wait for StreamStarted")
        assert isinstance(prepared, bytes)
        if self._carry or len(prepared) % self._frame:
            prepared = self._carry + prepared
            whole = len(prepared) // self._frame * self._frame
            prepared, self._carry = prepared[:whole], prepared[whole:]
        return prepared if self._encoder is None else self._encoder.encode(prepared)

    def mark(self, name: str) -> Message | None:
        """See ``Codec.mark``."""
        return self._write(Command.MARK_MEDIA, name)

    def clear(self) -> Message | None:
        """See ``Codec.clear``: pending marks vanish with the sound, and nothing acknowledges it."""
        self._carry = b""
        return self._write(Command.FLUSH_MEDIA)

    def hang_up(self) -> Message | None:
        """See ``Codec.hang_up``: it ends this channel; what becomes of the caller is up to the dialplan."""
        return self._write(Command.HANGUP) if self.channel is not None else None

    def answer(self) -> Message | None:
        """See ``Codec.answer``: for channels dialed with ``n``, which nobody has answered."""
        return self._write(Command.ANSWER)

    def probe(self) -> Message | None:
        """See ``Codec.probe``."""
        return self._write(Command.GET_STATUS)

    def pause(self) -> Message:
        """Hold what is queued where it is; a false barge-in can be undone by ``resume``, without sending it again.

        Marks wait with it. Nothing here asks for it yet: a digit is never false, and nobody listens to speech.
        """
        return self._write(Command.PAUSE_MEDIA)

    def resume(self) -> Message:
        """Go on after ``pause``. A clear does not do that: one that follows a pause needs it too."""
        return self._write(Command.CONTINUE_MEDIA)

    def _write(self, command: Command, id: str = "") -> str:
        return write(command, id, json=self._json)

    def _started(self, control: Control) -> Sequence[GatewayEvent]:
        if self.channel is not None:
            raise RemoteGatewayError("a second MEDIA_START on one stream")
        values = control.values
        if "format" not in values:
            raise RemoteGatewayError("a MEDIA_START without a format: this Asterisk is too old, see the gateway's page")
        for mode in ("passthrough", "unbuffered"):
            if values.get(mode) == "true":
                raise RemoteGatewayError(
                    f"a channel in {mode} mode, which has no marks; leave it out of the dial string"
                )
        ptime = control.number("ptime", 20)
        self._capabilities, self._ptime = capabilities(values["format"], ptime), ptime / 1000
        self._format = found = FORMATS[values["format"]]
        if found.packed > 1:
            try:
                self._encoder, self._decoder = G722Encoder(), G722Decoder()
            except MissingExtra as error:
                raise RemoteGatewayError(f"{error}; or have the dialplan name slin16") from None
        usual = found.linear.size(found.linear.frame) // found.packed
        self._frame = max(1, control.number("optimal_frame_size", usual)) * found.packed
        self._json = control.json
        self.channel = values.get("channel_id") or values.get("connection_id", "")
        started = StreamStarted(self.channel, self.channel, dict(control.variables), found.linear)
        # Sound may have overtaken this message.
        return (started, CallerAudible()) if self._audible else (started,)

    def _sound(self, payload: bytes) -> Sequence[GatewayEvent]:
        """Frames may be of any size, and stop for seconds: a silent caller sends none, nor does one who holds a key."""
        events: list[GatewayEvent] = []
        if not self._audible:
            self._audible = True
            if self._format is not None:
                events.append(CallerAudible())
        if self.listening and self._format is not None and payload:
            if self._decoder is not None:
                payload = self._decoder.decode(payload)
            linear = self._format.linear
            payload, self._rest = self._rest + payload, b""
            if odd := len(payload) % linear.sample_bytes:
                payload, self._rest = payload[:-odd], payload[-odd:]
            events.append(MediaReceived(payload, round(linear.seconds(self._received) * 1000)))
            self._received += len(payload) // linear.sample_bytes
        return events

    def _digit(self, control: Control) -> DigitReceived:
        digit = control.values.get("digit", "").upper()
        if digit not in DIGITS:
            raise RemoteGatewayError("a DTMF_END without a digit of 0-9 * # A-D")
        return DigitReceived(digit)

    def _flow(self, status: Control) -> Sequence[GatewayEvent]:
        """What a STATUS says of the queue; between the two levels it says nothing new."""
        queued = status.number("queue_length", 0)
        if queued >= status.number("xoff_level", XOFF):
            return (FlowChanged(True),)
        if queued < status.number("xon_level", XON):
            return (FlowChanged(False, queued * self._ptime),)
        return ()
