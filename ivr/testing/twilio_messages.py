"""What Twilio makes of the messages that it is sent: see the documents that ``ivr.testing.twilio`` names."""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64
from dataclasses import dataclass

import orjson

from ivr.records import record


@dataclass(frozen=True, slots=True)
class Media:
    """Sound to queue."""

    payload: bytes


@record
class Counted:
    """Media that arrives together, of which only the samples of each message are known."""

    samples: tuple[int, ...]


@record
class Mark:
    """A name to echo once the sound before it was played."""

    name: str


@dataclass(frozen=True, slots=True)
class Clear:
    """Empty the queue."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A message that the platform rejects."""

    why: str
    fatal: bool = False


Command = Media | Counted | Mark | Clear | Broken


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
