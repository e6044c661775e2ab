"""What Asterisk says in text messages, from either of its two notations.

JSON is one compact object, ``{"event":"DTMF_END","channel_id":"…","digit":"5"}``. Plain text is a line,
``DTMF_END digit:5 channel_id:…``; a mark's id stands bare behind its event and may hold spaces, and so may the text of
an ERROR, which is the last value of its line and ends with a newline. Both as observed on the wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from ivr.errors import RemoteGatewayError

NAMED = ("MEDIA_MARK_PROCESSED", "MEDIA_BUFFERING_COMPLETED")
"""Events whose plain form is the event and an id."""

TEXT = " error_text:"


@dataclass(frozen=True, slots=True)
class Control:
    """One control message."""

    event: str
    values: Mapping[str, str] = field(default_factory=dict)
    """Truth is ``true`` or ``false``, as in plain text."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Of the channel; JSON alone has them."""
    json: bool = False
    """Which notation it came in."""

    def number(self, name: str, otherwise: int) -> int:
        """A value as a whole number; ``otherwise`` where it is missing. Raises ``RemoteGatewayError`` for no number."""
        value = self.values.get(name)
        if value is None:
            return otherwise
        try:
            return int(value)
        except ValueError:
            raise RemoteGatewayError(f"a {self.event[:30]} whose {name} is no whole number") from None


def parse(message: str) -> Control:
    """Read a message by its first character. Raises ``RemoteGatewayError`` when it is neither notation."""
    return parse_json(message) if message.startswith("{") else parse_plain(message)


def parse_json(message: str) -> Control:
    """Read a JSON object. Raises ``RemoteGatewayError`` for what is none, or has no event."""
    try:
        data = orjson.loads(message)
    except orjson.JSONDecodeError as error:
        raise RemoteGatewayError(f"a message that is not JSON ({error})") from None
    if not isinstance(data, dict) or not isinstance(data.get("event"), str):
        raise RemoteGatewayError("a JSON message without an event")
    variables = data.get("channel_variables")
    return Control(
        data["event"],
        {name: _text(value) for name, value in data.items() if isinstance(value, str | int | float | bool)},
        {str(k): _text(v) for k, v in variables.items()} if isinstance(variables, dict) else {},
        json=True,
    )


def parse_plain(message: str) -> Control:
    """Read a line. An event without values is a whole message; an empty one is an event that nobody knows."""
    event, _, rest = message.strip("\r\n").partition(" ")
    if event in NAMED:
        return Control(event, {"correlation_id": rest})
    head, found, text = f" {rest}".partition(TEXT)
    pairs = (word.partition(":") for word in head.split())
    values = {name: value for name, colon, value in pairs if colon}
    if found:
        values["error_text"] = text
    return Control(event, values)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
