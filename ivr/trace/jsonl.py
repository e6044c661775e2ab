"""The trace as JSON lines: one event a line, personal data as stand-ins of the same shape.

The first line names the format and its version; readers ignore events and fields that they do not know.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from enum import Enum
from typing import Any

import orjson

from ivr.media.private import stand_in
from ivr.trace.events import TraceEvent

VERSION = 1
"""Raised when a field changes its meaning."""

_PERSONAL = ("text", "digit", "heard", "detail", "to")
"""Fields that belong to the caller where the event is marked private."""

Mask = Callable[[str], str]


def header(call: str) -> bytes:
    """The first line of a call's trace, with its line end."""
    return orjson.dumps({"trace": "ivr", "version": VERSION, "call": call}, option=orjson.OPT_APPEND_NEWLINE)


def line(event: TraceEvent, mask: Mask = stand_in) -> bytes:
    """One event as a line; ``mask`` makes the stand-in of a personal text."""
    return orjson.dumps(as_dict(event, mask), option=orjson.OPT_APPEND_NEWLINE)


def as_dict(event: TraceEvent, mask: Mask = stand_in) -> dict[str, Any]:
    """One event as plain values, ``at`` and ``event`` first."""
    private = bool(getattr(event, "private", False))
    data: dict[str, Any] = {"at": round(event.at, 6), "event": type(event).__name__}
    for field in fields(event):
        value = getattr(event, field.name)
        if field.name == "at":
            continue
        if isinstance(value, Enum):
            value = value.value
        elif isinstance(value, float):
            value = round(value, 6)
        elif private and field.name in _PERSONAL:
            value = mask(str(value))
        if isinstance(value, str):
            # Half of a surrogate pair, as a broken text of somebody's error may hold, cannot be written as UTF-8.
            value = value.encode("utf-8", "backslashreplace").decode("utf-8")
        data[field.name] = value
    return data


def unmasked(text: str) -> str:
    """For calls whose personal data is made up: shown as it is."""
    return text
