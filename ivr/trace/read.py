"""JSON lines back into events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from enum import Enum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import orjson

from ivr.errors import TraceError
from ivr.trace.events import TraceEvent
from ivr.trace.jsonl import VERSION

EVENTS: Mapping[str, type[TraceEvent]] = {kind.__name__: kind for kind in get_args(TraceEvent)}
"""Every event by the name that its line carries."""

LONGEST = 48 * 3600.0
"""Seconds between two events of a call; the longest that is allowed lasts 24 hours (``serve.call_length``)."""

_TYPES = {name: get_type_hints(kind) for name, kind in EVENTS.items()}


def read(lines: Iterable[bytes | str]) -> tuple[dict[str, Any], list[TraceEvent]]:
    """The header and the events of one trace, such as an open file gives line by line.

    Events and fields that this version does not know are left out, as are empty lines. Personal data stays what it was
    written as. Raises ``TraceError`` for what is no trace, another version, or a line that is cut off or damaged;
    ``salvaged`` takes one whose last line is cut off.
    """
    header, events, cut = salvaged(lines)
    if cut:
        raise TraceError(cut)
    return header, events


def salvaged(lines: Iterable[bytes | str]) -> tuple[dict[str, Any], list[TraceEvent], str]:
    """As ``read``, but a last line that is cut off is no reason to lose the others: what is to be said of it, or "".

    A writer that is stopped leaves such a line.
    """
    header: dict[str, Any] | None = None
    events: list[TraceEvent] = []
    there = ((number, text) for number, text in enumerate(lines, 1) if text.strip())
    following = next(there, None)
    while following is not None:
        (number, text), following = following, next(there, None)
        try:
            data = _parse(text, number)
        except _Damaged:
            if header is None or following is not None or _ended(text):
                raise
            cut = f"the trace ends in the middle of line {number}: its writer was stopped; what is before is whole"
            return header, events, cut
        if header is None:
            header = _header(data, number)
        elif (event := _event(data, number)) is not None:
            _in_time(event, events[0] if events else event, number)
            events.append(event)
    if header is None:
        raise TraceError("the trace is empty: give the .jsonl file of a call")
    return header, events, ""


def _in_time(event: TraceEvent, first: TraceEvent, number: int) -> None:
    for at in (event.at, getattr(event, "sounds_at", event.at)):
        if not abs(at - first.at) <= LONGEST:
            raise TraceError(
                f"line {number} of the trace: {type(event).__name__} is at {at:g} s, and the call began at"
                f" {first.at:g} s: no call is so long, take the line out to read the others"
            )


def _ended(text: bytes | str) -> bool:
    return text.endswith("\n") if isinstance(text, str) else text.endswith(b"\n")


class _Damaged(TraceError):
    """A line is no JSON."""


def _parse(text: bytes | str, number: int) -> dict[str, Any]:
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _Damaged(
            f"line {number} of the trace is cut off or damaged ({error}): take it out to read the others"
        ) from None
    if not isinstance(data, dict):
        raise TraceError(f"line {number} of the trace is no object but {data!r:.40}: give the .jsonl file of a call")
    return data


def _header(data: dict[str, Any], number: int) -> dict[str, Any]:
    if data.get("trace") != "ivr":
        raise TraceError(f"line {number} is not the header of a trace: give a .jsonl file from its first line on")
    version = data.get("version")
    if version != VERSION:
        by = f"release {data['release']}" if isinstance(data.get("release"), str) else "the release that wrote it"
        newer = isinstance(version, int) and version > VERSION
        raise TraceError(
            f"the trace is of version {version!r}, {'newer than' if newer else 'and'} this reader"
            f"{'' if newer else ' is'} of version {VERSION}: read it with {by}"
        )
    return data


def _event(data: dict[str, Any], number: int) -> TraceEvent | None:
    name = data.get("event")
    kind = EVENTS.get(name) if isinstance(name, str) else None
    if kind is None:
        return None
    values: dict[str, Any] = {}
    for field in fields(kind):
        if field.name in data:
            values[field.name] = _value(
                data[field.name], _TYPES[kind.__name__][field.name], f"{kind.__name__}.{field.name}", number
            )
        elif field.default is MISSING:
            raise TraceError(
                f"line {number} of the trace has no {kind.__name__}.{field.name}: take the line out to read the others"
            )
    return kind(**values)


def _value(value: Any, kind: Any, name: str, number: int) -> Any:
    """``value`` as ``kind``: a plain type, an enumeration, a tuple of either, or one of those or None."""
    if get_origin(kind) is UnionType:
        if value is None:
            return None
        kind = get_args(kind)[0]
    if get_origin(kind) is tuple and isinstance(value, list):
        return tuple(_value(item, get_args(kind)[0], name, number) for item in value)
    if kind is float and type(value) is int:
        return float(value)
    if isinstance(kind, type) and issubclass(kind, Enum) and value in [member.value for member in kind]:
        return kind(value)
    if type(value) is kind:
        return value
    raise TraceError(
        f"line {number} of the trace: {name} cannot be {value!r:.40}: take the line out to read the others"
    )
