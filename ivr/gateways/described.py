"""What a gateway can do as JSON text, and back: so that a call can be run again as if it came by that gateway."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import Enum
from typing import Any

import orjson

from ivr.catalog.party import Kind
from ivr.errors import TraceError
from ivr.gateways.codec import Capabilities, MarkKind, Pacing
from ivr.media.format import AudioFormat, Encoding


def described(capabilities: Capabilities) -> str:
    """All fields by their names: formats as ``mulaw/8000``, enumerations by the names of their members."""
    plain = {field.name: _plain(getattr(capabilities, field.name)) for field in fields(Capabilities)}
    return orjson.dumps(plain).decode()


def capabilities_of(text: str) -> Capabilities:
    """What ``described`` described; what a later version adds is left out. Raises ``TraceError``."""
    try:
        plain: dict[str, Any] = orjson.loads(text)
        known = {field.name for field in fields(Capabilities)}
        return Capabilities(**{name: _READ.get(name, _same)(plain[name]) for name in known & plain.keys()})
    except (ValueError, TypeError, KeyError, AttributeError):
        raise TraceError(f"{text!r:.60} are no capabilities of a gateway: record the call again") from None


def _plain(value: Any) -> Any:
    match value:
        case AudioFormat():
            return str(value)
        case frozenset():
            return sorted(value)
        case Enum():
            return value.name
    return value


def _format(text: str) -> AudioFormat:
    encoding, _, rate = text.partition("/")
    return AudioFormat(Encoding(encoding), int(rate))


def _same(value: Any) -> Any:
    return value


_READ: Mapping[str, Callable[[Any], Any]] = {
    "out_format": _format,
    "in_format": _format,
    "pacing": Pacing.__getitem__,
    "marks": MarkKind.__getitem__,
    "transfers": lambda kinds: frozenset(map(Kind, kinds)),
}
