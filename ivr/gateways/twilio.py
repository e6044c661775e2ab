"""Twilio Media Streams, bidirectional: JSON text messages with base64 mu-law at 8 kHz.

Source: Twilio's documentation, "Media Streams - WebSocket Messages" and "TwiML Voice: <Stream>".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import orjson

from ivr.catalog.party import Kind
from ivr.errors import LocalGatewayError, RemoteGatewayError
from ivr.gateways.codec import Capabilities, MarkKind, Message, Pacing, Prepared
from ivr.gateways.events import (
    DigitReceived,
    GatewayEvent,
    MarkReached,
    MediaReceived,
    StreamStarted,
    StreamStopped,
)
from ivr.media.format import MULAW_8K

TWILIO = Capabilities(
    out_format=MULAW_8K,
    in_format=MULAW_8K,
    pacing=Pacing.BUFFERED,
    max_lead=10.0,  # the queue's size is not published; a bounded lead keeps a clear cheap
    can_clear=True,
    marks=MarkKind.ECHO_ON_CLEAR,
    clocked_media=True,
    transfers=frozenset({Kind.NUMBER, Kind.SIP}),
)

DIGITS = frozenset("0123456789*#ABCD")

MEDIA_PREFIX = '{"event":"media"'
"""How the platform begins its media messages; while nobody listens they are dropped by it, before any JSON."""


class TwilioCodec:
    """One media stream. ``listening`` says whether somebody wants the caller's sound."""

    capabilities = TWILIO

    def __init__(self) -> None:
        self.stream: str | None = None
        self.listening = False
        self.unknown = 0
        """Messages with an event that we do not know; ignored and counted."""
        self._media_head = ""

    def receive(self, message: Message) -> Sequence[GatewayEvent]:
        """See ``Codec.receive``."""
        if isinstance(message, bytes):
            raise RemoteGatewayError("a binary message on a Twilio stream, whose messages are all JSON text")
        if not self.listening and message.startswith(MEDIA_PREFIX):
            return ()
        try:
            data = orjson.loads(message)
        except orjson.JSONDecodeError as error:
            raise RemoteGatewayError(f"a message that is not JSON ({error})") from None
        if not isinstance(data, dict):
            raise RemoteGatewayError("a message that is no JSON object")
        match data.get("event"):
            case "media":
                return self._media_in(_object(data, "media"))
            case "start":
                return (self._started(data, _object(data, "start")),)
            case "dtmf":
                return self._digit(_object(data, "dtmf"))
            case "mark":
                return (MarkReached(_text(_object(data, "mark"), "name")),)
            case "stop":
                return (StreamStopped("the caller hung up, or the platform ended the stream"),)
            case "connected":
                return ()
            case _:
                self.unknown += 1
                return ()

    def presume(self) -> Sequence[GatewayEvent]:
        """See ``Codec.presume``: its start tells the format."""
        return ()

    def prepare(self, payload: bytes) -> Prepared:
        """See ``Codec.prepare``: all of a media message but its stream's id."""
        return f'"media":{{"payload":"{base64.b64encode(payload).decode("ascii")}"}}}}'

    def media(self, prepared: Prepared) -> Message:
        """See ``Codec.media``."""
        if not self._media_head:
            raise LocalGatewayError("audio before the stream has started; wait for StreamStarted")
        assert isinstance(prepared, str)
        return self._media_head + prepared

    def mark(self, name: str) -> Message | None:
        """See ``Codec.mark``."""
        return _dump({"event": "mark", "streamSid": self.stream, "mark": {"name": name}})

    def clear(self) -> Message | None:
        """See ``Codec.clear``."""
        return _dump({"event": "clear", "streamSid": self.stream})

    def pause(self) -> Message | None:
        """See ``Codec.pause``: there is no such message."""
        return None

    def resume(self) -> Message | None:
        """See ``Codec.resume``."""
        return None

    def hang_up(self) -> Message | None:
        """See ``Codec.hang_up``: the socket is closed, and the next TwiML verb runs."""
        return None

    def answer(self) -> Message | None:
        """See ``Codec.answer``: the platform has answered."""
        return None

    def probe(self) -> Message | None:
        """See ``Codec.probe``: the caller's sound comes fifty times a second, silence or not."""
        return None

    def _started(self, data: dict[str, Any], start: dict[str, Any]) -> StreamStarted:
        if self.stream is not None:
            raise RemoteGatewayError("a second 'start' on one stream")
        stream = start.get("streamSid") or data.get("streamSid")
        if not isinstance(stream, str) or not stream:
            raise RemoteGatewayError("a 'start' without streamSid")
        media = start.get("mediaFormat")
        if isinstance(media, dict) and media.get("encoding", "audio/x-mulaw") != "audio/x-mulaw":
            raise RemoteGatewayError(f"the stream is {str(media['encoding'])[:40]!r}; Twilio streams are audio/x-mulaw")
        parameters = start.get("customParameters")
        self.stream = stream
        self._media_head = f'{{"event":"media","streamSid":{_dump(stream)},'
        return StreamStarted(
            stream=stream,
            call=str(start.get("callSid", "")),
            parameters={str(k): str(v) for k, v in parameters.items()} if isinstance(parameters, dict) else {},
            format=MULAW_8K,
        )

    def _media_in(self, media: dict[str, Any]) -> Sequence[GatewayEvent]:
        if not self.listening or media.get("track", "inbound") != "inbound":
            return ()
        try:
            payload = base64.b64decode(_text(media, "payload"), validate=True)
            return (MediaReceived(payload, int(media.get("timestamp", 0))),)
        except (binascii.Error, ValueError, TypeError) as error:
            raise RemoteGatewayError(f"a media message that cannot be read ({error})") from None

    def _digit(self, dtmf: dict[str, Any]) -> Sequence[GatewayEvent]:
        digit = str(dtmf.get("digit", "")).upper()
        if digit not in DIGITS:
            raise RemoteGatewayError("a dtmf message without a digit of 0-9 * # A-D")
        return (DigitReceived(digit),)


def _object(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    if not isinstance(value, dict):
        raise RemoteGatewayError(f"a message of event {key!r} without its {key!r} object")
    return value


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise RemoteGatewayError(f"a message without the text {key!r}")
    return value


def _dump(value: Any) -> str:
    return orjson.dumps(value).decode("utf-8")
