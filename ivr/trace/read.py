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

_TYPES = {name: get_type_hints(kind) for name, kind in EVENTS.items()}


def read(lines: Iterable[bytes | str]) -> tuple[dict[str, Any], list[TraceEvent]]:
    """The header and the events of one trace, such as an open file gives line by line.

    Events and fields that this version does not know are left out, as are empty lines. Personal data stays what it was
    written as. Raises ``TraceError`` for what is no trace, another version, or a line that is cut off or damaged.
    """
    header: dict[str, Any] | None = None
    events: list[TraceEvent] = []
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        data = _parse(text, number)
        if header is None:
            header = _header(data, number)
            continue
        event = _event(data, number)
        if event is not None:
            events.append(event)
    if header is None:
        raise TraceError("the trace is empty: give the .jsonl file of a call")
    return header, events


def _parse(text: bytes | str, number: int) -> dict[str, Any]:
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise TraceError(
            f"line {number} of the trace is cut off or damaged ({error}): take it out to read the others"
        ) from None
    if not isinstance(data, dict):
        raise TraceError(f"line {number} of the trace is no object but {data!r:.40}: give the .jsonl file of a call")
    return data


def _header(data: dict[str, Any], number: int) -> dict[str, Any]:
    if data.get("trace") != "ivr":
        raise TraceError(f"line {number} is not the header of a trace: give a .jsonl file from its first line on")
    if data.get("version") != VERSION:
        raise TraceError(
            f"the trace is of version {data.get('version')!r} and this is a reader of version {VERSION}: "
            "read it with the release that wrote it"
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
