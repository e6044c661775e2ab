"""Control messages as the far end of an Asterisk channel writes and reads them.

Written from what a real Asterisk was seen to send and take, and not from this library's codec.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

TOO_LONG = 128
"""Bytes of a command above which it is ignored, with a line in Asterisk's own log alone."""

COMMANDS = frozenset(
    "ANSWER HANGUP START_MEDIA_BUFFERING STOP_MEDIA_BUFFERING MARK_MEDIA FLUSH_MEDIA PAUSE_MEDIA CONTINUE_MEDIA "
    "GET_STATUS REPORT_QUEUE_DRAINED".split()
)

Value = str | int | bool


@dataclass(frozen=True, slots=True)
class Order:
    """A command that was understood."""

    name: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message that does nothing; ``reply`` is what the server is told of it, mostly nothing."""

    why: str
    reply: str = ""


class Notation:
    """JSON or plain text, for one channel."""

    def __init__(self, channel_id: str, *, json: bool) -> None:
        self.json = json
        self._channel_id = channel_id

    def start(self, values: Mapping[str, Value], variables: Mapping[str, str]) -> str:
        """MEDIA_START; plain text has no channel variables."""
        if self.json:
            return _dump({"event": "MEDIA_START", **values, "channel_variables": dict(variables)})
        return " ".join(["MEDIA_START", *(f"{name}:{_plain(value)}" for name, value in values.items())])

    def digit(self, digit: str) -> str:
        """At the end of the key: there is no beginning, and no duration."""
        if self.json:
            return _dump({"event": "DTMF_END", "channel_id": self._channel_id, "digit": digit})
        return f"DTMF_END digit:{digit} channel_id:{self._channel_id}"

    def bare(self, event: str) -> str:
        """MEDIA_XOFF, MEDIA_XON, QUEUE_DRAINED."""
        return _dump({"event": event, "channel_id": self._channel_id}) if self.json else event

    def named(self, event: str, id: str) -> str:
        """MEDIA_MARK_PROCESSED, MEDIA_BUFFERING_COMPLETED."""
        if self.json:
            return _dump({"event": event, "channel_id": self._channel_id, "correlation_id": id})
        return f"{event} {id}" if id else event

    def status(self, values: Mapping[str, Value]) -> str:
        """The queue, as it is."""
        if self.json:
            return _dump({"event": "STATUS", "channel_id": self._channel_id, **values})
        pairs = (f"{name}:{_plain(value)}" for name, value in values.items())
        return " ".join(["STATUS", f"channel_id:{self._channel_id}", *pairs])

    def error(self, text: str) -> str:
        """The plain one has spaces in its last value and a newline behind it."""
        if self.json:
            return _dump({"event": "ERROR", "channel_id": self._channel_id, "error_text": text})
        return f"ERROR channel_id:{self._channel_id} error_text:{text}\n"

    def read(self, message: str) -> Order | Ignored:
        """What a text message from the server does."""
        if not message:
            return Ignored("an empty text")
        if len(message.encode()) > TOO_LONG:
            return Ignored(f"a command of over {TOO_LONG} bytes: {message[:40]!r}…")
        if not self.json:
            name, _, id = message.partition(" ")
            return Order(name, id) if name in COMMANDS else Ignored(f"an unknown command: {message!r}")
        try:
            data = orjson.loads(message)
        except orjson.JSONDecodeError:
            return Ignored(f"not JSON: {message!r}", "Unable to parse JSON command")
        if not isinstance(data, dict) or data.get("command") not in COMMANDS:
            return Ignored(f"an unknown command: {message!r}")
        return Order(data["command"], str(data.get("correlation_id", "")))


def _plain(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _dump(data: Mapping[str, Any]) -> str:
    return orjson.dumps(data).decode()
