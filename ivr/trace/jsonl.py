"""The trace as JSON lines: one event a line, personal data as stand-ins of the same shape.

The first line names the format and its version; readers ignore events and fields that they do not know. docs/traces.md
describes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import Enum
from typing import Any, get_args

import orjson

from ivr import __version__
from ivr.media.private import one_length, stand_in
from ivr.media.sketch import evened
from ivr.trace.doors import DoorEvent, SpeechCame
from ivr.trace.events import TraceEvent
from ivr.trace.values import masked

VERSION = 1
"""Raised when a field changes its meaning."""

_PERSONAL = ("text", "digit", "heard", "detail", "to", "values", "value")
"""Fields that belong to the caller where the event is marked private; ``value`` is JSON, and masked within."""

_TELLING: Mapping[str, Callable[[Any], Any]] = {"loudness": evened, "words": lambda words: ()}
"""Of speech that belongs to the caller, what would tell its words to whoever has the same voice speak them."""

_SPOKEN = ("text", "heard")
"""Of those, words: "seven" and "two" are told apart by their lengths."""

_DOORS = frozenset(get_args(DoorEvent))

Mask = Callable[[str], str]


def header(call: str, mask: Mask = stand_in) -> bytes:
    """The first line of a call's trace, with its line end. ``private`` says whether ``mask`` shows what is private."""
    private = "show" if mask is unmasked else "mask"
    facts = {"trace": "ivr", "version": VERSION, "call": call, "private": private, "release": __version__}
    return orjson.dumps(facts, option=orjson.OPT_APPEND_NEWLINE)


def line(event: TraceEvent, mask: Mask = stand_in) -> bytes:
    """One event as a line; ``mask`` makes the stand-in of a personal text."""
    return orjson.dumps(as_dict(event, mask), option=orjson.OPT_APPEND_NEWLINE)


def as_dict(event: TraceEvent, mask: Mask = stand_in) -> dict[str, Any]:
    """One event as plain values, ``at`` and ``event`` first. Times are rounded to the microsecond, but for doors."""
    private = mask is not unmasked and bool(getattr(event, "private", False))
    exact = type(event) in _DOORS
    data: dict[str, Any] = {"at": event.at if exact else round(event.at, 6), "event": type(event).__name__}
    for field in fields(event):
        value = getattr(event, field.name)
        if field.name == "at":
            continue
        if isinstance(value, Enum):
            value = value.value
        elif isinstance(value, float):
            value = value if exact else round(value, 6)
        elif private and field.name in _PERSONAL:
            value = _stand_in(field.name, value, mask)
        elif private and isinstance(event, SpeechCame) and field.name in _TELLING:
            value = _TELLING[field.name](value)
        data[field.name] = tuple(map(_writable, value)) if isinstance(value, tuple) else _writable(value)
    return data


def _stand_in(name: str, value: Any, mask: Mask) -> Any:
    if isinstance(value, tuple):
        return tuple(map(mask, value))
    if name in _SPOKEN:
        return one_length(mask(str(value)))
    return masked(value, mask) if name == "value" else mask(str(value))


def _writable(value: Any) -> Any:
    """Half of a surrogate pair, as a broken text of somebody's error may hold, cannot be written as UTF-8."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8") if isinstance(value, str) else value


def unmasked(text: str) -> str:
    """For calls whose personal data is made up: shown as it is."""
    return text
